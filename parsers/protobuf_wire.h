// SPDX-License-Identifier: Apache-2.0
// Owns: walking the fields of a serialised Protocol Buffers message in place, without building it.
// Wire format: https://protobuf.dev/programming-guides/encoding. Offsets are counted from the start of the file.
// Not here: what the fields mean; taking bulk fields out of a message (protobuf_reduce.h).
#pragma once

#include <cstdint>

#include "base/file.h"
#include "base/result.h"

namespace nngauge {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t offset = 0;   // of the tag
  std::uint64_t payload = 0;  // of the value: the content of kBytes, else the number itself
  std::uint64_t size = 0;     // bytes of the payload
  std::uint64_t value = 0;    // numbers only

  [[nodiscard]] std::uint64_t end() const { return payload + size; }
};

// Reads the fields of the message that lies at [begin, end) of `file`, one after the other.
class WireReader {
 public:
  WireReader(Bytes file, std::uint64_t begin, std::uint64_t end) : file_(file), at_(begin), end_(end) {}

  // The next field; false at the end of the message or where it is broken: see status().
  bool next(WireField& field);
  // Errors: kDamaged with the byte where the structure breaks.
  [[nodiscard]] Status status() const;
  [[nodiscard]] bool failed() const { return what_ != nullptr; }

 private:
  bool read_varint(std::uint64_t& value);
  bool fail(const char* what, std::uint64_t at);

  Bytes file_;
  std::uint64_t at_;
  std::uint64_t end_;
  const char* what_ = nullptr;
  std::uint64_t failed_at_ = 0;
};

// "byte 0x1a40".
std::string byte_place(std::uint64_t offset);

}  // namespace nngauge
