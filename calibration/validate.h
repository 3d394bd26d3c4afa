// SPDX-License-Identifier: Apache-2.0
// Owns: how wrong predictions are: scores of profiles against measured runs, as they are or refitted without what is
// asked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "calibration/runs.h"
#include "cost/device_profile.h"

namespace nngauge {

enum class Split { kNone, kModel, kFamily };
std::string_view split_name(Split split);  // "none", "model", "family"
std::optional<Split> find_split(std::string_view name);

// What one run was predicted to cost and did cost.
struct ScoredRun {
  std::string model, device, setup, family;
  Metric metric = Metric::kLatencyMs;
  double predicted = 0, p5 = 0, p95 = 0, measured = 0;
  double ape = 0;  // |predicted - measured| / measured
  bool in_support = true;
  std::string main_kernel;  // the class of kernels that makes most of the time on the reference core
  double main_share = 0;    // of that time
};

// Shares and errors are fractions.
struct Scores {
  std::int64_t n = 0;
  double mape = 0, median_ape = 0;
  double within_5 = 0, within_10 = 0, within_15 = 0;  // share of runs with ape <= 5 %, 10 %, 15 %
  double rmspe = 0;                                   // root of the mean squared relative error
  double bias = 0;                                    // mean of (predicted - measured) / measured
  std::optional<double> kendall_tau;                  // tau-b; nullopt where fewer than two runs or all equal
  double interval_coverage = 0;                       // share of runs inside p5 … p95
  double interval_median_relative_width = 0;          // median of (p95 - p5) / predicted
};
Scores score(std::span<const ScoredRun> runs);
// Kendall's tau-b, ties corrected (Kendall 1945). nullopt where one side has no two different values.
std::optional<double> kendall_tau(std::span<const double> a, std::span<const double> b);

struct ValidationResult {
  std::string device, setup;
  Metric metric = Metric::kLatencyMs;
  Scores scores;
};

struct Validation {
  Split split = Split::kNone;
  std::vector<ValidationResult> results;  // by device, setup, metric
  std::vector<ScoredRun> runs;            // in the order of the results, then of the table
  std::vector<Error> errors;              // rows whose model or setup could not be used; not those of RunTable::errors
  std::vector<std::string> notes;         // setups that the split does not apply to
};

// Whose predictions are scored: the profiles' model, or one of the simpler ones that it should beat (baselines.cc).
enum class Predictor {
  kOwn,
  kFlops,      // latency in proportion to MACs, one factor a setup
  kClassSums,  // non-negative least squares a setup on MACs and bytes summed by class of operator
};
std::string_view predictor_name(Predictor predictor);  // "own", "flops", "class-sums"
std::optional<Predictor> find_predictor(std::string_view name);

struct ValidateOptions {
  Split split = Split::kModel;
  Predictor predictor = Predictor::kOwn;  // others have no profile: Split::kModel or kFamily
  std::string device, setup;              // empty: all
  bool only_plausible = false;            // runs that cannot be go to errors (plausible.h)
};

// Split::kNone scores `profiles` as they are: a row whose device or setup is in none of them goes to errors.
// The others refit from the rows of the same device and setup without the model or the family, and need no profile.
// Errors: kBadRuns where no row can be used; kUnknownDevice, kUnknownSetup where the options name none that the rows
// have.
Result<Validation> validate(const RunTable& runs, std::span<const DeviceProfile> profiles, const ModelLoader& load,
                            const ValidateOptions& options);

}  // namespace nngauge
