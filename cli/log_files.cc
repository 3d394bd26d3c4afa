// SPDX-License-Identifier: Apache-2.0
#include "cli/log_files.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/text.h"
#include "calibration/log_runs.h"
#include "cli/run_files.h"
#include "cost/device_profile.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

// Small letters, no dots, other signs as "_".
std::string plain(std::string_view name) {
  std::string out;
  for (const char ch : name) {
    if (ch == '.') continue;
    const bool word = std::isalnum(static_cast<unsigned char>(ch)) != 0;
    out += word ? static_cast<char>(std::tolower(static_cast<unsigned char>(ch))) : '_';
  }
  return out;
}

// The only bundled graph whose id is the name, or ends in it; empty: none or several.
std::string bundled_id(const std::string& name) {
  const std::vector<std::string> ids = bundled_graph_ids();
  std::vector<std::string> ends;
  for (const std::string& id : ids) {
    if (plain(id) == name) return id;
    if (plain(id).ends_with("_" + name)) ends.push_back(id);
  }
  return ends.size() == 1 ? ends.front() : "";
}

// The name by which the log's network is loaded; empty: there is none.
std::string model_of(const OpLog& log, const RunDefaults& defaults, const std::string& folder, bool alone) {
  if (alone && !defaults.model.empty()) return defaults.model;
  const std::filesystem::path logged(log.model);
  std::error_code status;
  for (const std::filesystem::path& name : {logged, logged.filename()}) {
    if (!name.empty() && std::filesystem::is_regular_file(folder / name, status)) return name.string();
  }
  std::string name = plain(logged.filename().string());
  for (const char* end : {"tflite", "param"}) {
    if (name.ends_with(end)) name.resize(name.size() - std::string_view(end).size());
  }
  std::string found = name.empty() ? "" : bundled_id(name);
  for (const char* end : {"_quant", "_int8", "_float", "_fp32"}) {  // bundled graphs stand for both precisions
    if (found.empty() && name.ends_with(end))
      found = bundled_id(name.substr(0, name.size() - std::string_view(end).size()));
  }
  return found;
}

bool names_integers(const OpLog& log) {
  const std::string name = plain(log.model);
  return name.find("_quant") != std::string::npos || name.find("_int8") != std::string::npos;
}

bool has_integer_weights(const Model& model) {
  const Graph& graph = model.main();
  return std::any_of(graph.ops.begin(), graph.ops.end(), [&](const Op& op) {
    if (op_info(op.kind).category != OpCategory::kConvolution || op.inputs.size() < 2) return false;
    const TensorId weight = op.inputs[1].tensor;
    if (weight < 0) return false;
    const DType type = graph.tensors[static_cast<std::size_t>(weight)].dtype;
    return type == DType::kInt8 || type == DType::kUInt8;
  });
}

// What the log says of the setup, with the precision that the network has.
std::string setup_of(const OpLog& log, const RunDefaults& defaults, const Model& model) {
  if (!defaults.setup.empty() || log.setup.empty() || log.setup.starts_with("ncnn")) {
    return defaults.setup.empty() ? log.setup : defaults.setup;
  }
  if (log.setup.find("-gpu") != std::string::npos) return log.setup + "-fp16";
  return log.setup + (has_integer_weights(model) || names_integers(log) ? "-int8" : "-fp32");
}

std::string place_of(const OpLog& log) {
  return "line " + std::to_string(log.ops.empty() ? log.whole->line : log.ops.front().line);
}

Status add_log(RunTable& table, const OpLog& log, const Run& base, const Model& model) {
  NNGAUGE_TRY(const SetupName name, parse_setup_name(base.setup));
  const FusionRules* rules = find_fusion_rules(name.runtime + "-" + name.processor);
  if (!rules) return make_error(ErrorCode::kUnknownSetup, "setup " + base.setup + ": its runtime has no cost model");
  LogRuns runs = runs_of_log(log, model, *rules, base);
  RunTable more;
  more.runs = std::move(runs.runs), more.errors = std::move(runs.errors);
  add_runs(table, std::move(more));
  return ok();
}

}  // namespace

RunTable runs_of_logs(const OpLogs& logs, const RunDefaults& defaults, const ModelLoader& load,
                      const std::string& folder) {
  RunTable out;
  out.errors = logs.errors;
  for (const OpLog& log : logs.logs) {
    Run base;
    base.model = model_of(log, defaults, folder, logs.logs.size() == 1);
    base.device = defaults.device.empty() ? "device" : defaults.device;
    if (base.model.empty()) {
      const std::string what = log.model.empty()
                                   ? "the log names no network; say which with --model"
                                   : in_quotes(log.model) + " is neither a file beside the log nor a bundled graph";
      out.errors.push_back(make_error(ErrorCode::kBadRuns, what).at(place_of(log) + ", column model"));
      continue;
    }
    const auto model = load(base.model);
    if (!model) {
      out.errors.push_back(model.error().at(place_of(log)));
      continue;
    }
    base.setup = setup_of(log, defaults, **model);
    if (base.setup.empty()) {
      out.errors.push_back(
          make_error(ErrorCode::kBadRuns, "the log does not say which setup it is of; give --setup").at(place_of(log)));
      continue;
    }
    if (Status added = add_log(out, log, base, **model); !added) out.errors.push_back(added.error().at(place_of(log)));
  }
  return out;
}

}  // namespace nngauge
