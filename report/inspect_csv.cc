// SPDX-License-Identifier: Apache-2.0
#include "graph/op_table.h"
#include "report/inspect.h"
#include "report/table.h"

namespace nngauge {
namespace {

Cell cell(const MaybeCount& value) { return value ? Cell(*value) : Cell(); }
Cell cell(const std::optional<std::string>& text) { return text ? Cell(*text) : Cell(); }

Table model_table() {
  return {{{"path", ""},
           {"member", ""},
           {"format", ""},
           {"format_version", ""},
           {"size_bytes", ""},
           {"md5", ""},
           {"sha256", ""},
           {"name", ""},
           {"ops", ""},
           {"macs", ""},
           {"flops", ""},
           {"special", ""},
           {"params", ""},
           {"weight_bytes", ""},
           {"read_bytes", ""},
           {"write_bytes", ""},
           {"peak_activation_bytes", ""},
           {"precision", ""},
           {"coverage", ""},
           {"exact", ""}},
          {}};
}

Table layer_table() {
  return {{{"path", ""},
           {"member", ""},
           {"index", ""},
           {"op", ""},
           {"source_op", ""},
           {"name", ""},
           {"shapes", ""},
           {"macs", ""},
           {"flops", ""},
           {"special", ""},
           {"params", ""},
           {"weight_bytes", ""},
           {"read_bytes", ""},
           {"write_bytes", ""},
           {"status", ""}},
          {}};
}

Table layers_of(const ModelResult& result) {
  Table table = layer_table();
  const std::vector<Op>& ops = result.model.main().ops;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const OpCost& cost = result.analysis.ops[i];
    table.add({result.path, cell(result.member), std::uint64_t{i}, std::string(op_info(ops[i].kind).name),
               ops[i].source_op, ops[i].name, op_shapes_text(result.model, ops[i]), cell(cost.macs), cell(cost.flops),
               cell(cost.special), cell(cost.params), cell(cost.weight_bytes), cell(cost.read_bytes),
               cell(cost.write_bytes), std::string(cost_status_name(cost.status))});
  }
  return table;
}

}  // namespace

std::string inspect_csv_header(const InspectOptions& options) {
  return csv_header(options.layers ? layer_table() : model_table());
}

std::string inspect_csv(const ModelResult& result, const InspectOptions& options) {
  if (options.layers) return csv_rows(layers_of(result));
  const Totals& totals = result.analysis.totals;
  Table table = model_table();
  table.add({result.path,
             cell(result.member),
             result.model.format,
             result.model.format_version,
             result.size_bytes,
             cell(result.md5),
             cell(result.sha256),
             result.model.name,
             totals.ops,
             cell(totals.macs),
             cell(totals.flops),
             cell(totals.special),
             cell(totals.params),
             cell(totals.weight_bytes),
             cell(totals.read_bytes),
             cell(totals.write_bytes),
             cell(result.memory.peak_activation_bytes),
             result.analysis.precision.klass,
             result.analysis.coverage.ops,
             result.analysis.coverage.exact});
  return csv_rows(table);
}

}  // namespace nngauge
