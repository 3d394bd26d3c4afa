// SPDX-License-Identifier: Apache-2.0
// Owns: placeholders for the rules of control flow, shapes of lists and texts. Shapes come from the inner graphs (shape_inference.cc), work is the
// sum over them (cost/): no rule of one operator can see either.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// Errors: always kUnknown.
Result<std::vector<TensorInfo>> shape_control_flow(const RuleContext& c);
Result<Work> work_control_flow(const RuleContext& c);

// Lists of TensorFlow, marked by FillAttrs::like: the shape of a list is that of its elements stacked. Sequences of
// ONNX, whose elements may differ, have no shape. Operands: shape of an element, number of elements; a list, an
// element; a list, a position; a list; a tensor.
Result<std::vector<TensorInfo>> shape_list_reserve(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_list_insert(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_list_at(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_list_stack(const RuleContext& c);

// Functions of texts: of each by itself where FillAttrs::like says so, else of a shape that data decide.
Result<std::vector<TensorInfo>> shape_text_function(const RuleContext& c);

}  // namespace nngauge
