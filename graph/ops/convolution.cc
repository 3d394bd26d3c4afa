// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/convolution.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/conv_geometry.h"

namespace nngauge {
namespace {

// Adds one flop per element of the result.
Status add_per_result(const RuleContext& c, Work& work, std::string_view what) {
  NNGAUGE_TRY(const Count elements, c.out_elements(0));
  work.flops += Product(c, what).times("results", elements).value();
  return ok();
}

// Integer products give wider integers that only the file can name.
DType result_type(const RuleContext& c) { return is_float(c.in_dtype(0)) ? c.in_dtype(0) : DType::kUnknown; }

Result<Work> work_of_macs(const RuleContext& c, const ConvGeometry& g) {
  NNGAUGE_TRY(const Count macs, count_conv_macs(c, g));
  Work work;
  work.macs = macs;
  work.flops = Product(c, "flops of the products").times("operations", 2).times("macs", macs).value();
  if (g.has_bias) NNGAUGE_CHECK(add_per_result(c, work, "flops of the bias"));
  return work;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_conv(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, infer_conv_geometry(c));
  Shape out = g.output_shape();
  if (c.has_input(3) && c.in(3).ranked() && c.in(3).rank() == out.rank()) {
    for (std::size_t i = 0; i < out.rank(); ++i) {
      NNGAUGE_TRY(out[i], merge_dims(out[i], c.in(3)[i], "result and added operand"));
    }
  }
  return results(c, {{result_type(c), std::move(out)}});
}

Result<Work> work_conv(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, conv_geometry(c));
  NNGAUGE_TRY(Work work, work_of_macs(c, g));
  if (c.has_input(3)) NNGAUGE_CHECK(add_per_result(c, work, "flops of the sum"));
  return work;
}

Result<std::vector<TensorInfo>> shape_conv_transpose(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, infer_conv_geometry(c));
  return results(c, {{result_type(c), g.output_shape()}});
}

Result<Work> work_conv_transpose(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, conv_geometry(c));
  return work_of_macs(c, g);
}

// Offsets are [batch, 2 x offset groups x kernel, out…]: a vertical and a horizontal one for each tap.
Result<std::vector<TensorInfo>> shape_deform_conv(const RuleContext& c) {
  NNGAUGE_TRY(ConvGeometry g, infer_conv_geometry(c));
  const Shape& offset = c.in(2);
  NNGAUGE_CHECK(check_rank(c, offset, 4, "offset"));
  if (offset.ranked()) {
    NNGAUGE_TRY(g.batch, merge_dims(g.batch, offset[0], "batch of input and offset"));
    NNGAUGE_TRY(const Dim taps, multiply_dims(g.spatial[0].kernel, g.spatial[1].kernel));
    NNGAUGE_TRY(const Dim pair, multiply_dims(2, taps));
    if (offset[1].known() && pair.known() && offset[1].value() % pair.value() != 0) {
      return make_error(ErrorCode::kShapeMismatch, "offset has " + std::to_string(offset[1].value()) +
                                                       " channels, needs a multiple of " +
                                                       std::to_string(pair.value()));
    }
    for (std::size_t i = 0; i < 2; ++i) {
      NNGAUGE_TRY(g.spatial[i].out, merge_dims(g.spatial[i].out, offset[2 + i], "extent of result and offset"));
    }
  }
  return results(c, {{result_type(c), g.output_shape()}});
}

Result<Work> work_deform_conv(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, conv_geometry(c));
  NNGAUGE_TRY(Work work, work_of_macs(c, g));
  // A sampled element serves all output channels of its group: batch x out x kernel x C_in of them.
  Product samples(c, "flops of the sampling");
  NNGAUGE_TRY(const Count batch, c.extent(g.batch, "the batch"));
  NNGAUGE_TRY(const Count channels, c.extent(g.in_channels, "the number of input channels"));
  samples.times("batch", batch).times("C_in", channels);
  for (const WindowAxis& axis : g.spatial) {
    NNGAUGE_TRY(const Count out, c.extent(axis.out, "an extent of the result"));
    NNGAUGE_TRY(const Count kernel, c.extent(axis.kernel, "the kernel"));
    samples.times("out", out).times("K", kernel);
  }
  work.flops += samples.times("operations", c.has_input(4) ? 8 : 7).value();
  return work;
}

}  // namespace nngauge
