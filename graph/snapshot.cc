// SPDX-License-Identifier: Apache-2.0
#include "graph/snapshot.h"

#include "base/text.h"
#include "graph/attribute_text.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

std::string dim_text(Dim dim, const SymbolTable& symbols) {
  if (dim.known()) return std::to_string(dim.value());
  return dim.is_symbol() ? snapshot_quote(symbols.name(dim.symbol_id())) : "?";
}

std::string dims_text(const std::vector<Dim>& dims, const SymbolTable& symbols) {
  std::string out = "[";
  for (const Dim dim : dims) {
    if (out.size() > 1) out += ",";
    out += dim_text(dim, symbols);
  }
  return out + "]";
}

void write_tensor(std::string& out, std::size_t id, const Tensor& tensor, const SymbolTable& symbols) {
  out += "tensor " + std::to_string(id) + " name=" + snapshot_quote(tensor.name) +
         " dtype=" + std::string(dtype_name(tensor.dtype));
  if (tensor.shape.ranked()) out += " shape=" + dims_text(tensor.shape.dims(), symbols);
  if (tensor.is_constant) out += " const";
  if (tensor.is_variable) out += " variable";
  if (tensor.stored_elements > 0) out += " stored=" + std::to_string(tensor.stored_elements);
  const Quantization& quantization = tensor.quantization;
  if (quantization.scheme != QuantScheme::kNone) {
    out += " quant=" + std::string(quant_scheme_name(quantization.scheme));
    if (quantization.axis != 0) out += " axis=" + std::to_string(quantization.axis);
    if (quantization.block_size != 0) out += " block=" + std::to_string(quantization.block_size);
  }
  if (tensor.is_constant && tensor.value) {
    if (!tensor.value->real) out += " ints=" + dims_text(tensor.value->ints, symbols);
    else {
      out += " reals=[";
      for (std::size_t i = 0; i < tensor.value->reals.size(); ++i)
        out += (i > 0 ? "," : "") + shortest(tensor.value->reals[i]);
      out += "]";
    }
  }
  out += "\n";
}

void write_op(std::string& out, const Op& op) {
  out += "op " + std::string(op_info(op.kind).name) + " name=" + snapshot_quote(op.name) +
         " source=" + snapshot_quote(op.source_op);
  out += " index=" + std::to_string(op.source.index) + " in=";
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Operand& operand = op.inputs[i];
    if (i > 0) out += ",";
    out += operand.tensor == kNoTensor ? "-" : std::to_string(operand.tensor);
    if (operand.role != OperandRole::kData) out += ":" + std::string(operand_role_name(operand.role));
  }
  out += " out=";
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    if (i > 0) out += ",";
    out += op.outputs[i] == kNoTensor ? "-" : std::to_string(op.outputs[i]);
  }
  if (op.activation != FusedActivation::kNone) out += " act=" + std::string(fused_activation_name(op.activation));
  out += " attrs=" + std::string(attribute_type_name(op.attrs));
  for (const auto& [name, value] : attribute_fields(op.attrs)) {
    const bool plain = value.find_first_of(" \"\\\n\r\t") == std::string::npos && !value.empty();
    out += " " + name + "=" + (plain ? value : snapshot_quote(value));
  }
  out += "\n";
}

void write_ids(std::string& out, std::string_view word, const std::vector<TensorId>& ids) {
  out += word;
  for (const TensorId id : ids) out += " " + std::to_string(id);
  out += "\n";
}

}  // namespace

std::string snapshot_quote(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += std::string("\\") + c;
    else if (byte < 0x20 || byte == 0x7F) out += std::string("\\x") + kDigits[byte / 16] + kDigits[byte % 16];
    else out += c;
  }
  return out + "\"";
}

std::string snapshot_text(const Model& model) {
  std::string out = "nngauge-graph 1\n";
  out += "model name=" + snapshot_quote(model.name) + " format=" + snapshot_quote(model.format) +
         " format_version=" + snapshot_quote(model.format_version) + " producer=" + snapshot_quote(model.producer) +
         "\n";
  for (std::size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    out += "graph " + std::to_string(g) + " name=" + snapshot_quote(graph.name) +
           " parent=" + std::to_string(graph.parent) + "\n";
    for (std::size_t t = 0; t < graph.tensors.size(); ++t) write_tensor(out, t, graph.tensors[t], model.symbols);
    for (const Op& op : graph.ops) write_op(out, op);
    for (const Capture& capture : graph.captures) {
      out += "capture " + std::to_string(capture.inner) + " " + std::to_string(capture.outer) + "\n";
    }
    write_ids(out, "inputs", graph.inputs);
    write_ids(out, "outputs", graph.outputs);
  }
  return out;
}

}  // namespace nngauge
