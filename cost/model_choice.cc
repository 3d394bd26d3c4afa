// SPDX-License-Identifier: Apache-2.0
#include "cost/model_choice.h"

#include "base/csv.h"

namespace nngauge {

Result<std::vector<NetworkProfile>> parse_networks(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"id", "upload_mean_ms", "upload_sd_ms", "upload_kb"}));
  std::vector<NetworkProfile> out;
  for (const CsvRecord& row : table.rows()) {
    NetworkProfile network;
    NNGAUGE_TRY(network.id, table.text(row, "id"));
    NNGAUGE_TRY(const auto mean, table.number(row, "upload_mean_ms", false, true));
    NNGAUGE_TRY(const auto deviation, table.number(row, "upload_sd_ms", true, true));
    NNGAUGE_TRY(const auto size, table.number(row, "upload_kb", false, true));
    network.upload_mean_ms = *mean, network.upload_sd_ms = *deviation, network.upload_kb = *size;
    NNGAUGE_TRY(network.one_way_ms, table.number(row, "one_way_ms", true, false));
    NNGAUGE_TRY(network.round_trip_ms, table.number(row, "round_trip_ms", true, false));
    if (network.round_trip_ms && *network.round_trip_ms >= network.upload_mean_ms) {
      return table.error_at(row, "round_trip_ms", "is not below upload_mean_ms");
    }
    network.radio = table.field(row, "radio");
    network.description = table.field(row, "description");
    network.source = table.field(row, "source");
    out.push_back(std::move(network));
  }
  return out;
}

Result<std::vector<Candidate>> parse_candidates(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"model", "server_mean_ms", "server_sd_ms", "accuracy"}));
  std::vector<Candidate> out;
  for (const CsvRecord& row : table.rows()) {
    Candidate candidate;
    NNGAUGE_TRY(candidate.model, table.text(row, "model"));
    NNGAUGE_TRY(const auto mean, table.number(row, "server_mean_ms", false, true));
    NNGAUGE_TRY(const auto deviation, table.number(row, "server_sd_ms", true, true));
    NNGAUGE_TRY(const auto accuracy, table.number(row, "accuracy", true, true));
    candidate.server_mean_ms = *mean, candidate.server_sd_ms = *deviation, candidate.accuracy = *accuracy;
    out.push_back(std::move(candidate));
  }
  return out;
}

ModelChoice choose_model(std::span<const Candidate> candidates, double deadline_ms, double one_way_ms, double gamma) {
  ModelChoice out;
  out.budget_ms = deadline_ms - 2 * one_way_ms;
  const Candidate* best = nullptr;
  const Candidate* fastest = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!fastest || candidate.server_mean_ms < fastest->server_mean_ms) fastest = &candidate;
    if (!(candidate.server_mean_ms + gamma * candidate.server_sd_ms < out.budget_ms)) continue;
    out.eligible.push_back(candidate.model);
    const bool better = !best || candidate.accuracy > best->accuracy ||
                        (candidate.accuracy == best->accuracy && candidate.server_mean_ms < best->server_mean_ms);
    if (better) best = &candidate;
  }
  out.meets_deadline = best != nullptr;
  if (const Candidate* chosen = best ? best : fastest) out.model = chosen->model;
  return out;
}

}  // namespace nngauge
