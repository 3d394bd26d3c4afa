// SPDX-License-Identifier: Apache-2.0
#include "parsers/graph_writer.h"

#include "graph/op_table.h"
#include "graph/rule.h"

namespace nngauge {

TensorId GraphWriter::add(Tensor tensor) {
  graph().tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(graph().tensors.size() - 1);
}

TensorId GraphWriter::add_input(std::string name, DType dtype, Shape shape) {
  Tensor out;
  out.name = std::move(name);
  out.dtype = dtype;
  out.declared = out.shape = std::move(shape);
  const TensorId id = add(std::move(out));
  graph().inputs.push_back(id);
  return id;
}

TensorId GraphWriter::add_constant(std::string name, DType dtype, Shape shape, DataRef data) {
  Tensor out;
  out.name = std::move(name);
  out.dtype = dtype;
  out.declared = out.shape = std::move(shape);
  out.is_constant = true;
  out.data = data;
  return add(std::move(out));
}

TensorId GraphWriter::add_scalar(double value) {
  Tensor out;
  out.dtype = DType::kFloat32;
  out.declared = out.shape = Shape::scalar();
  out.is_constant = true;
  out.value = Value::of_reals({value});
  return add(std::move(out));
}

TensorId GraphWriter::add_integers(const std::vector<std::int64_t>& values) {
  Tensor out;
  out.dtype = DType::kInt64;
  out.declared = out.shape = {static_cast<std::int64_t>(values.size())};
  out.is_constant = true;
  out.value = Value::of_ints(std::vector<Dim>(values.begin(), values.end()));
  return add(std::move(out));
}

Result<std::vector<TensorId>> GraphWriter::emit(Op op, std::size_t results) {
  for (std::size_t i = 0; i < results; ++i) {
    Tensor result;
    result.name = op.name;
    op.outputs.push_back(add(std::move(result)));
  }
  const auto id = static_cast<OpId>(graph().ops.size());
  graph().ops.push_back(std::move(op));
  const Op& added = graph().ops.back();
  const OpInfo& info = op_info(added.kind);
  // Too few operands are told by complete_model; rules may rely on their number.
  std::size_t present = 0;
  for (const Operand& operand : added.inputs)
    present += operand.tensor != kNoTensor && operand.role != OperandRole::kQuant ? 1 : 0;
  if (present < static_cast<std::size_t>(info.min_inputs)) return added.outputs;
  const Result<std::vector<TensorInfo>> infos = info.shape(RuleContext(model_, graph(), added));
  if (!infos) {
    // A branch that is never taken may be wrong: complete_model knows which ones are.
    const bool perhaps_never_run = graph().parent >= 0 && infos.error().code == ErrorCode::kShapeMismatch;
    if (perhaps_never_run || infos.error().code == ErrorCode::kUnknown) return added.outputs;
    return infos.error().at(op_place(added, id));
  }
  for (std::size_t i = 0; i < added.outputs.size() && i < infos->size(); ++i) {
    Tensor& result = tensor(added.outputs[i]);
    if ((*infos)[i].shape.ranked()) result.shape = (*infos)[i].shape;
    if (result.dtype == DType::kUnknown) result.dtype = (*infos)[i].dtype;
  }
  return added.outputs;
}

Result<TensorId> GraphWriter::emit(Op op) {
  NNGAUGE_TRY(const std::vector<TensorId> results, emit(std::move(op), 1));
  return results[0];
}

}  // namespace nngauge
