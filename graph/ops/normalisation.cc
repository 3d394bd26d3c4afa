// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/normalisation.h"

#include <algorithm>
#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

constexpr std::uint64_t kMomentFlops = 5, kMomentSpecial = 4;
constexpr std::uint64_t kRmsFlops = 3, kRmsSpecial = 3;

std::size_t count_role(const RuleContext& c, OperandRole role) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < c.input_count(); ++i) count += c.has_input(i) && c.op().inputs[i].role == role ? 1 : 0;
  return count;
}

Dim channels_of(const RuleContext& c) {
  return c.in(0).at(c.attrs<NormAttrs>().layout == DataLayout::kChannelsFirst ? 1 : -1);
}

// Product of the extents on the axes, of operand 0.
Result<Count> count_axes(const RuleContext& c, std::size_t from, std::size_t to) {
  Count product = 1;
  for (std::size_t i = from; i < to; ++i) {
    NNGAUGE_TRY(const Count extent, c.extent(c.in(0)[i], "extent " + std::to_string(i) + " of operand 0"));
    product *= extent;
  }
  return product;
}

// How many groups of elements share statistics where these are taken over `axes`.
Result<Count> groups_besides(const RuleContext& c, const Ints& axes) {
  const Shape& x = c.in(0);
  NNGAUGE_TRY(const std::vector<std::size_t> reduced, normalise_axes(axes, x.rank()));
  Count groups = 1;
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (std::find(reduced.begin(), reduced.end(), i) != reduced.end()) continue;
    NNGAUGE_TRY(const Count extent, c.extent(x[i], "extent " + std::to_string(i) + " of operand 0"));
    groups *= extent;
  }
  return groups;
}

// How many groups of elements share statistics.
Result<Count> count_groups(const RuleContext& c) {
  const auto& attrs = c.attrs<NormAttrs>();
  const Shape& x = c.in(0);
  if (!x.ranked() || x.rank() == 0) return unknown("the rank of the input is not known");
  switch (c.kind()) {
    case OpKind::kGroupNorm:
    case OpKind::kSkipGroupNorm: {
      NNGAUGE_TRY(const Count batch, c.extent(x[0], "the batch"));
      return batch * Count::from_signed(attrs.groups);
    }
    case OpKind::kMeanVarianceNorm:
      if (!attrs.axes.empty()) return groups_besides(c, attrs.axes);
      if (attrs.across_channels) return c.extent(x[0], "the batch");
      [[fallthrough]];
    case OpKind::kInstanceNorm: {
      NNGAUGE_TRY(const Count batch, c.extent(x[0], "the batch"));
      NNGAUGE_TRY(const Count channels, c.extent(channels_of(c), "the number of channels"));
      return batch * channels;
    }
    case OpKind::kSkipLayerNorm:
    case OpKind::kSkipRMSNorm:
      return count_axes(c, 0, x.rank() - 1);
    default: {
      NNGAUGE_TRY(const std::size_t axis, normalise_axis(attrs.axis, x.rank()));
      return count_axes(c, 0, axis);
    }
  }
}

// `flops` per element, `special` per group.
Result<Work> work_of(const RuleContext& c, std::uint64_t flops, std::uint64_t special) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  NNGAUGE_TRY(const Count groups, count_groups(c));
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("operations", flops).value();
  work.special = Product(c, "special functions").times("groups", groups).times("functions", special).value();
  return work;
}

}  // namespace

// Scale, shift, mean and variance are vectors over the channels (before ONNX 9, over all but the batch too).
Result<std::vector<TensorInfo>> shape_batch_norm(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (x.ranked() && x.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "input is a scalar");
  const Dim channels = x.ranked() && x.rank() == 1 ? Dim(1) : channels_of(c);
  static constexpr std::string_view kNames[] = {"input", "scale", "shift", "mean", "variance"};
  NNGAUGE_TRY(const Dim sample, x.ranked() ? product_of(x, 1, x.rank()) : Result<Dim>(Dim::unknown()));
  for (std::size_t i = 1; i < 5; ++i) {
    const std::optional<Count> elements = c.in(i).elements();
    const bool per_sample = elements && sample.known() && *elements == Count::from_signed(sample.value());
    if (!per_sample) NNGAUGE_CHECK(check_vector(c, i, channels, kNames[i]));
  }
  const TensorInfo statistics = {c.in_dtype(0), {channels}};
  return results(c, {{c.in_dtype(0), x}, statistics, statistics, statistics, statistics});
}

Result<Work> work_batch_norm(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("operations", 2).value();
  return work;
}

// Results: the normalised tensor, then mean and reciprocal deviation with extent 1 on the normalised axes.
// MNN and Paddle keep the scale of several axes as one list.
bool is_flat_over(const RuleContext& c, std::size_t operand, std::size_t axis) {
  const Shape& list = c.in(operand);
  if (!list.ranked() || list.rank() != 1 || !list[0].known() || axis + 1 >= c.in(0).rank()) return false;
  const Result<Dim> elements = product_of(c.in(0), axis, c.in(0).rank());
  return elements && (!elements->known() || *elements == list[0]);
}

Result<std::vector<TensorInfo>> shape_layer_norm(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked()) return results(c, {{c.in_dtype(0), x}});
  NNGAUGE_TRY(const std::size_t axis, normalise_axis(c.attrs<NormAttrs>().axis, x.rank()));
  for (std::size_t i = 1; i < 3; ++i) {
    if (!c.has_input(i) || is_flat_over(c, i, axis)) continue;
    NNGAUGE_TRY(const Shape stretched, broadcast_shapes(c, x, c.in(i)));
    if (stretched.ranked() && stretched.rank() > x.rank()) {
      return make_error(ErrorCode::kShapeMismatch,
                        "scale or shift " + c.text(c.in(i)) + " has more axes than the input " + c.text(x));
    }
  }
  Shape statistics = x;
  for (std::size_t i = axis; i < x.rank(); ++i) statistics[i] = 1;
  return results(c, {{c.in_dtype(0), x}, {DType::kFloat32, statistics}, {DType::kFloat32, statistics}});
}

Result<std::vector<TensorInfo>> shape_channel_norm(const RuleContext& c) {
  const auto& attrs = c.attrs<NormAttrs>();
  const Dim channels = channels_of(c);
  if (c.in(0).ranked() && c.in(0).rank() < 2)
    return make_error(ErrorCode::kShapeMismatch, "input " + c.text(c.in(0)) + " has no channels");
  if (c.has_input(1) != c.has_input(2)) {
    return make_error(ErrorCode::kInvalidGraph, "scale and shift come together, only one of them is given");
  }
  const bool grouped = c.kind() == OpKind::kGroupNorm;
  if (grouped && attrs.groups < 1)
    return make_error(ErrorCode::kInvalidAttribute, "groups is " + std::to_string(attrs.groups));
  if (grouped && channels.known() && channels.value() % attrs.groups != 0) {
    return make_error(ErrorCode::kShapeMismatch, std::to_string(attrs.groups) + " groups do not divide " +
                                                     std::to_string(channels.value()) + " channels");
  }
  for (std::size_t i = 1; i < 3; ++i) {
    // ONNX 18 scales groups, ONNX 21 channels.
    const auto elements = c.in(i).elements();
    const bool per_group = grouped && elements && *elements == Count::from_signed(attrs.groups);
    if (!per_group) NNGAUGE_CHECK(check_vector(c, i, channels, i == 1 ? "scale" : "shift"));
  }
  return results(c, {{c.in_dtype(0), c.in(0)}});
}

Result<Work> work_moment_norm(const RuleContext& c) {
  return work_of(c, kMomentFlops + (c.has_input(1) ? 1 : 0) + (c.has_input(2) ? 1 : 0), kMomentSpecial);
}

Result<Work> work_rms_norm(const RuleContext& c) {
  return work_of(c, kRmsFlops + (c.has_input(1) ? 1 : 0), kRmsSpecial);
}

Result<std::vector<TensorInfo>> shape_lp_norm(const RuleContext& c) {
  const auto& attrs = c.attrs<NormAttrs>();
  if (c.in(0).ranked() && attrs.axes.empty()) NNGAUGE_CHECK(normalise_axis(attrs.axis, c.in(0).rank()));
  if (c.in(0).ranked()) NNGAUGE_CHECK(normalise_axes(attrs.axes, c.in(0).rank()));
  return results(c, {{c.in_dtype(0), c.in(0)}});
}

Result<Work> work_lp_norm(const RuleContext& c) {
  const auto& attrs = c.attrs<NormAttrs>();
  if (!c.in(0).ranked()) return unknown("the rank of the input is not known");
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  NNGAUGE_TRY(const Count groups, groups_besides(c, attrs.axes.empty() ? Ints{attrs.axis} : attrs.axes));
  Work work;
  work.flops = Product(c, "flops").times("elements", elements).times("operations", c.has_input(1) ? 4 : 3).value();
  work.special = Product(c, "special functions").times("groups", groups).times("functions", 2).value();
  return work;
}

Result<Work> work_local_response_norm(const RuleContext& c) {
  const auto& attrs = c.attrs<NormAttrs>();
  if (attrs.size < 1)
    return make_error(ErrorCode::kInvalidAttribute, "the window has extent " + std::to_string(attrs.size));
  NNGAUGE_TRY(const Count elements, c.in_elements(0));
  const Count side = Count::from_signed(attrs.size);
  const Count window = attrs.across_channels ? side : side * side;
  Work work;
  work.flops =
      Product(c, "flops").times("elements", elements).times("square, window and scaling", window + Count(4)).value();
  work.special = Product(c, "special functions").times("elements", elements).value();
  return work;
}

// Results: the normalised tensor, mean and reciprocal deviation (training), and the sum that was normalised.
Result<std::vector<TensorInfo>> shape_skip_norm(const RuleContext& c) {
  const TensorInfo same = {c.in_dtype(0), c.in(0)};
  if (c.kind() == OpKind::kSkipGroupNorm) return results(c, {same, same});
  NNGAUGE_CHECK(broadcast_shapes(c, c.in(0), c.in(1)));
  for (std::size_t i = 2; i < c.input_count(); ++i) {
    NNGAUGE_CHECK(
        check_vector(c, i, c.in(0).at(-1), c.op().inputs[i].role == OperandRole::kBias ? "bias" : "scale or shift"));
  }
  return results(c, {same, {}, {}, same});
}

Result<Work> work_skip_norm(const RuleContext& c) {
  const bool rms = c.kind() == OpKind::kSkipRMSNorm;
  const std::uint64_t sums = 1 + count_role(c, OperandRole::kBias);
  const std::uint64_t affine = count_role(c, OperandRole::kNorm);
  return work_of(c, (rms ? kRmsFlops : kMomentFlops) + sums + affine, rms ? kRmsSpecial : kMomentSpecial);
}

// Results: [batch, seq, hidden], mask index [batch], the sum of the embeddings.
Result<std::vector<TensorInfo>> shape_embed_layer_norm(const RuleContext& c) {
  NNGAUGE_CHECK(check_rank(c, c.in(0), 2, "input ids"));
  NNGAUGE_CHECK(check_rank(c, c.in(2), 2, "word embedding"));
  NNGAUGE_TRY(Dim hidden, merge_dims(c.in(2).at(1), c.in(3).at(1), "extent of word and position embedding"));
  if (c.has_input(4)) {
    NNGAUGE_TRY(hidden, merge_dims(hidden, c.in(4).at(1), "extent of word and segment embedding"));
  }
  NNGAUGE_CHECK(check_vector(c, 5, hidden, "scale"));
  NNGAUGE_CHECK(check_vector(c, 6, hidden, "shift"));
  const TensorInfo out = {c.in_dtype(2), {c.in(0).at(0), c.in(0).at(1), hidden}};
  return results(c, {out, {DType::kInt32, {c.in(0).at(0)}}, out});
}

Result<Work> work_embed_layer_norm(const RuleContext& c) {
  NNGAUGE_TRY(const Count tokens, c.in_elements(0));
  NNGAUGE_TRY(const Count hidden, c.extent(c.in(2).at(1), "the extent of the embedding"));
  const std::uint64_t sums = c.has_input(4) ? 2 : 1;
  Work work;
  work.flops = Product(c, "flops")
                   .times("tokens", tokens)
                   .times("hidden", hidden)
                   .times("operations", sums + kMomentFlops + 2)
                   .value();
  work.special = Product(c, "special functions").times("tokens", tokens).times("functions", kMomentSpecial).value();
  return work;
}

}  // namespace nngauge
