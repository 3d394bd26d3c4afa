// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/text.h"
#include "parsers/caffe/text.h"
#include "parsers/lookalike.h"

namespace nngauge {
namespace {

constexpr std::size_t kSample = 8192;
constexpr std::size_t kMostNetworkText = 8 << 20;  // networks as text are smaller

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

// Mostly printable UTF-8 in its first kilobytes.
bool is_text(std::string_view text) {
  const bool cut = text.size() > kSample;
  text = text.substr(0, kSample);
  while (cut && !text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.remove_suffix(1);
  return is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
         });
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// A line of the text that begins with `word` after blanks.
bool has_line(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (trim(text.substr(at, end - at)).starts_with(word)) return true;
    at = end + 1;
  }
  return false;
}

Error unread(std::string what) { return make_error(ErrorCode::kUnsupportedFormat, std::move(what)); }
Error side(std::string what) { return make_error(ErrorCode::kSideFile, std::move(what)); }
Error other(std::string what) { return make_error(ErrorCode::kNotAModel, std::move(what)); }
Error web(std::string what) { return make_error(ErrorCode::kWebPage, std::move(what)); }

Error describe_markup(std::string_view start) {
  if (starts_with_word(start, "<!doctype html") || starts_with_word(start, "<html") || has(start, "<html"))
    return web("a web page (HTML) was saved in place of the model");
  // What file servers answer with.
  if (has(start, "<Error>") || has(start, "<Error/>") || has(start, "<Code>") || has(start, "AccessDenied"))
    return web("a server's error message (XML) was saved in place of the model");
  if (has(start, "<opencv_storage")) return unread("an OpenCV storage file (cascade or network settings)");
  if (has(start, "<PMML")) return unread("a PMML model");
  return other("an XML document, not a model that is read here");
}

Error describe_json(std::string_view start) {
  if (has(start, "\"arg_nodes\"") || (has(start, "\"nodes\"") && has(start, "\"op\": \"null\"")))
    return unread("the graph of an MXNet or TVM model (JSON)");
  if (has(start, "\"modelTopology\"") || has(start, "\"graph-model\"") || has(start, "\"layers-model\""))
    return unread("a TensorFlow.js model (JSON)");
  if (has(start, "\"class_name\"") && has(start, "\"config\""))
    return unread("the layers of a Keras model as JSON, without its weights");
  if (has(start, "\"learner\"") && has(start, "\"gradient_booster\"")) return unread("an XGBoost model (JSON)");
  if (start.size() < 1024 && (has(start, "\"error\"") || has(start, "\"message\"")))
    return web("a server's error message (JSON) was saved in place of the model");
  return other("a JSON text, not a model that is read here");
}

// Short lines without punctuation, as lists of class names are.
bool is_list_of_words(std::string_view text) {
  constexpr std::size_t kLongest = 60, kLeastLines = 2;
  std::size_t lines = 0;
  for (const std::string& line : split(text, '\n')) {
    const std::string_view word = trim(line);
    if (word.empty()) continue;
    if (word.size() > kLongest || word.find_first_of("{}<>=;\"") != std::string_view::npos) return false;
    ++lines;
  }
  return lines >= kLeastLines;
}

// The number of the first line, from 1, that a merge left before one of two sides; 0 where there is none.
std::size_t merge_mark_line(std::string_view text) {
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    if (text.substr(at).starts_with("<<<<<<< ")) return line;
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return 0;
}

// With a byte order mark, and every other byte of the beginning 0.
bool is_utf16(std::string_view text) {
  const bool little = text.starts_with("\xff\xfe"), big = text.starts_with("\xfe\xff");
  if (!(little || big) || text.size() % 2 != 0) return false;
  text = text.substr(2, 64);
  for (std::size_t i = little ? 1 : 0; i < text.size(); i += 2) {
    if (text[i] != 0) return false;
  }
  return true;
}

// The first bytes of what a text of nothing but Base64 stands for.
std::optional<std::string> base64_head(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kLeast = 256, kHead = 48;
  std::string out;
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '=') continue;
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    if (++digits % 4 == 0 && out.size() < kHead) {
      for (const unsigned shift : {16U, 8U, 0U}) out.push_back(static_cast<char>(bits >> shift & 0xffU));
      bits = 0;
    }
  }
  return digits >= kLeast ? std::optional(out) : std::nullopt;
}

Error describe_words(std::string_view start, bool whole) {
  constexpr std::array kSolverKeys = {"base_lr", "lr_policy", "max_iter", "solver_mode", "snapshot_prefix"};
  if (start.starts_with("ir_version:")) {
    return unread(
        "an ONNX model as protobuf text, not in the binary form; convert it (protoc --encode=onnx.ModelProto)");
  }
  const auto keys =
      std::count_if(kSolverKeys.begin(), kSolverKeys.end(), [&](const char* key) { return has_line(start, key); });
  if (keys >= 2) return side("settings of a Caffe solver, not a network");
  if (start.starts_with("7767517")) {
    const bool pnnx = has(start, "pnnx.") || has(start, "aten::") || has(start, "nn.") || has(start, "F.");
    if (pnnx) return unread("a pnnx graph (operators of PyTorch), not ncnn's; convert it with pnnx");
    return make_error(ErrorCode::kDamaged, "the text begins as an ncnn .param and does not go on as one");
  }
  if (start.starts_with("[net]") || start.starts_with("[network]")) return unread("a Darknet network (.cfg)");
  if (start.starts_with("item {") || start.starts_with("item{")) return side("a label map of an object detector");
  if (start.starts_with("tree\n") || start.starts_with("tree\r\n")) return unread("a LightGBM model");
  if (start.size() < 512 && (starts_with_word(start, "not found") || starts_with_word(start, "404") ||
                             starts_with_word(start, "access denied") || starts_with_word(start, "forbidden"))) {
    return web("a server's error message was saved in place of the model");
  }
  if (const auto head = base64_head(start)) {
    if (head->substr(4, 4) == "TFL3") return unread("a TensorFlow Lite model as Base64 text; decode it first");
    return other("what looks like binary data as Base64 text");
  }
  if (whole && is_list_of_words(start)) return other("a text of short lines, as lists of labels are");
  const std::string_view line = start.substr(0, std::min<std::size_t>(start.find('\n'), 60));
  return other("a text that no format claims; it starts with " + in_quotes(trim(line)));
}

// Caffe2's NetDef as text: `op` and, beside it, one of the fields that Caffe's networks do not have.
bool is_caffe2(std::string_view text) {
  const caffe_format::TopLevel top = caffe_format::scan_top_level(text);
  constexpr std::array kBeside = {"external_input", "external_output", "arg", "type", "device_option"};
  return top.count("op") > 0 &&
         std::any_of(kBeside.begin(), kBeside.end(), [&](const char* field) { return top.count(field) > 0; });
}

}  // namespace

bool looks_like_text(Bytes bytes) { return is_text(as_text(bytes)); }

std::optional<Error> describe_text(Bytes bytes) {
  std::string_view text = as_text(bytes);
  if (is_utf16(text)) return other("a text in UTF-16; save it as UTF-8");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // byte order mark
  if (!is_text(text)) return std::nullopt;
  // They may stand anywhere: in the middle of a network of thousands of lines.
  if (const std::size_t line = merge_mark_line(text.substr(0, kMostNetworkText)); line != 0) {
    return make_error(ErrorCode::kDamaged,
                      "the marks of an unresolved merge stand in the text, first on line " + with_thousands(line));
  }
  const std::string_view start = trim(text.substr(0, kSample));
  if (start.empty()) return other("the file holds nothing but white space");
  if (start.front() == '<') return describe_markup(start);
  if (start.front() == '{' || start.front() == '[') {
    if (start.starts_with("[net]") || start.starts_with("[network]")) return describe_words(start, false);
    return describe_json(start);
  }
  if (is_caffe2(text)) return unread("a Caffe2 network (NetDef) as text, which is another format than Caffe");
  return describe_words(start, text.size() <= kSample);
}

}  // namespace nngauge
