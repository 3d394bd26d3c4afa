// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/text.h"
#include "cost/analysis.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

std::string count_text(const MaybeCount& count) { return count ? with_thousands(*count) : "not known"; }

}  // namespace

Result<std::vector<std::string>> explain_op(const Model& model, OpId id) {
  const Graph& graph = model.main();
  if (id < 0 || static_cast<std::size_t>(id) >= graph.ops.size()) {
    return make_error(ErrorCode::kUsage, "--op " + std::to_string(id) + ": the model has ops 0 to " +
                                             std::to_string(graph.ops.size() - 1));
  }
  const Op& op = graph.ops[static_cast<std::size_t>(id)];
  NNGAUGE_TRY(const Analysis analysis, analyse(model));
  const OpCost& cost = analysis.ops[static_cast<std::size_t>(id)];
  std::vector<std::string> lines;
  const RuleContext context(model, graph, op, &lines);
  const Result<Work> work = op_info(op.kind).work(context);
  if (!work) lines.push_back("work is not known: " + work.error().message);
  // What the rule does not say is the activation inside the operator.
  if (work && cost.flops && *cost.flops > work->flops.value()) {
    lines.push_back("flops of the activation inside = " + with_thousands(*cost.flops - work->flops.value()));
  }
  if (work && cost.special && *cost.special > work->special.value()) {
    lines.push_back("special of the activation inside = " + with_thousands(*cost.special - work->special.value()));
  }
  lines.push_back("macs = " + count_text(cost.macs) + ", flops = " + count_text(cost.flops) +
                  ", special = " + count_text(cost.special));
  lines.push_back("params = " + count_text(cost.params) + ", weight_bytes = " + count_text(cost.weight_bytes) +
                  " (constants first used here)");
  lines.push_back("read_bytes = " + count_text(cost.read_bytes) + ", write_bytes = " + count_text(cost.write_bytes));
  lines.push_back("status: " + std::string(cost_status_name(cost.status)) +
                  (cost.reason.empty() ? "" : " (" + cost.reason + ")"));
  return lines;
}

}  // namespace nngauge
