// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {

// Numbers of tensors, -1 for an absent one.
Result<std::vector<TensorId>> read_ids(FileView& file, const flatbuffers::Vector<std::int32_t>* ids,
                                       std::size_t tensors, std::string_view what) {
  NNGAUGE_CHECK(file.budget.spend(length(ids)));
  std::vector<TensorId> out;
  out.reserve(length(ids));
  for (std::size_t i = 0; i < length(ids); ++i) {
    const std::int32_t id = ids->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (id < kNoTensor || (id >= 0 && static_cast<std::size_t>(id) >= tensors)) {
      return make_error(ErrorCode::kInvalidGraph, std::string(what) + " " + std::to_string(i) + " is tensor #" +
                                                      std::to_string(id) + " of " + std::to_string(tensors));
    }
    out.push_back(id);
  }
  return out;
}

Status read_kind(OpContext& context) {
  FileView& file = context.file;
  const std::uint32_t index = context.source.opcode_index();
  if (index >= length(file.source->operator_codes())) {
    return make_error(ErrorCode::kDamaged, "names operator code " + std::to_string(index) + " of " +
                                               std::to_string(length(file.source->operator_codes())));
  }
  const fb::OperatorCode& code = *file.source->operator_codes()->Get(index);
  // Old files have the one-byte code only; new ones put 127 there for codes that do not fit.
  const std::int32_t builtin = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
  Op& op = context.op;
  if (builtin == fb::BuiltinOperator_CUSTOM) {
    op.kind = OpKind::kCustom;
    NNGAUGE_CHECK(file.budget.spend(length(code.custom_code())));
    op.source_op = text_of(code.custom_code());
    context.arrange("x*");
    return read_custom(context, std::string(op.source_op));
  }
  op.source_op = operator_name(builtin);
  const OperatorRow* row = find_operator(builtin);
  if (!row) {
    context.give_up("unknown-builtin", "unknown builtin " + std::to_string(builtin));
    return ok();
  }
  op.kind = row->kind;
  context.arrange(row->operands);
  if (op.kind == OpKind::kCustom || op.kind == OpKind::kDelegateBlob) {
    CustomAttrs attrs;
    attrs.name = op.source_op;
    op.attrs = std::move(attrs);
  }
  return row->read(context);
}

Status read_operator(FileView& file, const fb::SubGraph& subgraph, const fb::Operator& source, Graph& graph, Op& op) {
  NNGAUGE_TRY(std::vector<TensorId> inputs, read_ids(file, source.inputs(), graph.tensors.size(), "operand"));
  NNGAUGE_TRY(op.outputs, read_ids(file, source.outputs(), graph.tensors.size(), "result"));
  if (!op.outputs.empty() && op.outputs.front() != kNoTensor) {
    op.name = graph.tensors[static_cast<std::size_t>(op.outputs.front())].name;
    NNGAUGE_CHECK(file.budget.spend(op.name.size()));
  }
  OpContext context{file, graph, subgraph, source, std::move(inputs), op};
  return read_kind(context);
}

}  // namespace

Status read_operators(FileView& file, const fb::SubGraph& source, Graph& graph) {
  graph.ops.resize(length(source.operators()));
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const fb::Operator& record = *source.operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
    Op& op = graph.ops[i];
    op.source = {static_cast<std::int32_t>(i), file.offset_of(&record)};
    Status status = read_operator(file, source, record, graph, op);
    if (!status) {
      std::string place = "op #" + std::to_string(i);
      if (!op.source_op.empty()) place += " " + printable(op.source_op);
      if (!op.name.empty()) place += " " + in_quotes(op.name);
      return status.error().at(place);
    }
  }
  return ok();
}

}  // namespace nngauge::tflite
