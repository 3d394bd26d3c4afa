// SPDX-License-Identifier: Apache-2.0
// Layers that prepare pictures, numbers, categories and text.
#include <algorithm>

#include "parsers/keras/arguments.h"
#include "parsers/keras/layers.h"

namespace nngauge::keras {
namespace {

// A result whose shape the layer's configuration tells, of an operator that has no rule for it.
Made told(Layer& l, OpKind kind, const Shape& shape, DType dtype) {
  l.op.kind = kind;
  if (kind == OpKind::kHashtableFind) {  // the table, keys, what is not found
    l.op.inputs = {{}, {l.input_id(0), OperandRole::kData}, {l.writer().add_integers({0}), OperandRole::kConfig}};
  } else {
    l.op.inputs = {{l.input_id(0), OperandRole::kData}};
  }
  NNGAUGE_TRY(const TensorId result, l.emit());
  Tensor& tensor = l.writer().tensor(result);
  tensor.declared = tensor.shape = shape;
  tensor.dtype = dtype;
  return result;
}

TensorId integer_scalar(Layer& l, std::int64_t value) {
  Tensor out;
  out.dtype = DType::kInt32;
  out.declared = out.shape = Shape::scalar();
  out.is_constant = true;
  out.value = Value::of_ints({value});
  return l.writer().add(std::move(out));
}

// Integers to rows of zeros and ones, one row for all values of a sample where `together` is set.
Made encode(Layer& l, TensorId x, std::int64_t depth, const std::string& mode) {
  const Shape shape = l.shape(x);
  if (depth < 1 || !shape.ranked()) return l.opaque();
  if (mode == "one_hot" && shape.rank() > 1 && shape.at(-1).is(1)) {
    AxesAttrs last;
    last.axes = {-1};
    last.has_axes = true;
    NNGAUGE_TRY(x, l.emit(OpKind::kSqueeze, {x}, std::move(last)));
  }
  AxisAttrs attrs;
  attrs.axis = -1;
  attrs.count = depth;
  attrs.dtype = DType::kFloat32;
  l.op.kind = OpKind::kOneHot;
  l.op.attrs = attrs;
  l.op.inputs = {{x, OperandRole::kData}, {integer_scalar(l, depth), OperandRole::kConfig}};
  NNGAUGE_TRY(const TensorId rows, l.emit());
  if (mode == "one_hot" || shape.rank() < 2) return rows;
  AxesAttrs values;
  values.axes = {-2};
  values.has_axes = true;
  values.keep_dims = false;
  return l.emit(mode == "multi_hot" ? OpKind::kReduceMax : OpKind::kReduceSum, {rows}, std::move(values));
}

// What index layers give: indices, or rows of `size`.
Made indexed(Layer& l, OpKind kind, std::int64_t size) {
  NNGAUGE_TRY(const TensorId result, told(l, kind, l.in(), DType::kInt64));
  const std::string mode = l.text("output_mode", "int");
  return mode == "int" ? Made(result) : encode(l, result, size, mode);
}

}  // namespace

// x scale + offset
Made scale_and_shift(Layer& l) {
  const auto constant = [&](const char* key, double fallback) {
    const Json& value = l.argument(64, key);
    const TensorId id = value.is_null() ? kNoTensor : operand_of(l, value);
    return id == kNoTensor ? l.writer().add_scalar(fallback) : id;
  };
  const TensorId scale = constant("scale", 1), offset = constant("offset", 0);
  NNGAUGE_TRY(const TensorId product, l.emit(OpKind::kMul, {l.input_id(0), scale}));
  return l.emit(OpKind::kAdd, {product, offset});
}

// (x - mean) / deviation, by stored or stated moments.
Made normalise_features(Layer& l) {
  const Shape x = l.in();
  std::vector<std::int64_t> axes = l.list("axis");
  if (axes.empty() && !l.config().contains("axis")) axes = {-1};
  std::vector<Dim> kept(x.ranked() ? x.rank() : 0, Dim(1));
  for (const std::int64_t axis : axes) {
    const std::int64_t place = axis < 0 ? axis + static_cast<std::int64_t>(kept.size()) : axis;
    if (place < 0 || place >= static_cast<std::int64_t>(kept.size())) continue;
    kept[at(place)] = x[at(place)];
  }
  const auto moment = [&](const char* name, std::size_t position) {
    const Json& stated = l.argument(64, name);
    const TensorId id = stated.is_null() ? kNoTensor : operand_of(l, stated);
    if (id != kNoTensor) return id;
    std::vector<Dim> dims = kept;  // extents of 1 in front are not stored
    while (!dims.empty() && dims.front().is(1)) dims.erase(dims.begin());
    return l.variable(name, position, Shape(std::move(dims)));
  };
  const TensorId mean = moment("mean", 0), deviation = moment("variance", 1);
  const bool inverted = l.flag("invert", false);
  NNGAUGE_TRY(const TensorId centred,
              l.emit(inverted ? OpKind::kMul : OpKind::kSub, {l.input_id(0), inverted ? deviation : mean}));
  return l.emit(inverted ? OpKind::kAdd : OpKind::kDiv, {centred, inverted ? mean : deviation});
}

// The middle of a picture; a smaller one is scaled up.
Made centre_crop(Layer& l) {
  const std::int64_t wanted[] = {l.integer("height"), l.integer("width")};
  const std::int64_t first = l.layout() == DataLayout::kChannelsFirst ? 2 : 1;
  const Shape x = l.in();
  const std::int64_t axes[] = {x.ranked() && x.rank() == 3 ? first - 1 : first,
                               x.ranked() && x.rank() == 3 ? first : first + 1};
  bool smaller = false;
  SliceAttrs slice;
  slice.onnx_form = true;
  for (const std::size_t i : {0U, 1U}) {
    const Dim extent = x.at(axes[i]);
    if (!extent.known()) return l.opaque();
    smaller = smaller || extent.value() < wanted[i];
    slice.axes.push_back(axes[i]);
    slice.starts.push_back((extent.value() - wanted[i]) / 2);
    slice.ends.push_back((extent.value() - wanted[i]) / 2 + wanted[i]);
  }
  if (!smaller) return l.emit(OpKind::kSlice, {l.input_id(0)}, std::move(slice));
  ResizeAttrs resize;
  resize.layout = l.layout();
  resize.axes = {axes[0], axes[1]};
  resize.sizes = {wanted[0], wanted[1]};
  return l.emit(OpKind::kResizeBilinear, {l.input_id(0)}, std::move(resize));
}

Made encode_category(Layer& l) {
  return encode(l, l.input_id(0), l.integer("num_tokens"), l.text("output_mode", "multi_hot"));
}

Made discretise(Layer& l) {
  const Json& stated = l.argument(64, "bin_boundaries");
  const TensorId bounds = stated.is_null() ? kNoTensor : operand_of(l, stated);
  l.op.kind = OpKind::kBucketize;
  l.op.inputs = {{l.input_id(0), OperandRole::kData}};
  if (bounds != kNoTensor) l.op.inputs.push_back({bounds, OperandRole::kConfig});
  NNGAUGE_TRY(const TensorId bins, l.emit());
  const std::string mode = l.text("output_mode", "int");
  const Dim count = bounds == kNoTensor ? Dim(l.integer("num_bins")) : l.shape(bounds).at(0);
  if (mode == "int") return bins;
  return encode(l, bins, count.known() ? count.value() + (bounds == kNoTensor ? 0 : 1) : 0, mode);
}

// Hashing, IntegerLookup, StringLookup: an index for each value.
Made look_up_index(Layer& l) {
  const bool text = l.writer().tensor(l.input_id(0)).dtype == DType::kString;
  const bool hash = l.type().find("Hash") != std::string::npos;
  const Json& words = l.argument(64, "vocabulary");
  const std::int64_t size = hash ? l.integer("num_bins")
                            : words.is_array()
                                ? static_cast<std::int64_t>(words.size()) + l.integer("num_oov_indices", 1)
                                : l.integer("vocabulary_size", l.integer("max_tokens"));
  return indexed(l, text ? OpKind::kStringOp : OpKind::kHashtableFind, size);
}

// Text to the indices of its words.
Made vectorise_text(Layer& l) {
  const std::string mode = l.text("output_mode", "int");
  const Dim batch = l.in().at(0);
  const Json& words = l.argument(64, "vocabulary");
  std::int64_t length = l.integer(mode == "int" ? "output_sequence_length" : "max_tokens");
  if (mode != "int" && words.is_array() && length == 0) length = static_cast<std::int64_t>(words.size());
  return told(l, OpKind::kStringOp, {batch, length > 0 ? Dim(length) : Dim()},
              mode == "int" ? DType::kInt64 : DType::kFloat32);
}

}  // namespace nngauge::keras
