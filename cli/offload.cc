// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/offload_stages.h"
#include "cost/model_choice.h"
#include "data/bundled.h"
#include "report/scenario.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--device", "-d", "D", "the device that the model would run on", ValueKind::kDevice},
    {"--setup", "-s", "S", "a setup of the device (default: the profile's own)", ValueKind::kSetup},
    {"--preset", "", "P", "instead of a device: the phone of a study", ValueKind::kText},
    {"--server", "", "NAME", "a bundled server (default: cloud-cpu)", ValueKind::kText},
    {"--upload-mbps", "", "B", "instead of a network: its bandwidth", ValueKind::kText},
    {"--round-trip-ms", "", "R", "instead of the network's own round trip", ValueKind::kText},
    {"--radio", "", "NAME", "with --upload-mbps: wifi (default) or lte", ValueKind::kText},
    {"--picture-kb", "", "K", "size of the picture that is sent (default: the network's)", ValueKind::kText},
    {"--choose", "", "", "choose a server's model under a deadline"},
    {"--candidates", "", "FILE", "table of the models that a server offers", ValueKind::kFile},
    {"--deadline-ms", "", "T", "time from the request to the answer", ValueKind::kText},
    {"--network", "", "NAME", "a bundled network", ValueKind::kText},
    {"--one-way-ms", "", "X", "instead of a network: the time of one way", ValueKind::kText},
    {"--gamma", "", "G", "how many standard deviations must fit (default 1)", ValueKind::kText},
};

Result<ChoiceQuestion> question_of(const Arguments& arguments) {
  ChoiceQuestion out;
  NNGAUGE_TRY(const auto deadline, arguments.number("--deadline-ms", 0));
  if (!deadline) return usage_error("option --deadline-ms is missing");
  out.deadline_ms = *deadline;
  NNGAUGE_TRY(const auto one_way, arguments.number("--one-way-ms", 0));
  const auto network = arguments.value("--network");
  if (one_way && network) return usage_error("options --network and --one-way-ms exclude each other");
  if (!one_way && !network) return usage_error("option --network or --one-way-ms is missing");
  if (one_way) out.one_way_ms = *one_way;
  if (network) {
    NNGAUGE_TRY(const NetworkProfile profile, find_bundled_network(*network));
    out.network = profile.id;
    out.one_way_ms = profile.one_way_ms.value_or(profile.upload_mean_ms);
  }
  NNGAUGE_TRY(const auto gamma, arguments.number("--gamma", 0));
  out.gamma = gamma.value_or(1);
  return out;
}

}  // namespace

const CommandSpec kOffloadSpec{
    .name = "offload",
    .summary = "on the device or in the cloud, and which model of a server meets a deadline",
    .operands = "(PATH (--device D | --preset P) | --choose --candidates FILE) --network NAME",
    .description =
        "With a model: both ways by stages in time and energy, which is faster and thriftier, from which bandwidth "
        "and\n"
        "round trip on, and where to split the network. Presets: ic2e18, nexus5, lgg3, motog5plus, pixel2.\n"
        "With --choose: the budget is the deadline less two ways over the network. A model is eligible if its server "
        "time and gamma\n"
        "standard deviations fit; the most accurate eligible one is chosen, else the fastest. The table of candidates\n"
        "has the columns model,server_mean_ms,server_sd_ms,accuracy.",
    .options = kOptions,
    .reads_models = true,
    .formats = "text json ndjson",
    .examples =
        "  nngauge offload --device pixel4 --network lte --deadline-ms 300 model.tflite\n"
        "  nngauge offload --preset ic2e18 --network campus-wifi --server cloud-gpu alexnet.prototxt\n"
        "  nngauge offload --choose --candidates server.csv --deadline-ms 200 --network campus-wifi",
    .most_operands = 1,
};

Result<int> run_offload(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (!arguments.has("--choose")) return run_offload_stages(session);
  if (!arguments.operands.empty()) return usage_error("a model and --choose exclude each other");
  const auto path = arguments.value("--candidates");
  if (!path) return usage_error("option --candidates is missing");
  const auto question = question_of(arguments);
  if (!question) return question.error();
  const auto file = MappedFile::open(*path);
  if (!file) return file.error().at(*path);
  const auto candidates = parse_candidates(as_text((*file)->bytes()));
  if (!candidates) return candidates.error().at(*path);
  const ModelChoice choice = choose_model(*candidates, question->deadline_ms, question->one_way_ms, question->gamma);
  Console& console = session.console;
  switch (session.common.format) {
    case OutputFormat::kJson:
      console.print(choice_document(choice, *question));
      break;
    case OutputFormat::kNdjson:
      console.print(choice_ndjson(choice, *question));
      break;
    default:
      console.print(choice_text(choice, *candidates, *question, console.style()));
  }
  return int{kExitDone};
}

}  // namespace nngauge
