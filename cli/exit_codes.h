// SPDX-License-Identifier: Apache-2.0
// Owns: the exit codes of nngauge and how they follow from what became of the inputs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace nngauge {

enum ExitCode : int {
  kExitDone = 0,
  kExitGateFailed = 1,  // a check, budget or gate that the user asked for failed
  kExitUsage = 2,       // unknown command, option, device, setup
  kExitNoInput = 3,     // no input could be used, or the result could not be written
  kExitSomeFailed = 4,  // several inputs, some could not be used
  kExitDefect = 70,     // a defect of nngauge itself
};

// What became of the inputs of a command.
struct Outcome {
  std::size_t used = 0;
  std::size_t failed = 0;
  std::size_t failed_by_usage = 0;  // of these: the options did not fit the input
  std::size_t failed_by_defect = 0;

  void count_failure(ErrorCode code) {
    ++failed;
    if (code == ErrorCode::kUsage || code == ErrorCode::kUnknownDevice || code == ErrorCode::kUnknownSetup) {
      ++failed_by_usage;
    }
    if (code == ErrorCode::kInternal) ++failed_by_defect;
  }
};

inline ExitCode exit_code(const Outcome& outcome) {
  if (outcome.failed == 0) return kExitDone;
  if (outcome.failed_by_defect > 0) return kExitDefect;
  if (outcome.used > 0) return kExitSomeFailed;
  return outcome.failed == outcome.failed_by_usage ? kExitUsage : kExitNoInput;
}

// The exit code of a command that ends with `error` as a whole.
inline ExitCode exit_code(const Error& error) {
  Outcome outcome;
  outcome.count_failure(error.code);
  return exit_code(outcome);
}

}  // namespace nngauge
