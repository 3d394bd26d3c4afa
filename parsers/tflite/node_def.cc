// SPDX-License-Identifier: Apache-2.0
#include "parsers/tflite/node_def.h"

#include "parsers/protobuf_wire.h"

namespace nngauge::tflite {
namespace {

constexpr std::size_t kMostIntegers = 1024;

// The last field `number` of a message in [begin, end).
std::optional<WireField> last_field(Bytes bytes, std::uint64_t begin, std::uint64_t end, std::uint32_t number) {
  std::optional<WireField> out;
  WireReader reader(bytes, begin, end);
  WireField field;
  while (reader.next(field)) {
    if (field.number == number) out = field;
  }
  return out;
}

std::string_view text_at(Bytes bytes, const WireField& field) {
  return as_text(bytes.subspan(static_cast<std::size_t>(field.payload), static_cast<std::size_t>(field.size)));
}

// A packed run of varints.
void append_packed(Bytes bytes, const WireField& field, Ints& out) {
  std::uint64_t value = 0;
  int shift = 0;
  for (std::uint64_t at = field.payload; at < field.end() && out.size() < kMostIntegers; ++at) {
    const std::uint8_t byte = bytes[static_cast<std::size_t>(at)];
    if (shift < 64) value |= std::uint64_t{byte & 0x7FU} << shift;
    shift += 7;
    if (byte & 0x80) continue;
    out.push_back(static_cast<std::int64_t>(value));
    value = 0;
    shift = 0;
  }
}

}  // namespace

std::optional<NodeDef::Range> NodeDef::find(std::string_view key) const {
  constexpr std::uint32_t kAttr = 5, kKey = 1, kValue = 2;
  WireReader reader(bytes_, 0, bytes_.size());
  WireField entry;
  while (reader.next(entry)) {
    if (entry.number != kAttr || entry.type != WireType::kBytes) continue;
    const auto name = last_field(bytes_, entry.payload, entry.end(), kKey);
    if (!name || name->type != WireType::kBytes || text_at(bytes_, *name) != key) continue;
    const auto value = last_field(bytes_, entry.payload, entry.end(), kValue);
    if (value && value->type == WireType::kBytes) return Range{value->payload, value->end()};
  }
  return std::nullopt;
}

std::int64_t NodeDef::integer(std::string_view key, std::int64_t fallback) const {
  const auto range = find(key);
  if (!range) return fallback;
  const auto field = last_field(bytes_, range->begin, range->end, 3);
  return field && field->type == WireType::kVarint ? static_cast<std::int64_t>(field->value) : fallback;
}

bool NodeDef::flag(std::string_view key) const {
  const auto range = find(key);
  if (!range) return false;
  const auto field = last_field(bytes_, range->begin, range->end, 5);
  return field && field->type == WireType::kVarint && field->value != 0;
}

std::string NodeDef::text(std::string_view key) const {
  const auto range = find(key);
  if (!range) return {};
  const auto field = last_field(bytes_, range->begin, range->end, 2);
  return field && field->type == WireType::kBytes ? std::string(text_at(bytes_, *field)) : std::string();
}

Ints NodeDef::integers(std::string_view key) const {
  Ints out;
  const auto range = find(key);
  const auto list = range ? last_field(bytes_, range->begin, range->end, 1) : std::nullopt;
  if (!list || list->type != WireType::kBytes) return out;
  WireReader reader(bytes_, list->payload, list->end());
  WireField field;
  while (reader.next(field) && out.size() < kMostIntegers) {
    if (field.number != 3) continue;
    if (field.type == WireType::kVarint) out.push_back(static_cast<std::int64_t>(field.value));
    if (field.type == WireType::kBytes) append_packed(bytes_, field, out);
  }
  return out;
}

}  // namespace nngauge::tflite
