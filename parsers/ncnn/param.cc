// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/param.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "parsers/ncnn/layer_types.h"

namespace nngauge::ncnn {
namespace {

constexpr int kArrayBase = 23300;   // array key k is written as -(23300 + k)
constexpr int kStringBase = 23400;  // string key, binary form
constexpr int kKeys = 32;

Error damaged(std::string message) { return make_error(ErrorCode::kDamaged, std::move(message)); }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

// Words of one line; a word may hold blanks between double quotes.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    bool quoted_part = false;
    for (; i < line.size() && (quoted_part || !is_blank(line[i])); ++i) quoted_part ^= line[i] == '"';
    out.push_back(line.substr(start, i - start));
  }
  return out;
}

template <class T>
std::optional<T> whole_number(std::string_view word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<Number> parse_number(std::string_view word) {
  if (!word.empty() && word.front() == '+') word.remove_prefix(1);
  if (const auto integer = whole_number<std::int64_t>(word)) return Number{*integer, static_cast<double>(*integer)};
  double real = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), real);
  const bool whole = end == word.data() + word.size() && !word.empty();
  if (!whole || (error != std::errc() && error != std::errc::result_out_of_range)) return std::nullopt;
  Number number{0, real};
  if (std::fabs(real) < 9e18) number.integer = static_cast<std::int64_t>(real);
  return number;
}

// Lines with their byte offsets.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  // The next line that holds anything but blanks.
  bool next() {
    while (position_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', position_), text_.size());
      offset_ = position_;
      line_ = text_.substr(position_, end - position_);
      position_ = end + 1;
      ++number_;
      if (!std::all_of(line_.begin(), line_.end(), is_blank)) return true;
    }
    return false;
  }
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] Error damaged_here(const std::string& what) const {
    return damaged(what).at("line " + std::to_string(number_));
  }

 private:
  std::string_view text_, line_;
  std::size_t position_ = 0, offset_ = 0, number_ = 0;
};

bool is_counts_line(const std::vector<std::string_view>& words) {
  return words.size() == 2 && whole_number<std::int32_t>(words[0]).value_or(0) > 0 &&
         whole_number<std::int32_t>(words[1]).value_or(0) > 0;
}

// "type name 1 1 in out …"
bool is_layer_line(const std::vector<std::string_view>& words) {
  return words.size() >= 4 && std::isalpha(static_cast<unsigned char>(words[0].front())) != 0 &&
         whole_number<std::uint16_t>(words[2]).has_value() && whole_number<std::uint16_t>(words[3]).has_value();
}

class BlobNames {
 public:
  explicit BlobNames(std::vector<std::string>& names) : names_(names) {}
  std::int32_t index_of(std::string_view name) {
    const auto [place, added] = indices_.emplace(std::string(name), static_cast<std::int32_t>(names_.size()));
    if (added) names_.emplace_back(name);
    return place->second;
  }

 private:
  std::vector<std::string>& names_;
  std::unordered_map<std::string, std::int32_t> indices_;
};

Error not_ncnn_but_pnnx(std::string_view type) {
  return make_error(ErrorCode::kNotAModel,
                    "a PNNX graph, the step between PyTorch and ncnn: its operators are PyTorch's (" + printable(type) +
                        "); give the .ncnn.param that pnnx wrote beside it");
}

Result<Param> parse_list(std::string_view text) {
  Param out;
  out.is_array = true;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto number = parse_number(text.substr(0, comma));
    if (!number) return damaged("array element " + in_quotes(text.substr(0, comma)) + " is no number");
    out.numbers.push_back(*number);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

Result<Param> parse_value(std::string_view text) {
  if (!text.empty() && text.front() == '"') {
    Param out;
    out.text = std::string(text.substr(1, text.size() - 1 - (text.size() > 1 && text.back() == '"' ? 1 : 0)));
    return out;
  }
  if (!text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 && !parse_number(text)) {
    Param out;
    out.text = std::string(text);
    return out;
  }
  if (text.find(',') != std::string_view::npos) return parse_list(text);
  const auto number = parse_number(text);
  if (!number) return damaged("value " + in_quotes(text) + " is no number");
  Param out;
  out.numbers.push_back(*number);
  return out;
}

Status parse_key(std::string_view word, Layer& layer) {
  const std::size_t equals = word.find('=');
  const auto id = equals == std::string_view::npos ? std::nullopt : whole_number<std::int32_t>(word.substr(0, equals));
  if (!id) return damaged(in_quotes(word) + " is no key=value with a number as key");
  const std::string_view text = word.substr(equals + 1);
  const bool array = *id <= -kArrayBase && *id > -kArrayBase - kKeys;
  const int key = array ? -*id - kArrayBase : *id;
  if (key < 0 || key >= kKeys) return damaged("key " + std::to_string(*id) + " is not one of 0 to 31");
  if (!array) {
    NNGAUGE_TRY(layer.params[key], parse_value(text));
    return ok();
  }
  // The first number is the count.
  NNGAUGE_TRY(Param list, parse_list(text));
  if (list.numbers.empty() || list.numbers[0].integer != static_cast<std::int64_t>(list.numbers.size()) - 1) {
    return damaged("array key " + std::to_string(key) + " states a count of " +
                   (list.numbers.empty() ? std::string("nothing") : std::to_string(list.numbers[0].integer)) +
                   ", it has " + std::to_string(list.numbers.empty() ? 0 : list.numbers.size() - 1) + " elements");
  }
  list.numbers.erase(list.numbers.begin());
  layer.params[key] = std::move(list);
  return ok();
}

// PNNX files begin as ncnn's do; their operators bear PyTorch's names from the first one on. What pnnx cannot convert
// stands under such a name in ncnn's files, behind their inputs.
Status parse_layer_line(const Lines& lines, bool positional, bool first, BlobNames& blobs, Layer& layer) {
  const std::vector<std::string_view> words = words_of(lines.line());
  if (!is_layer_line(words)) return lines.damaged_here("not a layer: type, name and two counts are needed");
  layer.type = std::string(words[0]);
  layer.name = std::string(words[1]);
  layer.offset = lines.offset();
  const bool left_behind = is_pytorch_type(layer.type);
  if (left_behind && first) return not_ncnn_but_pnnx(layer.type);
  const std::size_t bottoms = *whole_number<std::uint16_t>(words[2]);
  const std::size_t tops = *whole_number<std::uint16_t>(words[3]);
  if (bottoms + tops > words.size() - 4) {
    return lines.damaged_here("layer " + in_quotes(layer.name) + " names " + std::to_string(words.size() - 4) +
                              " blobs, states " + std::to_string(bottoms + tops));
  }
  for (std::size_t i = 0; i < bottoms + tops; ++i)
    (i < bottoms ? layer.bottoms : layer.tops).push_back(blobs.index_of(words[4 + i]));
  if (left_behind) return ok();  // its keys are words
  int position = 0;
  for (std::size_t i = 4 + bottoms + tops; i < words.size(); ++i, ++position) {
    if (positional && words[i].find('=') == std::string_view::npos) {
      const auto number = parse_number(words[i]);
      if (!number || position >= kKeys) return lines.damaged_here(in_quotes(words[i]) + " is no number");
      layer.params[position].numbers = {*number};
    } else if (Status status = parse_key(words[i], layer); !status) {
      return status.error().at("line of layer " + in_quotes(layer.name));
    }
  }
  return ok();
}

Result<ParamFile> parse_text(std::string_view text, ParamForm form, Diagnostics& diagnostics) {
  ParamFile file;
  file.form = form;
  Lines lines(text);
  if (form == ParamForm::kText) lines.next();
  if (!lines.next() || !is_counts_line(words_of(lines.line())))
    return lines.damaged_here("the numbers of layers and blobs are missing");
  const auto counts = words_of(lines.line());
  const auto layers = static_cast<std::size_t>(*whole_number<std::int32_t>(counts[0]));
  const auto blob_count = static_cast<std::size_t>(*whole_number<std::int32_t>(counts[1]));
  BlobNames blobs(file.blobs);
  while (lines.next()) {
    const bool first = file.layers.empty();
    NNGAUGE_CHECK(parse_layer_line(lines, form == ParamForm::kOldText, first, blobs, file.layers.emplace_back()));
  }
  if (file.layers.empty()) return damaged("the file ends before its first layer");
  if (file.layers.size() < layers) {
    return lines.damaged_here("the file ends after " + std::to_string(file.layers.size()) + " layers of " +
                              std::to_string(layers));
  }
  if (file.layers.size() != layers || file.blobs.size() != blob_count) {
    diagnostics.warn("wrong-counts", "",
                     "the file states " + std::to_string(layers) + " layers and " + std::to_string(blob_count) +
                         " blobs, it has " + std::to_string(file.layers.size()) + " and " +
                         std::to_string(file.blobs.size()));
  }
  return file;
}

// Little-endian integers of the binary form.
class Words {
 public:
  explicit Words(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t left() const { return (bytes_.size() - position_) / 4; }
  [[nodiscard]] std::uint64_t offset() const { return position_; }
  Result<std::int32_t> next() {
    if (left() == 0) return damaged("the file ends at byte " + std::to_string(bytes_.size()) + ", inside of a layer");
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(bytes_[position_ + i]) << (8 * i);
    position_ += 4;
    return static_cast<std::int32_t>(value);
  }
  Result<std::string> text(std::int32_t length) {
    const auto bytes = static_cast<std::size_t>(std::max(length, 0));
    const std::size_t padded = (bytes + 3) / 4 * 4;
    if (length < 0 || padded > bytes_.size() - position_)
      return damaged("a string of " + std::to_string(length) + " bytes reaches over the end");
    std::string out(as_text(bytes_.subspan(position_, bytes)));
    position_ += padded;
    return out;
  }
  [[nodiscard]] Error here(const Error& error) const { return error.at("byte " + std::to_string(position_)); }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

Number number_of_bits(std::int32_t bits) {
  float real = 0;
  std::memcpy(&real, &bits, sizeof(real));
  return {bits, static_cast<double>(real)};
}

Status parse_binary_keys(Words& words, Layer& layer) {
  while (true) {
    NNGAUGE_TRY(const std::int32_t id, words.next());
    if (id == kUnset) return ok();
    const bool text = id <= -kStringBase;
    const bool array = !text && id <= -kArrayBase;
    const std::int64_t key = text ? -std::int64_t{id} - kStringBase : array ? -std::int64_t{id} - kArrayBase : id;
    if (key < 0 || key >= kKeys) return words.here(damaged("key " + std::to_string(id) + " is not one of 0 to 31"));
    Param& param = layer.params[static_cast<int>(key)];
    param = {};
    NNGAUGE_TRY(const std::int32_t first, words.next());
    if (text) {
      NNGAUGE_TRY(param.text, words.text(first));
    } else if (array) {
      if (first < 0 || static_cast<std::size_t>(first) > words.left())
        return words.here(damaged("an array of " + std::to_string(first) + " elements reaches over the end"));
      param.is_array = true;
      for (std::int32_t i = 0; i < first; ++i) {
        NNGAUGE_TRY(const std::int32_t bits, words.next());
        param.numbers.push_back(number_of_bits(bits));
      }
    } else {
      param.numbers = {number_of_bits(first)};
    }
  }
}

Status parse_blobs(Words& words, std::int32_t count, std::int32_t blobs, std::vector<std::int32_t>& out) {
  if (count < 0 || static_cast<std::size_t>(count) > words.left())
    return words.here(damaged("a layer has " + std::to_string(count) + " blobs"));
  for (std::int32_t i = 0; i < count; ++i) {
    NNGAUGE_TRY(const std::int32_t blob, words.next());
    if (blob < 0 || blob >= blobs)
      return words.here(damaged("blob " + std::to_string(blob) + " of " + std::to_string(blobs) + " is named"));
    out.push_back(blob);
  }
  return ok();
}

Result<ParamFile> parse_binary(Bytes bytes) {
  ParamFile file;
  file.form = ParamForm::kBinary;
  Words words(bytes);
  NNGAUGE_CHECK(words.next());  // the magic number
  NNGAUGE_TRY(const std::int32_t layers, words.next());
  NNGAUGE_TRY(const std::int32_t blobs, words.next());
  // A layer takes at least type, two counts and the end of its keys; a blob is named at least once.
  if (layers < 1 || blobs < 0 || static_cast<std::size_t>(layers) > words.left() / 4 ||
      static_cast<std::size_t>(blobs) > words.left()) {
    return damaged("the file states " + std::to_string(layers) + " layers and " + std::to_string(blobs) +
                   " blobs, it has " + std::to_string(bytes.size()) + " bytes");
  }
  for (std::int32_t i = 0; i < blobs; ++i) file.blobs.push_back("blob" + std::to_string(i));
  for (std::int32_t i = 0; i < layers; ++i) {
    Layer& layer = file.layers.emplace_back();
    layer.offset = words.offset();
    NNGAUGE_TRY(const std::int32_t type, words.next());
    layer.type = binary_type_name(type);
    NNGAUGE_TRY(const std::int32_t bottoms, words.next());
    NNGAUGE_TRY(const std::int32_t tops, words.next());
    NNGAUGE_CHECK(parse_blobs(words, bottoms, blobs, layer.bottoms));
    NNGAUGE_CHECK(parse_blobs(words, tops, blobs, layer.tops));
    NNGAUGE_CHECK(parse_binary_keys(words, layer));
  }
  return file;
}

const Param* find(const Layer& layer, int key) {
  const auto found = layer.params.find(key);
  return found == layer.params.end() ? nullptr : &found->second;
}

}  // namespace

std::int64_t Layer::integer(int key, std::int64_t fallback) const {
  const Param* param = find(*this, key);
  return param && !param->numbers.empty() ? param->numbers[0].integer : fallback;
}

double Layer::real(int key, double fallback) const {
  const Param* param = find(*this, key);
  return param && !param->numbers.empty() ? param->numbers[0].real : fallback;
}

std::vector<std::int64_t> Layer::integers(int key) const {
  std::vector<std::int64_t> out;
  if (const Param* param = find(*this, key)) {
    for (const Number& number : param->numbers) out.push_back(number.integer);
  }
  return out;
}

const std::string& Layer::text(int key) const {
  static const std::string kNone;
  const Param* param = find(*this, key);
  return param ? param->text : kNone;
}

std::optional<ParamForm> find_param_form(Bytes bytes) {
  if (bytes.size() >= 28) {  // magic, counts, and one layer without blobs or keys
    Words words(bytes);
    const auto magic = words.next(), layers = words.next(), blobs = words.next(), type = words.next();
    if (*magic == kMagic && *layers > 0 && *blobs > 0 && *type >= 0 && *type < 4096) return ParamForm::kBinary;
  }
  constexpr std::size_t kEnough = 4096;  // of three lines
  Lines lines(as_text(bytes.first(std::min(bytes.size(), kEnough))));
  if (!lines.next()) return std::nullopt;
  std::vector<std::string_view> words = words_of(lines.line());
  const bool magic = words.size() == 1 && words[0] == "7767517";
  if (magic) {
    if (!lines.next()) return std::nullopt;
    words = words_of(lines.line());
  }
  if (!is_counts_line(words)) return std::nullopt;
  if (magic) return ParamForm::kText;
  return lines.next() && is_layer_line(words_of(lines.line())) ? std::optional(ParamForm::kOldText) : std::nullopt;
}

Result<ParamFile> parse_param(Bytes bytes, ParamForm form, Diagnostics& diagnostics) {
  return form == ParamForm::kBinary ? parse_binary(bytes) : parse_text(as_text(bytes), form, diagnostics);
}

}  // namespace nngauge::ncnn
