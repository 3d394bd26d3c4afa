// SPDX-License-Identifier: Apache-2.0
#include "parsers/lookalike.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/text.h"
#include "parsers/extensions.h"

namespace nngauge {
namespace {

// Beyond this a sample is random or packed: real models stay below 7.7 (weights are far from uniform).
constexpr double kEncryptedEntropy = 7.99;
constexpr std::size_t kLeastSample = 4096;  // fewer bytes say nothing

// TFLite's identifier under one and the same XOR at bytes 4 to 7, as some apps hide their models.
std::optional<Error> describe_obfuscated(Bytes bytes) {
  constexpr std::string_view kIdentifier = "TFL3";
  if (bytes.size() < 64) return std::nullopt;
  const auto key = static_cast<std::uint8_t>(bytes[4] ^ static_cast<std::uint8_t>(kIdentifier[0]));
  for (std::size_t i = 0; i < kIdentifier.size(); ++i) {
    if ((bytes[4 + i] ^ key) != static_cast<std::uint8_t>(kIdentifier[i])) return std::nullopt;
  }
  if (key == 0) return std::nullopt;
  // The offset of the root table must make sense under the same key.
  std::uint32_t root = 0;
  for (std::size_t i = 0; i < 4; ++i) root |= static_cast<std::uint32_t>(bytes[i] ^ key) << (8 * i);
  if (root >= bytes.size()) return std::nullopt;
  return make_error(ErrorCode::kEncrypted,
                    "a TensorFlow Lite model whose bytes are all XORed with " + std::to_string(key));
}

std::string_view file_name(std::string_view path) { return path.substr(path.find_last_of("/\\!") + 1); }

}  // namespace

double sampled_entropy(Bytes bytes) {
  constexpr std::size_t kPieces = 16, kPiece = 64 << 10;
  std::array<std::uint64_t, 256> counts{};
  const auto count = [&](Bytes part) {
    for (const std::uint8_t byte : part) ++counts[byte];
  };
  if (bytes.size() <= kPieces * kPiece) {
    count(bytes);
  } else {
    for (std::size_t i = 0; i < kPieces; ++i) count(bytes.subspan((bytes.size() - kPiece) / (kPieces - 1) * i, kPiece));
  }
  double all = 0, sum = 0;
  int used = 0;
  for (const std::uint64_t n : counts) all += static_cast<double>(n);
  for (const std::uint64_t n : counts) {
    if (n == 0) continue;
    ++used;
    const double share = static_cast<double>(n) / all;
    sum -= share * std::log2(share);
  }
  return all == 0 ? 0 : std::min(8.0, sum + (used - 1) / (2 * all * std::log(2.0)));
}

Error describe_stranger(const ModelSource& source) {
  const Bytes bytes = source.bytes;
  const auto no_model = [](std::string what) { return make_error(ErrorCode::kNotAModel, std::move(what)); };
  if (bytes.empty()) return no_model("the file is empty");
  if (auto found = describe_signature(source)) return *found;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::all_of(bytes.begin(), bytes.end(), is_zero)) return no_model("the file holds nothing but zeros");
  if (auto found = describe_text(bytes)) return *found;
  if (auto found = describe_flatbuffer(bytes)) return *found;
  if (auto found = describe_protobuf(bytes)) return *found;
  if (auto found = describe_obfuscated(bytes)) return *found;
  if (bytes.size() >= kLeastSample) {
    if (const double entropy = sampled_entropy(bytes); entropy >= kEncryptedEntropy) {
      return make_error(ErrorCode::kEncrypted, "no structure and " + fixed(entropy, 3) +
                                                   " bits of entropy a byte: encrypted, or packed in an unknown way");
    }
  }
  if (auto found = describe_remains(bytes)) return *found;
  std::string what = "binary data with the structure of no known format";
  const ExtensionInfo* row = find_extension(file_name(source.path));
  if (row != nullptr && row->specific) what += ", though its name says " + std::string(row->frameworks);
  return no_model(std::move(what));
}

}  // namespace nngauge
