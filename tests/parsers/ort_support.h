// SPDX-License-Identifier: Apache-2.0
// Owns: writing a model of ONNX in ONNX Runtime's own format, as its converter does without optimising.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace nngauge::test {

struct OrtOptions {
  std::string version = "6";
  bool weights_elsewhere = false;  // offsets into another file in place of bytes
};
std::string encode_ort(const onnx::ModelProto& model, const OrtOptions& options = {});

}  // namespace nngauge::test
