// SPDX-License-Identifier: Apache-2.0
// Owns: the ONNX format: recognising a file by structure, reading it into a Model. Specification: onnx/docs/IR.md.
#pragma once

#include "parsers/format.h"

namespace nngauge {

Claim sniff_onnx(const ModelSource& source);

// Errors: kDamaged (with the byte), kInvalidGraph, kInvalidAttribute, kUnsafePath, kTooLarge, kNotAModel.
Result<Model> read_onnx(const ModelSource& source);

}  // namespace nngauge
