// SPDX-License-Identifier: Apache-2.0
#include "graph/op_table.h"
#include "report/predict.h"
#include "report/table.h"

namespace nngauge {
namespace {

Table setup_table() {
  return {{{"path", ""},
           {"member", ""},
           {"device", ""},
           {"setup", ""},
           {"what_if", ""},
           {"latency_ms", ""},
           {"latency_p5_ms", ""},
           {"latency_p95_ms", ""},
           {"energy_mj", ""},
           {"energy_p5_mj", ""},
           {"energy_p95_mj", ""},
           {"power_mw", ""},
           {"basis", ""},
           {"in_support", ""},
           {"lower_bound", ""},
           {"held_out_mape", ""},
           {"energy_scope", ""},
           {"energy_basis", ""},
           {"energy_above_idle_mj", ""}},
          {}};
}

Table layer_table() {
  return {{{"path", ""},
           {"member", ""},
           {"device", ""},
           {"setup", ""},
           {"index", ""},
           {"op", ""},
           {"name", ""},
           {"group", ""},
           {"latency_ms", ""},
           {"energy_mj", ""},
           {"basis", ""},
           {"reason", ""}},
          {}};
}

Cell member(const ModelResult& result) { return result.member ? Cell(*result.member) : Cell(); }

std::vector<Cell> setup_row(const ModelResult& result, const Prediction& p) {
  const auto part = [](const std::optional<Estimate>& estimate, double Estimate::*field) {
    return estimate ? Cell((*estimate).*field) : Cell();
  };
  return {result.path,
          member(result),
          p.device,
          p.setup,
          p.what_if.empty() ? Cell() : Cell(p.what_if),
          part(p.latency_ms, &Estimate::value),
          part(p.latency_ms, &Estimate::p5),
          part(p.latency_ms, &Estimate::p95),
          part(p.energy_mj, &Estimate::value),
          part(p.energy_mj, &Estimate::p5),
          part(p.energy_mj, &Estimate::p95),
          cell(p.power_mw),
          std::string(basis_name(p.basis)),
          p.in_support,
          p.lower_bound,
          cell(p.calibration.held_out_mape),
          p.energy_mj ? Cell(std::string(energy_scope_name(p.energy.scope))) : Cell(),
          p.energy_mj ? Cell(std::string(basis_name(p.energy.basis))) : Cell(),
          part(p.energy.incremental_mj, &Estimate::value)};
}

void add_layers(Table& table, const ModelResult& result, const Prediction& p) {
  for (const LayerPrediction& layer : p.layers) {
    const Op& op = result.model.main().ops[static_cast<std::size_t>(layer.index)];
    table.add({result.path, member(result), p.device, p.setup, static_cast<std::uint64_t>(layer.index),
               std::string(op_info(op.kind).name), op.name,
               layer.group < 0 ? Cell() : Cell(static_cast<std::uint64_t>(layer.group)), cell(layer.latency_ms),
               cell(layer.energy_mj), std::string(basis_name(layer.basis)), layer.reason});
  }
}

}  // namespace

std::string predict_csv_header(const PredictOptions& options) {
  return csv_header(options.layers ? layer_table() : setup_table());
}

std::string predict_csv(const ModelResult& result, std::span<const Prediction> predictions,
                        const PredictOptions& options) {
  Table table = options.layers ? layer_table() : setup_table();
  for (const Prediction& prediction : predictions) {
    if (options.layers) add_layers(table, result, prediction);
    else table.add(setup_row(result, prediction));
  }
  return csv_rows(table);
}

}  // namespace nngauge
