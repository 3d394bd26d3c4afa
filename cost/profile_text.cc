// SPDX-License-Identifier: Apache-2.0
// The text form and the binary form of device profiles. Protocol Buffers stay in this file.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "base/text.h"
#include "cost/device_profile.h"
#include "cost/features.h"
#include "cost/profile_message.h"
#include "device_profile.pb.h"

namespace nngauge {
namespace {

constexpr std::int64_t kVersion = 1;

Error bad(const std::string& message) { return make_error(ErrorCode::kBadProfile, message); }

std::optional<Metric> find_metric_name(std::string_view name) {
  for (const Metric metric : {Metric::kLatencyMs, Metric::kEnergyMj}) {
    if (metric_name(metric) == name) return metric;
  }
  return std::nullopt;
}

std::optional<Basis> find_basis(std::string_view name) {
  for (const Basis basis : {Basis::kMeasuredTable, Basis::kRegression, Basis::kTransfer, Basis::kRoofline}) {
    if (basis_name(basis) == name) return basis;
  }
  return std::nullopt;
}

bool is_cost(double value) { return std::isfinite(value) && value >= 0; }

Result<KernelCurve> read_curve(const profile::Curve& in) {
  KernelCurve out;
  out.klass = in.kernel(), out.offset = in.offset();
  if (!has_curve_terms(out.klass)) return bad("kernel " + in_quotes(out.klass) + " has no curve");
  bool fits = std::isfinite(out.offset);
  for (const double price : in.price()) fits = fits && is_cost(price), out.prices.push_back(price);
  fits = fits && out.prices.size() == curve_terms(out.klass, {}).size();
  for (const profile::CurvePoint& row : in.point()) {
    const std::vector<double> numbers(row.shape().begin(), row.shape().end());
    fits = fits && numbers.size() == kShapeNumbers && std::isfinite(row.weight());
    for (const double number : numbers) fits = fits && is_cost(number);
    out.points.push_back({shape_of_numbers(numbers), row.weight()});
  }
  if (!fits) return bad("kernel " + in_quotes(out.klass) + ": the curve's numbers are not those of its class");
  return out;
}

void write_curve(const KernelCurve& in, profile::Curve& out) {
  out.set_kernel(in.klass), out.set_offset(in.offset);
  for (const double price : in.prices) out.add_price(price);
  for (const CurvePoint& point : in.points) {
    profile::CurvePoint& row = *out.add_point();
    for (const double number : shape_numbers(point.shape)) row.add_shape(number);
    row.set_weight(point.weight);
  }
}

Result<std::shared_ptr<const MeasuredNetworks>> read_networks(const profile::Networks& in) {
  constexpr double kThousandths = 1000;
  MeasuredNetworks out;
  for (const std::string& name : in.feature()) {
    const std::optional<Feature> feature = find_feature(name);
    if (!feature) return bad("feature " + in_quotes(name) + " is not known");
    out.features.push_back(*feature);
  }
  for (const profile::NetworkShares& network : in.network()) {
    if (static_cast<std::size_t>(network.root_size()) != out.features.size()) {
      return bad("a measured network has " + std::to_string(network.root_size()) + " shares of " +
                 std::to_string(out.features.size()) + " features");
    }
    std::vector<double>& row = out.roots.emplace_back();
    for (const std::int32_t root : network.root()) row.push_back(root / kThousandths);
  }
  return std::make_shared<const MeasuredNetworks>(std::move(out));
}

void write_networks(const MeasuredNetworks& in, profile::Networks& out) {
  constexpr double kThousandths = 1000;
  for (const Feature feature : in.features) {
    out.add_feature(std::string(feature_table()[static_cast<std::size_t>(feature)].name));
  }
  for (const std::vector<double>& row : in.roots) {
    profile::NetworkShares& network = *out.add_network();
    for (const double root : row) network.add_root(static_cast<std::int32_t>(std::lround(root * kThousandths)));
  }
}

// The tables of a device, each once.
using NetworkTables = std::vector<std::shared_ptr<const MeasuredNetworks>>;

Result<ResidualCorrection> read_correction(const profile::Correction& in, const NetworkTables& tables) {
  if (in.networks() < 0 || in.networks() >= static_cast<std::int64_t>(tables.size())) {
    return bad("the correction names measured networks that the profile has not");
  }
  ResidualCorrection out{tables[static_cast<std::size_t>(in.networks())], {}};
  for (const double weight : in.weight()) {
    if (!std::isfinite(weight)) return bad("weights of a correction must be finite");
    out.weights.push_back(weight);
  }
  if (out.weights.size() != out.networks->roots.size()) {
    return bad("the correction has " + std::to_string(out.weights.size()) + " weights of " +
               std::to_string(out.networks->roots.size()) + " measured networks");
  }
  return out;
}

void write_correction(const ResidualCorrection& in, NetworkTables& tables, profile::Metric& out) {
  if (!in.networks) return;
  const auto same = [&](const auto& table) { return *table == *in.networks; };
  const auto found = std::find_if(tables.begin(), tables.end(), same);
  profile::Correction& correction = *out.mutable_correction();
  correction.set_networks(found - tables.begin());
  if (found == tables.end()) tables.push_back(in.networks);
  for (const double weight : in.weights) correction.add_weight(weight);
}

Result<FittedMetric> read_metric(const profile::Metric& in, const NetworkTables& tables) {
  FittedMetric out;
  const std::optional<Metric> metric = find_metric_name(in.metric());
  if (!metric) return bad("metric " + in_quotes(in.metric()) + " is neither latency_ms nor energy_mj");
  const std::optional<Basis> basis = find_basis(in.basis());
  if (!basis) return bad("basis " + in_quotes(in.basis()) + " is not known");
  out.metric = *metric, out.basis = *basis;
  out.runs = in.runs(), out.models = in.models(), out.families = in.families(), out.seen_mape = in.seen_mape();
  out.shrunk = in.shrunk();
  for (const profile::Term& term : in.term()) {
    if (!find_feature(term.feature())) return bad("feature " + in_quotes(term.feature()) + " is not known");
    if (!is_cost(term.value()) || !is_cost(term.prior())) {
      return bad("feature " + in_quotes(term.feature()) + ": value and prior must be finite and not negative");
    }
    out.terms.push_back({term.feature(), term.value(), term.prior()});
  }
  for (const profile::Support& row : in.support()) {
    out.support.push_back({row.kernel(), row.models(), row.kernels(), row.mean_share(), row.max_share()});
  }
  for (const profile::Curve& row : in.curve()) {
    NNGAUGE_TRY(KernelCurve curve, read_curve(row));
    out.curves.push_back(std::move(curve));
  }
  if (in.has_correction()) {
    NNGAUGE_TRY(out.correction, read_correction(in.correction(), tables));
  }
  for (const profile::Residuals& row : in.held_out()) {
    if (!is_cost(row.p5()) || !is_cost(row.p95()) || row.p5() > row.p95()) {
      return bad("held-out quantiles of split " + in_quotes(row.split()) + " must be ordered and not negative");
    }
    out.residuals.push_back({row.split(), row.runs(), row.p5(), row.p50(), row.p95(), row.mape()});
  }
  return out;
}

void write_metric(const FittedMetric& in, NetworkTables& tables, profile::Metric& out) {
  out.set_metric(std::string(metric_name(in.metric)));
  out.set_basis(std::string(basis_name(in.basis)));
  out.set_runs(in.runs), out.set_models(in.models), out.set_families(in.families), out.set_seen_mape(in.seen_mape);
  if (in.shrunk) out.set_shrunk(true);
  for (const FeatureTerm& term : in.terms) {
    profile::Term& row = *out.add_term();
    row.set_feature(term.feature), row.set_value(term.value), row.set_prior(term.prior);
  }
  for (const KernelSupport& support : in.support) {
    profile::Support& row = *out.add_support();
    row.set_kernel(support.kernel), row.set_models(support.models), row.set_kernels(support.kernels);
    row.set_mean_share(support.mean_share);
    if (support.max_share > 0) row.set_max_share(support.max_share);
  }
  for (const ResidualQuantiles& residuals : in.residuals) {
    profile::Residuals& row = *out.add_held_out();
    row.set_split(residuals.split), row.set_runs(residuals.runs), row.set_p5(residuals.p5), row.set_p50(residuals.p50);
    row.set_p95(residuals.p95), row.set_mape(residuals.mape);
  }
  for (const KernelCurve& curve : in.curves) write_curve(curve, *out.add_curve());
  write_correction(in.correction, tables, out);
}

Result<DeviceProfile> read_device(const profile::Device& device) {
  if (device.version() != kVersion) {
    return bad("version " + std::to_string(device.version()) + " of the profile is not known; this is version 1");
  }
  if (device.id().empty()) return bad("the profile has no id");
  DeviceProfile out;
  out.id = device.id(), out.description = device.description(), out.soc = device.soc(), out.cores = device.cores();
  out.licence = device.licence(), out.date = device.date(), out.gpu = device.gpu();
  NetworkTables tables;
  for (const profile::Networks& networks : device.networks()) {
    NNGAUGE_TRY(tables.emplace_back(), read_networks(networks));
  }
  for (const profile::Setup& setup : device.setup()) {
    SetupProfile row{setup.id(), setup.default_(), setup.source(), setup.runtime_version(), {}, nullptr, nullptr};
    if (Result<SetupName> name = parse_setup_name(setup.id()); !name) return bad(name.error().message);
    for (const profile::Metric& metric : setup.fitted()) {
      Result<FittedMetric> fitted = read_metric(metric, tables);
      if (!fitted) return fitted.error().at("setup " + setup.id());
      row.metrics.push_back(std::move(fitted).value());
    }
    out.setups.push_back(std::move(row));
  }
  return out;
}

}  // namespace

Result<DeviceProfile> parse_device_profile(std::string_view text) {
  profile::Device device;
  NNGAUGE_CHECK(parse_profile_message(text, "no profile", device));
  return read_device(device);
}

Result<DeviceProfile> decode_device_profile(Bytes encoded) {
  profile::Device device;
  NNGAUGE_CHECK(decode_profile_message(encoded, device));
  return read_device(device);
}

std::string device_profile_text(const DeviceProfile& profile) {
  profile::Device device;
  device.set_version(profile.version);
  device.set_id(profile.id);
  device.set_description(profile.description);
  device.set_soc(profile.soc);
  if (!profile.cores.empty()) device.set_cores(profile.cores);
  if (!profile.licence.empty()) device.set_licence(profile.licence);
  if (!profile.date.empty()) device.set_date(profile.date);
  if (!profile.gpu.empty()) device.set_gpu(profile.gpu);
  NetworkTables tables;
  for (const SetupProfile& setup : profile.setups) {
    profile::Setup& row = *device.add_setup();
    row.set_id(setup.id), row.set_source(setup.source);
    if (setup.is_default) row.set_default_(true);
    if (!setup.runtime_version.empty()) row.set_runtime_version(setup.runtime_version);
    for (const FittedMetric& metric : setup.metrics) write_metric(metric, tables, *row.add_fitted());
  }
  for (const auto& table : tables) write_networks(*table, *device.add_networks());
  return profile_message_text(device, "cost/device_profile.proto");
}

}  // namespace nngauge
