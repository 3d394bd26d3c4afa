// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/constants.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <charconv>

#include "base/text.h"
#include "parsers/onnx/elements.h"
#include "parsers/onnx/schema.h"
#include "parsers/onnx/types.h"

namespace nngauge::onnx_format {
namespace {

std::string type_text(const Tensor& tensor) {
  return fmt::format("{} {}", dtype_name(tensor.dtype), shape_text(tensor.declared, SymbolTable()));
}

// Elements of a constant's shape: always static, but perhaps beyond 64 bits.
Result<Count> count_elements(const Tensor& tensor) {
  const Count elements = *tensor.declared.elements();
  if (elements.overflowed()) return damaged(fmt::format("the elements of {} do not fit 64 bits", type_text(tensor)));
  return elements;
}

Result<std::uint64_t> count_bytes(const Tensor& tensor) {
  NNGAUGE_TRY(const Count elements, count_elements(tensor));
  const Count bytes = packed_bytes(tensor.dtype, elements);
  if (bytes.overflowed()) return damaged(fmt::format("the bytes of {} do not fit 64 bits", type_text(tensor)));
  return bytes.value();
}

// Whether a constant is small enough for its elements to be kept.
bool keeps_value(const Tensor& tensor, std::uint64_t elements) {
  return has_plain_value(tensor.dtype) &&
         elements <= (is_float(tensor.dtype) ? kMaxRealValueElements : kMaxValueElements);
}

int typed_count(const onnx::TensorProto& proto, std::uint32_t field) {
  switch (field) {
    case kFloatData:
      return proto.float_data_size();
    case kInt32Data:
      return proto.int32_data_size();
    case kInt64Data:
      return proto.int64_data_size();
    case kDoubleData:
      return proto.double_data_size();
    case kUInt64Data:
      return proto.uint64_data_size();
    default:
      return 0;
  }
}

std::string_view typed_name(std::uint32_t field) {
  switch (field) {
    case kFloatData:
      return "float_data";
    case kInt32Data:
      return "int32_data";
    case kStringData:
      return "string_data";
    case kInt64Data:
      return "int64_data";
    case kDoubleData:
      return "double_data";
    default:
      return "uint64_data";
  }
}

Result<std::uint64_t> parse_decimal(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return damaged(fmt::format("{} of the external data is {}, not a number", key, in_quotes(text)));
  }
  return value;
}

// The name of a side file must stay in the model's folder, whatever holds the model (a folder, an archive, memory).
Status check_location(const std::string& name) {
  const auto unsafe = [&](std::string_view why) {
    return make_error(ErrorCode::kUnsafePath, fmt::format("side file {} refused: {}", in_quotes(name), why));
  };
  if (name.empty()) return unsafe("empty name");
  if (name.find('\0') != std::string::npos) return unsafe("NUL in the name");
  if (name[0] == '/' || name[0] == '\\') return unsafe("absolute path");
  if (name.size() > 1 && name[1] == ':') return unsafe("drive letter");
  std::string part;
  for (const char c : name + "/") {
    if (c != '/' && c != '\\') {
      part.push_back(c);
      continue;
    }
    if (part == "..") return unsafe("`..` in the path");
    part.clear();
  }
  return ok();
}

template <class Message>
std::int64_t find_mark(const Message& message) {
  const auto& fields = message.unknown_fields();
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    const bool is_mark =
        field.number() == static_cast<int>(kMarkField) && field.type() == google::protobuf::UnknownField::TYPE_VARINT;
    if (is_mark) return static_cast<std::int64_t>(field.varint());
  }
  return -1;
}

}  // namespace

std::int64_t mark_of(const onnx::TensorProto& proto) { return find_mark(proto); }
std::int64_t mark_of(const onnx::NodeProto& proto) { return find_mark(proto); }

const LocatedMessage* ConstantReader::place_of(const onnx::TensorProto& proto) const {
  const std::int64_t mark = mark_of(proto);
  if (mark < 0 || static_cast<std::size_t>(mark) >= reduction_.places.size()) return nullptr;
  return &reduction_.places[static_cast<std::size_t>(mark)];
}

Result<Tensor> ConstantReader::read(const onnx::TensorProto& proto) {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.dtype = dtype_of(proto.data_type());
  std::vector<Dim> dims;
  for (const std::int64_t dim : proto.dims()) {
    if (dim < 0) return damaged(fmt::format("a stored tensor has the negative extent {}", dim));
    dims.emplace_back(dim);
  }
  tensor.declared = Shape(std::move(dims));
  tensor.shape = tensor.declared;
  if (tensor.dtype == DType::kUnknown) {
    return damaged(fmt::format("a stored tensor has the unknown element type {}", proto.data_type()));
  }
  const bool external = proto.data_location() == onnx::TensorProto::EXTERNAL || proto.external_data_size() > 0;
  const LocatedMessage* place = place_of(proto);
  const LocatedField* raw = place != nullptr ? place->find(kRawData) : nullptr;
  const bool is_raw = raw != nullptr && tensor.dtype != DType::kString;
  const Status located = external ? locate_external(proto, tensor)
                         : is_raw ? locate_raw(proto, *raw, tensor)
                                  : locate_typed(proto, place, tensor);
  if (!located) return located.error();
  return tensor;
}

Status ConstantReader::locate_raw(const onnx::TensorProto& proto, const LocatedField& field, Tensor& tensor) const {
  NNGAUGE_TRY(const std::uint64_t expected, count_bytes(tensor));
  // raw_data that stands twice: the last one counts, which is no longer known; no writer does that.
  if (field.occurrences > 1) return damaged("raw_data stands more than once in a stored tensor");
  if (field.size_bytes != expected) {
    return damaged(fmt::format("raw_data holds {} bytes, {} takes {}", field.size_bytes, type_text(tensor), expected));
  }
  tensor.data = {0, field.offset, field.size_bytes};
  const std::uint64_t elements = tensor.declared.elements()->value();
  // Values are small enough never to be left out of the reduced message.
  if (keeps_value(tensor, elements) && proto.raw_data().size() == expected) {
    tensor.value = decode_raw(tensor.dtype, static_cast<std::size_t>(elements), as_bytes(proto.raw_data()));
  }
  return ok();
}

Status ConstantReader::locate_typed(const onnx::TensorProto& proto, const LocatedMessage* place, Tensor& tensor) {
  NNGAUGE_TRY(const Count elements, count_elements(tensor));
  const TypedStorage storage = typed_storage(tensor.dtype);
  const LocatedField* field = place != nullptr ? place->find(storage.field) : nullptr;
  if (elements.value() == 0) {
    tensor.value = is_float(tensor.dtype) ? Value::of_reals({}) : Value::of_ints({});
    return ok();
  }
  if (field == nullptr) {  // weights taken out on purpose: everything but their bytes is known
    if (!told_absent_)
      diagnostics_.note("weights-absent", "", "the file holds shapes of constants without their elements");
    told_absent_ = true;
    return ok();
  }
  const Count wanted = elements * static_cast<std::uint64_t>(storage.numbers_per_element);
  const std::uint64_t per_number = static_cast<std::uint64_t>(storage.elements_per_number);
  const std::uint64_t numbers = wanted.value() / per_number + (wanted.value() % per_number != 0 ? 1 : 0);
  // Packed numbers of a fixed size are counted by their bytes. Removed varints take 1 to 10 bytes each: counting them
  // would mean to read the weights, so only what is possible is checked.
  const bool fixed = storage.fixed_bytes > 0;
  std::uint64_t held = fixed ? field->size_bytes / static_cast<std::uint64_t>(storage.fixed_bytes)
                             : static_cast<std::uint64_t>(typed_count(proto, storage.field));
  if (tensor.dtype == DType::kString) held = field->occurrences;
  else if (field->removed && !fixed && numbers <= field->size_bytes && field->size_bytes / 10 <= numbers)
    held = numbers;
  else if (field->removed && !fixed) held = field->size_bytes;
  if (wanted.overflowed() || held != numbers) {
    return damaged(
        fmt::format("{} holds {} numbers, {} takes {}", typed_name(storage.field), held, type_text(tensor), numbers));
  }
  NNGAUGE_TRY(const std::uint64_t bytes, count_bytes(tensor));
  tensor.data = {0, field->offset, tensor.dtype == DType::kString ? field->size_bytes : bytes};
  if (field->size_bytes != tensor.data.size_bytes) tensor.data.encoded_bytes = field->size_bytes;
  if (!field->removed && keeps_value(tensor, elements.value())) {
    tensor.value = decode_typed(tensor.dtype, static_cast<std::size_t>(elements.value()), proto);
  }
  return ok();
}

Status ConstantReader::locate_external(const onnx::TensorProto& proto, Tensor& tensor) {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() != "offset" && entry.key() != "length") continue;
    NNGAUGE_TRY(const std::uint64_t number, parse_decimal(entry.key(), entry.value()));
    if (entry.key() == "offset") offset = number;
    else length = number;
  }
  NNGAUGE_TRY(const std::uint64_t expected, count_bytes(tensor));
  if (length && *length != expected) {
    return damaged(fmt::format("{} bytes of external data, {} takes {}", *length, type_text(tensor), expected));
  }
  NNGAUGE_TRY(const std::int32_t file, side_file(location));
  const auto& size = files_[static_cast<std::size_t>(file)].size_bytes;
  if (size && (offset > *size || expected > *size - offset)) {
    return damaged(fmt::format("the external data of {} at {} takes {} bytes, side file {} has {}", type_text(tensor),
                               offset, expected, in_quotes(location), *size));
  }
  tensor.data = {file, offset, expected};
  return ok();
}

Result<std::int32_t> ConstantReader::side_file(const std::string& location) {
  if (const auto known = side_files_.find(location); known != side_files_.end()) return known->second;
  NNGAUGE_CHECK(check_location(location));
  DataFile file{location, std::nullopt};
  if (auto size = source_.companions->size_bytes(location)) file.size_bytes = *size;
  else if (size.error().code == ErrorCode::kUnsafePath) return size.error();
  else
    diagnostics_.warn("side-file-missing", "",
                      fmt::format("side file {} with external weights cannot be read; its ranges are not checked",
                                  in_quotes(location)));
  files_.push_back(std::move(file));
  const auto id = static_cast<std::int32_t>(files_.size() - 1);
  side_files_.emplace(location, id);
  return id;
}

Result<Tensor> ConstantReader::read_sparse(const onnx::SparseTensorProto& proto) {
  NNGAUGE_TRY(Tensor tensor, read(proto.values()));
  NNGAUGE_TRY(const Tensor indices, read(proto.indices()));
  std::vector<Dim> dims;
  for (const std::int64_t dim : proto.dims()) {
    if (dim < 0) return damaged(fmt::format("a sparse tensor has the negative extent {}", dim));
    dims.emplace_back(dim);
  }
  const std::uint64_t stored = tensor.declared.elements()->value();
  tensor.declared = Shape(std::move(dims));
  NNGAUGE_TRY(const Count dense, count_elements(tensor));
  if (stored > dense.value()) {
    return damaged(
        fmt::format("a sparse tensor stores {} elements, {} has {}", stored, type_text(tensor), dense.value()));
  }
  tensor.shape = tensor.declared;
  tensor.stored_elements = stored;
  tensor.value.reset();
  return tensor;
}

Result<Tensor> ConstantReader::read_attribute(const onnx::AttributeProto& attribute) {
  const std::string& name = attribute.name();
  if (name == "value") return read(attribute.t());
  if (name == "sparse_value") return read_sparse(attribute.sparse_tensor());
  Tensor tensor;
  tensor.is_constant = true;
  std::vector<Dim> dims;
  if (name == "value_float" || name == "value_floats") {
    tensor.dtype = DType::kFloat32;
    std::vector<double> reals(attribute.floats().begin(), attribute.floats().end());
    if (name == "value_float") reals.assign(1, attribute.f());
    else dims.emplace_back(static_cast<std::int64_t>(reals.size()));
    if (reals.size() <= kMaxRealValueElements) tensor.value = Value::of_reals(std::move(reals));
  } else if (name == "value_int" || name == "value_ints") {
    tensor.dtype = DType::kInt64;
    std::vector<Dim> ints(attribute.ints().begin(), attribute.ints().end());
    if (name == "value_int") ints.assign(1, Dim(attribute.i()));
    else dims.emplace_back(static_cast<std::int64_t>(ints.size()));
    if (ints.size() <= kMaxValueElements) tensor.value = Value::of_ints(std::move(ints));
  } else if (name == "value_string" || name == "value_strings") {
    tensor.dtype = DType::kString;
    if (name == "value_strings") dims.emplace_back(static_cast<std::int64_t>(attribute.strings_size()));
  } else {
    return make_error(ErrorCode::kInvalidAttribute,
                      fmt::format("attribute {} of Constant holds no value", in_quotes(name)));
  }
  tensor.declared = Shape(std::move(dims));
  tensor.shape = tensor.declared;
  return tensor;
}

}  // namespace nngauge::onnx_format
