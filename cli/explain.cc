// SPDX-License-Identifier: Apache-2.0
#include "report/explain.h"

#include <charconv>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/model_run.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--op", "", "N|NAME", "the operator: its index as `inspect --layers` prints it, or its name", ValueKind::kText},
};

// The operator with that index, else with that name.
Result<OpId> find_op(const Model& model, const std::string& text) {
  const std::vector<Op>& ops = model.main().ops;
  std::size_t index = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (status == std::errc() && end == text.data() + text.size()) {
    if (index < ops.size()) return static_cast<OpId>(index);
    return make_error(ErrorCode::kUsage, "no operator " + text + "; the model has " + plural(ops.size(), "operator"));
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].name == text) return static_cast<OpId>(i);
    names.push_back(ops[i].name);
  }
  return make_error(ErrorCode::kUsage, "no operator is called " + in_quotes(text) + did_you_mean(text, names));
}

}  // namespace

const CommandSpec kExplainSpec{
    .name = "explain",
    .summary = "the formulas of one operator's numbers with the numbers put in",
    .operands = "--op N PATH",
    .description = "",
    .options = kOptions,
    .reads_models = true,
    .formats = "text json ndjson",
    .examples = "  nngauge explain --op 0 model.tflite",
    .least_operands = 1,
    .operand_name = "the path of a model",
};

Result<int> run_explain(const Session& session) {
  const auto which = session.arguments.value("--op");
  if (!which) return make_error(ErrorCode::kUsage, "option --op is missing");
  ModelRun run{.command = "explain", .load = {session.common.bindings, session.common.phase, false}};
  run.render = [&](const ModelResult& result, std::size_t) -> Result<std::string> {
    NNGAUGE_TRY(const OpId op, find_op(result.model, *which));
    NNGAUGE_TRY(const auto lines, explain_op(result.model, op));
    if (session.common.format == OutputFormat::kText) {
      return explain_text(result, op, lines, session.console.style());
    }
    return explain_json_text(result, op, lines, json_level(session));
  };
  return run_models(session, run);
}

}  // namespace nngauge
