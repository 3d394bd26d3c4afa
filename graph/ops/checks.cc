// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/checks.h"

#include <limits>
#include <string>

namespace nngauge {

Status check_rank(const RuleContext& c, const Shape& shape, std::size_t rank, std::string_view what) {
  if (!shape.ranked() || shape.rank() == rank) return ok();
  return make_error(ErrorCode::kShapeMismatch, std::string(what) + " " + c.text(shape) + " has " +
                                                   std::to_string(shape.rank()) + " axes, needs " +
                                                   std::to_string(rank));
}

Result<Ints> per_axis(const Ints& given, std::size_t axes, std::int64_t fallback, std::int64_t least,
                      std::string_view what) {
  if (given.empty()) return Ints(axes, fallback);
  if (given.size() != axes) {
    return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " has " + std::to_string(given.size()) +
                                                        " entries, needs " + std::to_string(axes));
  }
  for (const std::int64_t entry : given) {
    if (entry < least || entry > std::numeric_limits<std::int32_t>::max()) {
      return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " is " + std::to_string(entry));
    }
  }
  return given;
}

Result<Ints> padding_of(const Ints& given, std::size_t axes, std::int64_t least) {
  if (given.size() != axes) return per_axis(given, 2 * axes, 0, least, "padding");
  NNGAUGE_TRY(Ints pads, per_axis(given, axes, 0, least, "padding"));
  pads.insert(pads.end(), given.begin(), given.end());
  return pads;
}

Status check_vector(const RuleContext& c, std::size_t operand, Dim channels, std::string_view what) {
  if (!c.has_input(operand)) return ok();
  const std::optional<Count> elements = c.in(operand).elements();
  if (!elements || !channels.known() || *elements == Count::from_signed(channels.value())) return ok();
  return make_error(ErrorCode::kShapeMismatch, std::string(what) + " has shape " + c.text(c.in(operand)) + ", needs " +
                                                   std::to_string(channels.value()) + " elements");
}

Status check_bias_type(const RuleContext& c, std::size_t operand) {
  const DType bias = c.in_dtype(operand);
  if (!is_integer(bias)) return ok();
  // A narrow bias with a range of its own stands for real numbers (SNPE).
  const bool encoded = c.input(operand)->quantization.scheme != QuantScheme::kNone;
  if (is_float(c.in_dtype(0)) || (dtype_bits(bias) < 16 && !encoded)) {
    return make_error(ErrorCode::kShapeMismatch, "bias is " + std::string(dtype_name(bias)) + ", input is " +
                                                     std::string(dtype_name(c.in_dtype(0))));
  }
  return ok();
}

std::vector<TensorInfo> results(const RuleContext& c, std::vector<TensorInfo> infos) {
  infos.resize(c.output_count());
  return infos;
}

}  // namespace nngauge
