// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/message.h"

#include <bit>

#include "base/text.h"

namespace nngauge::coreml {

Message::Message(WireFile& file, std::uint64_t begin, std::uint64_t end) : file_(&file), begin_(begin), end_(end) {
  if (!file.damage) return;
  WireReader reader = fields();
  for (WireField field; reader.next(field);) {
  }
  if (reader.failed()) file.damage = reader.status();
}

WireReader Message::fields() const { return present() ? WireReader(file_->bytes, begin_, end_) : WireReader({}, 0, 0); }

std::optional<WireField> Message::find(std::uint32_t number) const {
  std::optional<WireField> out;
  WireReader reader = fields();
  for (WireField field; reader.next(field);) {
    if (field.number == number) out = field;
  }
  return out;
}

std::int64_t Message::integer(std::uint32_t number, std::int64_t fallback) const {
  const auto field = find(number);
  return field && field->type == WireType::kVarint ? static_cast<std::int64_t>(field->value) : fallback;
}

double Message::real(std::uint32_t number, double fallback) const {
  const auto field = find(number);
  if (field && field->type == WireType::kFixed32)
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(field->value)));
  if (field && field->type == WireType::kFixed64) return std::bit_cast<double>(field->value);
  return fallback;
}

std::string_view Message::text(std::uint32_t number) const {
  const auto field = find(number);
  if (!field || field->type != WireType::kBytes) return {};
  return as_text(file_->bytes.subspan(field->payload, field->size));
}

Message Message::child(std::uint32_t number) const {
  const auto field = find(number);
  return field && field->type == WireType::kBytes ? of(*field) : Message();
}

Ints Message::ints(std::uint32_t number, std::size_t most) const {
  Ints out;
  WireReader reader = fields();
  for (WireField field; reader.next(field);) {
    if (field.number != number) continue;
    if (field.type == WireType::kVarint && out.size() < most) out.push_back(static_cast<std::int64_t>(field.value));
    if (field.type != WireType::kBytes) continue;
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const std::uint8_t byte : file_->bytes.subspan(field.payload, field.size)) {
      if (out.size() >= most) break;
      if (shift < 64) value |= std::uint64_t{byte & 0x7FU} << shift;
      shift += 7;
      if ((byte & 0x80U) != 0) continue;
      out.push_back(static_cast<std::int64_t>(value));
      value = 0, shift = 0;
    }
  }
  return out;
}

std::string readable(std::string_view text) { return is_valid_utf8(text) ? std::string(text) : printable(text); }

}  // namespace nngauge::coreml
