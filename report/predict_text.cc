// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>

#include "base/text.h"
#include "cost/load.h"
#include "report/inspect.h"
#include "report/predict.h"

namespace nngauge {
namespace {

using Align = TextTable::Align;
constexpr std::size_t kNameWidth = 40;
constexpr std::size_t kMostColumns = 6;  // models side by side in a comparison

std::string value_text(const std::optional<Estimate>& estimate, bool lower_bound) {
  if (!estimate) return "unknown";
  return (lower_bound ? ">= " : "") + milliseconds(estimate->value);
}

std::string interval_text(const std::optional<Estimate>& estimate) {
  return estimate ? milliseconds(estimate->p5) + " – " + milliseconds(estimate->p95) : "";
}

// What stands behind a row in brief: "as int8", "outside what was measured".
std::string remark(const Prediction& prediction) {
  std::vector<std::string> parts;
  if (!prediction.what_if.empty()) parts.push_back("as if " + prediction.what_if);
  if (!prediction.in_support) parts.push_back("beyond what was measured");
  return join(parts, ", ");
}

bool any_energy(std::span<const Prediction> predictions) {
  return std::any_of(predictions.begin(), predictions.end(),
                     [](const Prediction& p) { return p.energy_mj.has_value(); });
}

std::string setups_table(std::span<const Prediction> predictions) {
  const bool energy = any_energy(predictions);
  std::vector<TextTable::Column> columns = {
      {"device"}, {"setup"}, {"latency ms", Align::kRight}, {"90 % interval", Align::kRight}};
  if (energy) {
    columns.insert(columns.end(), {{"energy mJ", Align::kRight},
                                   {"90 % interval", Align::kRight},
                                   {"above idle mJ", Align::kRight},
                                   {"energy of, basis"}});
  }
  columns.insert(columns.end(), {{"basis"}, {"held-out error", Align::kRight}, {""}});
  TextTable table(columns);
  for (const Prediction& p : predictions) {
    std::vector<std::string> cells = {printable(p.device), printable(p.setup), value_text(p.latency_ms, p.lower_bound),
                                      interval_text(p.latency_ms)};
    if (energy) {
      const bool known = p.energy_mj.has_value();
      cells.push_back(value_text(p.energy_mj, p.lower_bound));
      cells.push_back(interval_text(p.energy_mj));
      cells.push_back(p.energy.incremental_mj ? milliseconds(p.energy.incremental_mj->value) : known ? "unknown" : "");
      cells.push_back(
          known ? std::string(energy_scope_name(p.energy.scope)) + ", " + std::string(basis_name(p.energy.basis)) : "");
    }
    cells.emplace_back(p.latency_ms ? basis_name(p.basis) : "");
    cells.push_back(p.calibration.held_out_mape ? percent(*p.calibration.held_out_mape) : "");
    cells.push_back(remark(p));
    table.add_row(std::move(cells));
  }
  return table.text("  ");
}

// Remarks that several setups share are printed once.
std::string notes_text(std::span<const Prediction> predictions, const Style& style) {
  std::vector<std::string> notes;
  const auto add = [&](std::string note) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
  };
  for (const Prediction& p : predictions) {
    if (!p.latency_ms) add(p.device + " " + p.setup + ": latency is unknown: " + p.latency_reason);
    for (const UnknownOp& op : p.unknown_ops) {
      add("not in the sum: " + op.op + " x " + with_thousands(op.count) + ": " + op.reason);
    }
    for (const std::string& note : p.support_notes) add(note);
    for (const std::string& note : p.energy.notes) add(note);
    if (p.load.ram_share && *p.load.ram_share > kMostRamShare) {
      add(p.device + ": the peak of memory is " + percent(*p.load.ram_share) +
          " of the device's; the system may end an app at " + percent(kMostRamShare));
    }
  }
  std::string out;
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < std::min(kShown, notes.size()); ++i) {
    out += "  " + style.warning("note") + ": " + printable(notes[i]) + "\n";
  }
  if (notes.size() > kShown)
    out += "  … " + plural(notes.size() - kShown, "more note") + "; --format json lists them\n";
  return out;
}

// The kernel groups of one prediction, costliest first.
struct Group {
  double latency_ms = 0;
  std::vector<OpId> ops;
  OpId anchor = -1;  // the op that carries the latency
};

std::vector<Group> costliest_groups(const Prediction& prediction, std::size_t most) {
  std::map<std::int32_t, Group> by_id;
  for (const LayerPrediction& layer : prediction.layers) {
    if (layer.group < 0) continue;
    Group& group = by_id[layer.group];
    group.ops.push_back(layer.index);
    const double latency = layer.latency_ms.value_or(0);
    if (latency > 0 && group.anchor < 0) group.anchor = layer.index;
    group.latency_ms += latency;
  }
  std::vector<Group> out;
  for (auto& [id, group] : by_id) {
    if (group.anchor >= 0) out.push_back(std::move(group));
  }
  std::stable_sort(out.begin(), out.end(), [](const Group& a, const Group& b) { return a.latency_ms > b.latency_ms; });
  if (out.size() > most) out.resize(most);
  return out;
}

std::string groups_text(const ModelResult& result, const Prediction& prediction, std::size_t most, const Style& style) {
  const std::vector<Group> groups = costliest_groups(prediction, most);
  if (groups.empty() || !prediction.latency_ms || prediction.latency_ms->value <= 0) return "";
  TextTable table(
      {{"#", Align::kRight}, {"kernel"}, {"ms", Align::kRight}, {"%", Align::kRight}, {"shapes"}, {"name"}});
  for (const Group& group : groups) {
    const std::vector<Op>& ops = result.model.main().ops;
    const Op& anchor = ops[static_cast<std::size_t>(group.anchor)];
    std::vector<std::string> kinds;
    for (const OpId op : group.ops) kinds.push_back(op_display_name(ops[static_cast<std::size_t>(op)]));
    constexpr std::size_t kShownKinds = 3;
    if (kinds.size() > kShownKinds) kinds.resize(kShownKinds), kinds.emplace_back("…");
    table.add_row({std::to_string(group.anchor), printable(join(kinds, " + ")), milliseconds(group.latency_ms),
                   percent(group.latency_ms / prediction.latency_ms->value), op_shapes_text(result.model, anchor),
                   shortened(anchor.name, kNameWidth)});
  }
  return "\n  " + style.bold("where the time goes") + " on " + printable(prediction.device) + " " +
         printable(prediction.setup) + "\n" + table.text("  ");
}

// Before the steady state: one line for the first setup.
std::string loading_text(const Prediction& p, const Style& style) {
  if (!p.load_ms || !p.peak_memory_bytes) return "";
  std::vector<std::string> stages;
  for (const auto& [stage, ms] : p.load.stages) {
    if (ms > 0) stages.push_back(stage + " " + milliseconds(ms));
  }
  std::string out = "\n  " + style.bold("before the first answer") + " on " + printable(p.device) + " " +
                    printable(p.setup) + ", " + printable(p.load.basis) + "\n  load " + milliseconds(p.load_ms->value) +
                    " ms (" + join(stages, ", ") + "), " + milliseconds(p.load.warm_ms) + " ms from the page cache";
  if (p.first_inference_ms) out += "; first inference " + milliseconds(p.first_inference_ms->value) + " ms";
  out += "\n  memory at the peak " + bytes_text(static_cast<double>(*p.peak_memory_bytes)) + ": weights " +
         bytes_text(p.load.weights_bytes) + ", arena " + bytes_text(p.load.arena_bytes) + ", scratch " +
         bytes_text(p.load.scratch_bytes) + ", runtime " + bytes_text(p.load.runtime_bytes) + "\n";
  return out;
}

std::string layers_text(const ModelResult& result, const Prediction& prediction, const Style& style) {
  TextTable table({{"#", Align::kRight},
                   {"group", Align::kRight},
                   {"operator"},
                   {"ms", Align::kRight},
                   {"basis"},
                   {"mJ", Align::kRight},
                   {"basis"},
                   {"shapes"},
                   {"name"}});
  for (const LayerPrediction& layer : prediction.layers) {
    const Op& op = result.model.main().ops[static_cast<std::size_t>(layer.index)];
    table.add_row({std::to_string(layer.index), layer.group < 0 ? "" : std::to_string(layer.group),
                   printable(op_display_name(op)), layer.latency_ms ? milliseconds(*layer.latency_ms) : "unknown",
                   layer.latency_ms ? std::string(basis_name(layer.basis)) : printable(layer.reason),
                   layer.energy_mj ? milliseconds(*layer.energy_mj) : "",
                   layer.energy_mj ? std::string(basis_name(layer.energy_basis)) : "", op_shapes_text(result.model, op),
                   shortened(op.name, kNameWidth)});
  }
  return "\n  " + style.bold("operators") + " on " + printable(prediction.device) + " " + printable(prediction.setup) +
         "\n" + table.text("  ");
}

std::string title_line(const ModelResult& result, const Style& style) {
  const Totals& totals = result.analysis.totals;
  std::string about = result.model.format;
  if (totals.macs) about += " · " + si(static_cast<double>(*totals.macs), "MAC");
  if (totals.params) about += " · " + si(static_cast<double>(*totals.params)) + " parameters";
  about += " · " + result.analysis.precision.klass;
  if (!result.analysis.coverage.exact)
    about += " · " + percent(result.analysis.coverage.ops) + " of the operators counted";
  return style.bold(printable(result.path + (result.member ? "!/" + *result.member : ""))) + "  " + printable(about) +
         "\n";
}

std::string cell_of(const Prediction& p) {
  std::string text = value_text(p.latency_ms, p.lower_bound);
  return p.in_support ? text : text + " *";
}

// A row a setup, a column a model.
std::string setups_down(std::span<const ComparedModel> models) {
  std::vector<TextTable::Column> columns = {{"device"}, {"setup"}};
  for (const ComparedModel& model : models) columns.push_back({shortened(model.name, kNameWidth), Align::kRight});
  columns.push_back({"held-out error", Align::kRight});
  TextTable table(columns);
  const std::vector<Prediction>& setups = models.front().predictions;
  for (std::size_t i = 0; i < setups.size(); ++i) {
    std::vector<std::string> cells = {printable(setups[i].device), printable(setups[i].setup)};
    for (const ComparedModel& model : models) cells.push_back(cell_of(model.predictions[i]));
    const auto& error = setups[i].calibration.held_out_mape;
    cells.push_back(error ? percent(*error) : "");
    table.add_row(std::move(cells));
  }
  return table.text("  ");
}

// A row a model, a column a setup.
std::string models_down(std::span<const ComparedModel> models) {
  std::vector<TextTable::Column> columns = {{"model"}, {"MACs", Align::kRight}, {"parameters", Align::kRight}};
  const std::vector<Prediction>& setups = models.front().predictions;
  const auto same = [&](std::string Prediction::*field) {
    return std::all_of(setups.begin(), setups.end(), [&](const Prediction& p) { return p.*field == setups[0].*field; });
  };
  const bool one_setup = setups.size() > 1 && same(&Prediction::setup);
  const bool one_device = setups.size() > 1 && !one_setup && same(&Prediction::device);
  for (const Prediction& p : setups) {
    columns.push_back({printable(one_setup    ? p.device
                                 : one_device ? p.setup
                                              : p.device + " " + p.setup),
                       Align::kRight});
  }
  TextTable table(columns);
  for (const ComparedModel& model : models) {
    std::vector<std::string> cells = {shortened(model.name, kNameWidth), count_or_unknown(model.macs),
                                      count_or_unknown(model.params)};
    for (const Prediction& p : model.predictions) cells.push_back(cell_of(p));
    table.add_row(std::move(cells));
  }
  const std::string common = one_setup ? setups[0].setup : one_device ? setups[0].device : "";
  return (common.empty() ? "" : "  on " + printable(common) + "\n") + table.text("  ");
}

}  // namespace

std::string predict_text(const ModelResult& result, std::span<const Prediction> predictions,
                         const PredictOptions& options, const Style& style) {
  std::string out = title_line(result, style) + "\n" + setups_table(predictions);
  out += notes_text(predictions, style);
  if (predictions.empty()) return out;
  if (options.layers) {
    for (const Prediction& prediction : predictions) out += layers_text(result, prediction, style);
  } else {
    out += groups_text(result, predictions.front(), options.top, style);
  }
  out += loading_text(predictions.front(), style);
  return out;
}

std::string comparison_text(std::span<const ComparedModel> models, const Style& style) {
  if (models.empty()) return "";
  std::string out = "  " + style.bold("predicted latency, ms") + "\n";
  if (models.front().predictions.size() <= kMostColumns && models.size() > kMostColumns) {
    out += models_down(models);
  } else {
    for (std::size_t first = 0; first < models.size(); first += kMostColumns) {
      if (first > 0) out += "\n";
      out += setups_down(models.subspan(first, std::min(kMostColumns, models.size() - first)));
    }
  }
  for (const ComparedModel& model : models) {
    for (const Prediction& p : model.predictions) {
      if (!p.in_support) return out + "  * some kernels are beyond what was measured on that setup\n";
    }
  }
  return out;
}

}  // namespace nngauge
