// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/graph_builder.h"

#include <catch2/catch.hpp>

#include "graph/op_table.h"

namespace nngauge::test {

OneOp::OneOp(OpKind kind, Attributes attrs, std::size_t results) {
  Graph& graph = model_.graphs.emplace_back();
  Op& op = graph.ops.emplace_back();
  op.kind = kind;
  op.source_op = std::string(op_info(kind).name);
  op.attrs = std::move(attrs);
  for (std::size_t i = 0; i < results; ++i) {
    op.outputs.push_back(static_cast<TensorId>(graph.tensors.size()));
    graph.tensors.emplace_back().name = "result" + std::to_string(i);
  }
  graph.outputs = op.outputs;
}

OneOp& OneOp::add(Tensor tensor, OperandRole role) {
  Graph& graph = model_.main();
  const auto id = static_cast<TensorId>(graph.tensors.size());
  tensor.name = "operand" + std::to_string(graph.ops.front().inputs.size());
  if (!tensor.is_constant) graph.inputs.push_back(id);
  graph.tensors.push_back(std::move(tensor));
  graph.ops.front().inputs.push_back({id, role});
  return *this;
}

OneOp& OneOp::input(Shape shape, OperandRole role, DType dtype) {
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.declared = shape;
  tensor.shape = std::move(shape);
  return add(std::move(tensor), role);
}

OneOp& OneOp::constant(Shape shape, OperandRole role, DType dtype) {
  input(std::move(shape), role, dtype);
  model_.main().inputs.pop_back();
  model_.main().tensors.back().is_constant = true;
  return *this;
}

OneOp& OneOp::ints(std::vector<std::int64_t> elements) {
  constant({static_cast<std::int64_t>(elements.size())}, OperandRole::kConfig, DType::kInt64);
  model_.main().tensors.back().value = Value::of_ints(std::vector<Dim>(elements.begin(), elements.end()));
  return *this;
}

OneOp& OneOp::scalar_int(std::int64_t element) {
  constant(Shape::scalar(), OperandRole::kConfig, DType::kInt64);
  model_.main().tensors.back().value = Value::of_ints({element});
  return *this;
}

OneOp& OneOp::reals(std::vector<double> elements) {
  constant({static_cast<std::int64_t>(elements.size())}, OperandRole::kConfig);
  model_.main().tensors.back().value = Value::of_reals(std::move(elements));
  return *this;
}

OneOp& OneOp::absent() {
  op().inputs.push_back({});
  return *this;
}

Result<std::vector<TensorInfo>> OneOp::infer() {
  auto results = op_info(op().kind).shape(context());
  if (!results) return results;
  for (std::size_t i = 0; i < op().outputs.size() && i < results->size(); ++i) {
    Tensor& tensor = model_.main().tensors[static_cast<std::size_t>(op().outputs[i])];
    tensor.dtype = (*results)[i].dtype;
    tensor.shape = (*results)[i].shape;
  }
  return results;
}

Result<Work> OneOp::work() { return op_info(op().kind).work(context()); }

std::string OneOp::shape(std::size_t i) {
  const auto results = infer();
  if (!results) return results.error().text();
  if (i >= results->size()) return "no such result";
  return shape_text((*results)[i].shape, model_.symbols);
}

DType OneOp::dtype(std::size_t i) {
  const auto results = infer();
  return results && i < results->size() ? (*results)[i].dtype : DType::kUnknown;
}

Work OneOp::must_work() {
  const auto results = infer();
  if (!results) FAIL(results.error().text());
  const auto counted = work();
  if (!counted) FAIL(counted.error().text());
  return *counted;
}

std::string OneOp::error() {
  if (const auto results = infer(); !results) return results.error().text();
  const auto counted = work();
  return counted ? "" : counted.error().text();
}

Explanation OneOp::explain() {
  must_work();
  Explanation lines;
  const auto counted = op_info(op().kind).work(context(&lines));
  CHECK(counted.has_value());
  return lines;
}

std::optional<Value> OneOp::fold(std::size_t i) {
  const FoldRule rule = op_info(op().kind).fold;
  return rule ? rule(context(), i) : std::nullopt;
}

}  // namespace nngauge::test
