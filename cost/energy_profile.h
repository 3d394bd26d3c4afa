// SPDX-License-Identifier: Apache-2.0
// Owns: what is known about the energy of a device, in memory and as text (energy_profile.proto).
// Not here: what it makes of a prediction (energy.h), how it comes about (calibration/surface_fit.h, power_fit.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "cost/device_profile.h"

namespace nngauge {

// What a figure of energy holds: everything that the device draws meanwhile, or only what it draws on top of idling.
enum class EnergyScope : std::uint8_t { kWholeDevice, kIncremental, kNotStated };
std::string_view energy_scope_name(EnergyScope scope);  // "whole-device", "incremental", "not-stated"

// A convolution as a point: logs of positions, channels in, channels out, taps of one side, stride, MACs.
inline constexpr std::size_t kShapeInputs = 6;
using ShapePoint = std::array<double, kShapeInputs>;

struct SurfacePoint {
  ShapePoint x{};  // centred and scaled
  double weight = 0;
};
// Held-out quantiles of measured / predicted for kernels up to a predicted energy; 0: all others.
struct SurfaceBand {
  double upto_mj = 0;
  std::int64_t kernels = 0;
  double p5 = 1, p95 = 1, median_error = 0;
};
// The log of a kernel's energy in mJ as a smooth function of its shape.
struct EnergySurface {
  double level = 0, mac_exponent = 1;
  int twice_smoothness = 3;  // 1 or 3
  double amplitude = 1, noise = 0;
  ShapePoint centre{}, scale{};
  std::vector<SurfacePoint> points;
  std::vector<SurfaceBand> bands;               // ascending, the last without an end
  std::optional<double> held_out_median_error;  // of all bands but the first
  double other_mj_per_ms = 0;  // other kernels: mJ per ms that they take on the reference core; 0: not known
};

// The clocks that a question is about; nullopt: the highest.
struct OperatingPoint {
  std::optional<double> freq_mhz, host_freq_mhz;
  [[nodiscard]] bool given() const { return freq_mhz || host_freq_mhz; }
};

struct PowerDraw {
  double freq_mhz = 0, mw = 0;
  double slower = 0;  // latency at that clock / latency at the highest; 0: not known
};
struct PowerLaw {
  std::optional<double> idle_mw;     // nullopt: not known apart; the draw then holds it
  std::vector<PowerDraw> draw;       // ascending clocks; one at least
  std::vector<PowerDraw> host_draw;  // of the processor that feeds an accelerator; may be empty
  double size_slope = 0, size_reference_ms = 1;
  double size_least_ms = 0, size_most_ms = 0;  // 0: no bound
  double p5 = 1, p95 = 1;
  std::optional<double> held_out_mape;
  std::int64_t runs = 0, models = 0;
  double latency_exponent = 0;  // latency at clock f is that at the highest x (highest / f)^exponent; 0: not known
};

// Cores of one kind.
struct CoreCluster {
  std::string name, core;  // "large", "Cortex-A76"
  std::int64_t count = 0;
  double freq_mhz = 0, mw = 0;  // mw: above idle, one busy thread at that clock
};

struct SetupEnergy {
  std::string id;  // of a setup; an asterisk at the end stands for any rest
  EnergyScope scope = EnergyScope::kNotStated;
  Basis basis = Basis::kRegression;
  std::string source, licence;
  std::optional<EnergySurface> surface;
  std::optional<PowerLaw> power;
};

struct EnergyProfile {
  std::int64_t version = 1;
  std::string device;
  std::vector<SetupEnergy> setups;
  std::vector<CoreCluster> clusters;
  double idle_mw = 0;  // of the whole device, awake and idle: for setups of clusters
  std::string source;  // of clusters
  // The first that is meant for `setup`, else what the clusters that it names make; nullopt: nothing is known.
  [[nodiscard]] std::optional<SetupEnergy> find_setup(std::string_view setup) const;
};

// Errors: kBadProfile, with the line and column in the text.
Result<EnergyProfile> parse_energy_profile(std::string_view text);
// The same profile in protobuf's binary form. Errors: kBadProfile.
Result<EnergyProfile> decode_energy_profile(Bytes encoded);
std::string energy_profile_text(const EnergyProfile& profile);

}  // namespace nngauge
