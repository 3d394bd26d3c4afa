// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/constants.h"

#include <fmt/format.h>

#include "graph_def.pb.h"
#include "parsers/elements.h"
#include "parsers/tensorflow/node_view.h"

namespace nngauge::tensorflow {
namespace {

// Larger constants of floating point are not kept as values: no shape is computed from them.
constexpr std::uint64_t kMostReals = 64;
constexpr std::uint32_t kTensorContent = 4, kHalfVal = 13;

// The field that holds elements of a type where tensor_content does not.
struct TypedField {
  std::uint32_t number = 0;
  int numbers_per_element = 1;
  int fixed_bytes = 0;  // of one number on the wire; 0: varints
};

TypedField typed_field(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return {5, 1, 4};
    case DType::kFloat64:
      return {6, 1, 8};
    case DType::kString:
      return {8, 1, 0};
    case DType::kComplex64:
      return {9, 2, 4};
    case DType::kInt64:
      return {10, 1, 0};
    case DType::kBool:
      return {11, 1, 0};
    case DType::kComplex128:
      return {12, 2, 8};
    case DType::kFloat16:
    case DType::kBFloat16:
      return {kHalfVal, 1, 0};
    case DType::kUInt32:
      return {16, 1, 0};
    case DType::kUInt64:
      return {17, 1, 0};
    case DType::kFloat8E5M2:
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2FNUZ:
      return {18, 1, 0};
    case DType::kUnknown:
    case DType::kResource:
    case DType::kVariant:
      return {};
    default:
      return {7, 1, 0};
  }
}

int typed_count(const tf::TensorProto& proto, std::uint32_t field) {
  switch (field) {
    case 5:
      return proto.float_val_size();
    case 6:
      return proto.double_val_size();
    case 7:
      return proto.int_val_size();
    case 8:
      return proto.string_val_size();
    case 9:
      return proto.scomplex_val_size();
    case 10:
      return proto.int64_val_size();
    case 11:
      return proto.bool_val_size();
    case 12:
      return proto.dcomplex_val_size();
    case kHalfVal:
      return proto.half_val_size();
    case 16:
      return proto.uint32_val_size();
    case 17:
      return proto.uint64_val_size();
    case 18:
      return static_cast<int>(proto.float8_val().size());
    default:
      return 0;
  }
}

std::int64_t typed_int(const tf::TensorProto& proto, std::uint32_t field, int i) {
  switch (field) {
    case 10:
      return proto.int64_val(i);
    case 11:
      return proto.bool_val(i) ? 1 : 0;
    case 16:
      return proto.uint32_val(i);
    case 17:
      return static_cast<std::int64_t>(proto.uint64_val(i));
    default:
      return proto.int_val(i);
  }
}

double typed_real(const tf::TensorProto& proto, DType dtype, int i) {
  switch (dtype) {
    case DType::kFloat32:
      return static_cast<double>(proto.float_val(i));
    case DType::kFloat64:
      return proto.double_val(i);
    case DType::kBFloat16:
      return bfloat_value(static_cast<std::uint16_t>(proto.half_val(i)));
    default:
      return half_value(static_cast<std::uint16_t>(proto.half_val(i)));
  }
}

bool keeps_value(DType dtype, std::uint64_t elements) {
  return has_plain_value(dtype) && elements <= (is_float(dtype) ? kMostReals : kMaxValueElements);
}

// Elements of the typed field; the last one stands for all that are left out, none at all means zeros.
Value decode_typed(const tf::TensorProto& proto, DType dtype, std::uint64_t elements) {
  const TypedField field = typed_field(dtype);
  const int count = typed_count(proto, field.number);
  Value value;
  value.real = is_float(dtype);
  for (std::uint64_t i = 0; i < elements; ++i) {
    const int from = std::min(static_cast<int>(i), count - 1);
    if (value.real) value.reals.push_back(from < 0 ? 0.0 : typed_real(proto, dtype, from));
    else value.ints.emplace_back(from < 0 ? 0 : typed_int(proto, field.number, from));
  }
  return value;
}

std::string type_text(const Tensor& tensor) {
  return fmt::format("{} {}", dtype_name(tensor.dtype), shape_text(tensor.declared, SymbolTable()));
}

}  // namespace

const LocatedMessage* ConstantReader::place_of(const tf::TensorProto& proto) const {
  if (!reduction_ || !proto.has_located() || proto.located() >= reduction_->places.size()) return nullptr;
  return &reduction_->places[static_cast<std::size_t>(proto.located())];
}

Result<Tensor> ConstantReader::read(const tf::TensorProto& proto) const {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.dtype = dtype_of(proto.dtype());
  tensor.declared = shape_of(proto.tensor_shape());
  tensor.shape = tensor.declared;
  if (!tensor.declared.is_static())
    return damaged(fmt::format("the constant's shape {} is open", shape_text(tensor.declared, SymbolTable())));
  const Count elements = *tensor.declared.elements();
  const Count bytes = packed_bytes(tensor.dtype, elements);
  if (elements.overflowed() || bytes.overflowed())
    return damaged(fmt::format("the bytes of {} do not fit 64 bits", type_text(tensor)));

  const LocatedMessage* place = place_of(proto);
  const LocatedField* content = place ? place->find(kTensorContent) : nullptr;
  const std::uint64_t content_bytes = content ? content->size_bytes : proto.tensor_content().size();
  if (content_bytes > 0) {
    const bool sized = dtype_bits(tensor.dtype) >= 8;  // strings are encoded, narrow types perhaps one to a byte
    if (sized && content_bytes != bytes.value()) {
      return damaged(
          fmt::format("tensor_content holds {} bytes, {} takes {}", content_bytes, type_text(tensor), bytes.value()));
    }
    if (content) tensor.data = {0, content->offset, content_bytes};
    if (proto.tensor_content().size() == content_bytes && sized && keeps_value(tensor.dtype, elements.value())) {
      tensor.value =
          decode_raw(tensor.dtype, static_cast<std::size_t>(elements.value()), as_bytes(proto.tensor_content()));
    }
    return tensor;
  }
  const TypedField field = typed_field(tensor.dtype);
  const LocatedField* typed = place ? place->find(field.number) : nullptr;
  const bool removed = typed && typed->removed;
  std::uint64_t held = static_cast<std::uint64_t>(typed_count(proto, field.number));
  if (removed && field.fixed_bytes > 0) held = typed->size_bytes / static_cast<std::uint64_t>(field.fixed_bytes);
  else if (removed) held = typed->occurrences > 1 ? typed->occurrences : 0;  // varints are not counted
  const Count most = elements * static_cast<std::uint64_t>(field.numbers_per_element);
  if (most.overflowed() || held > most.value()) {
    return damaged(fmt::format("{} numbers are stored, {} takes {}", held, type_text(tensor), most.value()));
  }
  if (typed) {
    tensor.data = {0, typed->offset, tensor.dtype == DType::kString ? typed->size_bytes : bytes.value()};
    if (typed->size_bytes != tensor.data.size_bytes) tensor.data.encoded_bytes = typed->size_bytes;
  }
  if (!removed && keeps_value(tensor.dtype, elements.value()))
    tensor.value = decode_typed(proto, tensor.dtype, elements.value());
  return tensor;
}

}  // namespace nngauge::tensorflow
