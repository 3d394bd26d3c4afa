// SPDX-License-Identifier: Apache-2.0
// Owns: turning ONNX graphs, their subgraphs and calls of model-local functions into graphs of a Model.
// Names become ids here; functions are inlined here; operators are read by op_map.h.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/format.h"
#include "parsers/onnx/constants.h"
#include "parsers/onnx/forward.h"
#include "parsers/onnx/functions.h"
#include "parsers/onnx/node_view.h"
#include "parsers/protobuf_reduce.h"

namespace nngauge::onnx_format {

// Versions of operator sets by canonical domain.
using Opsets = std::unordered_map<std::string, std::int64_t>;

// Where names are looked up: one per graph, and one per call of a function.
struct Scope {
  GraphId graph = 0;
  Scope* outer = nullptr;                                // the scope around a subgraph, whose names it may read
  std::unordered_map<std::string_view, TensorId> names;  // views into the protobuf messages
  std::unordered_set<const std::string*> overwritten;    // results that replace an operand of the same name
  const AttributeBindings* attributes = nullptr;
  const Opsets* opsets = nullptr;
  TensorId first_result = 0;     // constants and inputs have smaller ids
  std::string prefix;            // of names made by a call
  std::int32_t call_index = -1;  // node of the main graph that the call stands for; -1: no call
};

class GraphBuilder {
 public:
  GraphBuilder(const ModelSource& source, const onnx::ModelProto& proto, const Reduction& reduction, Model& model);

  // Builds model.graphs from the main graph. Errors: kInvalidGraph (names defined twice or never, recursive functions),
  // kInvalidAttribute, kDamaged, kUnsafePath, kTooLarge, with the place of the operator or tensor.
  Status build();

 private:
  Result<GraphId> build_graph(const onnx::GraphProto& proto, Scope* outer);
  Status define_constants(const onnx::GraphProto& proto, Scope& scope);
  Status define_inputs(const onnx::GraphProto& proto, Scope& scope, bool is_main);
  Status define_outputs(const onnx::NodeProto& node, Scope& scope);
  [[nodiscard]] static bool overwrites(const onnx::NodeProto& node, const std::string& output, const Scope& scope);
  void declare(const onnx::ValueInfoProto& info, Scope& scope);
  Status build_node(const onnx::NodeProto& node, std::int32_t index, Scope& scope);
  // A node that stands for inputs or outputs of the graph.
  Status bind_ends(const onnx::NodeProto& node, Scope& scope);
  Status build_op(const onnx::NodeProto& node, std::int32_t index, Scope& scope);
  Status inline_call(const onnx::NodeProto& node, const Function& function, std::int32_t index, Scope& scope);
  Status bind_formals(const onnx::NodeProto& node, const onnx::FunctionProto& function, Scope& caller, Scope& scope);
  Status define_in_call(const onnx::NodeProto& node, const std::unordered_map<std::string_view, TensorId>& results,
                        Scope& scope);
  void add_captures(Op& op, std::size_t first_graph, GraphId parent);

  // The tensor of a name, captured from around where needed; kNoTensor if there is none.
  TensorId resolve(std::string_view name, Scope& scope);
  Status define(std::string_view name, Tensor tensor, Scope& scope);
  TensorId add_tensor(Tensor tensor, GraphId graph, bool derived);
  [[nodiscard]] Graph& graph(GraphId id) { return model_.graphs[static_cast<std::size_t>(id)]; }
  // The version that a scope imports, else the model's, else 1.
  [[nodiscard]] std::int64_t opset(const Scope& scope, std::string_view domain) const;
  [[nodiscard]] std::string place(const onnx::NodeProto& node, std::int32_t index) const;
  [[nodiscard]] std::uint64_t offset_of(const onnx::NodeProto& node) const;

  const ModelSource& source_;
  const onnx::ModelProto& proto_;
  const Reduction& reduction_;
  Model& model_;
  ConstantReader constants_;
  FunctionTable functions_;
  Opsets opsets_;
  std::vector<std::vector<bool>> derived_;  // per graph, per tensor: a constant, or a form of one
  std::vector<const Function*> calls_;      // active calls, outermost first
  std::uint64_t expanded_ops_ = 0;          // made by calls
  std::uint64_t expanded_name_bytes_ = 0;
};

// Versions by domain, as a model or a function imports them.
Opsets read_opsets(const onnx::ModelProto& proto);
Opsets read_opsets(const onnx::FunctionProto& proto);

}  // namespace nngauge::onnx_format
