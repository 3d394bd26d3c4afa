// SPDX-License-Identifier: Apache-2.0
// Owns: recognising and reading ONNX Runtime's own format (.ort): FlatBuffers with the identifier ORTM. The graph is
// that of ONNX: nodes become ONNX messages in memory, which the ONNX reader builds the graph of.
#pragma once

#include "parsers/format.h"

namespace nngauge::ort {

Claim sniff(const ModelSource& source);
// Errors: kDamaged, kInvalidGraph, kTooLarge, and those of the ONNX reader.
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::ort
