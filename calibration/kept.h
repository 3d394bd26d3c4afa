// SPDX-License-Identifier: Apache-2.0
// Owns: the precision that profiles keep.
#pragma once

namespace nngauge {

// Six significant digits, so that a fit and the profile written of it predict the same.
double kept(double value);

}  // namespace nngauge
