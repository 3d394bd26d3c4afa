// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/weights.h"

#include <fmt/format.h>

#include <cmath>

#include "parsers/elements.h"

namespace nngauge::coreml {
namespace {

// WeightParams: elements in one of four forms, and how bits stand for numbers.
enum Weights : std::uint32_t { kFloats = 1, kHalves = 2, kRaw = 30, kInt8Raw = 31, kQuantization = 40 };
enum Quantization : std::uint32_t { kBits = 1, kLinear = 101, kTable = 102 };
enum Linear : std::uint32_t { kScale = 1 };

constexpr std::size_t kMostKept = 64;

// All occurrences of a field that holds elements: packed numbers, bytes, or numbers one by one.
struct Stored {
  std::uint64_t offset = 0, size_bytes = 0, occurrences = 0;
};

Stored locate(const Message& weights, std::uint32_t number, WireType single) {
  Stored out;
  WireReader reader = weights.fields();
  for (WireField field; reader.next(field);) {
    if (field.number != number || (field.type != WireType::kBytes && field.type != single)) continue;
    if (out.occurrences++ == 0) out.offset = field.payload;
    out.size_bytes += field.size;
  }
  return out;
}

DType type_of_bits(std::int64_t bits) { return bits <= 2 ? DType::kUInt2 : bits <= 4 ? DType::kUInt4 : DType::kUInt8; }

Error wrong_size(std::string_view what, const Shape& shape, std::uint64_t held, const Count& needed,
                 std::string_view unit) {
  return make_error(ErrorCode::kDamaged, fmt::format("{} hold {} {}, {} takes {}", what, held, unit,
                                                     shape_text(shape, SymbolTable()), needed.value()));
}

// Numbers of `bits` each, one after the other without gaps.
Status locate_packed(const Message& weights, std::uint32_t number, const Count& elements, std::string_view what,
                     Tensor& tensor) {
  const Message quantization = weights.child(kQuantization);
  const std::int64_t bits = number == kInt8Raw ? 8 : quantization.integer(kBits);
  if (bits < 1 || bits > 8)
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("{} are quantised to {} bits", what, bits));
  const Stored stored = locate(weights, number, WireType::kBytes);
  const Count all = elements * static_cast<std::uint64_t>(bits) + Count(7);
  if (all.overflowed() || stored.size_bytes != all.value() / 8)
    return wrong_size(what, tensor.declared, stored.size_bytes, all / Count(8), "bytes");
  tensor.dtype = number == kInt8Raw ? DType::kInt8 : type_of_bits(bits);
  tensor.data = {0, stored.offset, stored.size_bytes};
  const std::uint64_t scales = locate(quantization.child(kLinear), kScale, WireType::kFixed32).size_bytes / 4;
  const bool per_channel = !quantization.has(kTable) && scales > 1;
  tensor.quantization.scheme = per_channel ? QuantScheme::kPerChannel : QuantScheme::kPerTensor;
  return ok();
}

}  // namespace

Result<Tensor> read_weights(const Message& weights, const Shape& shape, std::string_view what) {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.dtype = DType::kFloat32;
  tensor.declared = tensor.shape = shape;
  for (const Dim dim : shape.dims()) {
    if (!dim.known() || dim.value() < 0)
      return make_error(ErrorCode::kInvalidAttribute,
                        fmt::format("{} have the shape {}", what, shape_text(shape, SymbolTable())));
  }
  const Count elements = *shape.elements();
  if (elements.overflowed())
    return make_error(ErrorCode::kInvalidAttribute, fmt::format("the elements of {} do not fit 64 bits", what));
  if (weights.has(kRaw) || weights.has(kInt8Raw)) {
    NNGAUGE_CHECK(locate_packed(weights, weights.has(kRaw) ? kRaw : kInt8Raw, elements, what, tensor));
    return tensor;
  }
  const bool half = weights.has(kHalves);
  const Stored stored =
      half ? locate(weights, kHalves, WireType::kBytes) : locate(weights, kFloats, WireType::kFixed32);
  const std::uint64_t element_bytes = half ? 2 : 4;
  if (half) tensor.dtype = DType::kFloat16;
  if (stored.occurrences == 0) return tensor;
  const Count bytes = elements * element_bytes;
  if (bytes.overflowed() || stored.size_bytes != bytes.value())
    return wrong_size(what, shape, stored.size_bytes / element_bytes, elements, "elements");
  tensor.data = {0, stored.offset, stored.size_bytes};
  return tensor;
}

void keep_value(const Message& weights, Tensor& tensor) {
  const auto elements = tensor.declared.elements();
  const auto size = static_cast<std::uint64_t>(dtype_bits(tensor.dtype)) / 8;
  if (tensor.data.file < 0 || !elements || elements->value() > kMostKept || !is_float(tensor.dtype)) return;
  if (tensor.data.size_bytes != size * elements->value()) return;
  // Packed numbers lie together; those that stand one by one have tags between them.
  if (locate(weights, kFloats, WireType::kFixed32).occurrences > 1) return;
  const Bytes bytes = weights.file().bytes.subspan(tensor.data.offset, tensor.data.size_bytes);
  std::optional<Value> value = decode_raw(tensor.dtype, static_cast<std::size_t>(elements->value()), bytes);
  if (!value) return;
  // All numbers of a network are floating-point; whole ones may be extents or indices.
  std::vector<Dim> ints;
  for (const double real : value->reals) {
    if (!(std::abs(real) < 1e9) || std::floor(real) != real) {
      tensor.value = std::move(value);
      return;
    }
    ints.emplace_back(static_cast<std::int64_t>(real));
  }
  tensor.value = Value::of_ints(std::move(ints));
}

}  // namespace nngauge::coreml
