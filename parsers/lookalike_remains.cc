// SPDX-License-Identifier: Apache-2.0
// What no structure from the file's first byte tells: a model that lies further behind, numbers without a header.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "parsers/lookalike.h"

namespace nngauge {
namespace {

// major 0, minor 1 or 2, revision, images seen (u32, from 0.2 on u64), then floats.
bool is_darknet(Bytes file) {
  if (file.size() < 1024 || file.size() % 4 != 0) return false;
  return number_at<std::uint32_t>(file, 0) == 0 &&
         (number_at<std::uint32_t>(file, 4) == 1 || number_at<std::uint32_t>(file, 4) == 2) &&
         number_at<std::uint32_t>(file, 8) <= 9;
}

// Finite and of a size that weights have.
bool is_weight(float value) {
  const float size = std::fabs(value);
  return size == 0 || (size > 1e-12F && size < 1e6F);
}

// Nearly all of some thousand 32-bit words from byte `begin` on are numbers as weights are; of random words a quarter
// is.
bool holds_weights(Bytes file, std::size_t begin) {
  constexpr std::size_t kWords = 4096, kLeastWords = 256;
  if (file.size() % 4 != 0 || file.size() < begin + kLeastWords * 4) return false;
  const std::size_t words = (file.size() - begin) / 4, step = std::max<std::size_t>(1, words / kWords);
  std::size_t seen = 0, fit = 0, zero = 0;
  for (std::size_t i = 0; i < words; i += step) {
    const float value = number_at<float>(file, begin + i * 4);
    ++seen;
    fit += is_weight(value) ? 1U : 0U;
    zero += value == 0 ? 1U : 0U;
  }
  return fit * 100 >= seen * 99 && zero * 2 < seen;
}

// The first tensor of a .pdiparams: version 0, no levels of detail, version 0 again, and a message with element type
// and extents.
bool is_paddle_parameters(Bytes file) {
  constexpr std::size_t kHeader = 20, kLongestMessage = 256;
  if (file.size() < kHeader + 2) return false;
  if (number_at<std::uint32_t>(file, 0) != 0 || number_at<std::uint64_t>(file, 4) != 0) return false;
  if (number_at<std::uint32_t>(file, 12) != 0) return false;
  const std::uint32_t message = number_at<std::uint32_t>(file, 16);
  if (message < 2 || message > kLongestMessage || message > file.size() - kHeader) return false;
  const std::uint8_t type = 0x08, dims = 0x10;
  return file[kHeader] == type && file[kHeader + 1] <= 30 && (message == 2 || file[kHeader + 2] == dims);
}

// A TFLite file that begins behind the file's first byte, at a byte that its tables allow.
std::optional<std::size_t> embedded_tflite(Bytes file) {
  constexpr std::size_t kFarthest = std::size_t{1} << 20;
  const std::string_view text = as_text(file).substr(0, kFarthest);
  for (std::size_t at = text.find("TFL3", 8); at != std::string_view::npos; at = text.find("TFL3", at + 1)) {
    const std::size_t begin = at - 4;
    const std::uint32_t root = number_at<std::uint32_t>(file, begin);
    if (begin % 4 == 0 && root >= 8 && root % 4 == 0 && root < file.size() - begin) return begin;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> describe_remains(Bytes file) {
  if (const auto at = embedded_tflite(file)) {
    return make_error(
        ErrorCode::kUnsupportedFormat,
        "binary data with what looks like a TensorFlow Lite model at byte " + with_thousands(*at) + "; cut it out");
  }
  if (is_paddle_parameters(file))
    return make_error(ErrorCode::kWeightsOnly,
                      "the parameters of a Paddle program; give the .pdmodel or .json beside it");
  constexpr std::size_t kDarknetHeader = 20;
  if (is_darknet(file) && holds_weights(file, kDarknetHeader))
    return make_error(ErrorCode::kWeightsOnly, "Darknet weights; the graph is in the .cfg");
  if (holds_weights(file, 0)) {
    return make_error(ErrorCode::kWeightsOnly, "what looks like " + with_thousands(file.size() / 4) +
                                                   " 32-bit floating point numbers without a header");
  }
  return std::nullopt;
}

}  // namespace nngauge
