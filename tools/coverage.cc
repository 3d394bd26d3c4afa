// SPDX-License-Identifier: Apache-2.0
// Reads every file of the folders that are given and prints, as Markdown, what was read and what is not covered.
// docs/coverage.md is its output: tools/coverage.sh writes it. With --files: what is not covered, file by file.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
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

// Kinds that no rule could price from the file: what they do is compiled away, or depends on pictures.
bool is_opaque(OpKind kind) { return kind == OpKind::kDelegateBlob || kind == OpKind::kImageDecoder; }

// A custom operator of a set with a public definition; others are known to the one who wrote them only.
bool is_public(const Model& model, const Op& op) {
  const auto* attrs = std::get_if<CustomAttrs>(&op.attrs);
  const std::string domain = attrs ? attrs->domain : "";
  if (domain == "com.microsoft" || domain == "ai.onnx.ml" || domain == "tensorflow") return true;
  return model.format == "onnx" && domain.empty();
}

struct Tally {
  std::size_t files = 0, failed = 0;
  std::uint64_t ops = 0, known = 0, opaque = 0;
  std::uint64_t mac_ops = 0, known_mac_ops = 0;

  void add(const Tally& other) {
    ops += other.ops, known += other.known, opaque += other.opaque;
    mac_ops += other.mac_ops, known_mac_ops += other.known_mac_ops;
  }
};

struct UnknownKey {
  bool opaque = false;
  std::string op, reason;
  friend auto operator<=>(const UnknownKey&, const UnknownKey&) = default;
};

struct Outcome {
  bool read = false;
  std::string error;
  std::string format;
  Tally tally;
  std::map<UnknownKey, std::uint64_t> unknown;
};

Result<Model> load(const std::string& path, const Bindings& bindings) {
  NNGAUGE_TRY(const std::shared_ptr<const MappedFile> file, MappedFile::open(path));
  const std::unique_ptr<Companions> companions = folder_companions(path);
  NNGAUGE_TRY(Model model, read_model({path, file->bytes(), companions.get(), nullptr, &bindings}));
  NNGAUGE_CHECK(complete_model(model, bindings));
  return model;
}

// "extent seq of result 0 is not known" and the like say which extent; for a short list that it is open is enough.
std::string grouped(const std::string& reason) {
  for (const std::string_view open : {"is not known", "is the open extent"}) {
    if (reason.find(open) != std::string::npos) return "an extent follows from data that the file does not hold";
  }
  return reason;
}

// The kind behind a name of Coverage::unknown_ops: "Conv2D", "StringOp:TfIdfVectorizer", "CUSTOM:Foo".
OpKind kind_of(const std::string& name) {
  const std::string kind = name.substr(0, name.find(':'));
  return kind == "CUSTOM" ? OpKind::kCustom : find_op_kind(kind).value_or(OpKind::kCustom);
}

// The main graph and all that it runs, each graph once.
std::set<GraphId> counted_graphs(const Analysis& analysis) {
  std::set<GraphId> out = {0};
  for (const SubgraphCost& inner : analysis.subgraphs) out.insert(inner.graph);
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
  std::set<std::string> private_names;
  for (const GraphId id : counted_graphs(*analysis)) {
    for (const Op& op : model.graphs[at(id)].ops) {
      if (op.kind == OpKind::kCustom && !is_public(model, op)) private_names.insert("CUSTOM:" + op.source_op);
      ++out.tally.ops;
      if (may_have_macs(op.kind)) ++out.tally.mac_ops;
    }
  }
  out.tally.known = out.tally.ops, out.tally.known_mac_ops = out.tally.mac_ops;
  for (const UnknownOp& op : analysis->coverage.unknown_ops) {
    const OpKind kind = kind_of(op.op);
    const bool opaque = is_opaque(kind) || private_names.contains(op.op);
    out.tally.known -= op.count;
    if (opaque) out.tally.opaque += op.count;
    if (may_have_macs(kind)) out.tally.known_mac_ops -= op.count;
    out.unknown[{opaque, op.op, opaque ? op.reason : grouped(op.reason)}] += op.count;
  }
  return out;
}

// --- guesses, as a user would make them -----------------------------------------------------------------------------

// `shape` with open extents filled: the last of many axes may be channels, others are `extent`.
std::vector<std::int64_t> filled(const Shape& shape, std::int64_t extent) {
  std::vector<std::int64_t> out;
  for (const Dim dim : shape.dims()) out.push_back(dim.known() ? dim.value() : extent);
  return out;
}

// Numbers for the extents that the file leaves open: of its inputs, and by name.
Bindings guess_inputs(const Model& model, std::int64_t extent, bool names) {
  Bindings out;
  out.strict = false;
  for (const TensorId id : model.main().inputs) {
    const Tensor& tensor = model.main().tensors[at(id)];
    if (tensor.shape.ranked() && !tensor.shape.is_static()) out.inputs[tensor.name] = filled(tensor.shape, extent);
  }
  if (!names) return out;
  for (std::size_t i = 0; i < model.symbols.size(); ++i)
    out.dims[model.symbols.name(static_cast<SymbolId>(i))] = extent;
  return out;
}

// A result that data leave open though all that its operator reads is known.
struct OpenResult {
  const Tensor* tensor = nullptr;
  const Tensor* operand = nullptr;  // the operator's first
};

// Shapes to try: those of the operand aligned at the end, pictures, and one number for all.
std::vector<std::vector<std::int64_t>> result_guesses(const OpenResult& open) {
  const Shape& shape = open.tensor->shape;
  if (!shape.ranked()) return {{1, 16}, {16}, {480, 640, 3}, {1, 3, 224, 224}, {1, 1, 224, 224}};
  std::vector<std::vector<std::int64_t>> out;
  if (open.operand && open.operand->shape.ranked()) {
    out.push_back(filled(shape, 1));
    for (std::size_t i = 0; i < std::min(shape.rank(), open.operand->shape.rank()); ++i) {
      const Dim dim = open.operand->shape.at(-1 - static_cast<std::int64_t>(i));
      std::int64_t& guess = out.back()[shape.rank() - 1 - i];
      if (!shape[shape.rank() - 1 - i].known() && dim.known()) guess = dim.value();
    }
  }
  if (shape.rank() == 3) out.push_back({480, 640, 3});
  for (const std::int64_t extent : {16, 1}) out.push_back(filled(shape, extent));
  return out;
}

OpenResult first_open_result(const Model& model, const std::set<std::string>& tried) {
  const Graph& graph = model.main();
  for (const Op& op : graph.ops) {
    const bool settled = std::all_of(op.inputs.begin(), op.inputs.end(), [&](const Operand& operand) {
      if (operand.tensor == kNoTensor) return true;
      const Tensor& tensor = graph.tensors[at(operand.tensor)];
      return tensor.shape.is_static() || tensor.dtype == DType::kString || tensor.dtype == DType::kResource ||
             tensor.dtype == DType::kVariant;
    });
    if (!settled) continue;
    for (const TensorId id : op.outputs) {
      if (id == kNoTensor) continue;
      const Tensor& tensor = graph.tensors[at(id)];
      if (tensor.shape.is_static() || tensor.name.empty() || tried.contains(tensor.name)) continue;
      const bool has_operand = !op.inputs.empty() && op.inputs[0].tensor != kNoTensor;
      return {&tensor, has_operand ? &graph.tensors[at(op.inputs[0].tensor)] : nullptr};
    }
  }
  return {};
}

// Gives extents to results one after the other, the ones that data decide, as `--input` does.
void guess_results(const std::string& path, Bindings bindings, Outcome& best) {
  constexpr int kMostRounds = 12;
  std::set<std::string> tried;
  for (int round = 0; round < kMostRounds && best.tally.known + best.tally.opaque < best.tally.ops; ++round) {
    const Result<Model> model = load(path, bindings);
    const OpenResult open = model ? first_open_result(*model, tried) : OpenResult{};
    if (!open.tensor) return;
    const std::string& name = open.tensor->name;
    tried.insert(name);
    std::vector<std::int64_t> kept;
    for (const std::vector<std::int64_t>& extents : result_guesses(open)) {
      Bindings guess = bindings;
      guess.inputs[name] = extents;
      const Result<Model> bound = load(path, guess);
      if (!bound) continue;
      Outcome outcome = measure(*bound);
      if (!outcome.read || outcome.tally.known < best.tally.known) continue;
      if (kept.empty() || outcome.tally.known > best.tally.known) kept = extents;
      if (outcome.tally.known > best.tally.known) best = std::move(outcome);
    }
    if (!kept.empty()) bindings.inputs[name] = kept;
  }
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
  Bindings best_bindings;
  for (const std::int64_t extent : {16, 4, 3, 2, 1, 64, 224, 512, 1536, 16000}) {
    for (const bool names : {false, true}) {
      if (!best.read || best.tally.known + best.tally.opaque >= best.tally.ops) return best;
      const Bindings bindings = guess_inputs(*model, extent, names);
      if (bindings.inputs.empty() && bindings.dims.empty()) continue;
      const Result<Model> bound = load(path, bindings);
      if (!bound) continue;
      Outcome outcome = measure(*bound);
      if (!outcome.read || outcome.tally.known <= best.tally.known) continue;
      best = std::move(outcome);
      best_bindings = bindings;
    }
  }
  if (best_bindings.inputs.empty() && best_bindings.dims.empty()) best_bindings = guess_inputs(*model, 16, true);
  guess_results(path, best_bindings, best);
  return best;
}

// --- output ---------------------------------------------------------------------------------------------------------

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2) + " %";
}

void print_row(const std::string& format, const Tally& tally) {
  std::printf("| %s | %zu | %zu | %s | %s | %s | %s | %s | %s |\n", format.c_str(), tally.files,
              tally.files - tally.failed, with_thousands(tally.ops).c_str(), percent(tally.known, tally.ops).c_str(),
              with_thousands(tally.opaque).c_str(), percent(tally.known, tally.ops - tally.opaque).c_str(),
              with_thousands(tally.mac_ops).c_str(), percent(tally.known_mac_ops, tally.mac_ops).c_str());
}

void print_unknown(const std::map<UnknownKey, std::uint64_t>& unknown, bool opaque) {
  std::puts("| operator | count | reason |\n|---|---|---|");
  std::vector<std::pair<std::uint64_t, const UnknownKey*>> rows;
  for (const auto& [key, count] : unknown) {
    if (key.opaque == opaque) rows.push_back({count, &key});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [count, key] : rows) {
    std::printf("| %s | %s | %s |\n", printable(key->op).c_str(), with_thousands(count).c_str(),
                printable(key->reason).c_str());
  }
}

// One line per reason with the names of the operators that have it.
void print_opaque(const std::map<UnknownKey, std::uint64_t>& unknown) {
  std::map<std::string, std::pair<std::uint64_t, std::vector<std::string>>> by_reason;
  for (const auto& [key, count] : unknown) {
    if (!key.opaque) continue;
    auto& [total, names] = by_reason[key.reason];
    total += count;
    names.push_back(key.op.substr(key.op.find(':') + 1) + (count > 1 ? " (" + std::to_string(count) + ")" : ""));
  }
  std::puts("| reason | count | operators |\n|---|---|---|");
  for (const auto& [reason, group] : by_reason) {
    std::printf("| %s | %s | %s |\n", printable(reason).c_str(), with_thousands(group.first).c_str(),
                printable(join(group.second, ", ")).c_str());
  }
}

void print_file(const std::string& path, const Outcome& outcome) {
  if (!outcome.read) std::printf("%s: %s\n", path.c_str(), outcome.error.c_str());
  for (const auto& [key, count] : outcome.unknown) {
    std::printf("%s: %s x %s: %s\n", path.c_str(), with_thousands(count).c_str(), printable(key.op).c_str(),
                printable(key.reason).c_str());
  }
}

std::vector<std::string> files_of(int argc, char** argv, int first) {
  std::vector<std::string> paths;
  for (int i = first; i < argc; ++i) {
    if (fs::is_regular_file(argv[i])) {
      paths.emplace_back(argv[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

int main(int argc, char** argv) {
  const bool by_file = argc > 1 && std::string_view(argv[1]) == "--files";
  std::map<std::string, Tally> tallies;
  std::map<UnknownKey, std::uint64_t> unknown;
  std::vector<std::string> failures;
  for (const std::string& path : files_of(argc, argv, by_file ? 2 : 1)) {
    const Outcome outcome = try_file(path);
    if (by_file) print_file(path, outcome);
    Tally& tally = tallies[outcome.read ? outcome.format : fs::path(path).parent_path().filename().string()];
    ++tally.files;
    if (!outcome.read) {
      ++tally.failed;
      failures.push_back(fs::path(path).filename().string() + ": " + outcome.error);
    }
    tally.add(outcome.tally);
    for (const auto& [key, count] : outcome.unknown) unknown[key] += count;
  }
  if (by_file) return 0;
  std::puts(
      "| format | files | read | operators | covered | opaque | covered of the others | operators with MACs | covered "
      "|");
  std::puts("|---|---|---|---|---|---|---|---|---|");
  Tally all;
  for (const auto& [format, tally] : tallies) {
    print_row(format, tally);
    all.add(tally);
    all.files += tally.files, all.failed += tally.failed;
  }
  if (tallies.size() > 1) print_row("together", all);
  std::puts("\n## Operators that are not covered\n");
  print_unknown(unknown, false);
  std::puts("\n## Opaque operators\n\nNo rule could tell their work from the file.\n");
  print_opaque(unknown);
  std::puts("\n## Files that are refused\n");
  if (failures.empty()) std::puts("None.");
  for (const std::string& failure : failures) std::printf("- %s\n", printable(failure).c_str());
  return 0;
}
