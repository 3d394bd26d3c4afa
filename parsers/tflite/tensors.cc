// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "parsers/tflite/file_view.h"

namespace nngauge::tflite {
namespace {

constexpr std::size_t kMostRank = 64;
constexpr std::size_t kMostReals = 64;

std::string tensor_place(std::size_t index, const Tensor& tensor) {
  return "tensor #" + std::to_string(index) + (tensor.name.empty() ? "" : " " + in_quotes(tensor.name));
}

// -1 in shape_signature (or in shape itself) is an open extent; `shape` then holds a placeholder.
Result<Shape> read_shape(const fb::Tensor& source) {
  const auto* shape = source.shape();
  const auto* signature = source.shape_signature();
  if (length(shape) > kMostRank || length(signature) > kMostRank) {
    return make_error(ErrorCode::kInvalidGraph,
                      "has " + std::to_string(std::max(length(shape), length(signature))) + " axes");
  }
  const auto* chosen =
      length(signature) > 0 && (length(shape) == 0 || length(shape) == length(signature)) ? signature : shape;
  if (length(chosen) == 0) return Shape::scalar();
  std::vector<Dim> dims;
  for (const std::int32_t extent : *chosen) {
    if (extent < -1) return make_error(ErrorCode::kInvalidGraph, "an extent is " + std::to_string(extent));
    dims.push_back(extent < 0 ? Dim::unknown() : Dim(extent));
  }
  return Shape(std::move(dims));
}

Quantization read_quantization(const fb::QuantizationParameters* source) {
  Quantization out;
  if (source == nullptr) return out;
  if (const auto* blocks = source->details_as_BlockwiseQuantization()) {
    return {QuantScheme::kBlockwise, source->quantized_dimension(), blocks->block_size()};
  }
  if (const auto* blocks = source->details_as_MultiAxisQuantization()) {
    return {QuantScheme::kBlockwise, source->quantized_dimension(), blocks->block_size()};
  }
  if (length(source->scale()) == 1) out.scheme = QuantScheme::kPerTensor;
  if (length(source->scale()) > 1) out = {QuantScheme::kPerChannel, source->quantized_dimension(), 0};
  return out;
}

template <class T>
T load(const std::uint8_t* place) {
  T out;
  std::memcpy(&out, place, sizeof out);
  return out;
}

double half_to_double(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const int fraction = bits & 0x3FF;
  double magnitude = 0;
  if (exponent == 0) magnitude = std::ldexp(fraction, -24);
  else if (exponent == 31) magnitude = fraction ? std::nan("") : HUGE_VAL;
  else magnitude = std::ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

template <class T>
Value load_ints(const std::uint8_t* data, std::size_t count) {
  std::vector<Dim> out;
  for (std::size_t i = 0; i < count; ++i) out.emplace_back(static_cast<std::int64_t>(load<T>(data + i * sizeof(T))));
  return Value::of_ints(std::move(out));
}

template <class T>
Value load_reals(const std::uint8_t* data, std::size_t count) {
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) {
    const T stored = load<T>(data + i * sizeof(T));
    if constexpr (std::is_same_v<T, std::uint16_t>) out.push_back(half_to_double(stored));
    else out.push_back(static_cast<double>(stored));
  }
  return Value::of_reals(std::move(out));
}

// The elements of a small dense constant of a plain type.
std::optional<Value> decode(DType dtype, const std::uint8_t* data, std::size_t count) {
  if (count > (is_float(dtype) ? kMostReals : kMaxValueElements)) return std::nullopt;
  switch (dtype) {
    case DType::kBool:
    case DType::kUInt8:
      return load_ints<std::uint8_t>(data, count);
    case DType::kInt8:
      return load_ints<std::int8_t>(data, count);
    case DType::kInt16:
      return load_ints<std::int16_t>(data, count);
    case DType::kUInt16:
      return load_ints<std::uint16_t>(data, count);
    case DType::kInt32:
      return load_ints<std::int32_t>(data, count);
    case DType::kUInt32:
      return load_ints<std::uint32_t>(data, count);
    case DType::kInt64:
      return load_ints<std::int64_t>(data, count);
    case DType::kFloat32:
      return load_reals<float>(data, count);
    case DType::kFloat64:
      return load_reals<double>(data, count);
    case DType::kFloat16:
      return load_reals<std::uint16_t>(data, count);
    default:
      return std::nullopt;
  }
}

// Compares the stored bytes with what shape and type need; sparse tensors store fewer.
Status check_size(FileView& file, const fb::Tensor& source, Tensor& tensor, std::size_t index) {
  const int bits = dtype_bits(tensor.dtype);
  if (bits == 0) return ok();
  if (source.sparsity() != nullptr) {
    tensor.stored_elements = tensor.data.size_bytes * 8 / static_cast<std::uint64_t>(bits);
    return ok();
  }
  const std::optional<Count> elements = tensor.declared.elements();
  if (!elements) return ok();
  const Count needed = packed_bytes(tensor.dtype, *elements);
  const std::string text =
      shape_text(tensor.declared, file.model->symbols) + " of " + std::string(dtype_name(tensor.dtype));
  if (needed.overflowed()) return make_error(ErrorCode::kOverflow, text + " has more bytes than 64 bits count");
  if (needed.value() > tensor.data.size_bytes) {
    return make_error(ErrorCode::kDamaged, text + " needs " + std::to_string(needed.value()) +
                                               " bytes, its buffer holds " + std::to_string(tensor.data.size_bytes));
  }
  if (needed.value() < tensor.data.size_bytes) {
    file.model->diagnostics.warn("buffer-too-long", tensor_place(index, tensor),
                                 text + " needs " + std::to_string(needed.value()) + " bytes, its buffer holds " +
                                     std::to_string(tensor.data.size_bytes));
  }
  return ok();
}

Status read_data(FileView& file, const fb::Tensor& source, Tensor& tensor, std::size_t index) {
  if (source.external_buffer() != 0) {
    const auto found = file.external.find(source.external_buffer());
    if (found == file.external.end()) {
      return make_error(ErrorCode::kInvalidGraph,
                        "names external buffer " + std::to_string(source.external_buffer()) + ", which is not listed");
    }
    tensor.is_constant = true;
    tensor.data = found->second;
    return ok();
  }
  NNGAUGE_TRY(tensor.data, locate_buffer(file, source.buffer()));
  if (tensor.data.size_bytes == 0) {
    tensor.data = {};
    return ok();
  }
  tensor.is_constant = !source.is_variable();
  if (!tensor.is_constant) {
    tensor.data = {};
    return ok();
  }
  NNGAUGE_CHECK(check_size(file, source, tensor, index));
  const std::optional<Count> elements = tensor.declared.elements();
  if (elements && tensor.stored_elements == 0 && elements->value() <= kMaxValueElements) {
    NNGAUGE_CHECK(file.budget.spend(elements->value()));
    // Constants past the tables of a large file lie anywhere.
    if (file.mapping) file.mapping->bring_in(file.bytes.subspan(tensor.data.offset, tensor.data.size_bytes));
    tensor.value = decode(tensor.dtype, file.bytes.data() + tensor.data.offset, elements->value());
  }
  return ok();
}

Status read_tensor(FileView& file, const fb::Tensor& source, std::size_t index, Tensor& tensor) {
  NNGAUGE_CHECK(file.budget.spend(length(source.name()) + length(source.shape()) + length(source.shape_signature())));
  tensor.name = text_of(source.name());
  tensor.dtype = dtype_of(source.type());
  NNGAUGE_TRY(tensor.declared, read_shape(source));
  const std::optional<Count> elements = tensor.declared.elements();
  if (elements && elements->overflowed()) {
    return make_error(ErrorCode::kOverflow,
                      shape_text(tensor.declared, file.model->symbols) + " has more elements than 64 bits count");
  }
  tensor.shape = tensor.declared;
  tensor.is_variable = source.is_variable();
  tensor.quantization = read_quantization(source.quantization());
  return read_data(file, source, tensor, index);
}

// Tensors without axes that are none of the constants. Newer files say has_rank. In others a scalar and a tensor of
// unknown rank look the same: of what operators compute the rules know better than such a file; inputs are scalars, as
// the runtime takes them.
void open_ranks(const fb::SubGraph& source, Graph& graph) {
  bool stated = false;
  std::vector<bool> is_input(graph.tensors.size(), false);
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    stated = stated || source.tensors()->Get(static_cast<flatbuffers::uoffset_t>(i))->has_rank();
  }
  for (std::size_t i = 0; i < length(source.inputs()); ++i) {
    const std::int32_t id = source.inputs()->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (id >= 0 && static_cast<std::size_t>(id) < is_input.size()) is_input[static_cast<std::size_t>(id)] = true;
  }
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    Tensor& tensor = graph.tensors[i];
    const bool has_rank = source.tensors()->Get(static_cast<flatbuffers::uoffset_t>(i))->has_rank();
    if (tensor.is_constant || has_rank || tensor.declared.rank() > 0 || (is_input[i] && !stated)) continue;
    tensor.declared = tensor.shape = Shape::unknown_rank();
  }
}

}  // namespace

Status check_range(const FileView& file, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t total = file.bytes.size();
  if (offset <= total && size <= total - offset) return ok();
  return make_error(ErrorCode::kDamaged, std::to_string(size) + " bytes at byte " + std::to_string(offset) +
                                             " run past the end of the file at " + std::to_string(total) + " bytes");
}

Result<DataRef> locate_buffer(const FileView& file, std::uint32_t index) {
  const auto* buffers = file.source->buffers();
  if (index == 0) return DataRef{};
  if (index >= length(buffers)) {
    return make_error(ErrorCode::kDamaged,
                      "names buffer " + std::to_string(index) + " of " + std::to_string(length(buffers)));
  }
  const fb::Buffer& buffer = *buffers->Get(index);
  // Offsets 0 and 1 are placeholders of the writer.
  if (buffer.offset() > 1) {
    NNGAUGE_CHECK(check_range(file, buffer.offset(), buffer.size()));
    return DataRef{0, buffer.offset(), buffer.size()};
  }
  if (length(buffer.data()) == 0) return DataRef{};
  return DataRef{0, file.offset_of(buffer.data()->data()), buffer.data()->size()};
}

Status read_tensors(FileView& file, const fb::SubGraph& source, Graph& graph) {
  graph.tensors.reserve(length(source.tensors()));
  for (std::size_t i = 0; i < length(source.tensors()); ++i) {
    Tensor tensor;
    Status status = read_tensor(file, *source.tensors()->Get(static_cast<flatbuffers::uoffset_t>(i)), i, tensor);
    if (!status) return status.error().at(tensor_place(i, tensor));
    graph.tensors.push_back(std::move(tensor));
  }
  open_ranks(source, graph);
  return ok();
}

}  // namespace nngauge::tflite
