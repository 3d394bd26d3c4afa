// SPDX-License-Identifier: Apache-2.0
// Control flow, sequences, losses.
#include <fmt/format.h>

#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {
namespace {

GraphId required_graph(OpReader& r, std::string_view name) {
  const GraphId id = r.graph(name);
  if (id < 0) r.fail(ErrorCode::kInvalidAttribute, fmt::format("attribute \"{}\" with a graph is missing", name));
  return id;
}

}  // namespace

void read_if(OpReader& r) {
  ControlAttrs attrs;
  attrs.then_graph = required_graph(r, "then_branch");
  attrs.else_graph = required_graph(r, "else_branch");
  r.op().attrs = attrs;
}

void read_loop(OpReader& r) {
  ControlAttrs attrs;
  attrs.body_graph = required_graph(r, "body");
  r.role(0, OperandRole::kConfig);
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// Scan 8 has an operand sequence_lens in front, a batch axis, and `directions`; 9 dropped them.
void read_scan(OpReader& r) {
  ControlAttrs attrs;
  attrs.body_graph = required_graph(r, "body");
  attrs.scan_inputs = r.integer("num_scan_inputs", 0);
  attrs.scan_input_axes = r.ints("scan_input_axes");
  attrs.scan_output_axes = r.ints("scan_output_axes");
  if (r.opset() < 9) {
    if (!r.op().inputs.empty()) r.op().inputs.erase(r.op().inputs.begin());
    // Extents of every operand are [batch, sequence, …]: the body runs once per batch and step, along axis 1.
    attrs.scan_input_axes.assign(
        static_cast<std::size_t>(attrs.scan_inputs > 0 && attrs.scan_inputs < 1024 ? attrs.scan_inputs : 0), 1);
  }
  const auto most = static_cast<std::int64_t>(r.input_count());
  if (attrs.scan_inputs <= 0 || attrs.scan_inputs > most) {
    return r.fail(ErrorCode::kInvalidAttribute,
                  fmt::format("num_scan_inputs is {}, the op has {} operands", attrs.scan_inputs, most));
  }
  if (!attrs.scan_input_axes.empty() && static_cast<std::int64_t>(attrs.scan_input_axes.size()) != attrs.scan_inputs) {
    return r.fail(ErrorCode::kInvalidAttribute, fmt::format("scan_input_axes has {} entries for {} scanned operands",
                                                            attrs.scan_input_axes.size(), attrs.scan_inputs));
  }
  r.op().attrs = attrs;
}

void read_sequence_map(OpReader& r) {
  ControlAttrs attrs;
  attrs.body_graph = required_graph(r, "body");
  r.op().attrs = attrs;
}

// Sequences and optionals: an axis where the operator has one, a position as second or third operand.
void read_sequence(OpReader& r) {
  AxisAttrs attrs;
  if (r.has("axis")) attrs.axis = r.integer("axis", 0);
  attrs.keep_dims = r.has("keepdims") ? r.flag("keepdims", true) : true;
  if (r.op().kind == OpKind::kSequenceAt || r.op().kind == OpKind::kSequenceErase) r.role(1, OperandRole::kConfig);
  if (r.op().kind == OpKind::kSequenceInsert) r.role(2, OperandRole::kConfig);
  if (r.op().kind == OpKind::kSplitToSequence) r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

// scores, labels, weights?
void read_loss(OpReader& r) {
  AxisAttrs attrs;
  attrs.keep_dims = r.text("reduction", "mean") == "none";
  r.role(1, OperandRole::kConfig);
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
