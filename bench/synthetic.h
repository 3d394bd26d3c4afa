// SPDX-License-Identifier: Apache-2.0
// Owns: model files made for benchmarks: a chain of dense layers with weights of any size, and a long element-wise
// chain.
#pragma once

#include <cstdint>
#include <string>

namespace nngauge::bench {

// `layers` matrix products of [1, width] with constant [width, width] float32 weights stored in the file.
void write_onnx_dense_chain(const std::string& path, int layers, std::int64_t width);
void write_tflite_dense_chain(const std::string& path, int layers, int width);

// `ops` element-wise operators in a chain on [1, 64] float32.
void write_onnx_long_chain(const std::string& path, int ops);
void write_tflite_long_chain(const std::string& path, int ops);

}  // namespace nngauge::bench
