// SPDX-License-Identifier: Apache-2.0
// TensorFlow operators that the Flex delegate runs: the node stands in the operator's options as a serialised NodeDef.
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

}  // namespace nngauge::tflite
