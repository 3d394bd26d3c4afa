// SPDX-License-Identifier: Apache-2.0
// Owns: the .xml as plain structures. Not here: what the layers mean (layers.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "graph/graph.h"

namespace nngauge::openvino {

struct Port {
  std::int64_t id = 0;
  DType dtype = DType::kUnknown;
  std::vector<Dim> dims;
};

// Weights that layers before version 10 name beside their ports.
struct Blob {
  std::string name;  // "weights", "biases"
  std::uint64_t offset = 0, size = 0;
};

struct Network;

// A network inside a layer: "body", "then_body", "else_body".
struct Body {
  std::string name;
  std::shared_ptr<const Network> net;
};

// How a port of the layer around speaks to a layer inside: the whole tensor, or parts of it along `axis` turn by turn.
struct PortMap {
  std::string body;  // the name of the map: "port_map", "then_port_map", "else_port_map"
  bool is_input = true;
  std::int64_t external = -1;  // -1: none, the purpose tells what the layer inside stands for
  std::string internal, purpose;
  std::optional<std::int64_t> axis;
  std::int64_t part_size = 1;
};

struct Layer {
  std::string id, name, type;
  DType precision = DType::kUnknown;  // before version 10
  std::map<std::string, std::string, std::less<>> data;
  std::vector<Port> inputs, outputs;
  std::vector<Blob> blobs;
  std::vector<Body> bodies;
  std::vector<PortMap> port_maps;
  std::vector<std::pair<std::string, std::string>> back_edges;  // result inside -> parameter of the next turn

  [[nodiscard]] std::string text(std::string_view name, const std::string& otherwise = "") const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] bool flag(std::string_view name, bool otherwise = false) const;
  // "1, 2" as numbers; empty where the attribute is absent or no list of numbers.
  [[nodiscard]] Ints integers(std::string_view name) const;
};

struct Edge {
  std::string from_layer, to_layer;
  std::int64_t from_port = 0, to_port = 0;
};

struct Network {
  std::string name;
  std::int64_t version = 0;
  std::vector<Layer> layers;
  std::vector<Edge> edges;
};

// Errors: kDamaged with the line, kNotAModel (another document), kTooLarge.
Result<Network> parse_network(Bytes bytes);

// "FP32", "f32", "I64", "boolean" …
DType dtype_of(std::string_view name);

// "1,3,?,224" or "1,-1,3..8": extents, open where they are not one number.
std::vector<Dim> dims_of(std::string_view text);

}  // namespace nngauge::openvino
