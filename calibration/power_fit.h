// SPDX-License-Identifier: Apache-2.0
// Owns: measured power of whole inferences at several clocks -> a power law, with its held-out errors.
// Not here: what a law says (cost/energy_model.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calibration/validate.h"
#include "cost/energy_profile.h"

namespace nngauge {

// Mean power of the device during one inference of a network.
struct PowerRun {
  std::string device, setup, model;
  double freq_mhz = 0, host_freq_mhz = 0;  // 0: not stated; the setup has no host
  double latency_ms = 0, power_mw = 0;
};
// device,setup,model[,freq_mhz][,host_freq_mhz],latency_ms,power_mw. Errors: kBadRuns with line and column.
Result<std::vector<PowerRun>> parse_power_runs(std::string_view csv);

struct PowerFit {
  PowerLaw law;
  double mean_error = 0, worst_model_error = 0, coverage = 0;  // each network left out in turn; 0 with one network
  std::vector<ScoredRun> held_out;  // energies: power by a law without the network, times the measured latency
};
// A draw for every clock by least squares of relative errors, and how it grows with the length of an inference.
// `idle_mw` is what the device draws without work, where that is known. Errors: kBadRuns where no power is above it.
Result<PowerFit> fit_power(const std::vector<PowerRun>& runs, std::optional<double> idle_mw);

}  // namespace nngauge
