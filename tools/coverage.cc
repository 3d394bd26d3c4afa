// SPDX-License-Identifier: Apache-2.0
// Reads every file of the folders that are given and prints, as Markdown, what was read and what is not covered.
// docs/coverage.md is its output: tools/coverage.sh writes it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "cost/analysis.h"
#include "graph/op_table.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

using namespace nngauge;
namespace fs = std::filesystem;

namespace {

// An operator that may have MACs, so that not knowing it leaves the total open.
bool may_have_macs(OpKind kind) {
  const OpCategory category = op_info(kind).category;
  return category == OpCategory::kConvolution || category == OpCategory::kProduct || category == OpCategory::kRecurrent;
}

struct Tally {
  std::size_t files = 0, failed = 0;
  std::uint64_t ops = 0, known = 0, mac_ops = 0, known_mac_ops = 0;
};

struct Outcome {
  bool read = false;
  std::string error;
  std::string format;
  Tally tally;
  std::map<std::pair<std::string, std::string>, std::uint64_t> unknown;  // (op, reason) -> count
};

Result<Model> load(const std::string& path, const Bindings& bindings) {
  NNGAUGE_TRY(const std::shared_ptr<const MappedFile> file, MappedFile::open(path));
  const std::unique_ptr<Companions> companions = folder_companions(path);
  NNGAUGE_TRY(Model model, read_model({path, file->bytes(), companions.get(), nullptr, &bindings}));
  NNGAUGE_CHECK(complete_model(model, bindings));
  return model;
}

// Numbers for the extents that the file leaves open; empty where it leaves none.
std::map<std::string, std::vector<std::int64_t>> guesses(const Model& model, std::int64_t extent) {
  std::map<std::string, std::vector<std::int64_t>> out;
  for (const TensorId id : model.main().inputs) {
    const Tensor& tensor = model.main().tensors[static_cast<std::size_t>(id)];
    if (!tensor.shape.ranked() || tensor.shape.is_static()) continue;
    for (const Dim dim : tensor.shape.dims()) out[tensor.name].push_back(dim.known() ? dim.value() : extent);
  }
  return out;
}

Outcome measure(const Model& model) {
  Outcome out;
  const Result<Analysis> analysis = analyse(model);
  out.format = model.format;
  if (!analysis) {
    out.error = analysis.error().text();
    return out;
  }
  out.read = true;
  for (std::size_t i = 0; i < analysis->ops.size(); ++i) {
    const OpKind kind = model.main().ops[i].kind;
    const bool known = analysis->ops[i].status != CostStatus::kUnknown;
    ++out.tally.ops;
    out.tally.known += known ? 1 : 0;
    if (!may_have_macs(kind)) continue;
    ++out.tally.mac_ops;
    out.tally.known_mac_ops += known ? 1 : 0;
  }
  for (const UnknownOp& op : analysis->coverage.unknown_ops) out.unknown[{op.op, op.reason}] += op.count;
  return out;
}

// The file as it stands; where extents are open, with the guess that covers most.
Outcome try_file(const std::string& path) {
  const Result<Model> model = load(path, {});
  if (!model) {
    Outcome out;
    out.error = model.error().text();
    return out;
  }
  Outcome best = measure(*model);
  for (const std::int64_t extent : {16, 4, 3, 2, 1, 64, 224}) {
    Bindings bindings;
    bindings.inputs = guesses(*model, extent);
    if (bindings.inputs.empty() || !best.read || best.tally.known == best.tally.ops) break;
    const Result<Model> bound = load(path, bindings);
    if (!bound) continue;
    Outcome outcome = measure(*bound);
    if (outcome.read && outcome.tally.known > best.tally.known) best = std::move(outcome);
  }
  return best;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2) + " %";
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::map<std::string, Tally> tallies;
  std::map<std::pair<std::string, std::string>, std::uint64_t> unknown;
  std::vector<std::string> failures;
  for (const std::string& path : paths) {
    const Outcome outcome = try_file(path);
    Tally& tally = tallies[outcome.read ? outcome.format : fs::path(path).parent_path().filename().string()];
    ++tally.files;
    if (!outcome.read) {
      ++tally.failed;
      failures.push_back(fs::path(path).filename().string() + ": " + outcome.error);
    }
    tally.ops += outcome.tally.ops, tally.known += outcome.tally.known;
    tally.mac_ops += outcome.tally.mac_ops, tally.known_mac_ops += outcome.tally.known_mac_ops;
    for (const auto& [key, count] : outcome.unknown) unknown[key] += count;
  }
  std::puts("| format | files | read | operators | covered | operators with MACs | covered |");
  std::puts("|---|---|---|---|---|---|---|");
  for (const auto& [format, tally] : tallies) {
    std::printf("| %s | %zu | %zu | %s | %s | %s | %s |\n", format.c_str(), tally.files, tally.files - tally.failed,
                with_thousands(tally.ops).c_str(), percent(tally.known, tally.ops).c_str(),
                with_thousands(tally.mac_ops).c_str(), percent(tally.known_mac_ops, tally.mac_ops).c_str());
  }
  std::puts("\n## Operators that are not covered\n\n| operator | count | reason |\n|---|---|---|");
  std::vector<std::pair<std::uint64_t, std::pair<std::string, std::string>>> rows;
  for (const auto& [key, count] : unknown) rows.push_back({count, key});
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return std::pair(b.first, a.second) < std::pair(a.first, b.second); });
  for (const auto& [count, key] : rows) {
    std::printf("| %s | %s | %s |\n", printable(key.first).c_str(), with_thousands(count).c_str(),
                printable(key.second).c_str());
  }
  std::puts("\n## Files that are refused\n");
  if (failures.empty()) std::puts("None.");
  for (const std::string& failure : failures) std::printf("- %s\n", printable(failure).c_str());
  return 0;
}
