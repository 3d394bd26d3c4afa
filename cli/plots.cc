// SPDX-License-Identifier: Apache-2.0
#include "cli/plots.h"

#include <algorithm>
#include <filesystem>

#include "report/plots.h"

namespace nngauge {

Status write_plots(const Session& session, std::span<const ScoredRun> scored, const std::string& folder) {
  std::vector<ScoredRun> runs(scored.begin(), scored.end());
  const bool any_latency =
      std::any_of(runs.begin(), runs.end(), [](const ScoredRun& run) { return run.metric == Metric::kLatencyMs; });
  std::erase_if(runs, [&](const ScoredRun& run) { return any_latency != (run.metric == Metric::kLatencyMs); });
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return make_error(ErrorCode::kUnreadable, folder + ": cannot make the folder: " + failed.message());
  const std::pair<const char*, std::string> pictures[] = {{"/predicted.svg", predicted_plot_svg(runs)},
                                                          {"/intervals.svg", interval_plot_svg(runs)}};
  for (const auto& [name, picture] : pictures) {
    if (auto status = write_file(folder + name, picture); !status) return status.error().at(folder + name);
  }
  if (session.common.format == OutputFormat::kText) {
    session.console.print("\n" + validation_plot_text(runs, session.console.style()));
  }
  return ok();
}

}  // namespace nngauge
