// SPDX-License-Identifier: Apache-2.0
// Owns: the rules that several families share: results like the first operand, scalars, results that nothing tells,
// and work that is none, one operation per element, or not knowable.
#pragma once

#include "graph/rule.h"

namespace nngauge {

// Every result has the shape of operand 0, and its type or the one that is named.
Result<std::vector<TensorInfo>> shape_same(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_same_bool(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_same_int32(const RuleContext& c);
// Every result is a scalar.
Result<std::vector<TensorInfo>> shape_scalar_int64(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scalar_int32(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scalar_bool(const RuleContext& c);
// Results whose type and shape only the file can tell.
Result<std::vector<TensorInfo>> shape_unknown(const RuleContext& c);
// Decoded pictures are [height, width, channels] of bytes, encoded ones a list of bytes; texts and sound only the file
// can tell.
Result<std::vector<TensorInfo>> shape_picture(const RuleContext& c);
// No results at all; a file that lists some has to tell their shapes.
Result<std::vector<TensorInfo>> shape_none(const RuleContext& c);

// Moves or names data, computes nothing.
Result<Work> work_none(const RuleContext& c);
// One operation per element of operand 0.
Result<Work> work_in_elements(const RuleContext& c);
// How much is computed depends on the elements. Errors: always kUnknown.
Result<Work> work_unknown_count(const RuleContext& c);
// Errors: always kUnknown with the reason in the op table.
Result<Work> work_opaque(const RuleContext& c);

}  // namespace nngauge
