// SPDX-License-Identifier: Apache-2.0
#include "report/explain.h"

#include "base/text.h"
#include "graph/op_table.h"
#include "report/inspect.h"
#include "report/json.h"

namespace nngauge {
namespace {

const Op& op_at(const ModelResult& result, OpId op) { return result.model.main().ops[static_cast<std::size_t>(op)]; }

}  // namespace

std::string explain_text(const ModelResult& result, OpId id, const std::vector<std::string>& lines,
                         const Style& style) {
  const Op& op = op_at(result, id);
  std::string out = style.bold(printable(result.path)) + "  " + printable(op_place(op, id)) + "\n";
  out += "  " + printable(op_display_name(op)) + "  " + op_shapes_text(result.model, op) + "\n";
  for (const std::string& line : lines) out += "  " + printable(line) + "\n";
  return out;
}

std::string explain_json_text(const ModelResult& result, OpId id, const std::vector<std::string>& lines, int level) {
  const Op& op = op_at(result, id);
  const OpCost& cost = result.analysis.ops[static_cast<std::size_t>(id)];
  Json out = {{"path", result.path},
              {"member", json_or_null(result.member)},
              {"index", id},
              {"op", std::string(op_info(op.kind).name)},
              {"source_op", op.source_op},
              {"name", op.name},
              {"where", op_place(op, id)},
              {"macs", json_number(cost.macs)},
              {"flops", json_number(cost.flops)},
              {"special", json_number(cost.special)},
              {"params", json_number(cost.params)},
              {"weight_bytes", json_number(cost.weight_bytes)},
              {"read_bytes", json_number(cost.read_bytes)},
              {"write_bytes", json_number(cost.write_bytes)},
              {"status", cost_status_name(cost.status)},
              {"explanation", lines}};
  if (cost.status != CostStatus::kExact) out["reason"] = cost.reason;
  return json_text(out, level);
}

}  // namespace nngauge
