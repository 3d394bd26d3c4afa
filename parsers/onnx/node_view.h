// SPDX-License-Identifier: Apache-2.0
// Owns: a node's attributes, looked up by name and type, with references of function bodies resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "parsers/onnx/forward.h"

namespace nngauge::onnx_format {

// What the attribute names of a function mean in one call of it.
using AttributeBindings = std::unordered_map<std::string, const onnx::AttributeProto*>;

// The type of an attribute: as stated, or before IR version 4 that of the field which is filled.
// A number of AttributeProto.AttributeType.
int attribute_type(const onnx::AttributeProto& attribute);

class NodeView {
 public:
  NodeView(const onnx::NodeProto& proto, const AttributeBindings* bindings) : proto_(proto), bindings_(bindings) {}

  [[nodiscard]] const onnx::NodeProto& proto() const { return proto_; }
  [[nodiscard]] const AttributeBindings* bindings() const { return bindings_; }
  // The attribute of that name; nullptr where the node has none, or refers to one that the call does not give.
  [[nodiscard]] const onnx::AttributeProto* find(std::string_view name) const;
  // What `attribute` stands for: itself, or what the call binds its reference to; nullptr if to nothing.
  [[nodiscard]] const onnx::AttributeProto* resolve(const onnx::AttributeProto& attribute) const;

 private:
  const onnx::NodeProto& proto_;
  const AttributeBindings* bindings_;
};

}  // namespace nngauge::onnx_format
