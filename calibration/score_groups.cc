// SPDX-License-Identifier: Apache-2.0
#include "calibration/score_groups.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"

namespace nngauge {
namespace {

using NameOf = std::function<std::string(const ScoredRun&)>;

std::vector<ScoreGroup> grouped(std::span<const ScoredRun> runs, const NameOf& name_of) {
  std::map<std::string, std::vector<ScoredRun>> groups;
  for (const ScoredRun& run : runs) groups[name_of(run)].push_back(run);
  std::vector<ScoreGroup> out;
  for (const auto& [name, members] : groups) {
    std::set<std::string> models;
    for (const ScoredRun& run : members) models.insert(run.model);
    out.push_back({name, static_cast<std::int64_t>(models.size()), score(members)});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const ScoreGroup& a, const ScoreGroup& b) { return a.scores.mape > b.scores.mape; });
  return out;
}

double log_ratio(const ScoredRun& run) { return std::log(run.predicted / run.measured); }

// How many of the runs are off to the same side as `of` by half as much or more.
std::size_t off_alike(const ScoredRun& of, std::span<const ScoredRun* const> runs) {
  const double error = log_ratio(of);
  return static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), [&](const ScoredRun* run) {
    const double other = log_ratio(*run);
    return other * error > 0 && std::abs(other) >= std::abs(error) / 2;
  }));
}

std::string reason_of(const ScoredRun& run, std::span<const ScoredRun* const> of_model) {
  const std::string kernels = fixed(run.main_share * 100, 0) + " % of its work is " + run.main_kernel;
  if (!run.in_support)
    return "some of its kernels are priced by the prior: too few measured networks have them; " + kernels;
  const std::size_t alike = off_alike(run, of_model), all = of_model.size();
  if (all > 1 && alike * 3 >= all * 2) {
    return "off to the same side on " + std::to_string(alike) + " of " + std::to_string(all) +
           " setups: something of the network is not in the features; " + kernels;
  }
  if (all > 1)
    return "off on " + std::to_string(alike) + " of " + std::to_string(all) + " setups only: of the setup; " + kernels;
  return kernels;
}

}  // namespace

std::vector<ScoreGroup> scores_by_family(std::span<const ScoredRun> runs) {
  return grouped(runs, [](const ScoredRun& run) { return run.family.empty() ? run.model : run.family; });
}

std::vector<ScoreGroup> scores_by_kernel(std::span<const ScoredRun> runs) {
  return grouped(runs, [](const ScoredRun& run) { return run.main_kernel; });
}

std::vector<WorstCase> worst_cases(std::span<const ScoredRun> runs, std::size_t most) {
  std::map<std::string, std::vector<const ScoredRun*>> models;
  for (const ScoredRun& run : runs) models[run.model].push_back(&run);
  const auto better = [](const ScoredRun* a, const ScoredRun* b) { return a->ape < b->ape; };
  std::vector<const ScoredRun*> worst;
  for (const auto& [model, members] : models)
    worst.push_back(*std::max_element(members.begin(), members.end(), better));
  std::stable_sort(worst.begin(), worst.end(), [&](const auto* a, const auto* b) { return better(b, a); });
  worst.resize(std::min(worst.size(), most));
  std::vector<WorstCase> out;
  for (const ScoredRun* run : worst) out.push_back({*run, reason_of(*run, models[run->model])});
  return out;
}

}  // namespace nngauge
