// SPDX-License-Identifier: Apache-2.0
// Owns: the reader of Core ML models (.mlmodel; the same file inside an .mlpackage).
#pragma once

#include "parsers/format.h"

namespace nngauge::coreml {

Claim sniff(const ModelSource& source);
// Neural networks (classifiers and regressors too) and pipelines of them become the operators of their layers, ML
// programs those of their operations; a linear model a dense layer; other models of classical learning, and what the
// system brings along, one opaque operator each. Of a compiled model (.mlmodelc) the program is read (model.mil).
// Errors: kDamaged, kInvalidGraph, kInvalidAttribute, kShapeMismatch, kTooLarge, kUnsafePath, kUnsupportedVersion,
// kUnsupportedFormat (the network of a compiled model).
Result<Model> read(const ModelSource& source);

// The parts for compiled models (compiled.cc).
Claim sniff_compiled(const ModelSource& source);
Result<Model> read_compiled(const ModelSource& source);

}  // namespace nngauge::coreml
