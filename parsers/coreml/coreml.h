// SPDX-License-Identifier: Apache-2.0
// Owns: the reader of Core ML models (.mlmodel; the same file inside an .mlpackage).
#pragma once

#include "parsers/format.h"

namespace nngauge::coreml {

Claim sniff(const ModelSource& source);
// Neural networks (classifiers and regressors too) and pipelines of them become the operators of their layers; a linear
// model a dense layer; other models of classical learning, and what the system brings along, one opaque operator each.
// Errors: kDamaged, kInvalidGraph, kInvalidAttribute, kShapeMismatch, kTooLarge, kUnsupportedVersion.
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::coreml
