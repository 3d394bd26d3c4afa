// SPDX-License-Identifier: Apache-2.0
#include "parsers/lookalike.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/text.h"
#include "parsers/caffe/strangers.h"

namespace nngauge {
namespace {

struct Signature {
  std::string_view magic;
  std::string_view description;
};

using namespace std::string_view_literals;

// First bytes of what is found under model names and is none.
constexpr std::array kSignatures = {
    Signature{"version https://git-lfs.github.com/spec/"sv,
              "a Git LFS pointer stands in place of the model; fetch the real file (git lfs pull)"},
    Signature{"PK\x03\x04"sv, "a ZIP archive without a model format that is read here"},
    Signature{"\x1f\x8b"sv, "gzip-compressed data"},
    Signature{"\xfd"
              "7zXZ"sv,
              "xz-compressed data"},
    Signature{"\x28\xb5\x2f\xfd"sv, "zstd-compressed data"},
    Signature{"BZh"sv, "bzip2-compressed data"},
    Signature{"\x7f"
              "ELF"sv,
              "an ELF program or library"},
    Signature{"\x89PNG"sv, "a PNG picture"},
    Signature{"\xff\xd8\xff"sv, "a JPEG picture"},
    Signature{"%PDF"sv, "a PDF document"},
    Signature{"SQLite format 3"sv, "an SQLite database"},
    Signature{"\x93NUMPY"sv, "a NumPy array"},
};

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

// Mostly printable UTF-8 in its first kilobytes.
bool looks_like_text(std::string_view text) {
  constexpr std::size_t kSample = 4096;
  const bool cut = text.size() > kSample;
  text = text.substr(0, kSample);
  while (cut && !text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.remove_suffix(1);
  return is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
         });
}

std::string describe_text(std::string_view text) {
  const std::string_view start = trim(text.substr(0, 4096));
  if (start.empty()) return "the file holds nothing but white space";
  if (starts_with_word(start, "<!doctype html") || starts_with_word(start, "<html"))
    return "a web page (HTML) was saved in place of the model";
  if (starts_with_word(start, "<?xml") || start.front() == '<') return "an XML document, not a model that is read here";
  if (start.starts_with("ir_version:")) {
    return "an ONNX model as protobuf text, not in the binary form; convert it (protoc --encode=onnx.ModelProto)";
  }
  if (start.front() == '{' || start.front() == '[') return "a JSON text, not a model that is read here";
  const std::string_view line = start.substr(0, std::min<std::size_t>(start.find('\n'), 60));
  return "a text that no format claims; it starts with " + quoted(trim(line));
}

}  // namespace

std::string describe_stranger(Bytes bytes) {
  if (bytes.empty()) return "the file is empty";
  const std::string_view text = as_text(bytes);
  for (const Signature& signature : kSignatures) {
    if (text.starts_with(signature.magic)) return std::string(signature.description);
  }
  if (std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; }))
    return "the file holds nothing but zeros";
  if (std::string caffe = describe_caffe_stranger(bytes); !caffe.empty()) return caffe;
  if (text.starts_with("<<<<<<< ")) return "a file with the marks of an unresolved merge";
  if (looks_like_text(text)) return describe_text(text);
  return "binary data with the structure of no known format";
}

}  // namespace nngauge
