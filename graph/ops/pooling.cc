// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/pooling.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/pool_geometry.h"

namespace nngauge {
namespace {

bool is_lp(OpKind kind) { return kind == OpKind::kLpPool || kind == OpKind::kGlobalLpPool; }
bool is_max(OpKind kind) { return kind == OpKind::kMaxPool || kind == OpKind::kGlobalMaxPool; }

// The power and the sum of an Lp pooling, the comparison or sum of the others.
std::uint64_t operations_per_element(OpKind kind) { return is_lp(kind) ? 2 : 1; }

// Results of both pools: values and, for MaxPool, where they stood.
std::vector<TensorInfo> pooled(const RuleContext& c, const Shape& shape) {
  return results(c, {{c.in_dtype(0), shape}, {DType::kInt64, shape}});
}

}  // namespace

Result<std::vector<TensorInfo>> shape_pool(const RuleContext& c) {
  NNGAUGE_TRY(const PoolGeometry g, infer_pool_geometry(c));
  return pooled(c, g.output_shape());
}

Result<Work> work_pool(const RuleContext& c) {
  NNGAUGE_TRY(const PoolGeometry g, pool_geometry(c));
  const Shape& shape = g.output_shape();
  Count elements = 1;
  for (const Dim dim : shape.dims()) {
    NNGAUGE_TRY(const Count extent, c.extent(dim, "an extent of the result " + c.text(shape)));
    elements *= extent;
  }
  Product flops(c, "flops");
  flops.times("results", elements);
  for (const WindowAxis& axis : g.spatial) {
    NNGAUGE_TRY(const Count kernel, c.extent(axis.kernel, "the kernel"));
    flops.times("K", kernel);
  }
  if (is_lp(c.kind())) flops.times("operations", 2);
  Work work;
  work.flops = flops.value();
  if (!is_max(c.kind())) work.special = Product(c, "special functions").times("results", elements).value();
  return work;
}

Result<std::vector<TensorInfo>> shape_global_pool(const RuleContext& c) {
  NNGAUGE_TRY(const PoolGeometry g, infer_pool_geometry(c));
  return pooled(c, c.attrs<PoolAttrs>().drop_spatial ? Shape{g.batch, g.channels} : g.output_shape());
}

Result<Work> work_global_pool(const RuleContext& c) {
  NNGAUGE_TRY(const Count inputs, c.in_elements(0));
  Work work;
  work.flops =
      Product(c, "flops").times("inputs", inputs).times("operations", operations_per_element(c.kind())).value();
  if (is_max(c.kind())) return work;
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  work.special = Product(c, "special functions").times("results", elements).value();
  return work;
}

// ONNX MaxUnpool: out = s (in - 1) + k - pads, or the full shape as an operand.
Result<std::vector<TensorInfo>> shape_max_unpool(const RuleContext& c) {
  const auto& attrs = c.attrs<PoolAttrs>();
  if (const auto stated = operand_dims(c, 2)) return results(c, {{c.in_dtype(0), Shape(*stated)}});
  const std::size_t axes = attrs.kernel.size();
  if (axes == 0) return make_error(ErrorCode::kInvalidAttribute, "the kernel is not given");
  NNGAUGE_CHECK(check_rank(c, c.in(0), axes + 2, "input"));
  NNGAUGE_TRY(const Ints kernel, per_axis(attrs.kernel, axes, 1, 1, "kernel"));
  NNGAUGE_TRY(const Ints strides, per_axis(attrs.strides, axes, 1, 1, "stride"));
  NNGAUGE_TRY(const Ints pads, padding_of(attrs.pads, axes, 0));
  Shape out = c.in(0).ranked() ? c.in(0) : Shape::of_rank(axes + 2);
  const std::size_t first = attrs.layout == DataLayout::kChannelsFirst ? 2 : 1;
  for (std::size_t i = 0; i < axes; ++i) {
    WindowAxis axis;
    axis.in = out[first + i];
    axis.kernel = kernel[i];
    axis.stride = strides[i];
    axis.pad_begin = pads[i];
    axis.pad_end = pads[axes + i];
    // Without padding the last window ends with the result: (in - 1) s + k.
    const bool valid = attrs.padding == PaddingMode::kValid;
    NNGAUGE_CHECK(place_transposed_window(axis, valid ? PaddingMode::kExplicit : attrs.padding, 0));
    out[first + i] = axis.out;
  }
  return results(c, {{c.in_dtype(0), std::move(out)}});
}

Result<std::vector<TensorInfo>> shape_roi(const RuleContext& c) {
  const auto& attrs = c.attrs<CustomAttrs>();
  if (attrs.pooled_height < 1 || attrs.pooled_width < 1) {
    return make_error(ErrorCode::kInvalidAttribute, "the pooled extents are " + std::to_string(attrs.pooled_height) +
                                                        " and " + std::to_string(attrs.pooled_width));
  }
  NNGAUGE_CHECK(check_rank(c, c.in(0), 4, "input"));
  NNGAUGE_CHECK(check_rank(c, c.in(1), 2, "regions"));
  Dim regions = c.in(1).at(0);
  if (c.has_input(2)) {
    NNGAUGE_TRY(regions, merge_dims(regions, c.in(2).at(0), "number of regions and batch indices"));
  }
  return results(c, {{c.in_dtype(0), {regions, c.in(0).at(1), attrs.pooled_height, attrs.pooled_width}}});
}

Result<Work> work_roi_pool(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  Work work;
  work.flops = Product(c, "flops, at least").times("results", elements).value();
  work.lower_bound = true;
  work.reason = "how large the regions are stands in the data";
  return work;
}

Result<Work> work_roi_align(const RuleContext& c) {
  const std::int64_t ratio = c.attrs<CustomAttrs>().sampling_ratio;
  if (ratio < 0) return make_error(ErrorCode::kInvalidAttribute, "sampling_ratio is " + std::to_string(ratio));
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  const Count per_axis_samples = Count::from_signed(ratio == 0 ? 1 : ratio);
  Work work;
  work.flops = Product(c, "flops")
                   .times("results", elements)
                   .times("samples", per_axis_samples * per_axis_samples)
                   .times("operations", 8)
                   .value();
  work.special = Product(c, "special functions").times("results", elements).value();
  work.lower_bound = ratio == 0;
  if (work.lower_bound) work.reason = "the number of samples adapts to the regions in the data";
  return work;
}

// StableHLO reduce_window: out = floor((dilated in + pads - covered window) / stride) + 1 on every axis.
Result<std::vector<TensorInfo>> shape_reduce_window(const RuleContext& c) {
  const auto& attrs = c.attrs<GeneralAttrs>();
  const std::size_t axes = attrs.window.size();
  NNGAUGE_CHECK(check_rank(c, c.in(0), axes, "input"));
  NNGAUGE_TRY(const Ints window, per_axis(attrs.window, axes, 1, 1, "window"));
  NNGAUGE_TRY(const Ints strides, per_axis(attrs.strides, axes, 1, 1, "stride"));
  NNGAUGE_TRY(const Ints pads, padding_of(attrs.pads, axes, -kMaxExtent));
  NNGAUGE_TRY(const Ints in_dilations, per_axis(attrs.lhs_dilations, axes, 1, 1, "input dilation"));
  NNGAUGE_TRY(const Ints dilations, per_axis(attrs.rhs_dilations, axes, 1, 1, "window dilation"));
  Shape out = Shape::of_rank(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    WindowAxis axis{
        c.in(0).at(static_cast<std::int64_t>(i)), {}, window[i], strides[i], dilations[i], pads[i], pads[axes + i]};
    if (axis.in.known() && axis.in.value() > 0 && in_dilations[i] > 1) {
      NNGAUGE_TRY(const Dim reach, multiply_dims(axis.in.value() - 1, in_dilations[i]));
      NNGAUGE_TRY(axis.in, add_dims(reach, 1));
    } else if (in_dilations[i] > 1) {
      axis.in = Dim::unknown();
    }
    NNGAUGE_CHECK(place_window(axis, PaddingMode::kExplicit, WindowEnd::kFloor));
    out[i] = axis.out;
  }
  std::vector<TensorInfo> infos;
  for (std::size_t i = 0; i < c.output_count(); ++i) infos.push_back({c.in_dtype(i), out});
  return results(c, std::move(infos));
}

Result<Work> work_reduce_window(const RuleContext& c) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  Product flops(c, "flops");
  flops.times("results", elements);
  for (const std::int64_t extent : c.attrs<GeneralAttrs>().window) flops.times("window", Count::from_signed(extent));
  if (c.output_count() > 1) flops.times("operands", c.output_count());
  Work work;
  work.flops = flops.value();
  return work;
}

}  // namespace nngauge
