// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load_model.h"
#include "graph/algorithms.h"
#include "graph/snapshot.h"
#include "report/inspect.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--to", "", "KIND",
     "snapshot (text that nngauge reads back), dot (Graphviz) or json (as inspect --layers); default snapshot",
     ValueKind::kWord, "snapshot dot json"},
};

}  // namespace

const CommandSpec kExportSpec{
    .name = "export",
    .summary = "the graph of a model for other programs, without its weights",
    .operands = "--to KIND PATH",
    .description = "",
    .options = kOptions,
    .reads_models = true,
    .formats = "text",
    .examples =
        "  nngauge export --to dot model.tflite | dot -Tsvg -o model.svg\n"
        "  nngauge export model.onnx -o model.graph && nngauge inspect model.graph",
    .least_operands = 1,
    .most_operands = 1,
    .operand_name = "the path of a model",
};

Result<int> run_export(const Session& session) {
  const std::string path = session.arguments.operands.front();
  const std::string kind = session.arguments.value("--to").value_or("snapshot");
  const auto result = load_model(path, {session.common.bindings, session.common.phase, false, session.common.limits});
  if (!result) {
    session.console.print_error({path, {}, result.error()});
    return int{exit_code(result.error())};
  }
  if (kind == "snapshot") session.console.print(snapshot_text(result->model));
  else if (kind == "dot") session.console.print(dot_text(result->model, result->model.main()));
  else session.console.print(inspect_json_text(*result, {.layers = true}, 0) + "\n");
  return int{kExitDone};
}

}  // namespace nngauge
