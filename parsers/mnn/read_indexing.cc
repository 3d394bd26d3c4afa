// SPDX-License-Identifier: Apache-2.0
// Operators that pick elements: gathering, slicing, sorting.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/text.h"
#include "parsers/mnn/file_view.h"

namespace nngauge::mnn {
namespace {

using K = OpKind;

// A number plus a multiple of some rank.
struct OfRank {
  std::int64_t number = 0, ranks = 0;
};

constexpr std::int64_t kMostAxis = 1 << 20;

// The converter writes an axis of ONNX as (axis + rank) mod rank: the rank itself need not be known.
std::optional<OfRank> in_ranks(const OpContext& c, std::int32_t file_id, int depth) {
  constexpr int kAdd = 0, kSub = 1, kMost = 8;
  constexpr std::array kMods = {10, 17, 19};
  constexpr std::int32_t kBinary = 7, kRank = 66;
  const auto producer = c.producers.find(file_id);
  if (depth > kMost || producer == c.producers.end()) {
    if (file_id < 0 || static_cast<std::size_t>(file_id) >= c.graph.tensors.size()) return std::nullopt;
    const auto& value = c.graph.tensors[static_cast<std::size_t>(file_id)].value;
    const auto known = value ? value->known_ints() : std::nullopt;
    if (!known || known->size() != 1 || std::abs(known->front()) > kMostAxis) return std::nullopt;
    return OfRank{known->front(), 0};
  }
  const fb::Op& op = *producer->second;
  if (op.type() == kRank) return OfRank{0, 1};
  const auto* options = op.main_as_BinaryOp();
  if (op.type() != kBinary || !options || length(op.inputs()) != 2) return std::nullopt;
  const auto a = in_ranks(c, op.inputs()->Get(0), depth + 1), b = in_ranks(c, op.inputs()->Get(1), depth + 1);
  if (!a || !b) return std::nullopt;
  if (options->operation() == kAdd) return OfRank{a->number + b->number, a->ranks + b->ranks};
  if (options->operation() == kSub) return OfRank{a->number - b->number, a->ranks - b->ranks};
  const bool by_rank =
      std::find(kMods.begin(), kMods.end(), options->operation()) != kMods.end() && b->number == 0 && b->ranks == 1;
  return by_rank ? std::optional(OfRank{a->number, 0}) : std::nullopt;
}

std::optional<std::int64_t> axis_of(const OpContext& c, std::size_t operand) {
  const auto id = c.source.inputs()->Get(static_cast<flatbuffers::uoffset_t>(operand));
  const auto axis = in_ranks(c, id, 0);
  return axis && axis->ranks == 0 ? std::optional(axis->number) : std::nullopt;
}

// Operands x, what is taken of it, and perhaps the axis, which must be a constant.
template <class Attrs>
Status along_operand_2(OpContext& c, Attrs attrs, const char* refusal) {
  if (c.op.inputs.size() > 2) {
    const auto axis = axis_of(c, 2);
    if (!axis) return c.give_up(refusal);
    attrs.axis = *axis;
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 2));
  c.set_role(1, OperandRole::kConfig);
  c.op.attrs = attrs;
  return ok();
}

}  // namespace

// Operands x, indices, axis.
Status read_gather(OpContext& c) {
  AxisAttrs attrs;
  if (const auto* options = c.options<fb::Axis>()) attrs.axis = options->axis();
  return along_operand_2(c, attrs, "the axis of the gather is not a constant");
}

Status read_gather_elements(OpContext& c) {
  return along_operand_2(c, AxisAttrs(), "the axis of the gather is not a constant");
}

Status read_arg(OpContext& c) {
  AxisAttrs attrs;
  if (const auto* options = c.options<fb::ArgMax>()) {
    attrs.axis = options->axis();
  } else if (const auto* plain = c.options<fb::Axis>()) {
    attrs.axis = plain->axis();
  } else if (c.op.inputs.size() > 1) {
    const auto axis = axis_of(c, 1);
    if (!axis) return c.give_up("the axis is not a constant");
    attrs.axis = *axis;
  } else {
    return c.give_up("the axis is not stated");
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  c.op.attrs = attrs;
  return ok();
}

// Operands x, k, axis.
Status read_top_k(OpContext& c) { return along_operand_2(c, TopKAttrs(), "the axis is not a constant"); }

// Operands indices, depth, on, off.
Status read_one_hot(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = -1;
  for (std::size_t i = 1; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kConfig);
  c.op.attrs = attrs;
  return ok();
}

// Operands indices, updates, extents of the result; a fourth one holds the data that are updated.
Status read_scatter(OpContext& c) {
  if (c.op.inputs.size() < 3) return c.give_up("has " + std::to_string(c.op.inputs.size()) + " operands");
  const Operand indices = c.op.inputs[0], updates = c.op.inputs[1];
  Operand data = c.op.inputs[2];
  if (c.op.inputs.size() > 3) data = c.op.inputs[3];
  else data.role = OperandRole::kConfig;
  c.op.inputs = {data, indices, updates};
  c.set_role(1, OperandRole::kConfig);
  return ok();
}

// From Caffe the points where parts begin, else their sizes or their number; nothing: operand 1, or equal parts.
Status read_slice(OpContext& c) {
  const auto* options = c.options<fb::Slice>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no slice parameters");
  SplitAttrs attrs;
  attrs.axis = options->axis();
  const Ints points = ints_of(options->points());
  if (options->source() == 0 && points.size() + 1 == c.op.outputs.size() && !points.empty()) {
    std::int64_t before = 0;
    for (const std::int64_t point : points) attrs.sizes.push_back(point - std::exchange(before, point));
    attrs.sizes.push_back(-1);
  } else if (points.size() == c.op.outputs.size() && points.size() > 1) {
    attrs.sizes = points;
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), attrs.sizes.empty() ? 2 : 1));
  c.set_role(1, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

// TensorFlow's masks with operands x, begins, ends, strides; or ONNX's x, starts, ends, axes, steps.
Status read_strided_slice(OpContext& c) {
  SliceAttrs attrs;
  const auto* options = c.options<fb::StridedSliceParam>();
  if (options && options->source() == 1) {
    c.op.kind = K::kSlice;
    attrs.onnx_form = true;
  } else if (options) {
    attrs.begin_mask = options->begin_mask();
    attrs.end_mask = options->end_mask();
    attrs.ellipsis_mask = options->ellipsis_mask();
    attrs.new_axis_mask = options->new_axis_mask();
    attrs.shrink_axis_mask = options->shrink_axis_mask();
    // A fifth operand is written over the part: the result is the whole.
    if (c.op.inputs.size() > 4) return c.give_up("writes over a part of its operand");
  }
  for (std::size_t i = 1; i < c.op.inputs.size(); ++i) c.set_role(i, OperandRole::kConfig);
  c.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::mnn
