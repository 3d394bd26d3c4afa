// SPDX-License-Identifier: Apache-2.0
// Kernels that move, make and resample.
#include <algorithm>
#include <cmath>
#include <optional>

#include "parsers/executorch/readers.h"

namespace nngauge::executorch {
namespace {

using K = OpKind;

}  // namespace

// Moves or views x with the extents that the program states for the result.
Status read_view(CallContext& c) {
  const auto made = extents(c.out());
  if (!made) return read_custom(c);
  c.add(0);
  ReshapeAttrs attrs;
  attrs.shape = *made;
  attrs.has_shape = true;
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_permute(CallContext& c) {
  c.add(0);
  c.op.attrs = TransposeAttrs{c.arg(1).ints};
  return ok();
}

// aten::transpose_copy(x, axis, axis), aten::t_copy(x)
Status read_swap(CallContext& c) {
  const Tensor* x = c.in(0);
  if (!x || !x->declared.ranked()) return read_custom(c);
  const auto rank = static_cast<std::int64_t>(x->declared.rank());
  if (rank < 2) return read_view(c);
  const std::int64_t a = c.int_or(1, 0), b = c.int_or(2, 1);
  if (a < -rank || a >= rank || b < -rank || b >= rank) {
    return make_error(ErrorCode::kInvalidAttribute, "exchanges axes " + std::to_string(a) + " and " +
                                                        std::to_string(b) + " of " + std::to_string(rank));
  }
  TransposeAttrs attrs;
  for (std::int64_t i = 0; i < rank; ++i) attrs.perm.push_back(i);
  std::swap(attrs.perm[static_cast<std::size_t>((a + rank) % rank)],
            attrs.perm[static_cast<std::size_t>((b + rank) % rank)]);
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// A part of x with the stated extents; where it lies does not matter here.
Status read_slice(CallContext& c) {
  const auto in = extents(c.in(0)), made = extents(c.out());
  if (!in || !made || in->size() != made->size()) return read_custom(c);
  c.add(0);
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.starts.assign(made->size(), 0);
  attrs.ends = *made;
  for (std::size_t i = 0; i < made->size(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
  attrs.steps.assign(made->size(), 1);
  c.op.attrs = std::move(attrs);
  return ok();
}

// (x, axis, index): the axis vanishes
Status read_select(CallContext& c) {
  c.add(0);
  c.integers({c.int_or(2, 0)}, true);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  return ok();
}

// (x, axis, indices)
Status read_gather(CallContext& c) {
  c.add(0);
  c.add(2, OperandRole::kConfig);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  return ok();
}

// aten::index(x, [indices or nothing an axis]): one axis is gathered; several at once have no rule here.
Status read_index(CallContext& c) {
  const auto& given = c.arg(1).tensors;
  const auto is_given = [](TensorId id) { return id != kNoTensor; };
  if (std::count_if(given.begin(), given.end(), is_given) != 1) return read_custom(c);
  const auto place = std::find_if(given.begin(), given.end(), is_given);
  const Tensor* indices = c.tensor(*place);
  if (indices->dtype == DType::kBool) return read_custom(c);
  c.add(0);
  c.op.inputs.push_back({*place, OperandRole::kConfig});
  AxisAttrs attrs;
  attrs.axis = place - given.begin();
  c.op.attrs = attrs;
  return ok();
}

// (tensors, axis)
Status read_join(CallContext& c) {
  for (const TensorId id : c.arg(0).tensors) c.op.inputs.push_back({id, OperandRole::kData});
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  return c.op.inputs.empty() ? read_custom(c) : ok();
}

// (x, lengths, axis): parts as long as the program states
Status read_split(CallContext& c) {
  SplitAttrs attrs;
  const Tensor* x = c.in(0);
  attrs.axis = c.int_or(2, 0);
  for (const TensorId id : c.op.outputs) {
    const auto part = extents(c.tensor(id));
    const auto rank = part ? static_cast<std::int64_t>(part->size()) : 0;
    const std::int64_t axis = attrs.axis < 0 ? attrs.axis + rank : attrs.axis;
    if (!x || axis < 0 || axis >= rank) return read_custom(c);
    attrs.sizes.push_back((*part)[static_cast<std::size_t>(axis)]);
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// (x, axis)
Status read_unbind(CallContext& c) {
  c.add(0);
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  attrs.count = static_cast<std::int64_t>(c.op.outputs.size());
  c.op.attrs = attrs;
  return ok();
}

// (x, repeats)
Status read_repeat(CallContext& c) {
  const auto in = extents(c.in(0));
  const Ints& repeats = c.arg(1).ints;
  if (!in || in->size() != repeats.size()) return read_custom(c);
  c.add(0);
  c.integers(repeats);
  return ok();
}

// (x, pads from the last axis backwards …)
Status read_pad(CallContext& c) {
  const auto in = extents(c.in(0));
  const Ints& given = c.arg(1).ints;
  if (!in || given.size() % 2 != 0 || given.size() / 2 > in->size()) return read_custom(c);
  PadAttrs attrs;
  if (c.name.find("reflection") != std::string_view::npos) attrs.mode = PadMode::kReflect;
  if (c.name.find("replication") != std::string_view::npos) attrs.mode = PadMode::kEdge;
  attrs.pads.assign(2 * in->size(), 0);
  for (std::size_t i = 0; i < given.size() / 2; ++i) {
    attrs.pads[in->size() - 1 - i] = given[2 * i];
    attrs.pads[2 * in->size() - 1 - i] = given[2 * i + 1];
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// To the stated extents.
Status read_resize(CallContext& c) {
  const auto made = extents(c.out());
  if (!made || made->size() < 3) return read_custom(c);
  ResizeAttrs attrs;
  if (c.op.kind == K::kResizeBilinear) attrs.mode = ResizeMode::kLinear;
  if (c.op.kind == K::kResizeCubic) attrs.mode = ResizeMode::kCubic;
  for (std::size_t i = 2; i < made->size(); ++i) {
    attrs.axes.push_back(static_cast<std::int64_t>(i));
    attrs.sizes.push_back((*made)[i]);
  }
  c.add(0);
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_shuffle(CallContext& c) {
  SpaceDepthAttrs attrs;
  attrs.block_size = std::max<std::int64_t>(c.int_or(1, 1), 1);
  c.add(0);
  c.op.attrs = attrs;
  return ok();
}

Status read_grid_sample(CallContext& c) {
  c.add(0);
  c.add(1);
  return ok();
}

Status read_flip(CallContext& c) {
  c.add(0);
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = c.arg(1).ints;
  c.op.attrs = std::move(attrs);
  return ok();
}

// A result made of nothing but its extents.
Status read_fill(CallContext& c) {
  const auto made = extents(c.out());
  if (!made) return read_custom(c);
  FillAttrs attrs;
  attrs.dtype = c.out()->dtype;
  attrs.has_shape = true;
  attrs.shape = *made;
  c.op.attrs = std::move(attrs);
  return ok();
}

// (x, part, …): the part is laid over x.
Status read_update(CallContext& c) {
  c.add(0);
  c.add(1);
  c.integers({c.int_or(3, 0)});
  return ok();
}

// (x, indices, elements …)
Status read_index_put(CallContext& c) {
  c.add(0);
  c.add(2);
  for (const TensorId id : c.arg(1).tensors) {
    if (id != kNoTensor) c.op.inputs.push_back({id, OperandRole::kConfig});
  }
  if (c.op.inputs.size() < 3) return read_custom(c);
  return ok();
}

// (elements, cache, first position …): the cache is written in place; what is returned is nothing to read.
Status read_update_cache(CallContext& c) {
  c.add(1);
  c.add(0);
  c.integers({c.int_or(2, 0)});
  return ok();
}

// (x, axis, indices, elements or a number …)
Status read_scatter(CallContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.int_or(1, 0);
  c.op.attrs = attrs;
  c.add(0);
  c.add(2);
  if (c.arg(3).is_number()) c.scalar(c.arg(3).number());
  else c.add(3);
  return ok();
}

Status read_non_zero(CallContext& c) {
  AxisAttrs attrs;
  attrs.axis = 1;
  c.op.attrs = attrs;
  c.add(0);
  return ok();
}

// (x, extents …): elements of x at other places, as many as the program states.
Status read_strided(CallContext& c) {
  c.add(0);
  c.integers(c.arg(1).ints);
  return ok();
}

// aten::copy_(x, y): x becomes y.
Status read_overwrite(CallContext& c) {
  c.add(1);
  return ok();
}

}  // namespace nngauge::executorch
