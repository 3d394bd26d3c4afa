// SPDX-License-Identifier: Apache-2.0
#include "tests/parsers/tflite_text.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <numeric>
#include <sstream>

#include "flatbuffers/idl.h"
#include "graph/snapshot.h"
#include "parsers/format.h"

namespace nngauge::test {
namespace {

std::string list(const std::vector<int>& ids) {
  std::string out = "[";
  for (const int id : ids) out += (out.size() > 1 ? "," : "") + std::to_string(id);
  return out + "]";
}

std::string zeros(int count) {
  std::string out = "[";
  for (int i = 0; i < count; ++i) out += i ? ",0" : "0";
  return out + "]";
}

int elements(const std::string& shape) {
  std::istringstream in(shape.substr(1));
  int out = 1, extent = 0;
  char comma = 0;
  while (in >> extent) {
    out *= extent;
    in >> comma;
  }
  return out;
}

std::string little_endian(const std::vector<int>& words) {
  std::string out = "[";
  for (const int word : words) {
    for (int shift = 0; shift < 32; shift += 8) {
      out += (out.size() > 1 ? "," : "") + std::to_string((static_cast<unsigned>(word) >> shift) & 0xFF);
    }
  }
  return out + "]";
}

}  // namespace

std::string tflite_from_json(const std::string& json) {
  static const std::string kSchema = [] {
    std::ifstream file(NNGAUGE_SOURCE_DIR "/parsers/tflite/tflite.fbs");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }();
  flatbuffers::Parser parser;
  REQUIRE(parser.Parse(kSchema.c_str()));
  const bool parsed = parser.Parse(json.c_str());
  INFO(parser.error_ << "\n" << json);
  REQUIRE(parsed);
  const auto& builder = parser.builder_;
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<Model> read_bytes(std::string_view bytes, const std::string& path) {
  ModelSource source;
  source.path = path;
  source.bytes = as_bytes(bytes);
  return read_model(source);
}

int TfliteText::buffer(const std::string& json) {
  buffers_ += ", " + json;
  return buffer_count_++;
}

int TfliteText::tensor(const std::string& shape, const std::string& type, const std::string& more) {
  tensors_ += tensor_count_ ? ", " : "";
  tensors_ += "{shape:" + shape + ", type:" + type + ", name:\"t" + std::to_string(tensor_count_) + "\"";
  tensors_ += (more.empty() ? "" : ", " + more) + "}";
  return tensor_count_++;
}

int TfliteText::input(const std::string& shape, const std::string& type, const std::string& more) {
  inputs_.push_back(tensor(shape, type, more));
  return inputs_.back();
}

int TfliteText::constant(const std::string& shape, const std::string& type, int data_bytes, const std::string& more) {
  const int id = buffer("{data:" + zeros(data_bytes < 0 ? 4 * elements(shape) : data_bytes) + "}");
  return tensor(shape, type, "buffer:" + std::to_string(id) + (more.empty() ? "" : ", " + more));
}

int TfliteText::ints(const std::vector<int>& values) {
  const int id = buffer("{data:" + little_endian(values) + "}");
  return tensor("[" + std::to_string(values.size()) + "]", "INT32", "buffer:" + std::to_string(id));
}

int TfliteText::scalar(int element) {
  const int id = buffer("{data:" + little_endian({element}) + "}");
  return tensor("[]", "INT32", "buffer:" + std::to_string(id));
}

void TfliteText::op(const std::string& code, const std::vector<int>& inputs, const std::vector<int>& outputs,
                    const std::string& options, const std::string& fields) {
  codes_ += (code_count_ ? ", " : "") + std::string("{builtin_code:") + code + "}";
  std::string text =
      "opcode_index:" + std::to_string(code_count_++) + ", inputs:" + list(inputs) + ", outputs:" + list(outputs);
  if (!options.empty()) text += ", builtin_options_type:" + options + ", builtin_options:{" + fields + "}";
  operators_.push_back(std::move(text));
  outputs_ = outputs;
}

void TfliteText::custom(const std::string& name, const std::vector<int>& inputs, const std::vector<int>& outputs,
                        const std::vector<int>& options) {
  op("CUSTOM, custom_code:\"" + name + "\"", inputs, outputs);
  if (!options.empty()) op_fields("custom_options:" + list(options));
}

void TfliteText::options_2(const std::string& options, const std::string& fields) {
  op_fields("builtin_options_2_type:" + options + ", builtin_options_2:{" + fields + "}");
}

void TfliteText::op_fields(const std::string& json) { operators_.back() += ", " + json; }

std::string TfliteText::json() const {
  std::string operators;
  for (const std::string& text : operators_) operators += (operators.empty() ? "{" : ", {") + text + "}";
  return "{version:3, operator_codes:[" + codes_ + "], subgraphs:[{tensors:[" + tensors_ +
         "], inputs:" + list(inputs_) + ", outputs:" + list(outputs_) + ", operators:[" + operators + "]}" +
         more_subgraphs_ + "], buffers:[" + buffers_ + "]" + model_fields_ + "}";
}

Model TfliteText::model() const {
  const std::string file = bytes();
  Result<Model> model = read_bytes(file);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model.has_value());
  return std::move(model).value();
}

std::string TfliteText::op_text(std::size_t i) const {
  const std::string snapshot = snapshot_text(model());
  std::istringstream in(snapshot);
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with("op ") && i-- == 0)
      return line.substr(3, line.find(' ', 3) - 3) + line.substr(line.find(" in="));
  }
  return "no such operator";
}

std::string TfliteText::error() const {
  const std::string file = bytes();
  const Result<Model> model = read_bytes(file);
  return model ? "" : model.error().text();
}

}  // namespace nngauge::test
