// SPDX-License-Identifier: Apache-2.0
// What the tables of functions share: arguments under the names that Keras and TensorFlow give them, and the functions
// of each file. For the .cc files of functions alone.
#pragma once

#include <initializer_list>
#include <vector>

#include "parsers/keras/arguments.h"
#include "parsers/keras/layer.h"

namespace nngauge::keras::function {

using Lowered = Result<TensorId>;

// -1: not known.
std::int64_t rank_of(const Shape& shape);
AxisAttrs on_axis(std::int64_t axis);
// The first argument, under any of the names that functions give it.
TensorId first_operand(Layer& l);
// By place, or under one of the names; null where it is not given.
const Json& argument_of(const Layer& l, std::size_t place, std::initializer_list<const char*> names);
// The first of several results; the others are the layer's further ones.
Lowered several(Layer& l, const std::vector<TensorId>& made);
// x and a constant.
Lowered with_scalar(Layer& l, TensorId x, OpKind kind, double scalar);

// Shapes and picking (functions_movement.cc).
Lowered reshape(Layer& l, OpKind kind);
Lowered transpose(Layer& l, OpKind kind);
Lowered swap_axes(Layer& l, OpKind kind);
Lowered move_axis(Layer& l, OpKind kind);
Lowered axes_view(Layer& l, OpKind kind);
Lowered flatten(Layer& l, OpKind kind);
Lowered concat(Layer& l, OpKind kind);
Lowered hstack(Layer& l, OpKind kind);
Lowered vstack(Layer& l, OpKind kind);
Lowered stack(Layer& l, OpKind kind);
Lowered split(Layer& l, OpKind kind);
Lowered unstack(Layer& l, OpKind kind);
Lowered tile(Layer& l, OpKind kind);
Lowered repeat(Layer& l, OpKind kind);
Lowered broadcast_to(Layer& l, OpKind kind);
Lowered pad(Layer& l, OpKind kind);
Lowered flip(Layer& l, OpKind kind);
Lowered roll(Layer& l, OpKind kind);
Lowered diff(Layer& l, OpKind kind);
Lowered get_item(Layer& l, OpKind kind);
Lowered gather(Layer& l, OpKind kind);
Lowered cast(Layer& l, OpKind kind);
Lowered select(Layer& l, OpKind kind);
Lowered one_hot(Layer& l, OpKind kind);
Lowered top_k(Layer& l, OpKind kind);
Lowered fill_like(Layer& l, OpKind kind);
Lowered shape_function(Layer& l, OpKind kind);
Lowered pass(Layer& l, OpKind kind);

// Products, windows and pictures (functions_products.cc).
Lowered matmul(Layer& l, OpKind kind);
Lowered einsum(Layer& l, OpKind kind);
Lowered tensordot_function(Layer& l, OpKind kind);
Lowered dot(Layer& l, OpKind kind);
Lowered outer(Layer& l, OpKind kind);
Lowered attention(Layer& l, OpKind kind);
Lowered convolution(Layer& l, OpKind kind);
Lowered pool(Layer& l, OpKind kind);
Lowered resize(Layer& l, OpKind kind);
Lowered space_depth(Layer& l, OpKind kind);

}  // namespace nngauge::keras::function
