// SPDX-License-Identifier: Apache-2.0
// Owns: networks to the cloud, and choosing among models that a server offers under a deadline.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nngauge {

// A way to a server, as others measured it.
struct NetworkProfile {
  std::string id;  // "campus-wifi"
  std::string description;
  std::string source;
  double upload_mean_ms = 0, upload_sd_ms = 0;  // of a picture of upload_kb
  double upload_kb = 0;
  std::optional<double> round_trip_ms;  // of an empty message, part of the upload's mean; else taken as 0
  std::string radio;                    // id of a radio; empty: not stated
  std::optional<double> one_way_ms;  // where the source of model choices gives it; else the upload's mean stands for it
};
// id,upload_mean_ms,upload_sd_ms,upload_kb[,one_way_ms][,round_trip_ms][,radio][,description][,source]. Errors: kUsage
// with line and column.
Result<std::vector<NetworkProfile>> parse_networks(std::string_view csv);

// A model that a server offers.
struct Candidate {
  std::string model;
  double server_mean_ms = 0, server_sd_ms = 0;
  double accuracy = 0;  // any scale; larger is better
};
// model,server_mean_ms,server_sd_ms,accuracy. Errors: kUsage with line and column.
Result<std::vector<Candidate>> parse_candidates(std::string_view csv);

struct ModelChoice {
  std::string model;
  bool meets_deadline = false;
  double budget_ms = 0;               // deadline - 2 x one way
  std::vector<std::string> eligible;  // in the table's order
};

// A candidate is eligible if mean + gamma x sd < budget. The most accurate eligible one is chosen (the faster of two
// that are equally accurate); if none is, the fastest, which then misses the deadline.
// The rule is that of CNN selection under a service-level agreement. `candidates` is not empty.
ModelChoice choose_model(std::span<const Candidate> candidates, double deadline_ms, double one_way_ms, double gamma);

}  // namespace nngauge
