// SPDX-License-Identifier: Apache-2.0
#include "cost/energy.h"

#include <algorithm>
#include <cmath>

#include "cost/price.h"

namespace nngauge {
namespace {

// Of the errors of kernels, the part that all kernels of a network share: assumed.
constexpr double kShared = 0.3;

// Sums estimates whose errors are partly in common.
class Sum {
 public:
  void add(double value, double low, double high) {
    value_ += value;
    const double below = value - low, above = high - value;
    below_ += below, above_ += above, below2_ += below * below, above2_ += above * above;
  }
  [[nodiscard]] Estimate estimate() const {
    const auto width = [](double sum, double squares) {
      return std::sqrt(kShared * sum * sum + (1 - kShared) * squares);
    };
    return {value_, std::max(value_ - width(below_, below2_), 0.0), value_ + width(above_, above2_)};
  }

 private:
  double value_ = 0, below_ = 0, above_ = 0, below2_ = 0, above2_ = 0;
};

// What a kernel takes on the reference core, milliseconds.
double reference_ms(const FeatureVector& features, KernelPrecision precision) {
  double us = 0;
  for (std::size_t f = 0; f < kFeatureCount; ++f) {
    const FeatureInfo& row = feature_table()[f];
    us += features[f] * (precision == KernelPrecision::kInt8 ? row.prior_int8_us : row.prior_float_us);
  }
  return us / 1000;
}

void from_surface(Prediction& out, const Model& model, const ModelKernels& kernels, const SetupEnergy& energy) {
  const EnergySurface& surface = *energy.surface;
  Sum sum;
  double other_mj = 0;
  std::int64_t far = 0;
  bool any = false;
  for (std::size_t g = 0; g < kernels.plan.groups.size(); ++g) {
    if (!kernels.kernels[g]) continue;
    const OpId anchor = kernels.plan.groups[g].anchor;
    const Op& op = model.main().ops[static_cast<std::size_t>(anchor)];
    SurfaceEnergy one;
    Basis basis = energy.basis;
    if (const Result<ShapePoint> shape = surface_point(model, model.main(), op)) {
      one = energy_at(surface, *shape);
      far += one.near ? 0 : 1;
      if (!one.near) basis = Basis::kTransfer;
    } else {
      one.mj = surface.other_mj_per_ms * reference_ms(kernels.kernels[g]->features, KernelPrecision::kFloat);
      one.low_mj = one.mj / kPriorSpread, one.high_mj = one.mj * kPriorSpread;
      other_mj += one.mj;
      basis = Basis::kRoofline;
    }
    any = true;
    sum.add(one.mj, one.low_mj, one.high_mj);
    LayerPrediction& layer = out.layers[static_cast<std::size_t>(anchor)];
    layer.energy_mj = one.mj, layer.energy_basis = basis;
  }
  if (!any) {
    out.energy_reason = "no kernel has an energy";
    return;
  }
  out.energy_mj = sum.estimate();
  if (far > 0) out.energy.notes.push_back(std::to_string(far) + " convolutions are far from every measured one");
  if (other_mj > 0) {
    out.energy.notes.push_back(
        "energy of kernels that are no plain convolution was not measured; it is scaled from the "
        "reference core");
  }
  out.energy.basis = other_mj > out.energy_mj->value / 2 ? Basis::kRoofline : energy.basis;
  out.energy.held_out_error = surface.held_out_median_error;
}

// Bounds of a product of two estimates whose errors are independent: their logs add as squares.
Estimate product(const Estimate& latency, double mw, double p5, double p95) {
  const double value = latency.value * mw / 1000;
  const auto width = [](double a, double b) {
    return std::hypot(std::log(std::max(a, 1e-9)), std::log(std::max(b, 1e-9)));
  };
  if (value <= 0) return {};
  return {value, value * std::exp(-width(latency.p5 / latency.value, std::min(p5, 1.0))),
          value * std::exp(width(latency.p95 / latency.value, std::max(p95, 1.0)))};
}

void from_power(Prediction& out, const SetupEnergy& energy, const OperatingPoint& point) {
  if (!out.latency_ms) {
    out.energy_reason = "energy follows from latency and power, and the latency is not known";
    return;
  }
  const PowerLaw& law = *energy.power;
  const double above = busy_mw(law, point, out.latency_ms->value);
  const double total = law.idle_mw.value_or(0) + above;
  out.energy_mj = product(*out.latency_ms, total, law.p5, law.p95);
  out.energy.idle_mw = law.idle_mw;
  if (law.idle_mw) out.energy.incremental_mj = product(*out.latency_ms, above, law.p5, law.p95);
  out.power_mw = total;
  out.energy.basis = std::max(energy.basis, out.basis);  // the weaker of the two
  out.energy.held_out_error = law.held_out_mape;
  for (LayerPrediction& layer : out.layers) {
    if (!layer.latency_ms) continue;
    layer.energy_mj = *layer.latency_ms * total / 1000;
    layer.energy_basis = std::max(energy.basis, layer.basis);
  }
}

}  // namespace

void add_energy(Prediction& out, const Model& model, const ModelKernels& kernels, const SetupEnergy* energy,
                const OperatingPoint& point) {
  if (!energy) {
    out.energy_reason = "energy was not measured on this setup, nor power on one like it";
    return;
  }
  out.energy.scope = energy->scope, out.energy.source = energy->source;
  if (energy->surface) from_surface(out, model, kernels, *energy);
  else from_power(out, *energy, point);
  if (out.energy_mj && out.lower_bound)
    out.energy.notes.push_back("some operators have no cost: the energy is a lower bound");
}

namespace {

// Latency against that at the highest clock, between measured clocks along a line in logarithms; beyond them by
// `power`.
double slower_at(const std::vector<PowerDraw>& clocks, double freq_mhz, double power) {
  const bool known = std::all_of(clocks.begin(), clocks.end(), [](const PowerDraw& row) { return row.slower > 0; });
  if (clocks.empty()) return 1;
  if (!known) return std::pow(clocks.back().freq_mhz / freq_mhz, power);
  const auto beyond = [&](const PowerDraw& row) { return row.slower * std::pow(row.freq_mhz / freq_mhz, power); };
  if (freq_mhz <= clocks.front().freq_mhz) return beyond(clocks.front());
  for (std::size_t i = 1; i < clocks.size(); ++i) {
    const PowerDraw &low = clocks[i - 1], &high = clocks[i];
    if (freq_mhz > high.freq_mhz) continue;
    const double share = std::log(freq_mhz / low.freq_mhz) / std::log(high.freq_mhz / low.freq_mhz);
    return low.slower * std::pow(high.slower / low.slower, share);
  }
  return beyond(clocks.back());
}

}  // namespace

Result<double> clock_factor(const SetupEnergy& energy, const OperatingPoint& point) {
  if (!energy.power) return point.freq_mhz ? unknown("latency at other clocks was not measured") : Result<double>(1.0);
  double out = 1;
  if (point.freq_mhz) {
    if (energy.power->latency_exponent <= 0) return unknown("latency at other clocks was not measured");
    out = slower_at(energy.power->draw, *point.freq_mhz, energy.power->latency_exponent);
  }
  const std::vector<PowerDraw>& host = energy.power->host_draw;
  if (point.host_freq_mhz && !host.empty() && host.back().slower > 0) out *= slower_at(host, *point.host_freq_mhz, 0);
  return out;
}

}  // namespace nngauge
