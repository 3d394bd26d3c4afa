// SPDX-License-Identifier: Apache-2.0
#include "tests/parsers/tensorflow_text.h"

#include <catch2/catch.hpp>

#include "graph/op_table.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

namespace nngauge::test {
namespace {

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
  out.push_back(static_cast<char>(value));
  return out;
}

std::string dims_text(const std::vector<int>& dims) {
  std::string out;
  for (const int dim : dims) out += "dim { size: " + std::to_string(dim) + " } ";
  return out;
}

}  // namespace

Model tf_model(const std::string& content) {
  auto model = read_model({"memory", as_bytes(content), nullptr});
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  const Status status = complete_model(*model, {});
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
  return *std::move(model);
}

std::string tf_error(const std::string& content) {
  auto model = read_model({"memory", as_bytes(content), nullptr});
  if (!model) return model.error().text();
  const Status status = complete_model(*model, {});
  return status ? "no error" : status.error().text();
}

std::string kinds_of(const Graph& graph) {
  std::string out;
  for (const Op& op : graph.ops) out += (out.empty() ? "" : " ") + std::string(op_info(op.kind).name);
  return out;
}

std::string wire_number(unsigned field, std::uint64_t value) { return varint(field << 3U) + varint(value); }
std::string wire_bytes(unsigned field, const std::string& content) {
  return varint((field << 3U) | 2U) + varint(content.size()) + content;
}

std::string tf_node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                    const std::vector<std::pair<std::string, std::string>>& attrs) {
  std::string out = "node { name: \"" + name + "\" op: \"" + op + "\"";
  for (const std::string& input : inputs) out += " input: \"" + input + "\"";
  for (const auto& [key, value] : attrs) out += " attr { key: \"" + key + "\" value { " + value + " } }";
  return out + " }\n";
}

std::string tf_placeholder(const std::string& name, const std::vector<int>& dims) {
  return tf_node(name, "Placeholder", {}, {{"dtype", "type: DT_FLOAT"}, {"shape", "shape { " + dims_text(dims) + "}"}});
}

std::string tf_floats(const std::string& name, const std::vector<int>& dims) {
  return tf_node(name, "Const", {},
                 {{"dtype", "type: DT_FLOAT"},
                  {"value", "tensor { dtype: DT_FLOAT tensor_shape { " + dims_text(dims) + "} float_val: 0.5 }"}});
}

std::string tf_ints(const std::string& name, const std::vector<int>& values) {
  std::string numbers;
  for (const int value : values) numbers += " int_val: " + std::to_string(value);
  return tf_node(name, "Const", {},
                 {{"dtype", "type: DT_INT32"},
                  {"value", "tensor { dtype: DT_INT32 tensor_shape { " + dims_text({static_cast<int>(values.size())}) +
                                "}" + numbers + " }"}});
}

}  // namespace nngauge::test
