// SPDX-License-Identifier: Apache-2.0
// Owns: neural networks of Core ML as graphs: blobs by name become tensors, layers operators (layer_map.h).
//
// Networks of the first kind give every blob five axes: sequence, batch, channel, height, width. Operators here have
// one batch axis, so such a blob is "folded": [n, c, h, w], or [n, c] where height and width are 1, or [steps, 1, c]
// between recurrent layers. The others, which came later, state each blob's own axes: "exact".
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/features.h"
#include "parsers/coreml/message.h"
#include "parsers/graph_writer.h"

namespace nngauge::coreml {

struct Blob {
  TensorId id = kNoTensor;
  bool exact = false;
};

// A blob's own extents as a folded one has them; unknown rank where there is no such form.
Shape folded_shape(const Shape& own);

// What is known by name while a model is built. A pipeline's models see each other's results.
class Features {
 public:
  explicit Features(Model& model) : model_(model) {}
  // The feature as a model wants it: an input of the graph where nothing made it yet. Networks take numbers as float32.
  Result<Blob> take(const Feature& feature, bool exact, DType dtype);
  void put(const std::string& name, Blob blob) { blobs_[name] = blob; }
  [[nodiscard]] const Blob* find(const std::string& name) const;

 private:
  Model& model_;
  std::map<std::string, Blob> blobs_;
};

// Where blobs of one network are looked up: branches and bodies of loops see those around them.
struct Scope {
  GraphId graph = 0;
  Scope* outer = nullptr;
  std::map<std::string, Blob, std::less<>> blobs;
  std::set<std::string> written;  // by layers of this scope
};

class NetworkBuilder {
 public:
  explicit NetworkBuilder(Model& model) : model_(model) {}

  // Adds the layers of a NeuralNetwork (or of a classifier or regressor, which begin alike) to graph 0, and its results
  // to `features`. Errors with the layer's place: kInvalidGraph, kInvalidAttribute, kShapeMismatch, kDamaged,
  // kTooLarge.
  Status build(const Message& network, const FeatureList& interface, Features& features);

  // Adds the layers of an inner network to the graph of `scope`.
  Status build_layers(const Message& network, Scope& scope, int depth);
  // The blob of a name, captured from around where needed; nullptr if there is none.
  const Blob* resolve(std::string_view name, Scope& scope);
  // Makes the results of `scope` those with the names, which lie in it or around it.
  Status set_outputs(Scope& scope, const std::vector<std::string>& names);
  // A graph inside that of `outer`.
  Scope inner_scope(Scope& outer);
  [[nodiscard]] Model& model() { return model_; }

 private:
  Status build_layer(const Message& layer, std::int32_t index, Scope& scope, int depth);
  Status publish(const Message& network, const FeatureList& interface, Scope& scope, Features& features);

  Model& model_;
  bool exact_arrays_ = false, exact_images_ = false;
  std::string last_output_;
  std::size_t layers_ = 0;
};

}  // namespace nngauge::coreml
