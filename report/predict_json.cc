// SPDX-License-Identifier: Apache-2.0
#include "cost/load.h"
#include "report/inspect.h"
#include "report/json.h"
#include "report/predict.h"

namespace nngauge {
namespace {

Json estimate_json(const std::optional<Estimate>& estimate) {
  if (!estimate) return nullptr;
  return {
      {"value", json_number(estimate->value)}, {"p5", json_number(estimate->p5)}, {"p95", json_number(estimate->p95)}};
}

Json layers_json(const Prediction& prediction) {
  Json out = Json::array();
  for (const LayerPrediction& layer : prediction.layers) {
    Json row = {{"index", layer.index},
                {"group", layer.group},
                {"latency_ms", json_number(layer.latency_ms)},
                {"energy_mj", json_number(layer.energy_mj)},
                {"basis", basis_name(layer.basis)}};
    if (layer.energy_mj) row["energy_basis"] = basis_name(layer.energy_basis);
    if (!layer.latency_ms) row["reason"] = layer.reason;
    out.push_back(std::move(row));
  }
  return out;
}

// What the energy stands on, and the part that the device would not draw without the network.
Json energy_json(const Prediction& prediction, const MaybeCount& flops) {
  if (!prediction.energy_mj) return nullptr;
  const EnergyDetail& energy = prediction.energy;
  Json out = {{"scope", energy_scope_name(energy.scope)},
              {"basis", basis_name(energy.basis)},
              {"source", energy.source},
              {"held_out_error", json_number(energy.held_out_error)},
              {"idle_mw", json_number(energy.idle_mw)},
              {"incremental_mj", estimate_json(energy.incremental_mj)},
              {"notes", energy.notes}};
  if (!energy.incremental_mj) out["incremental_reason"] = "what the device draws when idle is not known apart";
  out["flops_per_joule"] = flops && prediction.energy_mj->value > 0
                               ? json_number(static_cast<double>(*flops) / prediction.energy_mj->value * 1000)
                               : Json(nullptr);
  return out;
}

// The stages of loading and the parts of the peak memory.
Json load_json(const Prediction& prediction) {
  if (!prediction.load_ms) return nullptr;
  const LoadDetail& load = prediction.load;
  Json stages = Json::array();
  for (const auto& [stage, ms] : load.stages) stages.push_back({{"stage", stage}, {"ms", json_number(ms)}});
  return {{"stages", stages},
          {"warm_ms", json_number(load.warm_ms)},
          {"peak_memory",
           {{"weights_bytes", json_number(load.weights_bytes)},
            {"arena_bytes", json_number(load.arena_bytes)},
            {"scratch_bytes", json_number(load.scratch_bytes)},
            {"runtime_bytes", json_number(load.runtime_bytes)}}},
          {"ram_share", json_number(load.ram_share)},
          {"over_ram_share", load.ram_share && *load.ram_share > kMostRamShare},
          {"basis", load.basis},
          {"source", load.source}};
}

Json prediction_json(const Prediction& prediction, bool layers, const MaybeCount& flops) {
  Json shares = Json::object();
  for (const auto& [basis, share] : prediction.basis_share) shares[std::string(basis_name(basis))] = json_number(share);
  Json unknown_ops = Json::array();
  for (const UnknownOp& op : prediction.unknown_ops) {
    unknown_ops.push_back({{"op", op.op}, {"count", op.count}, {"reason", op.reason}});
  }
  Json out = {{"device", prediction.device}, {"setup", prediction.setup}};
  if (prediction.point.freq_mhz) out["freq_mhz"] = json_number(*prediction.point.freq_mhz);
  if (prediction.point.host_freq_mhz) out["host_freq_mhz"] = json_number(*prediction.point.host_freq_mhz);
  if (!prediction.what_if.empty()) out["what_if"] = prediction.what_if;
  out["latency_ms"] = estimate_json(prediction.latency_ms);
  if (!prediction.latency_ms) out["latency_reason"] = prediction.latency_reason;
  out["lower_bound"] = prediction.lower_bound;
  out["energy_mj"] = estimate_json(prediction.energy_mj);
  out["power_mw"] = json_number(prediction.power_mw);
  out["energy_reason"] = prediction.energy_mj ? Json(nullptr) : Json(prediction.energy_reason);
  out["energy"] = energy_json(prediction, flops);
  out["load_ms"] = estimate_json(prediction.load_ms);
  out["first_inference_ms"] = estimate_json(prediction.first_inference_ms);
  out["peak_memory_bytes"] = json_number(prediction.peak_memory_bytes);
  if (!prediction.load_ms || !prediction.first_inference_ms || !prediction.peak_memory_bytes) {
    out["load_reason"] = prediction.load_reason;
  }
  out["load"] = load_json(prediction);
  out["basis"] = basis_name(prediction.basis);
  out["basis_share"] = shares;
  out["in_support"] = prediction.in_support;
  out["support_notes"] = prediction.support_notes;
  out["calibration"] = {{"source", prediction.calibration.source},
                        {"runs", prediction.calibration.runs},
                        {"held_out_mape", json_number(prediction.calibration.held_out_mape)}};
  out["unknown_ops"] = unknown_ops;
  if (layers) out["layers"] = layers_json(prediction);
  return out;
}

}  // namespace

std::string predict_json_text(const ModelResult& result, std::span<const Prediction> predictions,
                              const PredictOptions& options, int level) {
  Json out = inspect_json(result, {});
  Json list = Json::array();
  for (const Prediction& prediction : predictions)
    list.push_back(prediction_json(prediction, options.layers, result.analysis.totals.flops));
  out["predictions"] = std::move(list);
  return json_text(out, level);
}

}  // namespace nngauge
