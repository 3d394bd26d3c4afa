// SPDX-License-Identifier: Apache-2.0
// Owns: least squares with coefficients that are not negative.
#pragma once

#include <vector>

namespace nngauge {

// Minimises |A x - b|^2 subject to x >= 0. `a` holds rows of equal length; one row per element of `b`.
// The active-set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23) on the normal
// equations. The same input gives the same bits.
std::vector<double> solve_nnls(const std::vector<std::vector<double>>& a, const std::vector<double>& b);

}  // namespace nngauge
