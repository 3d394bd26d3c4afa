// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/text.h"
#include "cost/conventions.h"
#include "graph/op_table.h"
#include "report/inspect.h"

namespace nngauge {
namespace {

using Align = TextTable::Align;
constexpr std::size_t kLabelWidth = 13;
constexpr std::size_t kHistogramRows = 16;
constexpr std::size_t kNameWidth = 44;
constexpr std::size_t kShownTensors = 6;
constexpr std::size_t kShownDiagnostics = 8;
constexpr std::size_t kShownUnknown = 12;
constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kPlaceWidth = 100;  // converters join the names of all that they fuse

// "  label        text\n"; an empty label continues the line above.
std::string line(std::string_view label, std::string_view text) {
  std::string out = "  " + std::string(label);
  out.append(kLabelWidth > label.size() ? kLabelWidth - label.size() : 1, ' ');
  return out + std::string(text) + "\n";
}

std::string tensor_lines(const Model& model, std::string_view label, const std::vector<TensorId>& ids) {
  std::string out;
  std::size_t shown = 0;
  for (const TensorId id : ids) {
    if (id == kNoTensor) continue;
    if (shown == kShownTensors) {
      return out + line("", "… " + with_thousands(ids.size() - shown) + " more");
    }
    const Tensor& tensor = model.main().tensors[at(id)];
    out += line(shown++ == 0 ? label : "", (tensor.name.empty() ? "(unnamed)" : shortened(tensor.name, kNameWidth)) +
                                               "  " + std::string(dtype_name(tensor.dtype)) + " " +
                                               printable(shape_text(tensor.shape, model.symbols)));
  }
  return out;
}

bool is_lower_bound(const Coverage& coverage, std::string_view total) {
  return std::find(coverage.lower_bound.begin(), coverage.lower_bound.end(), total) != coverage.lower_bound.end();
}

// "568,740,352  (568.7 M)", with "at least" where the total is a lower bound.
std::string total_text(const Coverage& coverage, std::string_view name, const MaybeCount& value) {
  if (!value || (*value == 0 && is_lower_bound(coverage, name))) return "unknown";
  std::string out = is_lower_bound(coverage, name) ? "at least " : "";
  out += with_thousands(*value);
  if (*value >= 1000) out += "  (" + si(static_cast<double>(*value)) + ")";
  return out;
}

std::string byte_total_text(const Coverage& coverage, std::string_view name, const MaybeCount& value) {
  if (!value || (*value == 0 && is_lower_bound(coverage, name))) return "unknown";
  return (is_lower_bound(coverage, name) ? "at least " : "") + bytes_text(static_cast<double>(*value));
}

std::string totals_lines(const Analysis& analysis) {
  const Totals& totals = analysis.totals;
  const Coverage& coverage = analysis.coverage;
  std::string out = line("operators", with_thousands(totals.ops));
  out += line("MACs", total_text(coverage, "macs", totals.macs));
  out += line("FLOPs", total_text(coverage, "flops", totals.flops) + "  2 x MACs + element-wise + reductions");
  if (totals.special && *totals.special > 0) {
    out += line("special",
                total_text(coverage, "special", totals.special) + "  exp, log, sqrt, division, tanh, sigmoid, erf");
  }
  out += line("parameters", total_text(coverage, "params", totals.params));
  std::string traffic = "reads " + byte_total_text(coverage, "read_bytes", totals.read_bytes) + ", writes " +
                        byte_total_text(coverage, "write_bytes", totals.write_bytes);
  if (coverage.exact && totals.flops && totals.read_bytes && totals.write_bytes &&
      *totals.read_bytes + *totals.write_bytes > 0) {
    const double moved = static_cast<double>(*totals.read_bytes) + static_cast<double>(*totals.write_bytes);
    traffic += ", " + si(static_cast<double>(*totals.flops) / moved) + " FLOPs a byte before fusion";
  }
  return out + line("traffic", traffic);
}

std::string by_type_text(const std::vector<std::pair<DType, std::uint64_t>>& bytes) {
  double sum = 0;
  for (const auto& [dtype, size] : bytes) sum += static_cast<double>(size);
  std::vector<std::string> parts;
  for (const auto& [dtype, size] : bytes) {
    const double part = static_cast<double>(size) / sum;
    if (size > 0) parts.push_back(std::string(dtype_name(dtype)) + (part < 1 ? " " + percent(part) : ""));
  }
  return join(parts, ", ");
}

std::string kv_cache_line(const KvCache& cache) {
  const std::string now = bytes_text(static_cast<double>(cache.bytes)) + " in " + plural(cache.tensors, "tensor") +
                          (cache.tokens ? " for " + plural(static_cast<std::uint64_t>(*cache.tokens), "token") : "");
  if (!cache.bytes_per_token) return line("KV cache", now + "; bytes a token unknown: " + printable(cache.reason));
  std::string out = now + "; " + bytes_text(static_cast<double>(*cache.bytes_per_token)) + " a token";
  std::vector<std::string> contexts;
  for (const std::uint64_t tokens : kContexts) {
    if (const auto bytes = cache.bytes_for(tokens))
      contexts.push_back(bytes_text(static_cast<double>(*bytes)) + " at " + with_thousands(tokens));
  }
  return line("KV cache", out + (contexts.empty() ? "" : ": " + join(contexts, ", ")));
}

std::string memory_lines(const ModelResult& result) {
  const Memory& memory = result.memory;
  std::string weights = byte_total_text(result.analysis.coverage, "weight_bytes", result.analysis.totals.weight_bytes);
  const std::string types = by_type_text(result.analysis.precision.weight_bytes);
  if (!types.empty()) weights += "  " + types;
  std::string out = line("weights", weights);
  if (!memory.peak_activation_bytes) {
    out += line("activations", "unknown: " + printable(memory.reason));
    return result.kv_cache ? out + kv_cache_line(*result.kv_cache) : out;
  }
  std::string peak = "peak " + bytes_text(static_cast<double>(*memory.peak_activation_bytes));
  if (memory.peak_op >= 0) {
    const Op& op = result.model.main().ops[static_cast<std::size_t>(memory.peak_op)];
    peak += " at " + shortened(op_place(op, memory.peak_op), kPlaceWidth);
  }
  out += line("activations", peak);
  if (result.kv_cache) out += kv_cache_line(*result.kv_cache);
  std::vector<std::string> arenas;
  for (const auto& [planner, bytes] : memory.arena_bytes) {
    arenas.push_back(planner + " " + bytes_text(static_cast<double>(bytes)));
  }
  return arenas.empty() ? out : out + line("arena", join(arenas, ", "));
}

// "batch = 1"; extents of several inputs that go by one name are one entry: "*.past = 0 (56 inputs)".
std::vector<std::string> assumed_texts(const std::vector<AssumedDim>& dims) {
  const auto key = [](const AssumedDim& dim) {
    const std::size_t point = dim.name.rfind('.');
    return std::pair(point == std::string::npos ? dim.name : dim.name.substr(point), dim.value);
  };
  std::map<std::pair<std::string, std::int64_t>, std::size_t> counts;
  for (const AssumedDim& dim : dims) ++counts[key(dim)];
  std::vector<std::string> out;
  for (const AssumedDim& dim : dims) {
    const std::size_t count = std::exchange(counts[key(dim)], 0);
    if (count == 0) continue;
    const std::string value = " = " + std::to_string(dim.value);
    if (count > 1) out.push_back("*" + printable(key(dim).first) + value + " (" + plural(count, "input") + ")");
    else out.push_back(printable(dim.name) + value);
  }
  return out;
}

std::string coverage_lines(const ModelResult& result, const Style& style) {
  const Coverage& coverage = result.analysis.coverage;
  std::string out;
  if (coverage.exact) {
    out = line("coverage", style.good("100 % of the operators, all totals exact"));
  } else {
    out = line(
        "coverage",
        style.warning(percent(coverage.ops) + " of the operators are counted" +
                      (coverage.lower_bound.empty() ? "" : "; lower bounds: " + join(coverage.lower_bound, ", "))));
    std::size_t shown = 0;
    for (const UnknownOp& op : coverage.unknown_ops) {
      if (shown++ == kShownUnknown) {
        out += line("", "… " + with_thousands(coverage.unknown_ops.size() - kShownUnknown) + " more");
        break;
      }
      out += line("", printable(op.op) + " x " + with_thousands(op.count) + ": " + printable(op.reason));
    }
  }
  const std::vector<std::string> assumed = assumed_texts(result.model.assumed_dims);
  return assumed.empty() ? out : out + line("assumed", join(assumed, ", "));
}

double share(const MaybeCount& part, const MaybeCount& whole) {
  return part && whole && *whole > 0 ? static_cast<double>(*part) / static_cast<double>(*whole) : 0;
}

std::string bar(double part) {
  const auto length = static_cast<std::size_t>(part * kBarWidth + 0.5);
  return std::string(std::min(length, kBarWidth), '#');
}

std::string histogram_text(const Analysis& analysis) {
  TextTable table({{"operator"},
                   {"count", Align::kRight},
                   {"MACs", Align::kRight},
                   {"params", Align::kRight},
                   {is_lower_bound(analysis.coverage, "macs") ? "% of known" : "MACs %", Align::kRight},
                   {""}});
  for (std::size_t i = 0; i < std::min(kHistogramRows, analysis.histogram.size()); ++i) {
    const KindCount& row = analysis.histogram[i];
    const double part = share(row.macs, analysis.totals.macs);
    table.add_row({printable(row.op), with_thousands(row.count), count_or_unknown(row.macs),
                   count_or_unknown(row.params), part > 0 ? percent(part) : "", bar(part)});
  }
  std::string out = table.text("  ");
  if (analysis.histogram.size() > kHistogramRows) {
    out += "  … " + plural(analysis.histogram.size() - kHistogramRows, "more kind") + "\n";
  }
  return out;
}

bool has_macs(const Analysis& analysis) { return analysis.totals.macs.value_or(0) > 0; }

// The ops with most MACs (FLOPs where the model has no MACs), largest first.
std::vector<std::size_t> largest_ops(const Analysis& analysis, std::size_t most) {
  const bool by_macs = has_macs(analysis);
  const auto size = [&](std::size_t i) {
    return by_macs ? analysis.ops[i].macs.value_or(0) : analysis.ops[i].flops.value_or(0);
  };
  std::vector<std::size_t> order(analysis.ops.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  while (!order.empty() && size(order.back()) == 0) order.pop_back();
  if (order.size() > most) order.resize(most);
  return order;
}

std::string op_name_text(const Op& op) { return op.name.empty() ? "" : shortened(op.name, kNameWidth); }

std::string op_table_text(const ModelResult& result, const std::vector<std::size_t>& which, bool all_columns) {
  const Analysis& analysis = result.analysis;
  const bool by_macs = all_columns || has_macs(analysis);
  std::vector<TextTable::Column> columns = {
      {"#", Align::kRight}, {"operator"}, {by_macs ? "MACs" : "FLOPs", Align::kRight}, {"%", Align::kRight}};
  if (all_columns) {
    for (const char* title : {"FLOPs", "params", "read B", "written B"}) columns.push_back({title, Align::kRight});
  }
  columns.push_back({"shapes"});
  columns.push_back({"name"});
  TextTable table(columns);
  for (const std::size_t i : which) {
    const Op& op = result.model.main().ops[i];
    const OpCost& cost = result.analysis.ops[i];
    const MaybeCount& size = by_macs ? cost.macs : cost.flops;
    const double part = share(size, by_macs ? analysis.totals.macs : analysis.totals.flops);
    std::vector<std::string> cells = {std::to_string(i), printable(op_display_name(op)), count_or_unknown(size),
                                      part > 0 ? percent(part) : ""};
    if (all_columns) {
      const std::string bound = cost.status == CostStatus::kLowerBound ? ">= " : "";
      cells.insert(cells.end(), {bound + count_or_unknown(cost.flops), count_or_unknown(cost.params),
                                 count_or_unknown(cost.read_bytes), count_or_unknown(cost.write_bytes)});
    }
    cells.push_back(op_shapes_text(result.model, op));
    cells.push_back(op_name_text(op));
    table.add_row(std::move(cells));
  }
  return table.text("  ");
}

// Inner graphs of control flow, and what of them is in the totals.
std::string subgraphs_text(const ModelResult& result, const Style& style) {
  TextTable table({{"op", Align::kRight},
                   {"role"},
                   {"graph"},
                   {"operators", Align::kRight},
                   {"MACs", Align::kRight},
                   {"FLOPs", Align::kRight},
                   {"times", Align::kRight},
                   {""}});
  for (const SubgraphCost& row : result.analysis.subgraphs) {
    const std::string& name = result.model.graphs[static_cast<std::size_t>(row.graph)].name;
    table.add_row({std::to_string(row.op), row.role, shortened(name, kNameWidth), with_thousands(row.totals.ops),
                   count_or_unknown(row.totals.macs), count_or_unknown(row.totals.flops), with_thousands(row.trips),
                   row.chosen ? "" : "not in the totals"});
  }
  return "  " + style.bold("control flow") + "\n" + table.text("  ");
}

std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style) {
  std::string out;
  std::size_t shown = 0;
  for (const Diagnostic& item : diagnostics.items()) {
    if (shown++ == kShownDiagnostics) break;
    const bool warning = item.severity == Severity::kWarning;
    out += "  " + (warning ? style.warning("warning") : style.dim("note")) + ": ";
    if (!item.where.empty()) out += shortened(item.where, kPlaceWidth) + ": ";
    out += printable(item.message) + " [" + item.code + "]\n";
  }
  const std::size_t left = diagnostics.items().size() + diagnostics.dropped();
  if (left > kShownDiagnostics) {
    out += "  … " + plural(left - kShownDiagnostics, "more diagnostic") + "; --format json lists them\n";
  }
  return out;
}

std::string convention_lines(const Convention& convention, const ModelResult& result) {
  std::string out;
  for (const ConventionTotal& total : convention_totals(convention, result.model, result.analysis)) {
    std::string text = total.value ? with_thousands(*total.value) + " " + total.name : total.name + " unknown";
    if (total.value && total.lower_bound) text = "at least " + text;
    out += line(out.empty() ? convention.name : "", text);
  }
  return out + line("", convention.meaning);
}

std::string title_line(const ModelResult& result, const Style& style) {
  const Model& model = result.model;
  std::string path = result.path + (result.member ? "!/" + *result.member : "");
  std::string about = model.format + (model.format_version.empty() ? "" : " " + model.format_version);
  about += " · " + bytes_text(static_cast<double>(result.size_bytes));
  if (!model.name.empty()) about += " · " + in_quotes(shortened(model.name, kNameWidth));
  if (!model.producer.empty()) about += " · from " + shortened(model.producer, kNameWidth);
  return style.bold(printable(path)) + "  " + printable(about) + "\n";
}

}  // namespace

std::string op_display_name(const Op& op) {
  if (op.kind == OpKind::kCustom) return "CUSTOM:" + op.source_op;
  const OpInfo& info = op_info(op.kind);
  return std::string(info.name) + (info.opaque_reason.empty() ? "" : ":" + op.source_op);
}

std::string op_shapes_text(const Model& model, const Op& op) {
  const auto list = [&](const auto& ids, auto&& id_of) {
    std::vector<std::string> shapes;
    for (const auto& item : ids) {
      const TensorId id = id_of(item);
      if (id == kNoTensor || model.main().tensors[at(id)].is_constant) continue;
      shapes.push_back(printable(shape_text(model.main().tensors[at(id)].shape, model.symbols)));
    }
    if (shapes.size() > 3) {
      const std::string more = "… " + std::to_string(shapes.size() - 2) + " more";
      shapes.resize(2);
      shapes.push_back(more);
    }
    return join(shapes, " ");
  };
  return list(op.inputs, [](const Operand& operand) { return operand.tensor; }) + " -> " +
         list(op.outputs, [](TensorId id) { return id; });
}

std::string inspect_text(const ModelResult& result, const InspectOptions& options, const Style& style) {
  const Analysis& analysis = result.analysis;
  std::string out = title_line(result, style);
  if (!result.identified_by.empty()) out += line("known by", result.identified_by + " (" + result.confidence + ")");
  if (result.md5) out += line("md5", *result.md5);
  if (result.sha256) out += line("sha256", *result.sha256);
  out += tensor_lines(result.model, "inputs", result.model.main().inputs);
  out += tensor_lines(result.model, "outputs", result.model.main().outputs);
  out += totals_lines(analysis);
  if (options.convention) out += convention_lines(*options.convention, result);
  out += memory_lines(result);
  out += line("precision", analysis.precision.klass);
  out += coverage_lines(result, style);
  if (!analysis.histogram.empty()) out += "\n" + histogram_text(analysis);
  if (options.layers) {
    std::vector<std::size_t> all(analysis.ops.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    out += "\n" + op_table_text(result, all, true);
  } else if (const auto top = largest_ops(analysis, options.top); !top.empty()) {
    out += "\n  " + style.bold("largest operators") + "\n" + op_table_text(result, top, false);
  }
  if (!analysis.subgraphs.empty()) out += "\n" + subgraphs_text(result, style);
  const std::string remarks = diagnostics_text(result.model.diagnostics, style);
  return remarks.empty() ? out : out + "\n" + remarks;
}

}  // namespace nngauge
