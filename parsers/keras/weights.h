// SPDX-License-Identifier: Apache-2.0
// Owns: which dataset of the file a layer's variable is. Files of Keras 2 name layers and variables; those of Keras 3
// count the layers of a class and the variables of a layer.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "parsers/graph_writer.h"
#include "parsers/keras/json.h"
#include "parsers/keras/store.h"

namespace nngauge::keras {

// A variable: of the layer `layer` in the nested models `scope` ("outer/inner/", empty for the main one). `name` may
// begin with the layers inside of it: "query|query_dense/kernel", alternatives by bars. `position`: its place among
// the variables of the innermost layer.
struct WeightKey {
  std::string scope, layer, name;
  std::size_t position = 0;
};

class Weights {
 public:
  // `store` may be null, and outlives this: then all weights are known by their shapes only. `base`: where its file
  // begins.
  Weights(const Store* store, std::uint64_t base, const Json& config);

  // The stored weight, or a constant of `shape` that is stored nowhere. The same key gives the same tensor.
  TensorId find(GraphWriter& writer, const WeightKey& key, const Shape& shape, DType dtype);
  // All variables of a layer and of layers inside, for layers that nobody knows.
  std::vector<TensorId> all(GraphWriter& writer, const std::string& scope, const std::string& layer);

 private:
  struct Entry {
    const Dataset* dataset = nullptr;
    std::vector<std::string> folders;  // below the layer
    std::string leaf;                  // "kernel", or the number of a variable
    std::string path;
  };

  void index(const std::string& path, const Dataset& dataset);
  void number_layers(const Json& model, const std::string& folder, const std::string& scope, int depth);
  // A few thousand at most: a file may give all its layers one name.
  std::vector<Entry> entries_of(const std::string& scope, const std::string& layer) const;
  TensorId add(GraphWriter& writer, const std::string& name, const Entry* entry, const Shape& shape, DType dtype);

  std::uint64_t base_ = 0;
  const Store* store_ = nullptr;
  bool numbered_ = false;  // Keras 3
  std::unordered_map<std::string, std::vector<Entry>> by_layer_;
  std::map<std::string, std::string> folders_;      // Keras 3: by scope and layer name
  std::multimap<std::string, std::string> places_;  // the same by the layer's name, a few of each
  // By graph: loops have constants of their own.
  std::map<std::tuple<GraphId, std::string, std::string, std::string>, TensorId> known_;
  std::map<std::pair<GraphId, const Dataset*>, TensorId> tensors_;
};

}  // namespace nngauge::keras
