// SPDX-License-Identifier: Apache-2.0
// Owns: what the records of all versions have in common: a list of layers with named tensors, as stored. The readers
// of the records (record2.cc to record4.cc) make it, graph_builder.cc makes a graph of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/file.h"
#include "base/result.h"
#include "graph/attributes.h"
#include "graph/graph.h"

namespace nngauge::dlc {

// Content of a member of the file, or of all of it: `bytes` lie at `offset` in the file.
struct Part {
  Bytes bytes;
  std::uint64_t offset = 0;
};

// The content of an attribute, of whatever type.
struct Setting {
  Ints ints;
  std::vector<double> reals;
  std::string text;
};

struct NetTensor {
  std::string name;
  DType dtype = DType::kUnknown;
  std::optional<Ints> dims;
  bool is_constant = false;
  DataRef data;
  Quantization quantization;
  std::optional<Value> value;
};

struct Layer {
  std::string name;
  std::string type;  // as the file names it; of record 2 the name that record 3 has for the number, or "layer type 7"
  std::vector<std::string> inputs, outputs;
  std::vector<Ints> output_dims;
  std::map<std::string, Setting, std::less<>> settings;
  std::vector<NetTensor> weights;  // records 2 and 3; record 4 has them among the tensors
  bool quantised = false;
  std::int32_t index = -1;
  std::uint64_t offset = 0;  // in the file

  [[nodiscard]] const Setting* find(std::string_view setting) const {
    const auto found = settings.find(setting);
    return found == settings.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::optional<std::int64_t> find_int(std::string_view setting) const {
    const Setting* found = find(setting);
    return found && found->ints.size() == 1 ? std::optional(found->ints[0]) : std::nullopt;
  }
  [[nodiscard]] std::int64_t int_or(std::string_view setting, std::int64_t other) const {
    return find_int(setting).value_or(other);
  }
};

struct Net {
  std::string name;
  std::vector<Layer> layers;
  std::vector<NetTensor> tensors;  // what the file says of buffers
  Diagnostics diagnostics;
};

// Protobuf message of version 2. Errors: kDamaged, kInvalidGraph.
Result<Net> read_record_2(const Part& model, Bytes file);
// FlatBuffers of versions 3 and 4 (one net a graph); `params` may be absent, then weights have neither extents nor
// data.
Result<Net> read_record_3(const Part& model, const std::optional<Part>& params);
Result<std::vector<Net>> read_record_4(const Part& model, const std::optional<Part>& params);

// Adds the graph that the layers make up. Errors: kInvalidGraph, kDamaged with the layer.
Status build_graph(Net net, Model& model);

}  // namespace nngauge::dlc
