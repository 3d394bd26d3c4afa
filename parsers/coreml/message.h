// SPDX-License-Identifier: Apache-2.0
// Owns: looking into serialised Protocol Buffers messages in place, field by field. Core ML knows more than 150 sorts
// of messages, most of them two or three numbers: they are read by field number where they lie, nothing is built or
// copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/attributes.h"
#include "parsers/protobuf_wire.h"

namespace nngauge::coreml {

// An extent beyond it is taken for damage.
inline constexpr std::int64_t kMostExtent = std::int64_t{1} << 40;

// The file that views look into, and the first place where one of them found it broken.
struct WireFile {
  Bytes bytes;
  Status damage = ok();
};

// A message, or the absence of one: then every field has its default. Of a field that stands more than once where one
// is expected the last counts.
class Message {
 public:
  Message() = default;
  // Walks the message once; where it is broken, `file.damage` says so.
  Message(WireFile& file, std::uint64_t begin, std::uint64_t end);

  [[nodiscard]] bool present() const { return file_ != nullptr; }
  [[nodiscard]] std::uint64_t offset() const { return begin_; }
  [[nodiscard]] std::uint64_t size() const { return end_ - begin_; }
  [[nodiscard]] WireFile& file() const { return *file_; }
  [[nodiscard]] WireReader fields() const;

  [[nodiscard]] std::optional<WireField> find(std::uint32_t number) const;
  [[nodiscard]] bool has(std::uint32_t number) const { return find(number).has_value(); }
  [[nodiscard]] std::int64_t integer(std::uint32_t number, std::int64_t fallback = 0) const;
  [[nodiscard]] bool flag(std::uint32_t number) const { return integer(number) != 0; }
  [[nodiscard]] double real(std::uint32_t number, double fallback = 0) const;  // float or double
  [[nodiscard]] std::string_view text(std::uint32_t number) const;
  [[nodiscard]] Message child(std::uint32_t number) const;
  [[nodiscard]] Message of(const WireField& field) const { return {*file_, field.payload, field.end()}; }
  // Integers of a repeated field, packed or not, at most `most`.
  [[nodiscard]] Ints ints(std::uint32_t number, std::size_t most = 4096) const;

  // Calls `visit` with each occurrence of a field that holds bytes.
  template <class Visit>
  void each(std::uint32_t number, Visit&& visit) const {
    if (!present()) return;
    WireReader reader = fields();
    for (WireField field; reader.next(field);) {
      if (field.number == number && field.type == WireType::kBytes) visit(field);
    }
  }

 private:
  WireFile* file_ = nullptr;
  std::uint64_t begin_ = 0, end_ = 0;
};

// Text of the file for names and messages: broken UTF-8 is written out.
std::string readable(std::string_view text);

}  // namespace nngauge::coreml
