// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/node_view.h"

#include <algorithm>

#include "base/text.h"
#include "graph_def.pb.h"

namespace nngauge::tensorflow {
namespace {

// Lists longer than this belong to no operator that we know.
constexpr int kMostEntries = 65536;

template <class List>
int bounded(const List& list) {
  return std::min(list.size(), kMostEntries);
}

}  // namespace

DType dtype_of(int data_type) {
  constexpr int kReference = 100;
  if (data_type > kReference) data_type -= kReference;
  switch (data_type) {
    case tf::DT_FLOAT:
      return DType::kFloat32;
    case tf::DT_DOUBLE:
      return DType::kFloat64;
    case tf::DT_QINT32:
    case tf::DT_INT32:
      return DType::kInt32;
    case tf::DT_QUINT8:
    case tf::DT_UINT8:
      return DType::kUInt8;
    case tf::DT_QINT16:
    case tf::DT_INT16:
      return DType::kInt16;
    case tf::DT_QINT8:
    case tf::DT_INT8:
      return DType::kInt8;
    case tf::DT_STRING:
      return DType::kString;
    case tf::DT_COMPLEX64:
      return DType::kComplex64;
    case tf::DT_INT64:
      return DType::kInt64;
    case tf::DT_BOOL:
      return DType::kBool;
    case tf::DT_BFLOAT16:
      return DType::kBFloat16;
    case tf::DT_QUINT16:
    case tf::DT_UINT16:
      return DType::kUInt16;
    case tf::DT_COMPLEX128:
      return DType::kComplex128;
    case tf::DT_HALF:
      return DType::kFloat16;
    case tf::DT_RESOURCE:
      return DType::kResource;
    case tf::DT_VARIANT:
      return DType::kVariant;
    case tf::DT_UINT32:
      return DType::kUInt32;
    case tf::DT_UINT64:
      return DType::kUInt64;
    case tf::DT_FLOAT8_E5M2:
      return DType::kFloat8E5M2;
    case tf::DT_FLOAT8_E4M3FN:
      return DType::kFloat8E4M3FN;
    case tf::DT_FLOAT8_E4M3FNUZ:
      return DType::kFloat8E4M3FNUZ;
    case tf::DT_FLOAT8_E5M2FNUZ:
      return DType::kFloat8E5M2FNUZ;
    case tf::DT_INT4:
      return DType::kInt4;
    case tf::DT_UINT4:
      return DType::kUInt4;
    case tf::DT_INT2:
      return DType::kInt2;
    case tf::DT_UINT2:
      return DType::kUInt2;
    default:
      return DType::kUnknown;
  }
}

Shape shape_of(const tf::TensorShapeProto& proto) {
  if (proto.unknown_rank()) return Shape::unknown_rank();
  std::vector<Dim> dims;
  for (const auto& dim : proto.dim()) dims.push_back(dim.size() < 0 ? Dim::unknown() : Dim(dim.size()));
  return Shape(std::move(dims));
}

const tf::AttrValue* NodeView::find(std::string_view key) const {
  const auto found = node_.attr().find(std::string(key));
  return found == node_.attr().end() ? nullptr : &found->second;
}

std::string readable(const std::string& text) { return is_valid_utf8(text) ? text : printable(text); }

std::string_view NodeView::op() const { return node_.op(); }

std::int64_t NodeView::integer(std::string_view key, std::int64_t fallback) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_i() ? value->i() : fallback;
}

double NodeView::real(std::string_view key, double fallback) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_f() ? static_cast<double>(value->f()) : fallback;
}

bool NodeView::flag(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_b() && value->b();
}

std::string NodeView::text(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_s() ? value->s() : std::string();
}

Ints NodeView::integers(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  if (!value || !value->has_list()) return {};
  const auto& list = value->list().i();
  return {list.begin(), list.begin() + bounded(list)};
}

std::vector<std::string> NodeView::texts(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  if (!value || !value->has_list()) return {};
  const auto& list = value->list().s();
  return {list.begin(), list.begin() + bounded(list)};
}

DType NodeView::dtype(std::string_view key, DType fallback) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_type() ? dtype_of(value->type()) : fallback;
}

std::optional<Shape> NodeView::shape(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_shape() ? std::optional(shape_of(value->shape())) : std::nullopt;
}

std::vector<Shape> NodeView::shapes(std::string_view key) const {
  std::vector<Shape> out;
  const tf::AttrValue* value = find(key);
  if (!value || !value->has_list()) return out;
  const auto& list = value->list().shape();
  for (int i = 0; i < bounded(list); ++i) out.push_back(shape_of(list.Get(i)));
  return out;
}

std::vector<DType> NodeView::dtypes(std::string_view key) const {
  std::vector<DType> out;
  const tf::AttrValue* value = find(key);
  if (!value || !value->has_list()) return out;
  const auto& list = value->list().type();
  for (int i = 0; i < bounded(list); ++i) out.push_back(dtype_of(list.Get(i)));
  return out;
}

std::string NodeView::function(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_func() ? value->func().name() : std::string();
}

std::vector<std::string> NodeView::functions(std::string_view key) const {
  std::vector<std::string> out;
  const tf::AttrValue* value = find(key);
  if (!value || !value->has_list()) return out;
  const auto& list = value->list().func();
  for (int i = 0; i < bounded(list); ++i) out.push_back(list.Get(i).name());
  return out;
}

const tf::TensorProto* NodeView::tensor(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  return value && value->has_tensor() ? &value->tensor() : nullptr;
}

std::size_t NodeView::list_size(std::string_view key) const {
  const tf::AttrValue* value = find(key);
  if (!value || !value->has_list()) return 0;
  const tf::AttrValue::ListValue& list = value->list();
  return static_cast<std::size_t>(std::max({bounded(list.i()), bounded(list.f()), bounded(list.type()),
                                            bounded(list.shape()), bounded(list.func()), bounded(list.s())}));
}

}  // namespace nngauge::tensorflow
