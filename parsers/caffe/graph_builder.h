// SPDX-License-Identifier: Apache-2.0
// Owns: layers to operators: who makes which blob, in-place layers, weights from a caffemodel or by shape.
// Caffe computes shapes layer by layer, and the shape of a weight follows from them; so does the builder, by the rules
// of the op table. Not here: what single types of layers mean (layer_map.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/shape_inference.h"
#include "parsers/caffe/binary.h"
#include "parsers/caffe/net.h"

namespace nngauge::caffe_format {

using StoredBlobs = std::map<std::string, std::vector<Blob>>;

class GraphBuilder {
 public:
  // All references must outlive the builder; `reduction` (of a binary structure) and `bindings` may be null.
  GraphBuilder(Model& model, const StoredBlobs& stored, const Reduction* reduction, const Bindings* bindings)
      : model_(model), graph_(model.graphs.front()), stored_(stored), reduction_(reduction), bindings_(bindings) {}

  // Errors, with the layer: kInvalidGraph, kInvalidAttribute, kShapeMismatch (stored blob of another size).
  Status build(const caffe::NetParameter& net, const Selection& selection);

  // --- for readers of layers ----------------------------------------------------------------------------------------

  TensorId add_tensor(std::string name, Shape declared = {});
  TensorId add_input(const std::string& name, Shape shape, Dim batch = {});
  [[nodiscard]] const Tensor& tensor(TensorId id) const { return graph_.tensors[static_cast<std::size_t>(id)]; }
  Tensor& tensor(TensorId id) { return graph_.tensors[static_cast<std::size_t>(id)]; }
  // The learned blob `index` of `layer`, shared where the layer names it so. Extents of `expected` that are not known
  // are taken from what is stored. Errors: kShapeMismatch.
  Result<TensorId> weight(const caffe::LayerParameter& layer, std::size_t index, const std::string& suffix,
                          Shape expected);
  // How many blobs are stored for the layer; nullopt where none is.
  [[nodiscard]] std::optional<std::size_t> stored_count(const caffe::LayerParameter& layer) const;
  [[nodiscard]] const Blob* stored_blob(const caffe::LayerParameter& layer, std::size_t index) const;
  void add_op(Op op);
  Model& model() { return model_; }
  [[nodiscard]] std::int64_t bound_dim(const std::string& name, std::int64_t otherwise);

 private:
  Status declare_inputs(const caffe::NetParameter& net);
  Status add_layer(const Layer& layer);
  Status add_source(const caffe::LayerParameter& layer);
  TensorId find_bottom(const std::string& name);
  [[nodiscard]] bool is_bound(const std::string& input) const;
  void settle_rank(TensorId id, const std::string& type, std::size_t position);
  void infer(const Op& op);
  void finish();
  std::string fresh_name(const std::string& top, const std::string& layer);

  Model& model_;
  Graph& graph_;
  const StoredBlobs& stored_;
  const Reduction* reduction_;
  const Bindings* bindings_;
  std::map<std::string, TensorId, std::less<>> blobs_;  // the last writer of each name
  std::map<std::string, std::int64_t> names_;           // uses of a tensor name
  std::map<std::string, TensorId> shared_;              // weights with a name
  std::map<std::string, std::int64_t> padding_;         // top of a padding layer -> pad
  std::map<std::string, std::string> padded_from_;      // top of a padding layer -> its bottom
  std::map<TensorId, Dim> open_rank_;                   // inputs whose rank the file leaves open, and their batch
  std::vector<std::string> blob_order_;                 // as Caffe lists blobs
  std::vector<bool> consumed_;                          // per tensor
  std::vector<bool> optional_input_;                    // per tensor: an input that is dropped where nobody reads it
};

}  // namespace nngauge::caffe_format
