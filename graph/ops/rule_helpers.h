// SPDX-License-Identifier: Apache-2.0
// Owns: what many rules need: axes, arithmetic of extents that may be unknown, broadcasting, integers that stand in an
// operand or an attribute. Not here: whole rules that families share (common.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/rule.h"

namespace nngauge {

using Infos = std::vector<TensorInfo>;

// --- axes ---

// `axis` counted from the end where negative, as an index. Errors: kInvalidAttribute "axis 4 is out of range for rank
// 4".
Result<std::size_t> normalise_axis(std::int64_t axis, std::size_t rank);
// Each axis as an index, in the order given. Errors: as above, and "axis 1 is named twice".
Result<std::vector<std::size_t>> normalise_axes(std::span<const std::int64_t> axes, std::size_t rank);

// --- extents ---

// The result is known if the operands allow it (0 x unknown = 0, 1 x s = s, s + 0 = s). Errors: kOverflow.
Result<Dim> add_dims(Dim a, Dim b);
Result<Dim> multiply_dims(Dim a, Dim b);
// Product of all extents, 1 for none.
Result<Dim> product_of(std::span<const Dim> dims);
// Product of dims[from..to). Requires from <= to <= size.
Result<Dim> product_of(const Shape& shape, std::size_t from, std::size_t to);
// a / b. Errors: kShapeMismatch "<what> 7 is no multiple of 2". Requires b > 0.
Result<Dim> divide_exactly(Dim a, std::int64_t b, const std::string& what);
// What is certain when both say the extent of one thing: the known one, else the symbol, else unknown.
// Errors: kShapeMismatch "<what> is 3 and 4".
Result<Dim> merge_dims(Dim a, Dim b, const std::string& what);
// "4", "batch" or "?".
std::string dim_text(const RuleContext& c, Dim dim);

// --- broadcasting ---

// Shapes aligned at their ends, extent 1 stretched. An unknown extent against n > 1 gives n, against 1 the unknown one,
// against another unknown one nothing. Errors: kShapeMismatch "operand shapes [1,3,4] and [5] cannot be broadcast".
Result<Shape> broadcast_shapes(const RuleContext& c, const Shape& a, const Shape& b);
// All operands from `first` to `last` (not included); absent ones are passed over.
Result<Shape> broadcast_operands(const RuleContext& c, std::size_t first, std::size_t last);

// --- integers from operands and attributes ---

// Elements of operand i, some of them possibly unknown; nullopt if nothing is known of them or they are no integers.
std::optional<std::vector<Dim>> operand_dims(const RuleContext& c, std::size_t i);
// Elements of operand i if all are known.
std::optional<Ints> operand_ints(const RuleContext& c, std::size_t i);
// The only element of operand i if it is known; nullopt for several elements too.
std::optional<std::int64_t> operand_int(const RuleContext& c, std::size_t i);
// How many elements operand i has, if that is known.
std::optional<std::size_t> operand_length(const RuleContext& c, std::size_t i);
// Operand i where it is given, else the attribute. Errors: kUnknown "the elements of the axes operand are not known".
Result<Ints> ints_of(const RuleContext& c, std::size_t i, const Ints& attribute, const std::string& what);

// Operands that carry data: quantisation operands and captures stand last and are not counted.
std::size_t data_operand_count(const RuleContext& c);

// --- results ---

// The same for every result of the operator.
Infos same_for_all(const RuleContext& c, const TensorInfo& info);
inline Infos one_result(DType dtype, Shape shape) { return {TensorInfo{dtype, std::move(shape)}}; }

}  // namespace nngauge
