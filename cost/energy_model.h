// SPDX-License-Identifier: Apache-2.0
// Owns: what an energy profile says of one kernel or one inference: surfaces, power laws, cores together.
// Not here: the profile itself (energy_profile.h), predictions (energy.h).
#pragma once

#include <optional>

#include "base/result.h"
#include "cost/energy_profile.h"
#include "graph/graph.h"

namespace nngauge {

// Logs of a convolution's shape: positions of one side (the root of all, the batch included), channels, taps of one
// side (the root of all), stride, MACs. A dense layer is a convolution of its rows. Errors: kUnknown for operators that
// are neither, for groups, and where an extent is open.
Result<ShapePoint> surface_point(const Model& model, const Graph& graph, const Op& op);

struct SurfaceEnergy {
  double mj = 0, low_mj = 0, high_mj = 0;
  bool near = true;  // a measured kernel is of about that shape
};
SurfaceEnergy energy_at(const EnergySurface& surface, const ShapePoint& point);
// The covariance of two centred and scaled points, as a share of the variance.
double matern(const ShapePoint& a, const ShapePoint& b, int twice_smoothness);

// Milliwatts above idle; between measured clocks on a line in logs, beyond them along the last two.
double draw_at(const std::vector<PowerDraw>& draw, double freq_mhz);
// Milliwatts above idle while an inference of that latency runs.
double busy_mw(const PowerLaw& law, const OperatingPoint& point, double latency_ms);

}  // namespace nngauge
