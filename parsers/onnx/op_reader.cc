// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/op_reader.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "base/text.h"
#include "graph/op_table.h"
#include "parsers/onnx/types.h"

namespace nngauge::onnx_format {
namespace {

std::string type_name(int type) {
  return onnx::AttributeProto::AttributeType_IsValid(type)
             ? onnx::AttributeProto::AttributeType_Name(static_cast<onnx::AttributeProto::AttributeType>(type))
             : std::to_string(type);
}

}  // namespace

void OpReader::fail(ErrorCode code, std::string message) {
  if (status_) status_ = make_error(code, std::move(message));
}

const onnx::AttributeProto* OpReader::typed(std::string_view name, int type) {
  const onnx::AttributeProto* attribute = node_.find(name);
  if (attribute == nullptr) return nullptr;
  const auto actual = attribute_type(*attribute);
  // Without a type and without content it is an empty list or a default: nothing contradicts `type`.
  if (actual == type || actual == onnx::AttributeProto::UNDEFINED) return attribute;
  fail(ErrorCode::kInvalidAttribute,
       fmt::format("attribute {} has type {}, not {}", in_quotes(name), type_name(actual), type_name(type)));
  return nullptr;
}

std::int64_t OpReader::integer(std::string_view name, std::int64_t fallback) {
  const auto* attribute = typed(name, onnx::AttributeProto::INT);
  return attribute != nullptr ? attribute->i() : fallback;
}

double OpReader::real(std::string_view name, double fallback) {
  const auto* attribute = typed(name, onnx::AttributeProto::FLOAT);
  return attribute != nullptr ? static_cast<double>(attribute->f()) : fallback;
}

std::string OpReader::text(std::string_view name, std::string_view fallback) {
  const auto* attribute = typed(name, onnx::AttributeProto::STRING);
  return attribute != nullptr ? attribute->s() : std::string(fallback);
}

Ints OpReader::ints(std::string_view name) {
  const auto* attribute = typed(name, onnx::AttributeProto::INTS);
  return attribute != nullptr ? Ints(attribute->ints().begin(), attribute->ints().end()) : Ints();
}

std::vector<double> OpReader::reals(std::string_view name) {
  const auto* attribute = typed(name, onnx::AttributeProto::FLOATS);
  return attribute != nullptr ? std::vector<double>(attribute->floats().begin(), attribute->floats().end())
                              : std::vector<double>();
}

DType OpReader::dtype(std::string_view name, DType fallback) {
  const onnx::AttributeProto* attribute = node_.find(name);
  if (attribute == nullptr) return fallback;
  // Cast's `to` was the name of the type before opset 6.
  if (attribute_type(*attribute) == onnx::AttributeProto::STRING) {
    onnx::TensorProto::DataType number = onnx::TensorProto::UNDEFINED;
    if (!onnx::TensorProto::DataType_Parse(attribute->s(), &number)) {
      fail(ErrorCode::kInvalidAttribute,
           fmt::format("attribute {} names no element type: {}", in_quotes(name), in_quotes(attribute->s())));
    }
    return dtype_of(number);
  }
  const std::int64_t number = integer(name, 0);
  return number >= 0 && number <= 1000 ? dtype_of(static_cast<std::int32_t>(number)) : DType::kUnknown;
}

std::optional<Tensor> OpReader::constant(std::string_view name) {
  const auto* attribute = typed(name, onnx::AttributeProto::TENSOR);
  if (attribute == nullptr || !attribute->has_t()) return std::nullopt;
  auto tensor = constants_.read(attribute->t());
  if (tensor) return *std::move(tensor);
  if (status_) status_ = tensor.error();
  return std::nullopt;
}

GraphId OpReader::graph(std::string_view name) {
  const auto* attribute = typed(name, onnx::AttributeProto::GRAPH);
  if (attribute == nullptr || !attribute->has_g() || !status_) return -1;
  auto id = subgraphs_(attribute->g());
  if (!id) {
    status_ = id.error();
    return -1;
  }
  return *id;
}

const Tensor* OpReader::input(std::size_t i) const {
  if (i >= op_.inputs.size() || op_.inputs[i].tensor == kNoTensor) return nullptr;
  return &model_.graphs[graph_].tensors[static_cast<std::size_t>(op_.inputs[i].tensor)];
}

const Value* OpReader::value(std::size_t i) const {
  const Tensor* tensor = input(i);
  return tensor != nullptr && tensor->value ? &*tensor->value : nullptr;
}

bool OpReader::stored(std::size_t i) const {
  return input(i) != nullptr && derived_[graph_][static_cast<std::size_t>(op_.inputs[i].tensor)];
}

void OpReader::role(std::size_t i, OperandRole role) {
  if (i < op_.inputs.size()) op_.inputs[i].role = role;
}

void OpReader::roles_from(std::size_t first, OperandRole role) {
  for (std::size_t i = first; i < op_.inputs.size(); ++i) op_.inputs[i].role = role;
}

void OpReader::role_if_stored(std::size_t i, OperandRole role) {
  if (stored(i)) op_.inputs[i].role = role;
}

void OpReader::arrange(std::initializer_list<int> order, std::initializer_list<int> quant) {
  const std::vector<Operand> file_order = std::move(op_.inputs);
  const auto take = [&](int i) {
    return i >= 0 && static_cast<std::size_t>(i) < file_order.size() ? file_order[static_cast<std::size_t>(i)]
                                                                     : Operand{};
  };
  op_.inputs.clear();
  for (const int i : order) op_.inputs.push_back(take(i));
  std::vector<Operand> last;
  for (const int i : quant) {
    if (const Operand operand = take(i); operand.tensor != kNoTensor)
      last.push_back({operand.tensor, OperandRole::kQuant});
  }
  const int most = op_info(op_.kind).max_inputs;
  if (!last.empty() && most > 0 && op_.inputs.size() < static_cast<std::size_t>(most))
    op_.inputs.resize(static_cast<std::size_t>(most));
  if (last.empty()) {
    while (!op_.inputs.empty() && op_.inputs.back().tensor == kNoTensor) op_.inputs.pop_back();
  }
  op_.inputs.insert(op_.inputs.end(), last.begin(), last.end());
}

}  // namespace nngauge::onnx_format
