// SPDX-License-Identifier: Apache-2.0
#include "parsers/tnn/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "parsers/tnn/structure.h"

namespace nngauge::tnn {
namespace {

constexpr std::uint32_t kMaxText = 512;

class Cursor {
 public:
  explicit Cursor(Bytes bytes, std::uint64_t at = 0) : bytes_(bytes), at_(at) {}
  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] std::uint64_t left() const { return bytes_.size() - at_; }
  void skip(std::uint64_t count) { at_ += std::min(count, left()); }
  std::optional<std::uint32_t> number() {
    if (left() < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (std::uint64_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes_[at_ + i]} << (8 * i);
    at_ += 4;
    return value;
  }
  // A length, then as many bytes of text.
  std::optional<std::string> text(std::uint32_t most = kMaxText) {
    const auto length = number();
    if (!length || *length > most || *length > left()) return std::nullopt;
    std::string out(as_text(bytes_.subspan(at_, *length)));
    at_ += *length;
    if (!is_valid_utf8(out) ||
        std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      return std::nullopt;
    return out;
  }

 private:
  Bytes bytes_;
  std::uint64_t at_;
};

bool is_mark(std::uint32_t value) { return value == kMagic || value == kTypedMagic; }

DType dtype_of(std::uint32_t code) {
  constexpr DType kTypes[] = {DType::kFloat32, DType::kFloat16, DType::kInt8, DType::kInt32, DType::kBFloat16};
  return code < std::size(kTypes) ? kTypes[code] : DType::kUnknown;
}

// The name of the layer that begins at the cursor, which then stands behind it; the cursor stays where none begins.
std::optional<std::string> take_layer(Cursor& cursor) {
  Cursor trial = cursor;
  const auto kind = trial.number();
  if (!kind || *kind > 100'000) return std::nullopt;
  const auto type = trial.text(64);
  if (!type || type->empty() ||
      !std::all_of(type->begin(), type->end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; }))
    return std::nullopt;
  const auto name = trial.text();
  if (!name) return std::nullopt;
  cursor = trial;
  return name;
}

// The block behind a mark.
Result<Raw> take_raw(Cursor& cursor, bool typed, std::int32_t file) {
  const std::uint64_t begin = cursor.at();
  const auto code = cursor.number();
  const auto size = cursor.number();
  const auto damaged = [&](std::string message) {
    return make_error(ErrorCode::kDamaged, std::move(message)).at(fmt::format("byte {:#x}", begin));
  };
  if (!code || !size) return damaged("a block of weights ends before its length");
  Raw out;
  out.dtype = dtype_of(*code);
  if (out.dtype == DType::kUnknown) return damaged(fmt::format("a block of weights has the unknown type {}", *code));
  if (typed) {
    const auto rank = cursor.number();
    if (!rank || *rank > 16 || std::uint64_t{*rank} * 4 > cursor.left())
      return damaged("a block of weights has no shape");
    cursor.skip(std::uint64_t{*rank} * 4);
  }
  if (*size > cursor.left())
    return damaged(fmt::format("a block of weights takes {} bytes, {} are left", *size, cursor.left()));
  out.data = {file, cursor.at(), *size};
  cursor.skip(*size);
  return out;
}

}  // namespace

std::uint64_t Raw::elements() const { return data.size_bytes * 8 / static_cast<std::uint64_t>(dtype_bits(dtype)); }

bool is_weights_file(Bytes bytes) {
  Cursor cursor(bytes);
  const auto mark = cursor.number();
  if (!mark || !is_mark(*mark) || !cursor.number()) return false;
  return cursor.left() == 0 || take_layer(cursor).has_value();
}

Result<Weights> locate_weights(Bytes bytes, std::int32_t file) {
  Weights out;
  Cursor cursor(bytes);
  const auto mark = cursor.number();
  const auto count = cursor.number();
  if (!mark || !is_mark(*mark) || !count) return make_error(ErrorCode::kDamaged, "no mark of TNN weights at the start");
  std::vector<Raw>* current = nullptr;
  std::string name;
  std::uint32_t layers = 0;
  while (cursor.left() >= 4) {
    if (auto found = take_layer(cursor)) {
      name = *std::move(found);
      current = &out[name];
      ++layers;
      continue;
    }
    Cursor trial = cursor;
    if (const auto text = trial.text(static_cast<std::uint32_t>(name.size())); text && *text == name && !name.empty()) {
      cursor = trial;  // some layers repeat their name
      continue;
    }
    const std::uint32_t word = *cursor.number();
    if (!is_mark(word)) continue;  // a flag
    NNGAUGE_TRY(const Raw raw, take_raw(cursor, word == kTypedMagic, file));
    if (current) current->push_back(raw);
  }
  const std::uint32_t stated = *count & 0x1fffffffU;
  if (layers != stated)
    return make_error(ErrorCode::kDamaged,
                      fmt::format("the file says {} layers with weights and holds {}", stated, layers));
  return out;
}

}  // namespace nngauge::tnn
