// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/audio.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// x with another last extent.
Result<Shape> with_last(const RuleContext& c, Dim extent) {
  Shape out = c.in(0);
  if (!out.ranked()) return out;
  if (out.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "input is a scalar, it has no bins");
  out[out.rank() - 1] = extent;
  return out;
}

// All extents but the last: how many spectra there are.
Result<Count> leading(const RuleContext& c) {
  const Shape& x = c.in(0);
  if (!x.ranked() || x.rank() == 0) return unknown("the rank of the input is not known");
  NNGAUGE_TRY(const Dim product, product_of(x, 0, x.rank() - 1));
  return c.extent(product, "the number of spectra");
}

}  // namespace

Result<std::vector<TensorInfo>> shape_spectrum_energy(const RuleContext& c) {
  Dim bins;
  if (c.in(0).ranked() && c.in(0).rank() > 0) {
    NNGAUGE_TRY(bins, divide_exactly(c.in(0).at(-1), 2, "the number of parts"));
  }
  NNGAUGE_TRY(Shape shape, with_last(c, bins));
  return one_result(DType::kUInt32, std::move(shape));
}

Result<std::vector<TensorInfo>> shape_filter_bank(const RuleContext& c) {
  const std::int64_t channels = c.attrs<AxisAttrs>().count;
  if (channels < 0) return make_error(ErrorCode::kInvalidAttribute, "num_channels is " + std::to_string(channels));
  NNGAUGE_TRY(Shape shape, with_last(c, channels > 0 ? Dim(channels) : Dim::unknown()));
  return one_result(DType::kUInt64, std::move(shape));
}

Result<std::vector<TensorInfo>> shape_auto_scale(const RuleContext& c) {
  return results(c, {{c.in_dtype(0), c.in(0)}, {DType::kInt32, Shape::scalar()}});
}

Result<Work> work_spectrum_energy(const RuleContext& c) {
  const auto& attrs = c.attrs<SliceAttrs>();
  NNGAUGE_TRY(const Count spectra, leading(c));
  NNGAUGE_TRY(const Count all, c.extent(c.in(0).at(-1), "the number of parts"));
  Count bins = all / Count(2);
  if (attrs.starts.size() == 1 && attrs.ends.size() == 1) {
    const std::int64_t begin = attrs.starts[0], end = attrs.ends[0];
    if (begin < 0 || end < begin || Count::from_signed(end).value() > bins.value()) {
      return make_error(ErrorCode::kInvalidAttribute, "bins " + std::to_string(begin) + " to " + std::to_string(end) +
                                                          " of " + std::to_string(bins.value()));
    }
    bins = Count::from_signed(end - begin);
  }
  Work work;
  work.flops = Product(c, "flops").times("spectra", spectra).times("bins", bins).times("operations", 3).value();
  return work;
}

Result<Work> work_filter_bank(const RuleContext& c) {
  NNGAUGE_TRY(const Count spectra, leading(c));
  NNGAUGE_TRY(const Count weights, c.in_elements(1));
  Work work;
  work.flops = Product(c, "flops").times("spectra", spectra).times("weights", weights).times("operations", 4).value();
  return work;
}

}  // namespace nngauge
