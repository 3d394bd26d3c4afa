// SPDX-License-Identifier: Apache-2.0
// Owns: what the arguments of a call are as Keras writes them: numbers, lists, slices, arrays, tensors.
#pragma once

#include <optional>

#include "parsers/keras/layer.h"

namespace nngauge::keras {

std::optional<std::int64_t> integer_of(const Json& value);
// One integer or nested lists of integers, in their order.
std::optional<Ints> integers_of(const Json& value);
// The elements of a list; a single value stands for a list of one.
std::vector<Json> elements_of(const Json& value);
// {"class_name": name, …}
bool is_named(const Json& value, const char* name);

struct SliceArgument {
  std::optional<std::int64_t> start, stop, step;
};
std::optional<SliceArgument> slice_of(const Json& value);

// A tensor of the graph, or a constant made from a number, a list or an array; kNoTensor for anything else.
TensorId operand_of(Layer& layer, const Json& value);
// A shape in which some extents are tensors, as one tensor; kNoTensor where it is none.
TensorId shape_operand(Layer& layer, const Json& value);

}  // namespace nngauge::keras
