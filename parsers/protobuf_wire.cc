// SPDX-License-Identifier: Apache-2.0
#include "parsers/protobuf_wire.h"

#include <fmt/format.h>

#include <cstring>

namespace nngauge {
namespace {

constexpr std::uint64_t kMaxTag = 0xffffffffU;

std::uint64_t little_endian(const std::uint8_t* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

}  // namespace

bool WireReader::fail(const char* what, std::uint64_t at) {
  what_ = what;
  failed_at_ = at;
  return false;
}

bool WireReader::read_varint(std::uint64_t& value) {
  value = 0;
  const std::uint64_t start = at_;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at_ >= end_) return fail("a number runs past the end of its message", start);
    const std::uint8_t byte = file_[at_++];
    value |= std::uint64_t{byte & 0x7fU} << (shift < 64 ? shift : 63);
    if ((byte & 0x80U) == 0) return true;
  }
  return fail("a number takes more than 10 bytes", start);
}

bool WireReader::next(WireField& field) {
  if (what_ != nullptr || at_ >= end_) return false;
  field.offset = at_;
  std::uint64_t tag = 0;
  if (!read_varint(tag)) return false;
  field.number = static_cast<std::uint32_t>(tag >> 3U);
  if (tag > kMaxTag || field.number == 0) return fail("a field has no valid number", field.offset);
  switch (tag & 7U) {
    case 0:
      field.type = WireType::kVarint;
      field.payload = at_;
      if (!read_varint(field.value)) return false;
      field.size = at_ - field.payload;
      return true;
    case 2:
      field.type = WireType::kBytes;
      if (!read_varint(field.size)) return false;
      break;
    case 1:
      field.type = WireType::kFixed64;
      field.size = 8;
      break;
    case 5:
      field.type = WireType::kFixed32;
      field.size = 4;
      break;
    default:
      return fail("a field has a wire type that is not in use", field.offset);
  }
  field.payload = at_;
  if (field.size > end_ - at_) {
    const bool cut = end_ == file_.size();
    return fail(cut ? "a field runs past the end of the file, which is cut short or damaged"
                    : "a field runs past the end of its message",
                field.offset);
  }
  at_ += field.size;
  if (field.type != WireType::kBytes) {
    field.value = little_endian(file_.data() + field.payload, static_cast<std::size_t>(field.size));
  }
  return true;
}

Status WireReader::status() const {
  if (what_ == nullptr) return ok();
  return make_error(ErrorCode::kDamaged, what_).at(byte_place(failed_at_));
}

std::string byte_place(std::uint64_t offset) { return fmt::format("byte 0x{:x}", offset); }

}  // namespace nngauge
