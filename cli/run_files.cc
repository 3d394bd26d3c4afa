// SPDX-License-Identifier: Apache-2.0
#include "cli/run_files.h"

#include <filesystem>
#include <map>
#include <mutex>

#include "base/file.h"
#include "calibration/op_log.h"
#include "cli/load_model.h"
#include "cli/log_files.h"
#include "data/bundled.h"
#include "parsers/format.h"

namespace nngauge {
namespace {

constexpr std::string_view kGraphs = "graphs/";

using SharedModel = std::shared_ptr<const Model>;

// A bundled graph by its id, the file's name without folder and extension.
std::optional<std::string_view> find_graph(std::string_view id) {
  for (const std::string_view name : list_bundled(kGraphs)) {
    const std::string_view file = name.substr(kGraphs.size());
    if (file == id || file.substr(0, file.rfind('.')) == id) return name;
  }
  return std::nullopt;
}

Result<SharedModel> load_graph(std::string_view name) {
  const Bytes bytes = *find_bundled(name);
  NNGAUGE_TRY(Model model, read_model({std::string(name), bytes, &no_companions()}));
  NNGAUGE_CHECK(complete_model(model, {}));
  return SharedModel(std::make_shared<const Model>(std::move(model)));
}

Result<SharedModel> load_file(const std::string& path) {
  NNGAUGE_TRY(ModelResult result, load_model(path, {}));
  return SharedModel(std::make_shared<const Model>(std::move(result.model)));
}

// Files first, then the ids of bundled graphs.
ModelLoader loader_for(std::filesystem::path folder, bool with_files) {
  return [folder = std::move(folder), with_files](const std::string& name) -> Result<SharedModel> {
    const std::string path = (folder / name).string();
    std::error_code status;
    if (with_files && std::filesystem::exists(path, status)) return load_file(path);
    if (const auto graph = find_graph(name)) return load_graph(*graph);
    return make_error(ErrorCode::kUnreadable, "neither a file beside the table nor a bundled graph").at(name);
  };
}

}  // namespace

Result<LoadedRuns> load_runs(const std::string& path, const RunDefaults& defaults) {
  const auto file = MappedFile::open(path);
  if (!file) return file.error();
  const std::string_view text = as_text((*file)->bytes());
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  LoadedRuns out{{}, path, loader_for(folder, true)};
  if (is_op_log(text)) {
    NNGAUGE_TRY(const OpLogs logs, parse_op_log(text));
    out.table = runs_of_logs(logs, defaults, out.load, folder.string());
    if (out.table.runs.empty() && !out.table.errors.empty()) return out.table.errors.back();
    return out;
  }
  NNGAUGE_TRY(out.table, parse_runs(text, defaults));
  return out;
}

Status add_runs(LoadedRuns& runs, const std::string& path, const RunDefaults& defaults) {
  NNGAUGE_TRY(LoadedRuns more, load_runs(path, defaults));
  const auto folder = std::filesystem::path(path).parent_path();
  const auto first_folder = std::filesystem::path(runs.path).parent_path();
  for (Run& run : more.table.runs) {
    run.table = path;
    const auto file = folder / run.model;
    std::error_code status;
    if (folder == first_folder || !std::filesystem::exists(file, status)) continue;
    run.model = std::filesystem::proximate(file, first_folder, status).string();
  }
  for (Error& error : more.table.errors) error = error.at(path);
  add_runs(runs.table, std::move(more.table));
  runs.more_paths.push_back(path);
  return ok();
}

Status add_kernels(LoadedRuns& runs, const std::string& path) {
  const auto file = MappedFile::open(path);
  if (!file) return file.error();
  auto table = parse_timed_kernels(as_text((*file)->bytes()));
  if (!table) return table.error().at(path);
  for (Error& error : table->errors) error = error.at(path);
  add_timed_kernels(runs.table, std::move(*table));
  return ok();
}

Result<LoadedRuns> bundled_runs() {
  LoadedRuns out{{}, "", loader_for({}, false)};
  for (const std::string_view name : list_bundled("runs/")) {
    auto table = parse_runs(as_text(*find_bundled(name)));
    if (!table) return table.error().at(name);
    out.table.runs.insert(out.table.runs.end(), table->runs.begin(), table->runs.end());
    for (const Error& error : table->errors) out.table.errors.push_back(error.at(name));
    out.table.has_energy = out.table.has_energy || table->has_energy;
    out.table.has_family = out.table.has_family || table->has_family;
  }
  for (const std::string_view name : list_bundled("kernels/")) {
    auto table = parse_timed_kernels(as_text(*find_bundled(name)));
    if (!table) return table.error().at(name);
    add_timed_kernels(out.table, std::move(*table));
  }
  return out;
}

std::vector<std::string> bundled_graph_ids() {
  std::vector<std::string> out;
  for (const std::string_view name : list_bundled(kGraphs)) {
    const std::string_view file = name.substr(kGraphs.size());
    if (file.find('/') == std::string_view::npos) out.emplace_back(file.substr(0, file.rfind('.')));
  }
  return out;
}

std::vector<FailedInput> failed_rows(const LoadedRuns& runs, const std::vector<Error>& errors) {
  std::vector<FailedInput> out;
  for (const Error& error : errors) {
    FailedInput failed{runs.path.empty() ? "bundled runs" : runs.path, {}, error};
    for (const std::string& path : runs.more_paths) {
      if (!error.where.starts_with(path + ": ")) continue;
      failed.path = path, failed.error.where = error.where.substr(path.size() + 2);
    }
    out.push_back(std::move(failed));
  }
  return out;
}

}  // namespace nngauge
