// SPDX-License-Identifier: Apache-2.0
#include "cost/energy_profile.h"

#include <cmath>

#include "base/text.h"
#include "cost/profile_message.h"
#include "energy_profile.pb.h"

namespace nngauge {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::array<std::string_view, 3> kScopes = {"whole-device", "incremental", "not-stated"};

Error bad(const std::string& message) { return make_error(ErrorCode::kBadProfile, message); }
bool is_measure(double value) { return std::isfinite(value) && value >= 0; }

template <class Repeated>
Result<ShapePoint> read_point(const Repeated& in, std::string_view what) {
  if (in.size() != static_cast<int>(kShapeInputs)) return bad(std::string(what) + " of a surface takes 6 numbers");
  ShapePoint out;
  for (std::size_t i = 0; i < kShapeInputs; ++i) {
    out[i] = in.Get(static_cast<int>(i));
    if (!std::isfinite(out[i])) return bad(std::string(what) + " of a surface must be finite");
  }
  return out;
}

Result<EnergySurface> read_surface(const energy::Surface& in) {
  EnergySurface out;
  out.level = in.level(), out.mac_exponent = in.mac_exponent(), out.amplitude = in.amplitude(), out.noise = in.noise();
  out.twice_smoothness = in.twice_smoothness();
  if (!std::isfinite(out.level) || !std::isfinite(out.mac_exponent) || !is_measure(out.amplitude) ||
      !is_measure(out.noise)) {
    return bad("level, exponent, amplitude and noise of a surface must be finite");
  }
  if (out.twice_smoothness != 1 && out.twice_smoothness != 3) return bad("twice_smoothness must be 1 or 3");
  NNGAUGE_TRY(out.centre, read_point(in.centre(), "centre"));
  NNGAUGE_TRY(out.scale, read_point(in.scale(), "scale"));
  for (const double scale : out.scale) {
    if (scale <= 0) return bad("the scales of a surface must be above 0");
  }
  for (const energy::Point& point : in.point()) {
    SurfacePoint row;
    NNGAUGE_TRY(row.x, read_point(point.x(), "point"));
    row.weight = point.weight();
    if (!std::isfinite(row.weight)) return bad("weights of a surface must be finite");
    out.points.push_back(row);
  }
  for (const energy::Band& band : in.band()) {
    if (!is_measure(band.p5()) || !is_measure(band.p95()) || band.p5() > band.p95()) {
      return bad("quantiles of a band must be ordered and not negative");
    }
    out.bands.push_back({band.upto_mj(), band.kernels(), band.p5(), band.p95(), band.median_error()});
  }
  out.other_mj_per_ms = in.other_mj_per_ms();
  if (in.has_held_out_median_error()) out.held_out_median_error = in.held_out_median_error();
  if (!is_measure(out.other_mj_per_ms)) return bad("other_mj_per_ms must be finite and not negative");
  if (out.bands.empty()) return bad("a surface needs its held-out bands");
  return out;
}

template <class Repeated>
Result<std::vector<PowerDraw>> read_draw(const Repeated& in) {
  std::vector<PowerDraw> out;
  for (const energy::Draw& row : in) {
    if (!is_measure(row.freq_mhz()) || !is_measure(row.mw()) || !is_measure(row.slower())) {
      return bad("a draw must be finite and not negative");
    }
    if (!out.empty() && row.freq_mhz() <= out.back().freq_mhz) return bad("the clocks of draws must ascend");
    out.push_back({row.freq_mhz(), row.mw(), row.slower()});
  }
  return out;
}

Result<PowerLaw> read_power(const energy::Power& in) {
  PowerLaw out;
  NNGAUGE_TRY(out.draw, read_draw(in.draw()));
  NNGAUGE_TRY(out.host_draw, read_draw(in.host_draw()));
  if (out.draw.empty()) return bad("power needs a draw");
  out.size_slope = in.size_slope();
  if (in.has_idle_mw()) out.idle_mw = in.idle_mw();
  out.size_reference_ms = in.has_size_reference_ms() ? in.size_reference_ms() : 1;
  out.size_least_ms = in.size_least_ms(), out.size_most_ms = in.size_most_ms();
  out.p5 = in.p5(), out.p95 = in.p95(), out.runs = in.runs(), out.models = in.models();
  out.latency_exponent = in.latency_exponent();
  if (in.has_held_out_mape()) out.held_out_mape = in.held_out_mape();
  const bool sound = is_measure(out.idle_mw.value_or(0)) && std::isfinite(out.size_slope) &&
                     std::isfinite(out.size_reference_ms) && out.size_reference_ms > 0 &&
                     is_measure(out.size_least_ms) && is_measure(out.size_most_ms) && is_measure(out.p5) &&
                     is_measure(out.p95) && out.p5 <= out.p95 && is_measure(out.latency_exponent);
  if (!sound) return bad("the constants of power must be finite and not negative, its quantiles ordered");
  return out;
}

void write_surface(const EnergySurface& in, energy::Surface& out) {
  out.set_level(in.level), out.set_mac_exponent(in.mac_exponent), out.set_twice_smoothness(in.twice_smoothness);
  out.set_amplitude(in.amplitude), out.set_noise(in.noise);
  for (const double x : in.centre) out.add_centre(x);
  for (const double x : in.scale) out.add_scale(x);
  for (const SurfacePoint& point : in.points) {
    energy::Point& row = *out.add_point();
    for (const double x : point.x) row.add_x(x);
    row.set_weight(point.weight);
  }
  for (const SurfaceBand& band : in.bands) {
    energy::Band& row = *out.add_band();
    row.set_upto_mj(band.upto_mj), row.set_kernels(band.kernels), row.set_p5(band.p5), row.set_p95(band.p95);
    row.set_median_error(band.median_error);
  }
  out.set_other_mj_per_ms(in.other_mj_per_ms);
  if (in.held_out_median_error) out.set_held_out_median_error(*in.held_out_median_error);
}

void write_power(const PowerLaw& in, energy::Power& out) {
  if (in.idle_mw) out.set_idle_mw(*in.idle_mw);
  for (const PowerDraw& row : in.draw) {
    energy::Draw& to = *out.add_draw();
    to.set_freq_mhz(row.freq_mhz), to.set_mw(row.mw);
    if (row.slower > 0) to.set_slower(row.slower);
  }
  for (const PowerDraw& row : in.host_draw) {
    energy::Draw& to = *out.add_host_draw();
    to.set_freq_mhz(row.freq_mhz), to.set_mw(row.mw);
    if (row.slower > 0) to.set_slower(row.slower);
  }
  if (in.size_slope != 0) {
    out.set_size_slope(in.size_slope), out.set_size_reference_ms(in.size_reference_ms);
    out.set_size_least_ms(in.size_least_ms), out.set_size_most_ms(in.size_most_ms);
  }
  out.set_p5(in.p5), out.set_p95(in.p95);
  if (in.held_out_mape) out.set_held_out_mape(*in.held_out_mape);
  out.set_runs(in.runs), out.set_models(in.models);
  if (in.latency_exponent > 0) out.set_latency_exponent(in.latency_exponent);
}

std::optional<EnergyScope> find_scope(std::string_view name) {
  for (std::size_t i = 0; i < kScopes.size(); ++i) {
    if (kScopes[i] == name) return static_cast<EnergyScope>(i);
  }
  return std::nullopt;
}

Result<SetupEnergy> read_setup(const energy::Setup& in) {
  SetupEnergy out;
  out.id = in.id(), out.source = in.source(), out.licence = in.licence();
  if (out.id.empty()) return bad("a setup has no id");
  const std::optional<EnergyScope> scope = find_scope(in.scope());
  if (!scope) return bad("scope " + in_quotes(in.scope()) + " is none of whole-device, incremental, not-stated");
  out.scope = *scope;
  if (in.basis() == basis_name(Basis::kRegression)) out.basis = Basis::kRegression;
  else if (in.basis() == basis_name(Basis::kTransfer)) out.basis = Basis::kTransfer;
  else return bad("basis " + in_quotes(in.basis()) + " is neither regression nor transfer");
  if (in.has_surface()) {
    NNGAUGE_TRY(out.surface, read_surface(in.surface()));
  }
  if (in.has_power()) {
    NNGAUGE_TRY(out.power, read_power(in.power()));
  }
  if (!out.surface && !out.power) return bad("neither surface nor power");
  return out;
}

Result<EnergyProfile> read_device(const energy::Device& device) {
  if (device.version() != kVersion) {
    return bad("version " + std::to_string(device.version()) +
               " of the energy profile is not known; this is version 1");
  }
  if (device.id().empty()) return bad("the energy profile names no device");
  EnergyProfile out;
  out.device = device.id();
  for (const energy::Setup& setup : device.setup()) {
    Result<SetupEnergy> row = read_setup(setup);
    if (!row) return row.error().at("setup " + setup.id());
    out.setups.push_back(std::move(*row));
  }
  for (const energy::Cluster& cluster : device.cluster()) {
    if (cluster.name().empty()) return bad("a cluster has no name");
    if (!is_measure(cluster.mw()) || !is_measure(cluster.freq_mhz())) {
      return bad("cluster " + in_quotes(cluster.name()) + ": clock and power must be finite and not negative");
    }
    out.clusters.push_back({cluster.name(), cluster.core(), cluster.count(), cluster.freq_mhz(), cluster.mw()});
  }
  out.idle_mw = device.idle_mw(), out.source = device.source();
  if (!is_measure(out.idle_mw)) return bad("idle_mw must be finite and not negative");
  return out;
}

}  // namespace

std::string_view energy_scope_name(EnergyScope scope) { return kScopes[static_cast<std::size_t>(scope)]; }

Result<EnergyProfile> parse_energy_profile(std::string_view text) {
  energy::Device device;
  NNGAUGE_CHECK(parse_profile_message(text, "no energy profile", device));
  return read_device(device);
}

Result<EnergyProfile> decode_energy_profile(Bytes encoded) {
  energy::Device device;
  NNGAUGE_CHECK(decode_profile_message(encoded, device));
  return read_device(device);
}

std::string energy_profile_text(const EnergyProfile& profile) {
  energy::Device device;
  device.set_version(profile.version);
  device.set_id(profile.device);
  for (const SetupEnergy& setup : profile.setups) {
    energy::Setup& row = *device.add_setup();
    row.set_id(setup.id), row.set_scope(std::string(energy_scope_name(setup.scope)));
    row.set_basis(std::string(basis_name(setup.basis))), row.set_source(setup.source);
    if (!setup.licence.empty()) row.set_licence(setup.licence);
    if (setup.surface) write_surface(*setup.surface, *row.mutable_surface());
    if (setup.power) write_power(*setup.power, *row.mutable_power());
  }
  for (const CoreCluster& cluster : profile.clusters) {
    energy::Cluster& row = *device.add_cluster();
    row.set_name(cluster.name), row.set_core(cluster.core), row.set_count(cluster.count);
    row.set_freq_mhz(cluster.freq_mhz), row.set_mw(cluster.mw);
  }
  if (!profile.clusters.empty()) device.set_idle_mw(profile.idle_mw), device.set_source(profile.source);
  return profile_message_text(device, "cost/energy_profile.proto");
}

}  // namespace nngauge
