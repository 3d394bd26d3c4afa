// SPDX-License-Identifier: Apache-2.0
// Operators that pick and repeat elements, columns of pictures, boxes.
#include <algorithm>
#include <optional>
#include <utility>

#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

Ints two(Ints list) {
  if (list.size() == 1) list.push_back(list[0]);
  return list;
}

// What comes of x where the reader knows it as [n, rows, windows].
std::optional<Shape> columns_of(const Tensor* tensor) {
  if (!tensor || !tensor->declared.ranked() || tensor->declared.rank() != 3) return std::nullopt;
  return tensor->declared;
}

}  // namespace

void join_operands(OpContext& c, std::size_t first) {
  if (c.op.inputs.size() <= first) return;
  std::vector<Operand> parts(c.op.inputs.begin() + static_cast<std::ptrdiff_t>(first), c.op.inputs.end());
  c.op.inputs.resize(first);
  const Tensor& part = c.graph.tensors[static_cast<std::size_t>(parts[0].tensor)];
  const bool scalars = part.declared.ranked() && part.declared.rank() == 0;
  for (Operand& operand : parts) operand.role = OperandRole::kData;
  c.op.inputs.push_back(
      {c.step(scalars ? K::kStack : K::kConcat, AxisAttrs{}, std::move(parts)), OperandRole::kConfig});
}

Status read_gather(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer("axis", 0);
  if (const Tensor* axis = c.input(2)) {
    const auto value = axis->value ? axis->value->known_ints() : std::nullopt;
    if (!value || value->size() != 1) {
      c.give_up("the axis of the gather is computed");
      return ok();
    }
    attrs.axis = value->front();
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 2));
  c.op.attrs = attrs;
  return ok();
}

Status read_index_select(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer(c.source.find("dim") ? "dim" : "axis", 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_take_along(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = c.source.integer(c.source.find("Axis") ? "Axis" : "axis", 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_tile(OpContext& c) {
  const bool list = !c.source.input("repeat_times_tensor").empty();
  if (list) {
    c.op.inputs.erase(c.op.inputs.begin() + 1);
    join_operands(c, 1);
  } else if (c.op.inputs.size() < 2) {
    c.add_integers(c.source.ints("repeat_times"));
  }
  // Fewer numbers than axes are those of the last ones.
  const Tensor* x = c.input(0);
  const Tensor* times = c.input(1);
  if (!x || !x->declared.ranked() || !times || !times->value || times->value->real) return ok();
  const std::size_t rank = x->declared.rank(), given = times->value->size();
  if (given >= rank) return ok();
  Ints all(rank - given, 1);
  for (const Dim dim : times->value->ints) all.push_back(dim.known() ? dim.value() : 1);
  c.op.inputs.resize(1);
  c.add_integers(all);
  return ok();
}

// Every element has another place: moved as a gathering of elements moves them.
Status read_roll(OpContext& c) {
  const Tensor* x = c.input(0);
  Tensor places;
  places.name = c.op.name + ".places";
  places.dtype = DType::kInt64;
  places.is_constant = true;
  if (!x || !x->declared.is_static()) {
    c.op.kind = K::kIdentity;
    c.give_up("the extents of what it rolls are open");
    return ok();
  }
  places.declared = places.shape = x->declared;
  c.op.inputs.resize(1);
  c.op.inputs.push_back({static_cast<TensorId>(c.graph.tensors.size()), OperandRole::kConfig});
  c.graph.tensors.push_back(std::move(places));
  c.op.attrs = AxisAttrs{};
  return ok();
}

// Where the mask holds, a number.
Status read_masked_fill(OpContext& c) {
  if (c.op.inputs.size() < 3) return make_error(ErrorCode::kInvalidGraph, "has no mask or no operand");
  c.add_scalar(0);
  std::swap(c.op.inputs[1], c.op.inputs.back());
  c.op.inputs.pop_back();
  c.op.inputs[1].role = OperandRole::kData;
  return ok();
}

Status read_one_hot(OpContext& c) {
  AxisAttrs attrs;
  attrs.axis = -1;
  attrs.dtype = DType::kFloat32;
  if (c.op.inputs.size() < 2) c.add_integers({c.source.integer(c.source.find("depth") ? "depth" : "num_classes", 0)});
  c.op.attrs = attrs;
  return ok();
}

// [n, c, h, w] to [n, c x taps, windows]: for each tap of each window an element, gathered as exporters to ONNX write
// it.
Status read_unfold(OpContext& c) {
  const auto result = columns_of(c.output(0));
  const Ints kernel = two(c.source.ints("kernel_sizes"));
  if (!result || !(*result)[2].known() || kernel.size() != 2 || kernel[0] < 1 || kernel[1] < 1 ||
      kernel[0] > (1 << 20) || kernel[1] > (1 << 20)) {
    c.give_up("the number of its windows is open");
    return ok();
  }
  const auto reshape = [](Ints shape) {
    ReshapeAttrs attrs;
    attrs.has_shape = attrs.zero_copies = true;
    attrs.shape = std::move(shape);
    return attrs;
  };
  const TensorId pixels = c.step(K::kReshape, reshape({0, 0, -1}), {c.op.inputs[0]});
  Tensor places;
  places.name = c.op.name + ".places";
  places.dtype = DType::kInt32;
  places.is_constant = true;
  places.declared = places.shape = Shape{kernel[0] * kernel[1], (*result)[2].value()};
  const auto id = static_cast<TensorId>(c.graph.tensors.size());
  c.graph.tensors.push_back(std::move(places));
  AxisAttrs axis;
  axis.axis = 2;
  const TensorId gathered = c.step(K::kGather, axis, {{pixels, OperandRole::kData}, {id, OperandRole::kConfig}});
  c.op.kind = K::kReshape;
  c.op.attrs = reshape({0, -1, (*result)[2].value()});
  c.op.inputs = {{gathered, OperandRole::kData}};
  return ok();
}

Status read_fold(OpContext& c) {
  const Ints kernel = two(c.source.ints("kernel_sizes")), size = two(c.source.ints("output_sizes"));
  if (kernel.size() != 2 || size.size() != 2) {
    c.give_up("its extents are not stated");
    return ok();
  }
  c.add_integers(size);
  c.add_integers(kernel);
  return ok();
}

// Rows of class, score and box; at most keep_top_k of them.
Status read_nms(OpContext& c) {
  DetectionAttrs attrs;
  attrs.max_detections = std::max<std::int64_t>(c.source.integer("keep_top_k", 0), 0);
  attrs.columns = 6;
  attrs.rank = 2;
  c.op.attrs = attrs;
  if (!c.op.outputs.empty() && c.op.outputs[0] != kNoTensor) {
    // How many are kept only the data tell; the program says -1.
    Tensor& out = c.graph.tensors[static_cast<std::size_t>(c.op.outputs[0])];
    out.declared = out.shape = Shape();
  }
  return ok();
}

Status read_roi(OpContext& c) {
  CustomAttrs attrs;
  attrs.pooled_height = c.source.integer("pooled_height", 1);
  attrs.pooled_width = c.source.integer("pooled_width", 1);
  attrs.sampling_ratio = std::max<std::int64_t>(c.source.integer("sampling_ratio", 0), 0);
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::paddle
