// SPDX-License-Identifier: Apache-2.0
// Owns: what the parts of the MNN reader share. Only .cc files of this folder include it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "base/file.h"
#include "base/result.h"
#include "graph/graph.h"
#include "mnn_generated.h"
#include "parsers/copy_budget.h"
#include "parsers/flatbuffer_fields.h"
#include "parsers/format.h"

namespace nngauge::mnn {

DType dtype_of(std::int32_t code);

struct FileView {
  const ModelSource& source;
  Bytes bytes;  // aligned
  const fb::Net* net = nullptr;
  Model& model;
  CopyBudget budget;
  std::map<std::string, std::int32_t> side_files{};
  std::map<std::string, GraphId> graph_ids{};  // of the inner graphs, by name
  std::set<std::int64_t> arranged{};           // branches whose operands have been put in order

  // Where the elements of a vector lie.
  template <class T>
  [[nodiscard]] DataRef place(const flatbuffers::Vector<T>* vector) const {
    if (length(vector) == 0) return {};
    const auto at = reinterpret_cast<const std::uint8_t*>(vector->Data()) - bytes.data();
    return {0, static_cast<std::uint64_t>(at), sizeof(T) * std::uint64_t{vector->size()}};
  }
  // A part of the side file that holds weights (`<model>.weight` unless the operator names one).
  // Errors: kDamaged where it lies beyond the file, kUnsafePath.
  Result<DataRef> external(const std::string& name, std::int64_t offset, std::int64_t size);
};

using Producers = std::unordered_map<std::int32_t, const fb::Op*>;  // operators by the tensor of the file they make

// An operator while it is read.
struct OpContext {
  FileView& file;
  Graph& graph;
  const fb::Op& source;
  Op& op;  // name, data operands, outputs are set
  const Producers& producers;

  [[nodiscard]] Tensor* input(std::size_t i) const {
    return i < op.inputs.size() && op.inputs[i].tensor != kNoTensor
               ? &graph.tensors[static_cast<std::size_t>(op.inputs[i].tensor)]
               : nullptr;
  }
  template <class Options>
  [[nodiscard]] const Options* options() const {
    return source.main_as<Options>();
  }
  void set_role(std::size_t i, OperandRole role) const {
    if (i < op.inputs.size()) op.inputs[i].role = role;
  }
  // Adds a constant operand that lies inside the operator's own table. Errors: kDamaged where the bytes do not hold the
  // elements; without any bytes (size 0) the extents alone are known.
  Status add_constant(std::string_view suffix, DType dtype, Ints dims, DataRef data, OperandRole role) const;
  // What the operator does cannot be told: a Custom of its name, with a remark.
  Status give_up(const std::string& reason) const;
};

// Sets kind, attributes, roles, constants inside the operator (op_map.cc).
Status read_operator(OpContext& c);
std::string operator_name(std::int32_t type);

// A loop or branch, whose graphs are looked at when all are read.
struct ControlRequest {
  GraphId graph = 0;
  std::size_t op = 0;
  const fb::Op& source;
};
// Errors: kInvalidGraph.
Status bind_control(const ControlRequest& request, FileView& file);

// Kernel, strides, dilations, padding.
void take_geometry(const fb::Convolution2DCommon& common, ConvAttrs& attrs);

// --- read_windows.cc ---
Status read_pool(OpContext& c);
Status read_pool3d(OpContext& c);
Status read_im2col(OpContext& c);
Status read_col2im(OpContext& c);
Status read_interp(OpContext& c);
Status read_roi(OpContext& c);
Status read_grid_sample(OpContext& c);

// --- read_indexing.cc ---
Status read_gather(OpContext& c);
Status read_gather_elements(OpContext& c);
Status read_arg(OpContext& c);
Status read_top_k(OpContext& c);
Status read_one_hot(OpContext& c);
Status read_scatter(OpContext& c);
Status read_slice(OpContext& c);
Status read_strided_slice(OpContext& c);

// --- read_control.cc ---
Status read_recurrent(OpContext& c);
Status read_while(OpContext& c);
Status read_if(OpContext& c);

// --- weights.cc ---
Status read_instance_norm(OpContext& c);
Status read_convolution(OpContext& c);
Status read_inner_product(OpContext& c);
Status read_scale(OpContext& c);
Status read_batch_norm(OpContext& c);
Status read_layer_norm(OpContext& c);
Status read_prelu(OpContext& c);
Status read_matmul(OpContext& c);
Status read_attention(OpContext& c);

}  // namespace nngauge::mnn
