// SPDX-License-Identifier: Apache-2.0
// Owns: the energy of a prediction: from the energy of its kernels, or from its latency and the power meanwhile.
#pragma once

#include "cost/energy_model.h"
#include "cost/model_kernels.h"
#include "cost/predict.h"

namespace nngauge {

// Fills the energy of `out`, whose latency is set already, and of its layers. The kernels' own surface where the
// profile has one, else latency x power. Nothing is filled in without a basis: energy_reason then says why.
void add_energy(Prediction& out, const Model& model, const ModelKernels& kernels, const SetupEnergy* energy,
                const OperatingPoint& point);

// How much longer an inference takes at `point` than at the highest clock. Errors: kUnknown where no clock is known.
Result<double> clock_factor(const SetupEnergy& energy, const OperatingPoint& point);

}  // namespace nngauge
