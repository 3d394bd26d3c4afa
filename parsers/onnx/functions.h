// SPDX-License-Identifier: Apache-2.0
// Owns: the model-local functions of a file, found by domain, name and overload, and their default attributes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "parsers/onnx/forward.h"
#include "parsers/onnx/node_view.h"

namespace nngauge::onnx_format {

struct Function {
  const onnx::FunctionProto* proto = nullptr;
  std::vector<std::shared_ptr<const onnx::AttributeProto>> defaults;
  std::unordered_map<std::string, std::int64_t> opsets;
};

class FunctionTable {
 public:
  // Errors: kInvalidGraph (two functions of the same name), kDamaged.
  Status add(const onnx::FunctionProto& proto);
  // The function that a node calls; nullptr if it calls none.
  [[nodiscard]] const Function* find(const onnx::NodeProto& node) const;
  // What the attribute names of `function` mean in the call by `node`.
  [[nodiscard]] static AttributeBindings bind(const Function& function, const NodeView& node);

 private:
  std::map<std::tuple<std::string, std::string, std::string>, Function> functions_;  // domain, name, overload
};

}  // namespace nngauge::onnx_format
