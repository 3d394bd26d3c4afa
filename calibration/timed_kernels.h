// SPDX-License-Identifier: Apache-2.0
// Owns: the table of kernels that were measured one by one:
// model,device,setup,kernel,in,channels,out,taps,stride,filters,groups,links,specials,latency_us.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cost/kernel_curve.h"

namespace nngauge {

struct TimedKernel {
  std::string model, family;  // of the network that the kernel was measured in; family as the table of runs has it
  std::string device, setup;
  std::string klass;
  KernelShape shape;
  double latency_us = 0;  // > 0
};

struct TimedKernelTable {
  std::vector<TimedKernel> runs;
  std::vector<Error> errors;  // kBadRuns, one per row that is left out, with line and column
};

// Columns in any order, unknown ones ignored. Errors: kBadRuns where the header lacks a column or there is no row.
Result<TimedKernelTable> parse_timed_kernels(std::string_view csv);

}  // namespace nngauge
