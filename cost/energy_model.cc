// SPDX-License-Identifier: Apache-2.0
#include "cost/energy_model.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "graph/op_table.h"
#include "graph/ops/conv_geometry.h"

namespace nngauge {
namespace {

// A kernel is near if one that was measured says at least this share of what its own measurement would.
constexpr double kNear = 0.25;
constexpr double kFarSpread = 2.0;

Result<double> known(Dim dim, std::string_view what) {
  if (!dim.known() || dim.value() <= 0) return unknown(std::string(what) + " is not known");
  return static_cast<double>(dim.value());
}

ShapePoint logs(double positions, double in, double out, double taps, double stride) {
  const double side = std::sqrt(positions), window = std::sqrt(taps);
  return {std::log(side),   std::log(in),     std::log(out),
          std::log(window), std::log(stride), std::log(positions * in * out * taps)};
}

Result<ShapePoint> conv_point(const RuleContext& c) {
  NNGAUGE_TRY(const ConvGeometry g, conv_geometry(c));
  if (g.transposed) return unknown("transposed convolutions were not measured");
  NNGAUGE_TRY(const double groups, known(g.groups, "the number of groups"));
  if (groups > 1) return unknown("grouped convolutions were not measured");
  NNGAUGE_TRY(double positions, known(g.batch, "the batch"));
  NNGAUGE_TRY(const double in, known(g.in_channels, "the number of input channels"));
  NNGAUGE_TRY(const double out, known(g.out_channels, "the number of output channels"));
  double taps = 1, stride = 1;
  for (const WindowAxis& axis : g.spatial) {
    NNGAUGE_TRY(const double extent, known(axis.out, "a spatial extent"));
    NNGAUGE_TRY(const double kernel, known(axis.kernel, "the kernel's extent"));
    positions *= extent, taps *= kernel;
    stride = std::max(stride, static_cast<double>(axis.stride));
  }
  return logs(positions, in, out, taps, stride);
}

Result<ShapePoint> dense_point(const RuleContext& c) {
  if (c.kind() != OpKind::kDense) return unknown("products of two activations were not measured");
  NNGAUGE_TRY(const Work work, op_info(c.kind()).work(c));
  NNGAUGE_TRY(const Count weights, c.in_elements(1));
  NNGAUGE_TRY(const Count results, c.out_elements(0));
  if (work.macs.overflowed() || weights.overflowed() || results.overflowed()) return unknown("a count is too large");
  const double macs = static_cast<double>(work.macs.value()), w = static_cast<double>(weights.value());
  if (macs <= 0 || w <= 0) return unknown("an extent is not known");
  const double rows = macs / w, out = std::max(static_cast<double>(results.value()) / rows, 1.0);
  return logs(rows, w / out, out, 1, 1);
}

}  // namespace

Result<ShapePoint> surface_point(const Model& model, const Graph& graph, const Op& op) {
  const RuleContext c(model, graph, op);
  const OpCategory category = op_info(op.kind).category;
  if (category == OpCategory::kConvolution && op.kind != OpKind::kConvGeneral && op.kind != OpKind::kCol2Im &&
      op.kind != OpKind::kDeformConv2D) {
    return conv_point(c);
  }
  if (category == OpCategory::kProduct) return dense_point(c);
  return unknown("only convolutions were measured");
}

double matern(const ShapePoint& a, const ShapePoint& b, int twice_smoothness) {
  double square = 0;
  for (std::size_t i = 0; i < kShapeInputs; ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  const double distance = std::sqrt(square);
  if (twice_smoothness == 1) return std::exp(-distance);
  const double r = std::sqrt(3.0) * distance;
  return (1 + r) * std::exp(-r);
}

SurfaceEnergy energy_at(const EnergySurface& surface, const ShapePoint& point) {
  ShapePoint x;
  for (std::size_t i = 0; i < kShapeInputs; ++i) x[i] = (point[i] - surface.centre[i]) / surface.scale[i];
  double sum = 0, nearest = 0;
  for (const SurfacePoint& other : surface.points) {
    const double k = matern(x, other.x, surface.twice_smoothness);
    sum += other.weight * k;
    nearest = std::max(nearest, k);
  }
  SurfaceEnergy out;
  out.mj = std::exp(surface.level + surface.mac_exponent * point.back() + surface.amplitude * surface.amplitude * sum);
  const auto band = std::find_if(surface.bands.begin(), surface.bands.end(),
                                 [&](const SurfaceBand& row) { return row.upto_mj <= 0 || out.mj <= row.upto_mj; });
  const SurfaceBand& row = band == surface.bands.end() ? surface.bands.back() : *band;
  out.near = nearest >= kNear;
  out.low_mj = out.mj * (out.near ? row.p5 : std::min(row.p5, 1 / kFarSpread));
  out.high_mj = out.mj * (out.near ? row.p95 : std::max(row.p95, kFarSpread));
  return out;
}

double draw_at(const std::vector<PowerDraw>& draw, double freq_mhz) {
  if (draw.empty()) return 0;
  if (draw.size() == 1 || freq_mhz <= 0) return draw.back().mw;
  auto upper =
      std::find_if(draw.begin() + 1, draw.end() - 1, [&](const PowerDraw& row) { return freq_mhz <= row.freq_mhz; });
  const PowerDraw &a = *(upper - 1), &b = *upper;
  const double share = std::log(freq_mhz / a.freq_mhz) / std::log(b.freq_mhz / a.freq_mhz);
  // A host's draw may be 0 at its lowest clock, where there is no logarithm.
  if (a.mw <= 0 || b.mw <= 0) return std::max(a.mw + share * (b.mw - a.mw), 0.0);
  return std::exp(std::log(a.mw) + share * std::log(b.mw / a.mw));
}

double busy_mw(const PowerLaw& law, const OperatingPoint& point, double latency_ms) {
  double size = std::max(latency_ms, 1e-6);
  if (law.size_least_ms > 0) size = std::max(size, law.size_least_ms);
  if (law.size_most_ms > 0) size = std::min(size, law.size_most_ms);
  const double factor = std::max(1 + law.size_slope * std::log(size / law.size_reference_ms), 0.1);
  double out = draw_at(law.draw, point.freq_mhz.value_or(law.draw.back().freq_mhz)) * factor;
  if (!law.host_draw.empty()) {
    out += draw_at(law.host_draw, point.host_freq_mhz.value_or(law.host_draw.back().freq_mhz));
  }
  return out;
}

// The clusters that a placement names: "1large1med"; every core for "4threads" and none.
namespace {

struct Threads {
  std::int64_t count = 0;
  const CoreCluster* cluster = nullptr;
};

std::vector<Threads> threads_of(const SetupName& name, const std::vector<CoreCluster>& clusters) {
  std::vector<Threads> out;
  std::int64_t number = 0;
  std::string word;
  const auto end_word = [&] {
    if (number == 0) number = 1;
    for (const CoreCluster& cluster : clusters) {
      if (!word.empty() && cluster.name == word) out.push_back({number, &cluster});
    }
    // Threads that are not bound to cores run on the fastest ones first.
    if (word.empty() || word == "threads" || word == "thread" || word == "all") {
      for (const CoreCluster& cluster : clusters) {
        const std::int64_t taken = std::min(number, std::max<std::int64_t>(cluster.count, 0));
        if (taken > 0) out.push_back({taken, &cluster});
        number -= taken;
      }
    }
    number = 0, word.clear();
  };
  for (const char c : name.placement) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !word.empty()) end_word();
    if (digit) number = std::min<std::int64_t>(number * 10 + (c - '0'), 1024);
    else word += c;
  }
  end_word();
  return out;
}

// Of rk3399 (docs/energy.md): power above idle grows with the clock to this power, latency falls with it to that.
constexpr double kDrawExponent = 1.6, kLatencyExponent = 0.85;
// Nine of ten transferred figures are taken to lie within this factor.
constexpr double kTransferSpread = 2.0;

}  // namespace

std::optional<SetupEnergy> EnergyProfile::find_setup(std::string_view setup) const {
  for (const SetupEnergy& row : setups) {
    const bool open = row.id.ends_with("*");
    if (open ? setup.starts_with(std::string_view(row.id).substr(0, row.id.size() - 1)) : setup == row.id) return row;
  }
  const Result<SetupName> name = parse_setup_name(setup);
  if (!name || name->processor != "cpu") return std::nullopt;
  double mw = 0, highest = 0;
  for (const Threads& threads : threads_of(*name, clusters)) {
    mw += static_cast<double>(threads.count) * threads.cluster->mw;
    highest = std::max(highest, threads.cluster->freq_mhz);
  }
  if (mw <= 0 || highest <= 0) return std::nullopt;
  SetupEnergy out{std::string(setup), EnergyScope::kWholeDevice, Basis::kTransfer, source, "", std::nullopt,
                  PowerLaw{}};
  out.power->idle_mw = idle_mw;
  for (const double share : {0.4, 0.55, 0.7, 0.85, 1.0}) {
    out.power->draw.push_back({std::round(highest * share), mw * std::pow(share, kDrawExponent)});
  }
  out.power->p5 = 1 / kTransferSpread, out.power->p95 = kTransferSpread;
  out.power->latency_exponent = kLatencyExponent;
  return out;
}

}  // namespace nngauge
