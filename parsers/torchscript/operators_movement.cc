// SPDX-License-Identifier: Apache-2.0
// Views, copies, joins, cuts, padding, resizing, new tensors.
#include <algorithm>
#include <array>

#include "parsers/torchscript/operators.h"

namespace nngauge::torchscript {
namespace {

using K = OpKind;
using Made = Result<PyValue>;

Made copy(Call& c) {
  c.op.kind = c.name().find("dropout") != std::string::npos ? K::kDropout : K::kIdentity;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// What only changes how a tensor is kept track of computes nothing.
Made same(Call& c) { return c.get(0); }

// x, type or tensor like which, …
Made cast(Call& c) {
  constexpr std::array kTypes = {DType::kUInt8,   DType::kInt8,      DType::kInt16,      DType::kInt32,
                                 DType::kInt64,   DType::kFloat16,   DType::kFloat32,    DType::kFloat64,
                                 DType::kUnknown, DType::kComplex64, DType::kComplex128, DType::kBool};
  const PyValue type = c.get(1, "dtype");
  if (type.kind != Kind::kInt || type.integer < 0 || type.integer >= static_cast<std::int64_t>(kTypes.size()))
    return c.get(0);
  NNGAUGE_TRY(const TensorId id, c.interpreter().tensor_id(c.get(0)));
  const DType wanted = kTypes[static_cast<std::size_t>(type.integer)];
  if (c.interpreter().writer().tensor(id).dtype == wanted) return c.get(0);
  c.op.kind = K::kCast;
  CastAttrs attrs;
  attrs.dtype = wanted;
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made reshape(Call& c) {
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.shape = c.integers(1, "shape");
  if (attrs.shape.empty()) attrs.shape = c.integers(1, "size");
  const PyValue sizes = c.get(1, c.arguments().has(1, "shape") ? "shape" : "size");
  if (!sizes.is_sequence() || std::count(attrs.shape.begin(), attrs.shape.end(), -1) > 1) return c.opaque();
  c.op.kind = K::kReshape;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made reshape_to(Call& c, Ints shape) {
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.shape = std::move(shape);
  c.op.kind = K::kReshape;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made reshape_as(Call& c) {
  NNGAUGE_TRY(const Shape like, c.shape(1));
  if (!like.ranked() || !like.is_static()) return c.opaque();
  Ints extents;
  for (const Dim dim : like.dims()) extents.push_back(dim.value());
  return reshape_to(c, std::move(extents));
}

Made flatten(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  if (!x.ranked()) return c.opaque();
  const auto rank = static_cast<std::int64_t>(x.rank());
  std::int64_t from = c.integer(1, "start_dim", 0), to = c.integer(2, "end_dim", -1);
  if (from < 0) from += rank;
  if (to < 0) to += rank;
  if (rank == 0 || from < 0 || to < from || to >= rank) return c.opaque();
  Ints shape;
  bool open = false;
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    const Dim extent = x[static_cast<std::size_t>(axis)];
    if (axis == from) {
      shape.push_back(-1);
      axis = to;
      continue;
    }
    open = open || !extent.known();
    shape.push_back(extent.known() ? extent.value() : -1);
  }
  if (open) return c.opaque();
  return reshape_to(c, std::move(shape));
}

// One axis becomes several.
Made unflatten(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  const PyValue sizes = c.get(2, "sizes");
  if (!x.ranked() || !sizes.is_sequence()) return c.opaque();
  const auto rank = static_cast<std::int64_t>(x.rank());
  const std::int64_t named = c.integer(1, "dim", 0), axis = named < 0 ? named + rank : named;
  if (axis < 0 || axis >= rank) return c.opaque();
  Ints shape;
  for (std::int64_t i = 0; i < rank; ++i) {
    const Dim extent = x[static_cast<std::size_t>(i)];
    if (i != axis) {
      shape.push_back(extent.known() ? extent.value() : -1);
      continue;
    }
    const Ints parts = c.integers(2, "sizes");
    shape.insert(shape.end(), parts.begin(), parts.end());
  }
  if (std::count(shape.begin(), shape.end(), -1) > 1) return c.opaque();
  return reshape_to(c, std::move(shape));
}

Made squeeze(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  if (!x.ranked()) return c.opaque();
  const auto rank = static_cast<std::int64_t>(x.rank());
  AxesAttrs attrs;
  attrs.has_axes = true;
  Ints wanted = c.integers(1, "dim");
  if (!c.arguments().has(1, "dim")) {
    for (std::int64_t axis = 0; axis < rank; ++axis) wanted.push_back(axis);
  }
  for (std::int64_t axis : wanted) {
    if (axis < 0) axis += rank;
    if (axis >= 0 && axis < rank && x[static_cast<std::size_t>(axis)].is(1)) attrs.axes.push_back(axis);
  }
  c.op.kind = attrs.axes.empty() ? K::kIdentity : K::kSqueeze;
  if (!attrs.axes.empty()) c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made unsqueeze(Call& c) {
  c.op.kind = K::kUnsqueeze;
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = {c.integer(1, "dim", 0)};
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made permute(Call& c) {
  c.op.kind = K::kTranspose;
  TransposeAttrs attrs;
  attrs.perm = c.integers(1, "dims");
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// x, axis, axis; t(x) swaps the axes of a matrix
Made transpose(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  if (!x.ranked()) return c.opaque();
  const auto rank = static_cast<std::int64_t>(x.rank());
  const bool matrix = c.name() == "t" || c.name() == "numpy_T";
  std::int64_t a = matrix ? 0 : c.integer(1, "dim0", 0), b = matrix ? rank - 1 : c.integer(2, "dim1", 1);
  if (a < 0) a += rank;
  if (b < 0) b += rank;
  if (rank == 0) return c.get(0);
  if (a < 0 || b < 0 || a >= rank || b >= rank)
    return make_error(ErrorCode::kInvalidAttribute, "an axis of rank " + std::to_string(rank) + " is out of range");
  TransposeAttrs attrs;
  for (std::int64_t axis = 0; axis < rank; ++axis) attrs.perm.push_back(axis == a ? b : axis == b ? a : axis);
  c.op.kind = K::kTranspose;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Status add_list(Call& c, std::size_t i) {
  const PyValue list = c.get(i);
  if (!list.is_sequence()) return c.input(i);
  for (const PyValue& element : *list.items) {
    NNGAUGE_TRY(const TensorId id, c.interpreter().tensor_id(element));
    c.operand(id);
  }
  return ok();
}

Made join(Call& c) {
  const bool stack = c.name() == "stack";
  c.op.kind = stack ? K::kStack : K::kConcat;
  AxisAttrs attrs;
  attrs.axis = c.integer(1, "dim", 0);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(add_list(c, 0));
  if (c.op.inputs.empty()) return c.opaque();
  return c.emit();
}

// x, parts, axis: parts of equal length but for the last
Made chunk(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  const std::int64_t axis = c.integer(2, "dim", 0);
  const Dim extent = x.at(axis);
  const bool by_size = c.name().starts_with("split");
  Ints sizes = by_size && c.get(1).is_sequence() ? c.integers(1) : Ints();
  if (sizes.empty()) {
    const std::int64_t count = c.integer(1, by_size ? "split_size" : "chunks", 0);
    if (!extent.known() || count < 1) return PyValue::unknown();
    const std::int64_t size = by_size ? count : (extent.value() + count - 1) / count;
    if (size < 1 || extent.value() / size > 100'000) return PyValue::unknown();
    for (std::int64_t from = 0; from < extent.value(); from += size)
      sizes.push_back(std::min(size, extent.value() - from));
  }
  const std::size_t parts = sizes.size();
  c.op.kind = K::kSplit;
  SplitAttrs attrs;
  attrs.axis = axis;
  attrs.sizes = std::move(sizes);
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_TRY(PyValue list, c.emit_list(parts));
  list.kind = Kind::kList;
  return list;
}

Made unbind(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  const std::int64_t axis = c.integer(1, "dim", 0);
  const Dim extent = x.at(axis);
  if (!extent.known() || extent.value() < 1 || extent.value() > 100'000) return PyValue::unknown();
  c.op.kind = K::kUnstack;
  AxisAttrs attrs;
  attrs.axis = axis;
  attrs.count = extent.value();
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_TRY(PyValue list, c.emit_list(static_cast<std::size_t>(extent.value())));
  list.kind = Kind::kList;
  return list;
}

// x, axis, start, end, step
Made slice(Call& c) {
  const PyValue start = c.get(2, "start"), end = c.get(3, "end");
  if (start.is_unknown() || end.is_unknown()) return c.opaque();
  constexpr std::int64_t kEnd = std::int64_t{1} << 40;
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {c.integer(1, "dim", 0)};
  attrs.starts = {start.kind == Kind::kInt ? start.integer : 0};
  attrs.ends = {end.kind == Kind::kInt ? std::min(end.integer, kEnd) : kEnd};
  attrs.steps = {c.integer(4, "step", 1)};
  c.op.kind = K::kSlice;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// x, axis, start, length
Made narrow(Call& c) {
  const std::int64_t start = c.integer(2, "start", 0), length = c.integer(3, "length", 0);
  SliceAttrs attrs;
  attrs.onnx_form = true;
  attrs.axes = {c.integer(1, "dim", 0)};
  attrs.starts = {start};
  attrs.ends = {std::min<std::int64_t>(start, std::int64_t{1} << 40) +
                std::min<std::int64_t>(length, std::int64_t{1} << 40)};
  c.op.kind = K::kSlice;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made gather_along(Call& c, std::int64_t axis, TensorId places) {
  c.op.kind = K::kGather;
  AxisAttrs attrs;
  attrs.axis = axis;
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  c.operand(places, OperandRole::kConfig);
  return c.emit();
}

// x, axis, index: the axis vanishes
Made select(Call& c) {
  const std::int64_t axis = c.integer(1, "dim", 0), index = c.integer(2, "index", 0);
  Tensor place;
  place.dtype = DType::kInt64;
  place.declared = place.shape = Shape::scalar();
  place.is_constant = true;
  place.value = Value::of_ints({index});
  return gather_along(c, axis, c.interpreter().writer().add(std::move(place)));
}

Made index_select(Call& c) {
  c.op.kind = K::kGather;
  AxisAttrs attrs;
  attrs.axis = c.integer(1, "dim", 0);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.input(2, OperandRole::kConfig));
  return c.emit();
}

// x[:, places]: along one axis; places along several become an operator without a rule.
Made index(Call& c) {
  const PyValue places = c.get(1, "indices");
  if (!places.is_sequence()) return c.opaque();
  const auto given = [](const PyValue& one) { return !one.is_none(); };
  const auto first = std::find_if(places.items->begin(), places.items->end(), given);
  if (first == places.items->end() || !first->is_tensor() || std::count_if(first, places.items->end(), given) != 1)
    return c.opaque();
  NNGAUGE_TRY(const TensorId place, c.interpreter().tensor_id(*first));
  const DType dtype = c.interpreter().writer().tensor(place).dtype;
  if (dtype == DType::kBool || dtype == DType::kUInt8) return c.opaque();  // a mask: how many, the data say
  return gather_along(c, first - places.items->begin(), place);
}

Made gather(Call& c) {
  c.op.kind = K::kGatherElements;
  AxisAttrs attrs;
  attrs.axis = c.integer(1, "dim", 0);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.input(2));
  return c.emit();
}

// -1 keeps an extent, extents in front are new.
Made expand(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  Ints target;
  if (c.name() == "expand_as") {
    NNGAUGE_TRY(const Shape like, c.shape(1));
    if (!like.is_static()) return c.opaque();
    for (const Dim dim : like.dims()) target.push_back(dim.value());
  } else {
    target = c.integers(1, "size");
  }
  if (!x.ranked() || target.size() < x.rank()) return c.opaque();
  for (std::size_t i = 0; i < x.rank(); ++i) {
    std::int64_t& extent = target[target.size() - x.rank() + i];
    if (extent != -1) continue;
    if (!x[i].known()) return c.opaque();
    extent = x[i].value();
  }
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.shape = std::move(target);
  c.op.kind = K::kExpand;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made repeat(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  const Ints repeats = c.integers(1, "repeats");
  if (!x.ranked() || repeats.size() != x.rank()) return c.opaque();
  c.op.kind = K::kTile;
  NNGAUGE_CHECK(c.input(0));
  c.operand(c.interpreter().writer().add_integers(repeats), OperandRole::kConfig);
  return c.emit();
}

// x, pads from the last axis backwards, mode
Made pad(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  const Ints given = c.integers(1, "pad");
  if (!x.ranked() || given.size() % 2 != 0 || given.size() / 2 > x.rank() || !c.knows_integers(1, "pad"))
    return c.opaque();
  PadAttrs attrs;
  const std::string mode = c.name() == "pad" ? c.get(2, "mode").text : c.name();
  if (mode.starts_with("reflect")) attrs.mode = PadMode::kReflect;
  if (mode.starts_with("replic")) attrs.mode = PadMode::kEdge;
  if (mode.starts_with("circular")) attrs.mode = PadMode::kWrap;
  attrs.pads.assign(2 * x.rank(), 0);
  for (std::size_t i = 0; i < given.size() / 2; ++i) {
    attrs.pads[x.rank() - 1 - i] = given[2 * i];
    attrs.pads[2 * x.rank() - 1 - i] = given[2 * i + 1];
  }
  c.op.kind = K::kPad;
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// x, sizes?, [align_corners,] scales…
Made upsample(Call& c) {
  const std::string& name = c.name();
  const bool nearest = name.find("nearest") != std::string::npos;
  c.op.kind = nearest                                   ? K::kResizeNearest
              : name.find("cubic") != std::string::npos ? K::kResizeCubic
                                                        : K::kResizeBilinear;
  ResizeAttrs attrs;
  const PyValue sizes = c.get(1, "output_size");
  NNGAUGE_TRY(const Shape x, c.shape(0));
  if (!x.ranked() || x.rank() < 3) return c.opaque();
  for (std::size_t i = 2; i < x.rank(); ++i) attrs.axes.push_back(static_cast<std::int64_t>(i));
  if (sizes.is_sequence()) {
    attrs.sizes = c.integers(1, "output_size");
  } else {
    const std::size_t first = nearest ? 2 : 3;
    const PyValue scales = c.get(first, "scale_factors");
    for (std::size_t i = 0; i + 2 < x.rank(); ++i) {
      const PyValue scale = scales.is_sequence() ? (i < scales.items->size() ? (*scales.items)[i] : PyValue::unknown())
                                                 : c.get(first + i);
      if (!scale.is_number()) return c.opaque();
      attrs.scales.push_back(scale.number());
    }
  }
  if (std::find(attrs.sizes.begin(), attrs.sizes.end(), -1) != attrs.sizes.end()) return c.opaque();
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made pixel_shuffle(Call& c) {
  c.op.kind = c.name() == "pixel_shuffle" ? K::kDepthToSpace : K::kSpaceToDepth;
  SpaceDepthAttrs attrs;
  attrs.block_size = c.integer(1, "", 1);
  c.op.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made channel_shuffle(Call& c) {
  c.op.kind = K::kChannelShuffle;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

Made grid_sample(Call& c) {
  c.op.kind = K::kGridSample;
  NNGAUGE_CHECK(c.input(0));
  NNGAUGE_CHECK(c.input(1));
  return c.emit();
}

Made flip(Call& c) {
  c.op.kind = K::kReverse;
  AxesAttrs attrs;
  attrs.has_axes = true;
  attrs.axes = c.integers(1, "dims");
  c.op.attrs = std::move(attrs);
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// No operator of ours; the result is as large as what is rolled.
Made roll(Call& c) {
  NNGAUGE_TRY(const Shape x, c.shape(0));
  NNGAUGE_TRY(const PyValue out, c.opaque());
  NNGAUGE_TRY(const TensorId from, c.interpreter().tensor_id(c.get(0)));
  Tensor& made = c.interpreter().writer().tensor(out.tensor->id);
  made.declared = made.shape = x;
  made.dtype = c.interpreter().writer().tensor(from).dtype;
  return out;
}

Made triangle(Call& c) {
  c.op.kind = K::kTrilu;
  NNGAUGE_CHECK(c.input(0));
  return c.emit();
}

// zeros(sizes), ones(sizes), full(sizes, value), rand(sizes), …_like(x)
Made fill(Call& c) {
  c.op.kind = K::kFill;
  FillAttrs attrs;
  attrs.dtype = DType::kFloat32;
  Ints sizes;
  if (c.has_tensor(0)) {
    NNGAUGE_TRY(const Shape x, c.shape(0));
    const bool like = c.name().ends_with("_like");
    if (like && !x.is_static()) return c.opaque();
    for (const Dim dim : x.dims()) {
      if (like) sizes.push_back(dim.value());
    }
    if (!like) sizes = c.integers(1, "size");
  } else {
    const PyValue given = c.get(0, "size");
    if (!given.is_sequence()) return PyValue::unknown();
    sizes = c.integers(0, "size");
  }
  if (std::any_of(sizes.begin(), sizes.end(), [](std::int64_t extent) { return extent < 0; }))
    return PyValue::unknown();
  attrs.has_shape = true;
  attrs.shape = std::move(sizes);
  c.op.attrs = std::move(attrs);
  return c.emit();
}

// arange(end), arange(start, end, step)
Made arange(Call& c) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < 3; ++i) {
    const PyValue value = c.get(i);
    if (value.kind != Kind::kInt) break;
    numbers.push_back(value.integer);
  }
  const std::int64_t start = numbers.size() > 1 ? numbers[0] : 0;
  const std::int64_t end = numbers.empty() ? -1 : numbers[numbers.size() > 1 ? 1 : 0];
  const std::int64_t step = numbers.size() > 2 ? numbers[2] : 1;
  if (numbers.empty() || step < 1 || end < start || end > (std::int64_t{1} << 40) || start < -(std::int64_t{1} << 40))
    return PyValue::unknown();
  c.op.kind = K::kFill;
  FillAttrs attrs;
  attrs.dtype = DType::kInt64;
  attrs.has_shape = true;
  attrs.shape = {(end - start + step - 1) / step};
  c.op.attrs = std::move(attrs);
  return c.emit();
}

// A number as a tensor.
Made tensor(Call& c) {
  const PyValue value = c.get(0);
  if (value.is_tensor()) return value;
  if (value.is_number()) return c.interpreter().tensor_value(c.interpreter().writer().add_scalar(value.number()));
  return PyValue::unknown();
}

// x, n_fft, hop_length, win_length, window, normalized, onesided, return_complex: [batch, bins, frames, 2]
Made stft(Call& c) {
  NNGAUGE_CHECK(c.demand(0, {1, -1}, true));
  NNGAUGE_TRY(const Shape x, c.shape(0));
  const std::int64_t length = c.integer(1, "n_fft", 0);
  const std::int64_t hop = c.integer(2, "hop_length", length / 4);
  if (!x.ranked() || x.rank() != 2 || length < 1 || hop < 1) return c.opaque();
  Op transform;
  transform.kind = K::kStft;
  SignalAttrs attrs;
  attrs.onesided = c.arguments().flag(6, "onesided", true);
  transform.attrs = attrs;
  NNGAUGE_CHECK(c.input(0));
  transform.inputs = std::move(c.op.inputs);
  c.op.inputs.clear();
  const auto number = [&](std::int64_t value) {
    Tensor constant;
    constant.dtype = DType::kInt64;
    constant.declared = constant.shape = Shape::scalar();
    constant.is_constant = true;
    constant.value = Value::of_ints({value});
    return c.interpreter().writer().add(std::move(constant));
  };
  transform.inputs.push_back({number(hop), OperandRole::kConfig});
  if (c.has_tensor(4)) {
    NNGAUGE_CHECK(c.input(4, OperandRole::kConfig));
    transform.inputs.push_back(c.op.inputs.back());
    c.op.inputs.clear();
  } else {
    transform.inputs.push_back({});
  }
  transform.inputs.push_back({number(length), OperandRole::kConfig});
  NNGAUGE_TRY(const TensorId frames, c.step(std::move(transform)));
  c.op.kind = K::kTranspose;
  TransposeAttrs order;
  order.perm = {0, 2, 1, 3};
  c.op.attrs = std::move(order);
  c.operand(frames);
  return c.emit();
}

constexpr std::array kRows = {
    OperatorRow{"dropout", copy},
    OperatorRow{"feature_dropout", copy},
    OperatorRow{"alpha_dropout", copy},
    OperatorRow{"contiguous", copy},
    OperatorRow{"clone", copy},
    OperatorRow{"alias", copy},
    OperatorRow{"detach", same},
    OperatorRow{"cpu", same},
    OperatorRow{"cuda", same},
    OperatorRow{"requires_grad", same},
    OperatorRow{"view_as_real", same},
    OperatorRow{"to", cast},
    OperatorRow{"type_as", same},
    OperatorRow{"_cast_Float", same},
    OperatorRow{"reshape", reshape},
    OperatorRow{"view", reshape},
    OperatorRow{"_unsafe_view", reshape},
    OperatorRow{"reshape_as", reshape_as},
    OperatorRow{"view_as", reshape_as},
    OperatorRow{"flatten", flatten},
    OperatorRow{"unflatten", unflatten},
    OperatorRow{"squeeze", squeeze},
    OperatorRow{"unsqueeze", unsqueeze},
    OperatorRow{"permute", permute},
    OperatorRow{"transpose", transpose},
    OperatorRow{"swapaxes", transpose},
    OperatorRow{"t", transpose},
    OperatorRow{"numpy_T", transpose},
    OperatorRow{"cat", join},
    OperatorRow{"concat", join},
    OperatorRow{"quantized.cat", join},
    OperatorRow{"stack", join},
    OperatorRow{"chunk", chunk},
    OperatorRow{"split", chunk},
    OperatorRow{"split_with_sizes", chunk},
    OperatorRow{"unbind", unbind},
    OperatorRow{"slice", slice},
    OperatorRow{"narrow", narrow},
    OperatorRow{"select", select},
    OperatorRow{"index", index},
    OperatorRow{"index_select", index_select},
    OperatorRow{"gather", gather},
    OperatorRow{"expand", expand},
    OperatorRow{"expand_as", expand},
    OperatorRow{"repeat", repeat},
    OperatorRow{"tile", repeat},
    OperatorRow{"pad", pad},
    OperatorRow{"constant_pad_nd", pad},
    OperatorRow{"reflection_pad1d", pad},
    OperatorRow{"reflection_pad2d", pad},
    OperatorRow{"reflection_pad3d", pad},
    OperatorRow{"replication_pad1d", pad},
    OperatorRow{"replication_pad2d", pad},
    OperatorRow{"replication_pad3d", pad},
    OperatorRow{"upsample_nearest1d", upsample},
    OperatorRow{"upsample_nearest2d", upsample},
    OperatorRow{"upsample_nearest3d", upsample},
    OperatorRow{"upsample_linear1d", upsample},
    OperatorRow{"upsample_bilinear2d", upsample},
    OperatorRow{"upsample_bicubic2d", upsample},
    OperatorRow{"upsample_trilinear3d", upsample},
    OperatorRow{"pixel_shuffle", pixel_shuffle},
    OperatorRow{"pixel_unshuffle", pixel_shuffle},
    OperatorRow{"channel_shuffle", channel_shuffle},
    OperatorRow{"grid_sampler", grid_sample},
    OperatorRow{"flip", flip},
    OperatorRow{"roll", roll},
    OperatorRow{"tril", triangle},
    OperatorRow{"triu", triangle},
    OperatorRow{"zeros", fill},
    OperatorRow{"ones", fill},
    OperatorRow{"full", fill},
    OperatorRow{"empty", fill},
    OperatorRow{"rand", fill},
    OperatorRow{"randn", fill},
    OperatorRow{"zeros_like", fill},
    OperatorRow{"ones_like", fill},
    OperatorRow{"full_like", fill},
    OperatorRow{"new_zeros", fill},
    OperatorRow{"new_ones", fill},
    OperatorRow{"new_full", fill},
    OperatorRow{"arange", arange},
    OperatorRow{"tensor", tensor},
    OperatorRow{"scalar_tensor", tensor},
    OperatorRow{"stft", stft},
};

}  // namespace

std::span<const OperatorRow> movement_operators() { return kRows; }

}  // namespace nngauge::torchscript
