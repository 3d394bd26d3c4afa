// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/functions.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "base/text.h"
#include "parsers/onnx/graph_builder.h"
#include "parsers/onnx/types.h"

namespace nngauge::onnx_format {
namespace {

// Fields that libonnx 1.12 does not know: NodeProto.overload, FunctionProto.attribute_proto and .overload.
constexpr int kNodeOverload = 8;
constexpr int kFunctionAttributeProto = 11;
constexpr int kFunctionOverload = 13;

// A string field of a newer schema than the generated classes know; empty where it is absent.
template <class Message>
std::string unknown_text(const Message& message, int number) {
  const auto& fields = message.unknown_fields();
  for (int i = fields.field_count() - 1; i >= 0; --i) {
    if (fields.field(i).number() == number &&
        fields.field(i).type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      return fields.field(i).length_delimited();
    }
  }
  return {};
}

}  // namespace

Status FunctionTable::add(const onnx::FunctionProto& proto) {
  Function function;
  function.proto = &proto;
  function.opsets = read_opsets(proto);
  const auto& fields = proto.unknown_fields();
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i).number() != kFunctionAttributeProto ||
        fields.field(i).type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    auto attribute = std::make_shared<onnx::AttributeProto>();
    if (!attribute->ParseFromString(fields.field(i).length_delimited())) {
      return make_error(ErrorCode::kDamaged,
                        fmt::format("a default attribute of function {} cannot be read", in_quotes(proto.name())));
    }
    function.defaults.push_back(std::move(attribute));
  }
  const std::tuple key(std::string(canonical_domain(proto.domain())), proto.name(),
                       unknown_text(proto, kFunctionOverload));
  if (!functions_.emplace(key, std::move(function)).second) {
    return make_error(ErrorCode::kInvalidGraph, fmt::format("function {} is defined twice", in_quotes(proto.name())));
  }
  return ok();
}

const Function* FunctionTable::find(const onnx::NodeProto& node) const {
  if (functions_.empty()) return nullptr;
  const auto found = functions_.find(
      {std::string(canonical_domain(node.domain())), node.op_type(), unknown_text(node, kNodeOverload)});
  return found == functions_.end() ? nullptr : &found->second;
}

AttributeBindings FunctionTable::bind(const Function& function, const NodeView& node) {
  AttributeBindings out;
  for (const auto& attribute : function.defaults) out[attribute->name()] = attribute.get();
  for (const auto& attribute : node.proto().attribute()) {
    if (const auto* value = node.resolve(attribute)) out[attribute.name()] = value;
  }
  return out;
}

}  // namespace nngauge::onnx_format
