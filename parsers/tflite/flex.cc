// SPDX-License-Identifier: Apache-2.0
// TensorFlow operators that the Flex delegate runs: the node stands in the operator's options as a serialised NodeDef.
#include "graph/op_table.h"
#include "graph_def.pb.h"
#include "parsers/tensorflow/op_map.h"
#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {

Status read_flex(OpContext& c, std::string_view name, Bytes node_def) {
  c.op.source_op = "Flex:" + std::string(name);
  tf::NodeDef node;
  // Bytes that are no NodeDef have no attributes.
  if (!node.ParseFromArray(node_def.data(), static_cast<int>(node_def.size()))) node.Clear();
  node.set_op(std::string(name));
  const tensorflow::NodeView view(node);
  tensorflow::OpContext context{view, c.graph, c.inputs, c.op, c.file.model->diagnostics, nullptr, std::nullopt};
  NNGAUGE_CHECK(tensorflow::read_op(context));
  c.inputs = std::move(context.inputs);
  return ok();
}

Status read_named_like_tensorflow(OpContext& c, std::string_view name) {
  const tensorflow::OpRow* row = tensorflow::find_op_row(name);
  const bool plain = row && row->read == tensorflow::read_nothing &&
                     op_info(row->kind).category == OpCategory::kElementwise && row->operands.size() == c.inputs.size();
  if (!plain) return ok();
  c.op.kind = row->kind;
  c.op.attrs = NoAttrs{};
  c.arrange(row->operands);
  return ok();
}

}  // namespace nngauge::tflite
