// SPDX-License-Identifier: Apache-2.0
// Owns: checks of ranks, attribute lists, biases, and small numbers of operands that many rules make.
// Not here: arithmetic of extents, axes and broadcasting (rule_helpers.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "graph/attributes.h"
#include "graph/ops/rule_helpers.h"
#include "graph/rule.h"

namespace nngauge {

// Extents and attribute values above this are refused wherever they enter a sum or product of extents.
inline constexpr std::int64_t kMaxExtent = std::int64_t{1} << 40;

// False only if both are known and differ.
inline bool may_equal(Dim a, Dim b) { return !a.known() || !b.known() || a.value() == b.value(); }

// Errors: kShapeMismatch "<what> has 3 axes, needs 4" where the rank is known and another.
Status check_rank(const RuleContext& c, const Shape& shape, std::size_t rank, std::string_view what);
// One entry per axis, or `fallback` for each where the file gives none.
// Errors: kInvalidAttribute "<what> has 3 entries for 2 axes", "<what> is 0" where an entry is outside [least, 2^31).
Result<Ints> per_axis(const Ints& given, std::size_t axes, std::int64_t fallback, std::int64_t least,
                      std::string_view what);

// Padding before and after each axis: all begins, then all ends, 0 where none is given. One entry per axis stands for
// both sides (exporters before ONNX 1.0). Errors: as per_axis.
Result<Ints> padding_of(const Ints& given, std::size_t axes, std::int64_t least);

// A bias (or scale, or shift) of `channels` elements: one axis of that extent, the others 1.
// Errors: kShapeMismatch "<what> has shape [3], needs 8 elements".
Status check_vector(const RuleContext& c, std::size_t operand, Dim channels, std::string_view what);
// A bias has a type that can be added to the products: no integer beside a float, nothing narrower than 16 bits
// that has no range of its own.
Status check_bias_type(const RuleContext& c, std::size_t operand);

// Results for all outputs of the operator: the given ones, then unknown ones.
std::vector<TensorInfo> results(const RuleContext& c, std::vector<TensorInfo> infos);

}  // namespace nngauge
