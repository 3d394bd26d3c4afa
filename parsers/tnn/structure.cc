// SPDX-License-Identifier: Apache-2.0
#include "parsers/tnn/structure.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/text.h"

namespace nngauge::tnn {
namespace {

constexpr std::size_t kMaxLines = 100'000;
constexpr std::size_t kMaxWords = 1'000'000;

std::optional<std::int64_t> integer_of(std::string_view word) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// The words between the quotes of a line, without the comma at its end.
std::vector<std::string> words_of(std::string_view line) {
  line = trim(line);
  if (line.starts_with('"')) line.remove_prefix(1);
  if (line.ends_with('"')) line.remove_suffix(1);
  line = trim(line);
  if (line.ends_with(',')) line.remove_suffix(1);
  std::vector<std::string> out;
  while (!(line = trim(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    out.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return out;
}

// The lines that are not empty.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::vector<std::string>& words) {
    while (!rest_.empty()) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      words = words_of(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      ++number_;
      if (!words.empty()) return true;
    }
    return false;
  }
  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] Error damaged(std::string message) const {
    return make_error(ErrorCode::kDamaged, std::move(message)).at(fmt::format("line {}", number_));
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

DType dtype_of(std::int64_t code) {
  switch (code) {
    case 1:
      return DType::kFloat16;
    case 2:
      return DType::kInt8;
    case 3:
      return DType::kInt32;
    case 4:
      return DType::kBFloat16;
    default:
      return DType::kFloat32;
  }
}

Result<Input> parse_input(const std::vector<std::string>& words, bool typed, const Lines& lines) {
  Input out;
  out.name = words.front();
  std::size_t first = 1, last = words.size();
  if (typed) {
    const auto rank = words.size() > 1 ? integer_of(words[1]) : std::nullopt;
    if (!rank || *rank < 0 || *rank > 16 || words.size() < 2 + static_cast<std::size_t>(*rank))
      return lines.damaged(fmt::format("input {} has no rank with as many extents", in_quotes(out.name)));
    first = 2, last = 2 + static_cast<std::size_t>(*rank);
    if (last < words.size()) out.dtype = dtype_of(integer_of(words[last]).value_or(0));
  }
  for (std::size_t i = first; i < last; ++i) {
    const auto extent = integer_of(words[i]);
    if (!extent)
      return lines.damaged(fmt::format("extent {} of input {} is no number", in_quotes(words[i]), in_quotes(out.name)));
    out.dims.push_back(*extent > 0 ? Dim(*extent) : Dim::unknown());
  }
  return out;
}

// Inputs stand one after the other with colons between them.
Status parse_inputs(const std::vector<std::string>& words, bool typed, const Lines& lines, Structure& out) {
  std::vector<std::string> part;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && words[i] != ":") {
      part.push_back(words[i]);
      continue;
    }
    if (part.empty()) continue;
    NNGAUGE_TRY(Input input, parse_input(part, typed, lines));
    out.inputs.push_back(std::move(input));
    part.clear();
  }
  return ok();
}

Result<Layer> parse_layer(std::vector<std::string>& words, const Lines& lines) {
  constexpr std::string_view kPrefix = "Quantized";
  const auto count = [&](std::size_t i) {
    const auto value = i < words.size() ? integer_of(words[i]) : std::nullopt;
    return value && *value >= 0 && *value <= static_cast<std::int64_t>(words.size()) ? static_cast<std::size_t>(*value)
                                                                                     : words.size();
  };
  const std::size_t inputs = count(2), outputs = count(3);
  if (inputs + outputs + 4 > words.size()) return lines.damaged("a layer has not as many blobs as it says");
  Layer out;
  out.source_type = words[0];
  out.quantised = words[0].starts_with(kPrefix);
  out.type = out.quantised ? words[0].substr(kPrefix.size()) : words[0];
  out.name = words[1];
  const auto at = [&](std::size_t i) { return words.begin() + static_cast<std::ptrdiff_t>(i); };
  out.inputs.assign(at(4), at(4 + inputs));
  out.outputs.assign(at(4 + inputs), at(4 + inputs + outputs));
  out.parameters.assign(at(4 + inputs + outputs), words.end());
  return out;
}

}  // namespace

std::int64_t Layer::integer(std::size_t i, std::int64_t otherwise) const {
  return i < parameters.size() ? integer_of(parameters[i]).value_or(otherwise) : otherwise;
}

double Layer::real(std::size_t i, double otherwise) const {
  if (i >= parameters.size()) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(parameters[i].c_str(), &end);
  return end == parameters[i].c_str() ? otherwise : value;
}

bool has_header(std::string_view text) {
  if (!text.starts_with("\"1 ")) return false;
  const std::vector<std::string> words = words_of(text.substr(0, std::min(text.find('\n'), std::size_t{200})));
  if (words.size() < 3 || words.size() > 4 || words[2] != "1") return false;
  for (const std::string& word : words) {
    if (!integer_of(word)) return false;
  }
  return true;
}

Result<Structure> parse_structure(std::string_view text) {
  Structure out;
  Lines lines(text);
  std::vector<std::string> words;
  if (!has_header(text) || !lines.next(words))
    return make_error(ErrorCode::kNotAModel, "no first line of a TNN network");
  const std::int64_t magic = words.size() > 3 ? integer_of(words[3]).value_or(0) : 0;
  const bool typed = magic == std::int64_t{kTypedMagic};
  out.version = magic == 0 ? "1" : fmt::format("{:#x}", magic);
  if (!lines.next(words)) return lines.damaged("the file ends before its inputs");
  NNGAUGE_CHECK(parse_inputs(words, typed, lines, out));
  std::vector<std::string> blobs;
  if (!lines.next(blobs) || !lines.next(out.outputs) || !lines.next(words))
    return lines.damaged("the file ends before its layers");
  const auto count = integer_of(words.front());
  if (!count || *count < 0) return lines.damaged("the number of layers is no number");
  std::size_t seen_words = 0;
  while (lines.next(words)) {
    seen_words += words.size();
    if (lines.number() > kMaxLines || seen_words > kMaxWords)
      return make_error(ErrorCode::kTooLarge,
                        fmt::format("the network has more than {} lines or {} words", kMaxLines, kMaxWords));
    NNGAUGE_TRY(Layer layer, parse_layer(words, lines));
    out.layers.push_back(std::move(layer));
  }
  if (out.layers.size() != static_cast<std::size_t>(*count))
    return lines.damaged(fmt::format("the network says {} layers and has {}", *count, out.layers.size()));
  return out;
}

}  // namespace nngauge::tnn
