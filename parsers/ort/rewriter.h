// SPDX-License-Identifier: Apache-2.0
// Owns: ONNX messages made of ORT's tables. Weights stay where they are: each tensor and node carries the mark of its
// place, as messages do that were reduced from a file of ONNX (parsers/protobuf_reduce.h).
#pragma once

#include "base/result.h"
#include "ort_generated.h"
#include "parsers/flatbuffer_fields.h"
#include "parsers/onnx/forward.h"
#include "parsers/protobuf_reduce.h"

namespace nngauge::ort {

struct Rewritten {
  Reduction places;           // without a message
  std::size_t elsewhere = 0;  // constants whose bytes lie in another file
};
// `aligned` holds `source`. Errors: kNotAModel (no graph), kTooLarge (graphs nested or shared without end).
Result<Rewritten> rewrite(const fb::Model& source, Bytes aligned, onnx::ModelProto& out);

}  // namespace nngauge::ort
