// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cost/model_choice.h"
#include "data/bundled.h"
#include "report/scenario.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--choose", "", "", "choose a server's model under a deadline"},
    {"--candidates", "", "FILE", "table of the models that a server offers", ValueKind::kFile},
    {"--deadline-ms", "", "T", "time from the request to the answer", ValueKind::kText},
    {"--network", "", "NAME", "a bundled network", ValueKind::kText},
    {"--one-way-ms", "", "X", "instead of a network: the time of one way", ValueKind::kText},
    {"--gamma", "", "G", "how many standard deviations must fit (default 1)", ValueKind::kText},
};

Error usage(std::string message) { return make_error(ErrorCode::kUsage, std::move(message)); }

Result<std::vector<NetworkProfile>> bundled_networks() {
  std::vector<NetworkProfile> out;
  for (const std::string_view name : list_bundled("networks/")) {
    NNGAUGE_TRY(const std::vector<NetworkProfile> some, parse_networks(as_text(*find_bundled(name))));
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

Result<NetworkProfile> find_network(const std::string& id) {
  NNGAUGE_TRY(const std::vector<NetworkProfile> all, bundled_networks());
  std::vector<std::string> names;
  for (const NetworkProfile& network : all) {
    if (network.id == id) return network;
    names.push_back(network.id);
  }
  const std::string near = did_you_mean(id, names);
  return usage("unknown network " + quoted(id) + (near.empty() ? "; known are " + join(names, ", ") : near));
}

Result<ChoiceQuestion> question_of(const Arguments& arguments) {
  ChoiceQuestion out;
  NNGAUGE_TRY(const auto deadline, arguments.number("--deadline-ms", 0));
  if (!deadline) return usage("option --deadline-ms is missing");
  out.deadline_ms = *deadline;
  NNGAUGE_TRY(const auto one_way, arguments.number("--one-way-ms", 0));
  const auto network = arguments.value("--network");
  if (one_way && network) return usage("options --network and --one-way-ms exclude each other");
  if (!one_way && !network) return usage("option --network or --one-way-ms is missing");
  if (one_way) out.one_way_ms = *one_way;
  if (network) {
    NNGAUGE_TRY(const NetworkProfile profile, find_network(*network));
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
    .summary = "which model of a server meets a deadline",
    .operands = "--choose --candidates FILE --deadline-ms T (--network NAME | --one-way-ms X)",
    .description =
        "The budget is the deadline less two ways over the network. A model is eligible if its server time and gamma\n"
        "standard deviations fit; the most accurate eligible one is chosen, else the fastest. The table of candidates\n"
        "has the columns model,server_mean_ms,server_sd_ms,accuracy.",
    .options = kOptions,
    .formats = "text json ndjson",
    .examples = "  nngauge offload --choose --candidates server.csv --deadline-ms 200 --network campus-wifi",
    .most_operands = 0,
};

Result<int> run_offload(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (!arguments.has("--choose")) return usage("option --choose is missing");
  const auto path = arguments.value("--candidates");
  if (!path) return usage("option --candidates is missing");
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
