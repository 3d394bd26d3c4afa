// SPDX-License-Identifier: Apache-2.0
// Owns: order statistics of measured values.
#pragma once

#include <vector>

namespace nngauge {

// The mean of the two in the middle where their number is even; `of_none` where there are none.
double median(std::vector<double> values, double of_none = 0);
// The upper of the two in the middle: always one of the values. 0 where there are none.
double upper_median(std::vector<double> values);
// Linear between neighbours; `sorted` is not empty, `share` is from 0 to 1.
double quantile(const std::vector<double>& sorted, double share);

}  // namespace nngauge
