// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/layer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "parsers/coreml/weights.h"

namespace nngauge::coreml {
namespace {

// Tensor: the rank and extents that the file states for a blob.
Shape stated_shape(const Message& tensor) {
  const std::int64_t rank = tensor.integer(1);
  const Ints extents = tensor.ints(2, 16);
  if (rank < 0 || rank > 16 || (!extents.empty() && extents.size() != static_cast<std::size_t>(rank))) return {};
  if (extents.empty()) return rank == 0 ? Shape() : Shape::of_rank(static_cast<std::size_t>(rank));
  std::vector<Dim> dims;
  for (const std::int64_t extent : extents) {
    const bool known = extent > 0 && extent <= kMostExtent;
    dims.push_back(known ? Dim(extent) : Dim::unknown());
  }
  return Shape(std::move(dims));
}

}  // namespace

Status LayerView::find_operands(std::uint32_t inputs, std::uint32_t outputs, std::uint32_t output_tensors) {
  Status status = ok();
  layer_.each(inputs, [&](const WireField& field) {
    if (!status) return;
    const std::string name = readable(as_text(layer_.file().bytes.subspan(field.payload, field.size)));
    const Blob* blob = resolve(name);
    if (blob != nullptr) inputs_.push_back(*blob);
    else status = make_error(ErrorCode::kInvalidGraph, "input " + in_quotes(name) + " is never defined");
  });
  NNGAUGE_CHECK(status);
  layer_.each(outputs, [&](const WireField& field) {
    output_names.push_back(readable(as_text(layer_.file().bytes.subspan(field.payload, field.size))));
  });
  layer_.each(output_tensors, [&](const WireField& field) { declared_.push_back(stated_shape(layer_.of(field))); });
  declared_.resize(output_names.size());
  return ok();
}

bool LayerView::all_exact() const {
  return std::all_of(inputs_.begin(), inputs_.end(), [](const Blob& blob) { return blob.exact; });
}

const Shape& LayerView::shape(std::size_t i) const {
  static const Shape none;
  return i < inputs_.size() ? writer_.shape(inputs_[i].id) : none;
}

Status LayerView::needs(std::size_t inputs) const {
  if (inputs_.size() >= inputs) return ok();
  return make_error(ErrorCode::kInvalidGraph, fmt::format("has {} inputs, needs {}", inputs_.size(), inputs));
}

Status LayerView::weight(const Message& weights, const Shape& shape, OperandRole role, std::string_view what) {
  NNGAUGE_TRY(Tensor tensor, read_weights(weights, shape, what));
  NNGAUGE_CHECK(params.file().damage);
  tensor.name = op.name + "." + std::string(what);
  // Quantised vectors are added to what is computed: they count with the type that they are made to.
  if (role != OperandRole::kWeight || shape.rank() < 2) {
    if (is_integer(tensor.dtype)) tensor.dtype = DType::kFloat32;
  }
  operand(writer_.add(std::move(tensor)), role);
  return ok();
}

Op LayerView::names_only() const {
  Op out;
  out.kind = op.kind;
  out.name = op.name;
  out.source_op = op.source_op;
  out.source = op.source;
  return out;
}

Result<TensorId> LayerView::reshape(TensorId x, Ints target) {
  Op view = names_only();
  view.kind = OpKind::kReshape;
  view.inputs = {{x, OperandRole::kData}};
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.zero_copies = true;
  attrs.shape = std::move(target);
  view.attrs = std::move(attrs);
  return writer_.emit(std::move(view));
}

Result<TensorId> LayerView::picture(std::size_t i) {
  const Shape& x = shape(i);
  if (!x.ranked() || x.rank() == 4) return input(i);
  if (!exact(i)) {
    NNGAUGE_TRY(const TensorId id, reshape(input(i), {0, -1, 1, 1}));
    inputs_[i].id = id;
    return id;
  }
  if (x.rank() == 3)
    return reshape(input(i), {1, -1, x[1].known() ? x[1].value() : 0, x[2].known() ? x[2].value() : 0});
  if (x.rank() == 5 && x[2].known() && x[3].known() && x[4].known())
    return reshape(input(i), {-1, x[2].value(), x[3].value(), x[4].value()});
  return make_error(ErrorCode::kShapeMismatch, fmt::format("input {} is no picture", shape_text(x, model().symbols)));
}

Result<TensorId> LayerView::rows(std::size_t i) {
  const Shape& x = shape(i);
  if (!x.ranked() || x.rank() == 2) return input(i);
  return reshape(input(i), {0, -1});
}

Result<TensorId> LayerView::steps(std::size_t i) {
  const Shape& x = shape(i);
  if (!x.ranked() || x.rank() == 3) return input(i);
  if (exact(i)) return reshape(input(i), x.rank() == 5 ? Ints{0, 0, -1} : Ints{0, 1, -1});
  return reshape(input(i), {0, 1, -1});
}

Result<TensorId> LayerView::own_axes(std::size_t i) {
  if (exact(i) || !shape(i).ranked()) return input(i);
  NNGAUGE_TRY(const TensorId x, picture(i));
  const Shape& folded = writer_.shape(x);
  Ints target = {0, 1};
  for (std::size_t axis = 1; axis < folded.rank(); ++axis) {
    if (!folded[axis].known()) return make_error(ErrorCode::kShapeMismatch, "the extents of the input are not known");
    target.push_back(folded[axis].value());
  }
  return reshape(x, std::move(target));
}

Status LayerView::harmonise() {
  bool same = true;
  for (std::size_t i = 1; i < inputs_.size(); ++i) same = same && (rank(i) == rank(0) || shape(i) == shape(0));
  if (same) return ok();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!exact(i)) NNGAUGE_CHECK(picture(i));
  }
  return ok();
}

std::int64_t LayerView::channel_axis(std::size_t i) const {
  if (exact(i)) return rank(i) == 1 ? -1 : rank(i) == 2 ? 1 : -3;
  return rank(i) == 3 ? 2 : 1;
}

std::int64_t LayerView::axis(std::int64_t stated, std::size_t i) const {
  if (exact(i)) return stated;
  const std::int64_t place = stated < 0 ? stated + 5 : stated;  // of five
  const std::int64_t folded = place <= 1 ? 0 : place - 1;       // of four
  if (rank(i) == 3) return folded == 1 ? 2 : folded == 0 ? 0 : folded;
  return folded;
}

Status LayerView::output(std::size_t k, Blob blob) {
  if (k >= output_names.size()) return ok();
  scope_.blobs.insert_or_assign(output_names[k], blob);
  scope_.written.insert(output_names[k]);
  return ok();
}

void LayerView::declare(std::size_t k, Shape shape) {
  if (k < declared_.size()) declared_[k] = std::move(shape);
}

Status LayerView::emit(bool exact) {
  Op next = names_only();
  NNGAUGE_TRY(const std::vector<TensorId> results, writer_.emit(std::move(op), output_names.size()));
  op = std::move(next);
  for (std::size_t k = 0; k < results.size(); ++k) {
    Tensor& tensor = writer_.tensor(results[k]);
    tensor.name = output_names[k];
    const Shape stated = exact ? declared_[k] : folded_shape(declared_[k]);
    const bool fits = exact && (!tensor.shape.ranked() || tensor.shape.rank() == stated.rank());
    if (stated.ranked() && (fits || !tensor.shape.ranked())) tensor.declared = stated;
    if (!tensor.shape.ranked()) tensor.shape = tensor.declared;
    if (tensor.dtype == DType::kUnknown) tensor.dtype = DType::kFloat32;
    NNGAUGE_CHECK(output(k, {results[k], exact}));
  }
  return ok();
}

Status LayerView::emit_picture() {
  if (!exact(0) || !shape(0).ranked() || rank(0) == 4) return emit();
  const Shape x = shape(0);
  NNGAUGE_TRY(const TensorId result, step());
  const Shape y = writer_.shape(result);
  if (!y.is_static() || y.rank() != 4 || (x.rank() == 5 && !x[0].known())) return output(0, {result, true});
  const Ints whole = x.rank() == 5 ? Ints{x[0].value(), -1, y[1].value(), y[2].value(), y[3].value()}
                                   : Ints{y[1].value(), y[2].value(), y[3].value()};
  NNGAUGE_TRY(const TensorId id, reshape(result, whole));
  return output(0, {id, true});
}

Result<TensorId> LayerView::step() {
  Op next = names_only();
  NNGAUGE_TRY(const TensorId id, writer_.emit(std::move(op)));
  op = std::move(next);
  return id;
}

}  // namespace nngauge::coreml
