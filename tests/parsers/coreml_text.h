// SPDX-License-Identifier: Apache-2.0
// Owns: Core ML models for tests, put together field by field.
#pragma once

#include <string>
#include <vector>

#include "tests/parsers/tensorflow_text.h"

namespace nngauge::test {

inline std::string wire_packed(unsigned field, const std::vector<std::int64_t>& values) {
  std::string out;
  for (const std::int64_t value : values) out += wire_number(1, static_cast<std::uint64_t>(value)).substr(1);
  return wire_bytes(field, out);
}

// --- description ---

inline std::string cm_array(const std::vector<std::int64_t>& shape, unsigned dtype = 65568) {
  return wire_bytes(5, wire_packed(1, shape) + wire_number(2, dtype));
}
inline std::string cm_image(unsigned width, unsigned height, unsigned colours = 20) {
  return wire_bytes(4, wire_number(1, width) + wire_number(2, height) + wire_number(3, colours));
}
// A feature of a description: field 1 for an input, 10 for a result.
inline std::string cm_feature(unsigned field, const std::string& name, const std::string& type) {
  return wire_bytes(field, wire_bytes(1, name) + wire_bytes(3, type));
}
inline std::string cm_input(const std::string& name, const std::vector<std::int64_t>& shape) {
  return cm_feature(1, name, cm_array(shape));
}
inline std::string cm_output(const std::string& name) { return cm_feature(10, name, cm_array({})); }

// Specification version, description, and the content under the number of its type.
inline std::string cm_model(const std::string& description, unsigned type, const std::string& content,
                            unsigned version = 4) {
  return wire_number(1, version) + wire_bytes(2, description) + wire_bytes(type, content);
}

// --- networks ---

inline std::string cm_floats(std::size_t count) { return wire_bytes(1, std::string(4 * count, '\1')); }
inline std::string cm_halves(std::size_t count) { return wire_bytes(2, std::string(2 * count, '\1')); }
// Quantised to `bits` by a linear scale or a table.
inline std::string cm_quantised(std::size_t bytes, unsigned bits, bool table) {
  const std::string form = table ? wire_bytes(102, cm_floats(std::size_t{1} << bits)) : wire_bytes(101, cm_floats(1));
  return wire_bytes(30, std::string(bytes, '\1')) + wire_bytes(40, wire_number(1, bits) + form);
}

// A layer inside a network: `params` under the number of its kind.
inline std::string cm_layer(const std::string& name, unsigned kind, const std::string& params,
                            const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  std::string out = wire_bytes(1, name);
  for (const std::string& input : inputs) out += wire_bytes(2, input);
  for (const std::string& output : outputs) out += wire_bytes(3, output);
  return wire_bytes(1, out + wire_bytes(kind, params));
}
inline const std::string kExact = wire_number(5, 1) + wire_number(6, 1);

// A network with one array as input and one result.
inline std::string cm_network(const std::vector<std::int64_t>& input, const std::string& layers,
                              const std::string& output = "y") {
  return cm_model(cm_input("x", input) + cm_output(output), 500, layers);
}

}  // namespace nngauge::test
