// SPDX-License-Identifier: Apache-2.0
// Owns: rules of the steps that turn sound into features: energy of a spectrum, filter banks, gain control.
// The customary order is window, scale, transform, energy, filter bank, root, noise subtraction, gain, logarithm
// (TensorFlow Lite Micro's signal library). Buffers that only keep samples between calls are FrameBuffer.
//
// Operands: SpectrumEnergy x of real and imaginary parts in turn, SliceAttrs the bins that are wanted; FilterBank x,
// weights, complements of weights, tables of where each channel begins, AxisAttrs::count channels; SpectralSubtraction
// x, results signal and noise; PCAN x, noise, table of gains; AutoScale x, results x shifted and by how much.
//
// Work per element: SpectralSubtraction 3 to update the noise, subtraction, floor by product and maximum; PCAN 3 to
// look the gain up, product, square and shift; AutoScale magnitude, maximum, shift.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_spectrum_energy(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_filter_bank(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_auto_scale(const RuleContext& c);
// Two squares and a sum for each bin that is wanted.
Result<Work> work_spectrum_energy(const RuleContext& c);
// Each weight of the bank adds a product to its channel, its complement one to the channel before.
Result<Work> work_filter_bank(const RuleContext& c);

}  // namespace nngauge
