// SPDX-License-Identifier: Apache-2.0
#include "report/inspect.h"

#include <limits>

#include "cli/commands.h"
#include "cli/model_run.h"
#include "cost/conventions.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--layers", "", "", "list every operator"},
    {"--top", "", "N", "how many of the largest operators to show as text (default 5)", ValueKind::kText},
    {"--hash", "", "", "MD5 and SHA-256 of the file, which reads all of it"},
    {"--convention", "", "TOOL", "what TOOL would count, too (`nngauge conventions` lists them)",
     ValueKind::kConvention},
};

Result<InspectOptions> inspect_options(const Arguments& arguments) {
  InspectOptions out;
  out.layers = arguments.has("--layers");
  NNGAUGE_TRY(const auto top, arguments.integer("--top", 0, std::numeric_limits<std::int32_t>::max()));
  out.top = static_cast<std::size_t>(top.value_or(5));
  if (const auto name = arguments.value("--convention")) {
    NNGAUGE_TRY(out.convention, find_convention(*name));
  }
  return out;
}

}  // namespace

const CommandSpec kInspectSpec{
    .name = "inspect",
    .summary = "what models are and do: shapes, MACs, parameters, memory, precision, coverage",
    .operands = "PATH...",
    .description =
        "PATH is a model file, a container (APK, AAB, IPA, ZIP, tar, .gz, .xz, .zst; containers in it too) or a\n"
        "folder. A member of a container is addressed as app.apk!/assets/x.tflite. Folders are walked in sorted order\n"
        "with the folders below them. What is no model in a folder or container is skipped with a note, damaged models\n"
        "are errors. A file that is named must be a model.\n"
        "Weights are not read (but for --hash), so the size of a file does not matter.",
    .options = kOptions,
    .reads_models = true,
    .examples =
        "  nngauge inspect model.tflite\n"
        "  nngauge inspect --layers --format json model.onnx\n"
        "  nngauge inspect --dim seq=128 bert.onnx\n"
        "  nngauge inspect app.apk\n"
        "  nngauge inspect --format ndjson models/",
    .least_operands = 1,
    .operand_name = "the path of a model",
};

Result<int> run_inspect(const Session& session) {
  auto options = inspect_options(session.arguments);
  if (!options) return options.error();
  ModelRun run{.command = "inspect", .load = {session.common.bindings, session.common.phase, session.arguments.has("--hash")}};
  run.csv_header = inspect_csv_header(*options);
  run.render = [&](const ModelResult& result, std::size_t) -> Result<std::string> {
    switch (session.common.format) {
      case OutputFormat::kText:
        return inspect_text(result, *options, session.console.style());
      case OutputFormat::kCsv:
        return inspect_csv(result, *options);
      default:
        return inspect_json_text(result, *options, json_level(session));
    }
  };
  return run_models(session, run);
}

}  // namespace nngauge
