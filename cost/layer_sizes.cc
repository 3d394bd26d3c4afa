// SPDX-License-Identifier: Apache-2.0
#include "cost/layer_sizes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/op_table.h"

namespace nngauge::layer {
namespace {

Result<double> known(Dim dim, std::string_view what) {
  if (!dim.known()) return unknown(std::string(what) + " is not known");
  return static_cast<double>(dim.value());
}

}  // namespace

Status check_has_kernel(const OpInfo& info) {
  if (!info.opaque_reason.empty()) return unknown(std::string(info.opaque_reason));
  if (info.category == OpCategory::kControlFlow) return unknown("inner graphs of control flow have no cost model");
  return ok();
}

bool is_convolution(const OpInfo& info) {
  return info.category == OpCategory::kConvolution && info.kind != OpKind::kConvGeneral && info.kind != OpKind::kCol2Im;
}

Result<double> count(Result<Count> elements) {
  NNGAUGE_TRY(const Count known, std::move(elements));
  if (known.overflowed()) return unknown("a count does not fit 64 bits");
  return static_cast<double>(known.value()) / kMillion;
}

Result<double> work_macs(const RuleContext& c) {
  NNGAUGE_TRY(const Work work, op_info(c.kind()).work(c));
  return count(work.macs);
}

double read_elements(const RuleContext& c) {
  double sum = 0;
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (!c.has_input(i) || c.input(i)->is_constant) continue;
    if (const Result<double> in = count(c.in_elements(i))) sum += *in;
  }
  return sum;
}

Result<double> written_elements(const RuleContext& c) {
  double out = 0;
  for (std::size_t i = 0; i < c.output_count(); ++i) {
    if (c.output(i) == nullptr) continue;
    NNGAUGE_TRY(const double one, count(c.out_elements(i)));
    out += one;
  }
  return out;
}

Result<Conv> measure_conv(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, conv_geometry(c));
  Conv m;
  NNGAUGE_TRY(m.batch, known(g.batch, "the batch"));
  NNGAUGE_TRY(m.in_channels, known(g.in_channels, "the number of input channels"));
  NNGAUGE_TRY(m.out_channels, known(g.out_channels, "the number of output channels"));
  NNGAUGE_TRY(m.groups, known(g.groups, "the number of groups"));
  m.groups = std::max(m.groups, 1.0);
  m.positions = m.batch;
  m.transposed = g.transposed;
  m.depthwise = !g.transposed && (g.depthwise || (m.groups > 1 && m.in_channels <= m.groups));
  m.square3 = g.spatial.size() == 2;
  for (const WindowAxis& axis : g.spatial) {
    NNGAUGE_TRY(const double out, known(g.transposed ? axis.in : axis.out, "a spatial extent"));
    NNGAUGE_TRY(const double taps, known(axis.kernel, "the kernel's extent"));
    m.extents.push_back(out);
    m.positions *= out, m.taps *= taps;
    m.stride = std::max(m.stride, static_cast<double>(axis.stride));
    m.square3 = m.square3 && taps == 3;
    m.dilated = m.dilated || axis.dilation > 1;
  }
  NNGAUGE_TRY(m.in, count(c.in_elements(0)));
  NNGAUGE_TRY(m.out, count(c.out_elements(0)));
  return m;
}

double winograd_points(const Conv& conv, std::initializer_list<double> tiles) {
  double least = std::numeric_limits<double>::infinity();
  for (const double results : tiles) {
    double points = conv.batch;
    for (const double extent : conv.extents) points *= std::ceil(extent / results) * (results + 2);
    least = std::min(least, points / kMillion);
  }
  return least;
}

}  // namespace nngauge::layer
