// SPDX-License-Identifier: Apache-2.0
#include "cost/predict.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "cost/energy.h"
#include "cost/kernel_cache.h"
#include "cost/load.h"
#include "cost/price.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

constexpr double kUsPerMs = 1000;  // and microjoules per millijoule

Estimate estimate_of(const Price& price, const FittedMetric& metric) {
  const PriceInterval interval = interval_of(price, spread_of(metric));
  return {price.total() / kUsPerMs, interval.p5 / kUsPerMs, interval.p95 / kUsPerMs};
}

CalibrationSummary summary_of(const SetupProfile& setup, const FittedMetric& metric) {
  CalibrationSummary out{setup.source, metric.runs, std::nullopt};
  const ResidualQuantiles* residuals = metric.find_residuals("transfer");
  if (!residuals) residuals = metric.find_residuals("family");
  if (!residuals) residuals = metric.find_residuals("model");
  if (residuals) out.held_out_mape = residuals->mape;
  return out;
}

// Operators that nothing prices, by kind.
std::vector<UnknownOp> collect_unknown(const Graph& graph, const ModelKernels& kernels) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (std::size_t g = 0; g < kernels.plan.groups.size(); ++g) {
    if (kernels.reasons[g].empty()) continue;
    const Op& op = graph.ops[static_cast<std::size_t>(kernels.plan.groups[g].anchor)];
    const bool custom = op.kind == OpKind::kCustom;
    const auto* attrs = std::get_if<CustomAttrs>(&op.attrs);
    const std::string name = custom ? "CUSTOM:" + (attrs && !attrs->name.empty() ? attrs->name : op.source_op)
                                    : std::string(op_info(op.kind).name);
    counts[{name, kernels.reasons[g]}] += 1;
  }
  std::vector<UnknownOp> out;
  for (const auto& [key, count] : counts) out.push_back({key.first, count, key.second});
  return out;
}

void note_support(Prediction& out, const ModelKernels& kernels, const PriceList& prices, const FittedMetric& metric) {
  for (const auto& [klass, sums] : kernels.classes) {
    if (prices.supported(klass)) continue;
    const KernelSupport* support = metric.find_support(klass);
    const std::int64_t models = support ? support->models : 0;
    out.in_support = false;
    out.support_notes.push_back(klass + ": " +
                                (models == 0   ? "no measured model has one"
                                 : models == 1 ? "one measured model has one"
                                               : std::to_string(models) + " measured models have one") +
                                "; priced from the prior");
  }
}

// Much more of a class of kernels than any measured model has.
void note_shares(Prediction& out, const ModelKernels& kernels, const PriceList& prices, const FittedMetric& metric,
                 const Price& price) {
  constexpr double kWorthSaying = 0.05;
  if (price.beyond < kWorthSaying * price.total()) return;
  for (const auto& [klass, sums] : kernels.classes) {
    const KernelSupport* row = prices.supported(klass) ? metric.find_support(klass) : nullptr;
    const double share = prices.price(klass, sums.features) / price.total();
    if (!row || row->max_share <= 0 || share < kShareMargin * row->max_share) continue;
    out.in_support = false;
    out.support_notes.push_back(klass + ": " + fixed(100 * share, 0) + " % of the time, at most " +
                                fixed(100 * row->max_share, 0) + " % in measured models; the interval is wider");
  }
}

void set_layers(Prediction& out, const Graph& graph, const ModelKernels& kernels, const PriceList& prices,
                double correction, const FittedMetric& metric) {
  out.layers.resize(graph.ops.size());
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    LayerPrediction& layer = out.layers[i];
    layer.index = static_cast<OpId>(i);
    layer.group = kernels.plan.group_of[i];
    const auto g = static_cast<std::size_t>(layer.group);
    layer.basis = metric.basis;
    if (!kernels.reasons[g].empty()) {
      layer.reason = kernels.reasons[g];
      continue;
    }
    layer.latency_ms = 0;
    const std::optional<Kernel>& kernel = kernels.kernels[g];
    if (!kernel || kernels.plan.groups[g].anchor != layer.index) continue;
    layer.latency_ms = prices.price(kernel->klass, kernel->features) * correction / kUsPerMs;
    if (!prices.supported(kernel->klass)) layer.basis = Basis::kRoofline;
  }
}

void set_basis(Prediction& out, const Price& price, Basis fitted) {
  const double total = price.total();
  if (total <= 0) {
    out.basis = fitted;
    return;
  }
  if (price.fitted > 0) out.basis_share.emplace_back(fitted, price.fitted / total);
  if (price.prior > 0) out.basis_share.emplace_back(Basis::kRoofline, price.prior / total);
  if (out.basis_share.size() == 2 && out.basis_share[0].second < out.basis_share[1].second) {
    std::swap(out.basis_share[0], out.basis_share[1]);
  }
  out.basis = out.basis_share.front().first;
}

bool is_integer_weight(DType dtype) { return dtype == DType::kInt8 || dtype == DType::kUInt8 || dtype == DType::kInt4; }

// What the model's kernels compute with: the type of the first convolution's or product's activation operand.
std::optional<KernelPrecision> model_precision(const Graph& graph) {
  for (const Op& op : graph.ops) {
    const OpCategory category = op_info(op.kind).category;
    if ((category != OpCategory::kConvolution && category != OpCategory::kProduct) || op.inputs.size() < 2) continue;
    if (op.inputs[0].tensor < 0 || op.inputs[1].tensor < 0) continue;
    const DType in = graph.tensors[static_cast<std::size_t>(op.inputs[0].tensor)].dtype;
    const DType weights = graph.tensors[static_cast<std::size_t>(op.inputs[1].tensor)].dtype;
    if (is_integer_weight(in) && is_integer_weight(weights)) return KernelPrecision::kInt8;
    if (is_float(in)) return KernelPrecision::kFloat;
  }
  return std::nullopt;
}

// At a clock that the latency was not measured at.
void scale_latency(Prediction& out, double factor) {
  constexpr double kClockSpread = 1.1;  // rk3399: networks differ so in how they follow the clock
  if (out.latency_ms) {
    *out.latency_ms = {out.latency_ms->value * factor, out.latency_ms->p5 * factor / kClockSpread,
                       out.latency_ms->p95 * factor * kClockSpread};
  }
  for (LayerPrediction& layer : out.layers) {
    if (layer.latency_ms) *layer.latency_ms *= factor;
  }
  out.basis = std::max(out.basis, Basis::kTransfer);
}

// A setup whose energy was measured, but not its latency.
void only_energy(Prediction& out, const Model& model, const ModelKernels& kernels, const SetupProfile& setup) {
  out.latency_reason = "latency was not measured on this setup";
  out.layers.resize(model.main().ops.size());
  for (std::size_t i = 0; i < out.layers.size(); ++i) {
    out.layers[i].index = static_cast<OpId>(i), out.layers[i].group = kernels.plan.group_of[i];
    out.layers[i].reason = out.latency_reason;
  }
  add_energy(out, model, kernels, setup.energy.get(), {});
  out.basis = out.energy.basis;
  out.in_support = !out.lower_bound && out.energy.notes.empty();
  out.support_notes = out.energy.notes;
  out.calibration.source = setup.energy->source;
  out.calibration.runs = static_cast<std::int64_t>(setup.energy->surface->points.size());
  out.calibration.held_out_mape = out.energy.held_out_error;
}

}  // namespace

Result<Prediction> predict(const Model& model, const DeviceProfile& device, const SetupProfile& setup,
                           const PredictContext& context) {
  NNGAUGE_TRY(const SetupName name, parse_setup_name(setup.id));
  const FusionRules* rules = find_fusion_rules(name.runtime + "-" + name.processor);
  // Which operators are a kernel differs little where only the energy of kernels is asked.
  if (!rules && setup.energy && setup.energy->surface) rules = find_fusion_rules(name.runtime + "-cpu");
  if (!rules) return unknown("runtime " + name.runtime + " on the " + name.processor + " has no cost model");
  const FittedMetric* metric = setup.find_metric(Metric::kLatencyMs);
  if (!metric && !(setup.energy && setup.energy->surface)) {
    return unknown("setup " + setup.id + " has no fitted latency");
  }

  Prediction out;
  out.device = device.id, out.setup = setup.id, out.point = context.point;
  double slower = 1;
  if (context.point.given()) {
    if (!setup.energy || !setup.energy->power) return unknown("setup " + setup.id + " has no table of clocks");
    NNGAUGE_TRY(slower, clock_factor(*setup.energy, context.point));
  }
  const KernelPrecision precision = kernel_precision(name.precision);
  KernelCache own_kernels(model);
  KernelCache& cache = context.kernels ? *context.kernels : own_kernels;
  const ModelKernels& plain = cache.kernels(*rules, {precision, name.processor == "cpu" ? "" : device.gpu});
  const bool curved = metric && !metric->curves.empty();
  const ModelKernels with = curved ? with_curves(plain, metric->curves) : ModelKernels();
  const ModelKernels& kernels = curved ? with : plain;
  const std::optional<KernelPrecision> own = model_precision(model.main());
  const bool as_it_is = kernel_library(rules->runtime) == KernelLibrary::kNcnn && name.precision.empty();
  if (own && *own != precision && !as_it_is) out.what_if = name.precision.empty() ? "fp32" : name.precision;
  out.unknown_ops = collect_unknown(model.main(), kernels);
  out.lower_bound = !out.unknown_ops.empty();
  if (!metric) {
    only_energy(out, model, kernels, setup);
    add_load(out, model, kernels, setup.load.get(), context.facts, device.ram_mb);
    return out;
  }
  const PriceList prices(*metric);
  const double correction = prices.correction(plain.classes);
  const Price uncorrected = prices.price(kernels.classes), price = uncorrected.times(correction);
  if (kernels.classes.empty() && out.lower_bound) out.latency_reason = "no operator has a cost";
  else out.latency_ms = estimate_of(price, *metric);
  set_basis(out, price, metric->basis);
  note_support(out, kernels, prices, *metric);
  note_shares(out, kernels, prices, *metric, uncorrected);
  if (out.lower_bound) out.in_support = false;
  set_layers(out, model.main(), kernels, prices, correction, *metric);
  if (slower != 1) scale_latency(out, slower);
  out.calibration = summary_of(setup, *metric);
  if (const FittedMetric* energy = setup.find_metric(Metric::kEnergyMj)) {
    out.energy_mj = estimate_of(PriceList(*energy).price(plain), *energy);
    out.energy.basis = energy->basis, out.energy.source = setup.source;
    out.energy.held_out_error = summary_of(setup, *energy).held_out_mape;
    if (out.latency_ms && out.latency_ms->value > 0) out.power_mw = 1000 * out.energy_mj->value / out.latency_ms->value;
  } else {
    add_energy(out, model, kernels, setup.energy.get(), context.point);
  }
  add_load(out, model, kernels, setup.load.get(), context.facts, device.ram_mb);
  return out;
}

}  // namespace nngauge
