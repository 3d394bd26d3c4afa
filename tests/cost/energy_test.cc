// SPDX-License-Identifier: Apache-2.0
#include "cost/energy.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/power_fit.h"
#include "calibration/surface_fit.h"
#include "cost/energy_model.h"
#include "cost/energy_profile.h"

using namespace nngauge;

namespace {

constexpr std::string_view kHead = "version: 1\nid: \"phone\"\n";
std::string profile(const std::string& rest) { return std::string(kHead) + rest; }
const std::string kPower =
    "setup { id: \"tflite-cpu-*\" scope: \"whole-device\" basis: \"regression\" power { idle_mw: 500 "
    "draw { freq_mhz: 1000 mw: 100 } draw { freq_mhz: 2000 mw: 400 } p5: 0.9 p95: 1.1 } }\n";

std::string error_of(const std::string& text) {
  const auto parsed = parse_energy_profile(text);
  return parsed ? "" : parsed.error().text();
}

}  // namespace

TEST_CASE("energy profiles keep their numbers and name what is wrong", "[energy]") {
  const auto parsed = parse_energy_profile(profile(kPower));
  REQUIRE(parsed);
  const auto again = parse_energy_profile(energy_profile_text(*parsed));
  REQUIRE(again);
  CHECK(energy_profile_text(*again) == energy_profile_text(*parsed));
  CHECK(again->setups.at(0).power->draw.at(1).mw == 400);

  CHECK(error_of("id: \"x\"") == "version 0 of the energy profile is not known; this is version 1 [bad-profile]");
  CHECK(error_of("version: 1") == "the energy profile names no device [bad-profile]");
  CHECK(error_of(profile("setup { id: \"s\" scope: \"all\" basis: \"regression\" }")) ==
        "setup s: scope \"all\" is none of whole-device, incremental, not-stated [bad-profile]");
  CHECK(error_of(profile("setup { id: \"s\" scope: \"incremental\" basis: \"guess\" }")) ==
        "setup s: basis \"guess\" is neither regression nor transfer [bad-profile]");
  CHECK(error_of(profile("setup { id: \"s\" scope: \"incremental\" basis: \"transfer\" }")) ==
        "setup s: neither surface nor power [bad-profile]");
  CHECK(error_of(
            profile("setup { id: \"s\" scope: \"incremental\" basis: \"transfer\" power { draw { freq_mhz: 2 mw: 1 } "
                    "draw { freq_mhz: 1 mw: 1 } } }")) == "setup s: the clocks of draws must ascend [bad-profile]");
}

TEST_CASE("power between and beyond measured clocks follows a line in logs", "[energy]") {
  const std::vector<PowerDraw> draw = {{1000, 100}, {2000, 400}};
  CHECK(draw_at(draw, 1000) == Approx(100));
  CHECK(draw_at(draw, 2000) == Approx(400));
  CHECK(draw_at(draw, 1000 * std::sqrt(2.0)) == Approx(200));
  CHECK(draw_at(draw, 4000) == Approx(1600));
  CHECK(draw_at({{500, 0}, {1000, 80}}, 500) == 0);
  PowerLaw law;
  law.draw = draw, law.size_slope = 0.1, law.size_reference_ms = 100, law.size_least_ms = 10, law.size_most_ms = 1000;
  CHECK(busy_mw(law, {}, 100) == Approx(400));
  CHECK(busy_mw(law, {1000.0, std::nullopt}, 1000) == Approx(100 * (1 + 0.1 * std::log(10.0))));
  CHECK(busy_mw(law, {}, 1e9) == busy_mw(law, {}, 1000));  // no further than measured
}

TEST_CASE("latency at other clocks: as measured, between clocks along a line in logarithms, beyond by a power",
          "[energy]") {
  SetupEnergy energy;
  energy.power = PowerLaw{};
  energy.power->draw = {{500, 1, 4}, {1000, 1, 2}, {2000, 1, 1}};
  energy.power->latency_exponent = 0.5;
  const auto at = [&](std::optional<double> freq, std::optional<double> host = std::nullopt) {
    const auto factor = clock_factor(energy, {freq, host});
    REQUIRE(factor.has_value());
    return *factor;
  };
  CHECK(at(500) == Approx(4));
  CHECK(at(2000) == Approx(1));
  CHECK(at(500 * std::sqrt(2.0)) == Approx(4 / std::sqrt(2.0)));
  CHECK(at(250) == Approx(4 * std::sqrt(2.0)));
  CHECK(at(4000) == Approx(1 / std::sqrt(2.0)));
  energy.power->host_draw = {{400, 0, 1.5}, {800, 1, 1}};
  CHECK(at(1000, 400) == Approx(2 * 1.5));
  CHECK(at(std::nullopt, 800) == Approx(1));
  energy.power->draw = {{500, 1}, {2000, 1}};  // not known clock by clock
  CHECK(at(500) == Approx(2));
}

TEST_CASE("setups that name cores draw what those cores draw together", "[energy]") {
  const auto parsed = parse_energy_profile(
      profile("cluster { name: \"large\" count: 1 freq_mhz: 2840 mw: 1370 }\n"
              "cluster { name: \"med\" count: 3 freq_mhz: 2420 mw: 1060 }\nidle_mw: 500\nsource: \"elsewhere\"\n"));
  REQUIRE(parsed);
  const auto draw_of = [&](const char* setup) {
    const auto found = parsed->find_setup(setup);
    return found ? found->power->draw.back().mw : -1;
  };
  CHECK(draw_of("tflite-cpu-1large-fp32") == 1370);
  CHECK(draw_of("tflite-cpu-1large1med-fp32") == 1370 + 1060);
  CHECK(draw_of("tflite-cpu-3med-int8") == 3 * 1060);
  CHECK(draw_of("tflite-cpu-2threads-fp32") == 1370 + 1060);  // not bound: the first cores of the table
  CHECK(draw_of("tflite-cpu-2small-fp32") == -1);
  CHECK(draw_of("tflite-gpu-fp16") == -1);
  const auto found = parsed->find_setup("tflite-cpu-1large-fp32");
  CHECK(found->basis == Basis::kTransfer);
  CHECK(found->scope == EnergyScope::kWholeDevice);
  CHECK(found->power->idle_mw == 500);
}

TEST_CASE("a surface of one point is its bump on the trend", "[energy]") {
  EnergySurface surface;
  surface.level = -3, surface.mac_exponent = 0.5, surface.amplitude = 2;
  surface.scale.fill(1);
  surface.points.push_back({{}, 0.25});
  surface.bands = {{0.02, 10, 0.5, 2, 0.2}, {0, 10, 0.9, 1.1, 0.05}};
  const SurfaceEnergy at = energy_at(surface, {});
  CHECK(at.mj == Approx(std::exp(-3 + 4 * 0.25)));
  CHECK(at.near);
  CHECK(at.low_mj == Approx(0.9 * at.mj));
  const SurfaceEnergy far = energy_at(surface, {50, 0, 0, 0, 0, 0});
  CHECK_FALSE(far.near);
  CHECK(far.high_mj == Approx(2 * far.mj));
  surface.twice_smoothness = 1;
  CHECK(energy_at(surface, {1, 0, 0, 0, 0, 0}).mj == Approx(std::exp(-3 + 4 * 0.25 * std::exp(-1.0))));
}

TEST_CASE("energies of kernels that follow a law are predicted within a few per cent", "[energy]") {
  std::vector<KernelRun> runs;
  for (const double extent : {7.0, 14.0, 28.0, 56.0}) {
    for (const double in : {16.0, 64.0, 256.0}) {
      for (const double out : {32.0, 128.0}) {
        for (const double kernel : {1.0, 3.0}) {
          const double macs = extent * extent * in * out * kernel * kernel;
          runs.push_back({"d", "tflite-cpu", extent, in, out, kernel, 1, 1e-7 * macs + 1e-5 * extent * extent * out});
        }
      }
    }
  }
  const auto fitted = fit_surface(runs);
  REQUIRE(fitted);
  CHECK(fitted->median_error < 0.05);
  CHECK(fitted->coverage > 0.8);
  const auto few = fit_surface({runs.begin(), runs.begin() + 29});
  REQUIRE_FALSE(few);
  CHECK(few.error().text() == "a surface needs 30 kernels, not 29 [bad-runs]");
}

TEST_CASE("a power law finds the draw of every clock and the slope", "[energy]") {
  std::vector<PowerRun> runs;
  for (const auto& [model, ms] : {std::pair("a", 50.0), {"b", 200.0}, {"c", 900.0}, {"d", 3000.0}}) {
    for (const auto& [clock, mw] : {std::pair(600.0, 400.0), {1200.0, 1500.0}}) {
      const double latency = ms * std::pow(1200 / clock, 0.8);
      runs.push_back({"d", "s", model, clock, 0, latency, 3000 + mw * (1 + 0.1 * std::log(latency / 500))});
    }
  }
  const auto fitted = fit_power(runs, 3000);
  REQUIRE(fitted);
  CHECK(fitted->mean_error < 0.02);
  CHECK(fitted->law.latency_exponent == Approx(0.8));
  CHECK(3000 + busy_mw(fitted->law, {600.0, std::nullopt}, 100) ==
        Approx(3000 + 400 * (1 + 0.1 * std::log(0.2))).epsilon(0.01));
  const auto none = fit_power(runs, 1e6);
  REQUIRE_FALSE(none);
  CHECK(none.error().text() == "no run draws more than the device does when idle [bad-runs]");
  CHECK(parse_power_runs("device,setup,model,latency_ms\nd,s,m,1\n").error().text() ==
        "line 1: the header has no column power_mw [bad-runs]");
  CHECK(parse_kernel_runs("device,setup,extent,channels_in,channels_out,kernel,stride,energy_mj\nd,s,-1,1,1,1,1,1\n")
            .error()
            .text() == "line 2, column extent: -1 is not greater than 0 [bad-runs]");
}
