// SPDX-License-Identifier: Apache-2.0
// Owns: the names of ncnn's layer types and the numbers that the binary form has for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nngauge::ncnn {

// "Convolution" for 6; "Custom3" for the fourth custom type, "Layer200" for a number newer than we know.
std::string binary_type_name(std::int32_t index);
// The name of an operator of PyTorch or PNNX ("torch.argmax", "aten::roll"), which ncnn itself does not have.
bool is_pytorch_type(std::string_view name);
bool is_known_type(std::string_view name);

}  // namespace nngauge::ncnn
