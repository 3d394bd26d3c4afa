// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/layer_reader.h"

#include <utility>

#include "base/text.h"
#include "caffe.pb.h"

namespace nngauge::caffe_format {

Shape LayerReader::in(std::size_t i) const {
  return i < bottoms_.size() ? builder_.tensor(bottoms_[i]).shape : Shape();
}

void LayerReader::bottom(std::size_t i, OperandRole role) { op_.inputs.push_back({bottom_id(i), role}); }

void LayerReader::all_bottoms() {
  for (std::size_t i = 0; i < bottoms_.size(); ++i) bottom(i);
}

void LayerReader::weight(std::size_t index, const char* suffix, Shape expected, OperandRole role) {
  Result<TensorId> id = builder_.weight(layer_, index, suffix, std::move(expected));
  if (!id) return fail(id.error());
  op_.inputs.push_back({*id, role});
}

void LayerReader::constant(const char* suffix, Value value) {
  const TensorId id = builder_.add_tensor(layer_.name() + "/" + suffix, Shape{static_cast<std::int64_t>(value.size())});
  Tensor& tensor = builder_.tensor(id);
  tensor.is_constant = true;
  tensor.dtype = value.real ? DType::kFloat32 : DType::kInt64;
  tensor.value = std::move(value);
  op_.inputs.push_back({id, OperandRole::kConfig});
}

TensorId LayerReader::step(OpKind kind, Attributes attrs, std::vector<Operand> inputs) {
  Op op;
  op.kind = kind;
  op.name = op_.name;
  op.source_op = op_.source_op;
  op.source = op_.source;
  op.attrs = std::move(attrs);
  op.inputs = std::move(inputs);
  const TensorId id = builder_.add_tensor(layer_.name() + "/step");
  op.outputs.push_back(id);
  builder_.add_op(std::move(op));
  return id;
}

void LayerReader::fail(ErrorCode code, std::string message) { fail(make_error(code, std::move(message))); }

void LayerReader::fail(const Error& error) {
  if (!failure_) failure_ = error;
}

void LayerReader::opaque(std::string name, const std::string& reason) {
  op_.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "caffe";
  attrs.name = std::move(name);
  op_.attrs = std::move(attrs);
  op_.inputs.clear();
  all_bottoms();
  // Learned blobs count whatever the layer does with them.
  for (std::size_t i = 0; i < builder_.stored_count(layer_).value_or(0); ++i)
    weight(i, ("blob" + std::to_string(i)).c_str(), {});
  if (!reason.empty()) builder_.model().diagnostics.note("opaque-layer", in_quotes(layer_.name()), reason);
}

std::vector<Dim> dims_of(const caffe::BlobShape& shape) {
  std::vector<Dim> dims;
  for (const std::int64_t dim : shape.dim()) dims.push_back(dim >= 0 ? Dim(dim) : Dim::unknown());
  return dims;
}

Dim product_from(const Shape& shape, std::int64_t axis) {
  if (!shape.ranked()) return Dim::unknown();
  const auto rank = static_cast<std::int64_t>(shape.rank());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) return Dim::unknown();
  Count product = 1;
  for (std::size_t i = static_cast<std::size_t>(axis); i < shape.rank(); ++i) {
    if (!shape[i].known()) return Dim::unknown();
    product *= Count::from_signed(shape[i].value());
  }
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  if (product.overflowed() || product.value() > kMost) return Dim::unknown();
  return static_cast<std::int64_t>(product.value());
}

}  // namespace nngauge::caffe_format
