// SPDX-License-Identifier: Apache-2.0
// Owns: an inference on the device against one in the cloud, by stages in time and energy, and where to split a
// network. Not here: choosing among a server's models (model_choice.h), what the device needs (predict.h, load.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cost/analysis.h"
#include "cost/model_choice.h"
#include "cost/predict.h"

namespace nngauge {

// What a radio draws: while it sends and receives, before (promotion) and after (tail).
struct RadioProfile {
  std::string id, basis, source;
  double active_mw = 0, up_mw_per_mbps = 0, down_mw_per_mbps = 0;
  double promotion_mw = 0, promotion_ms = 0, tail_mw = 0, tail_ms = 0;
};
// id,active_mw,up_mw_per_mbps,down_mw_per_mbps,promotion_mw,promotion_ms,tail_mw,tail_ms[,basis][,source].
Result<std::vector<RadioProfile>> parse_radios(std::string_view csv);

// A server's time for a network: base + MACs.
struct ServerProfile {
  std::string id, description, basis, source;
  double base_ms = 0, ms_per_gmac = 0, sd_share = 0;
};
// id,base_ms,ms_per_gmac[,sd_share][,basis][,description][,source].
Result<std::vector<ServerProfile>> parse_servers(std::string_view csv);

// A constant of a stage, or of a preset's device.
struct StageConstant {
  std::string preset, id, unit, basis, source;  // preset: empty for those of every device
  double value = 0;
};
// [preset,]id,value,unit,basis,source.
Result<std::vector<StageConstant>> parse_constants(std::string_view csv);

struct OffloadStage {
  std::string where, stage;  // "device", "network", "server"; "load", "decode", …
  double latency_ms = 0;
  std::optional<double> energy_mj;  // of the device; nullopt: not known
  std::string basis;
};

// A network cut in two: the first part on the device, the rest on the server.
struct Cut {
  std::size_t device_ops = 0, ops = 0;
  std::vector<TensorId> crossing;  // what is sent; empty with device_ops > 0: nothing, all is on the device
  double sent_kb = 0;
  double latency_ms = 0;            // of the steady state: nothing is loaded
  std::optional<double> energy_mj;  // of the device
  std::string last_op;              // of the device's part
  bool best = false;                // the fastest
};

// The device's own part of the question.
struct OnDevice {
  double load_ms = 0;
  std::string load_basis, compute_basis;
  Estimate compute_ms;
  std::optional<double> compute_mj;
  double load_mw = 0;
  std::vector<double> op_ms;  // per operator of the main graph
};

struct OffloadQuestion {
  NetworkProfile network;
  RadioProfile radio;
  ServerProfile server;
  std::vector<StageConstant> constants;  // decode, scale, encode, post, cpu, idle, picture, result
  std::optional<double> deadline_ms;
};

struct OffloadAnswer {
  std::vector<OffloadStage> stages;
  double device_cold_ms = 0, device_warm_ms = 0, cloud_ms = 0;  // cold: the network is not loaded yet
  std::optional<double> device_cold_mj, device_warm_mj;
  double cloud_mj = 0;
  double upload_mbps = 0;
  std::optional<double> break_even_mbps, break_even_round_trip_ms;  // against the device when warm
  std::string break_even_reason;
  std::optional<double> meets_on_device, meets_in_cloud;  // probabilities, with a deadline
  std::vector<Cut> splits;                                // fastest first
  std::string split_reason;
};

// The constant `id`; 0 where there is none.
double constant_of(std::span<const StageConstant> constants, std::string_view id);

OffloadAnswer price_offload(const Model& model, const Analysis& analysis, const OnDevice& device,
                            const OffloadQuestion& question);

}  // namespace nngauge
