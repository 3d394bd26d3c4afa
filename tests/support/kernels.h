// SPDX-License-Identifier: Apache-2.0
// Owns: single kernels by runtime, and models of one convolution to make them of.
#pragma once

#include <map>
#include <string>

#include "cost/features.h"

namespace nngauge::test {

using NamedFeatures = std::map<std::string, double>;  // those that are not 0, times a million; calls as they are

struct MadeKernel {
  std::string klass;
  NamedFeatures features;
};
// The last kernel that the runtime makes of a model written as records of a snapshot.
MadeKernel made(const std::string& records, const char* runtime = "ncnn-cpu",
                KernelPrecision precision = KernelPrecision::kFloat);
// Checks that it is of that class and has those features and no others.
void check_kernel(const MadeKernel& got, const std::string& klass, const NamedFeatures& expected);

// One convolution: tensor 0 by the constant tensor 1 gives tensor 2.
std::string conv(const std::string& in, const std::string& filter, const std::string& rest,
                 const std::string& weights = "float32", const std::string& kind = "Conv2D",
                 const std::string& act = "");
// Its attributes, alike along both axes.
std::string attrs(int kernel, int stride, int pad, int groups = 1, int dilation = 1);

}  // namespace nngauge::test
