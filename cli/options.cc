// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

#include "base/text.h"

namespace nngauge {
namespace {

constexpr OptionSpec kCommonOptions[] = {
    {"--format", "", "FORMAT", "text (default), json, csv or ndjson", ValueKind::kWord, "text json csv ndjson"},
    {"--output", "-o", "FILE", "write the result to FILE instead of standard output", ValueKind::kFile},
    {"--quiet", "-q", "", "no notes and no progress on standard error"},
    {"--help", "-h", "", "this text"},
    {"--version", "", "", "the version"},
};

constexpr OptionSpec kModelOptions[] = {
    {"--dim", "", "NAME=N", "value of the open extent NAME", ValueKind::kText, "", true},
    {"--input", "", "NAME=1,224,224,3", "shape of the input NAME, or of a result that data decide", ValueKind::kText,
     "", true},
    {"--trip", "", "NAME=N", "trip count of the loop NAME", ValueKind::kText, "", true},
    {"--phase", "", "PHASE", "layers that count where a file holds several networks (Caffe): TEST or TRAIN",
     ValueKind::kWord, "TEST TRAIN"},
    {"--max-depth", "", "N", "containers in containers (default 4)", ValueKind::kText},
    {"--max-members", "", "N", "members of one container (default 100000)", ValueKind::kText},
    {"--max-ratio", "", "N", "unpacked to packed bytes of a member above 32 MiB (default 250)", ValueKind::kText},
    {"--max-unpacked-bytes", "", "N", "unpacked from one input in all (default 1 GiB)", ValueKind::kText},
    {"--max-memory-bytes", "", "N", "unpacked from one input at one time (default 96 MiB + 8 x its size)",
     ValueKind::kText},
    {"--threads", "", "N", "inputs worked on at once (default: as many as processors)", ValueKind::kText},
};

std::vector<OptionSpec> all_options(const CommandSpec& command) {
  std::vector<OptionSpec> all(command.options.begin(), command.options.end());
  if (command.reads_models) all.insert(all.end(), std::begin(kModelOptions), std::end(kModelOptions));
  for (OptionSpec option : kCommonOptions) {
    if (option.name == "--format") option.words = command.formats;
    all.push_back(option);
  }
  return all;
}

// CLI11's own help option is off: help is printed from the specs.
void declare(CLI::App& app, const std::vector<OptionSpec>& options,
             std::map<std::string, std::vector<std::string>, std::less<>>& values, std::vector<std::string>& operands) {
  app.set_help_flag();
  app.allow_extras();
  for (const OptionSpec& option : options) {
    const std::string names =
        std::string(option.name) + (option.letter.empty() ? "" : "," + std::string(option.letter));
    std::vector<std::string>& slot = values[std::string(option.name)];
    if (option.value.empty()) app.add_flag(names);
    else app.add_option(names, slot)->allow_extra_args(false)->type_name(std::string(option.value));
  }
  app.add_option("operands", operands);
}

Status check_words(const OptionSpec& option, const std::vector<std::string>& values) {
  if (option.kind != ValueKind::kWord) return ok();
  const std::vector<std::string> words = split(option.words, ' ');
  for (const std::string& value : values) {
    if (std::find(words.begin(), words.end(), value) != words.end()) continue;
    const std::string near = did_you_mean(value, words);
    return usage_error("option " + std::string(option.name) + " has no value " + in_quotes(value) +
                       (near.empty() ? "; allowed are " + join(words, ", ") : near));
  }
  return ok();
}

// The words that CLI11 did not know: options, as operands take all others.
Status check_unknown(const std::vector<OptionSpec>& options, const std::vector<std::string>& remaining) {
  std::vector<std::string> names;
  for (const OptionSpec& option : options) names.emplace_back(option.name);
  for (const std::string& word : remaining) {
    if (word == "--") continue;
    const std::string name = word.substr(0, word.find('='));
    return usage_error("unknown option " + printable(name) + did_you_mean(name, names));
  }
  return ok();
}

Status check_operands(const CommandSpec& command, const std::vector<std::string>& operands) {
  if (operands.size() < command.least_operands) return usage_error(std::string(command.operand_name) + " is missing");
  if (operands.size() > command.most_operands) {
    return usage_error("unexpected operand " + in_quotes(operands[command.most_operands]));
  }
  return ok();
}

Error parse_error(const CLI::ParseError& error) {
  const std::string what = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
    return usage_error("option " + what.substr(0, what.find(':')) + " needs a value");
  }
  return usage_error(printable(what));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "NAME=rest", at the last '=' since names may hold one.
Result<std::pair<std::string, std::string>> split_binding(std::string_view option, const std::string& text) {
  const std::size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return usage_error("option " + std::string(option) + " takes NAME=VALUE, not " + in_quotes(text));
  }
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

Result<std::int64_t> parse_extent(std::string_view option, const std::string& text) {
  const std::optional<std::int64_t> value = parse_integer(text);
  if (!value || *value < 0)
    return usage_error("option " + std::string(option) + ": " + in_quotes(text) + " is no whole number");
  return *value;
}

Result<Bindings> parse_bindings(const Arguments& arguments) {
  Bindings out;
  for (const char* option : {"--dim", "--trip"}) {
    for (const std::string& text : arguments.values(option)) {
      NNGAUGE_TRY(const auto binding, split_binding(option, text));
      NNGAUGE_TRY(const std::int64_t extent, parse_extent(option, binding.second));
      (std::string_view(option) == "--dim" ? out.dims : out.trips)[binding.first] = extent;
    }
  }
  for (const std::string& text : arguments.values("--input")) {
    NNGAUGE_TRY(const auto binding, split_binding("--input", text));
    std::vector<std::int64_t> shape;
    for (const std::string& part : split(binding.second, ',')) {
      NNGAUGE_TRY(const std::int64_t extent, parse_extent("--input", part));
      shape.push_back(extent);
    }
    out.inputs[binding.first] = std::move(shape);
  }
  return out;
}

std::string option_lines(std::span<const OptionSpec> options) {
  std::vector<std::string> left;
  std::size_t width = 0;
  for (const OptionSpec& option : options) {
    std::string text = option.letter.empty() ? "    " : std::string(option.letter) + ", ";
    text += std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
    width = std::max(width, text.size());
    left.push_back(std::move(text));
  }
  std::string out;
  for (std::size_t i = 0; i < left.size(); ++i) {
    out += "  " + left[i] + std::string(width - left[i].size() + 2, ' ') + std::string(options[i].help) +
           (options[i].repeated ? " (may be repeated)" : "") + "\n";
  }
  return out;
}

Result<ContainerLimits> parse_limits(const Arguments& arguments) {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 46;
  constexpr std::int64_t kMostDepth = 32, kMost = 1'000'000'000;
  ContainerLimits out;
  NNGAUGE_TRY(const auto depth, arguments.integer("--max-depth", 1, kMostDepth));
  out.depth = static_cast<int>(depth.value_or(out.depth));
  const auto set = [&](const char* option, std::int64_t most, std::uint64_t& limit) -> Status {
    NNGAUGE_TRY(const auto value, arguments.integer(option, 1, most));
    if (value) limit = static_cast<std::uint64_t>(*value);
    return ok();
  };
  NNGAUGE_CHECK(set("--max-members", kMost, out.members));
  NNGAUGE_CHECK(set("--max-ratio", kMost, out.ratio));
  NNGAUGE_CHECK(set("--max-unpacked-bytes", kMostBytes, out.unpacked_bytes));
  NNGAUGE_CHECK(set("--max-memory-bytes", kMostBytes, out.memory_bytes));
  return out;
}

}  // namespace

std::span<const OptionSpec> common_options() { return kCommonOptions; }
std::span<const OptionSpec> model_options() { return kModelOptions; }

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::vector<std::string> near = near_matches(word, candidates);
  return near.empty() ? "" : " (did you mean " + join(near, " or ") + "?)";
}

bool Arguments::has(std::string_view option) const { return options.find(option) != options.end(); }

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto found = options.find(option);
  if (found == options.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

Result<std::optional<std::int64_t>> Arguments::integer(std::string_view option, std::int64_t least,
                                                       std::int64_t most) const {
  const std::optional<std::string> text = value(option);
  if (!text) return std::optional<std::int64_t>();
  const std::optional<std::int64_t> parsed = parse_integer(*text);
  if (parsed && *parsed >= least && *parsed <= most) return parsed;
  return usage_error("option " + std::string(option) + " takes a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most) + ", not " + in_quotes(*text));
}

Result<std::optional<double>> Arguments::number(std::string_view option, double least) const {
  const std::optional<std::string> text = value(option);
  if (!text) return std::optional<double>();
  double parsed = 0;
  const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), parsed);
  const bool whole = status == std::errc() && end == text->data() + text->size();
  if (whole && std::isfinite(parsed) && parsed >= least) return std::optional<double>(parsed);
  return usage_error("option " + std::string(option) + " takes a number from " + shortest(least) + " up, not " +
                     in_quotes(*text));
}

Result<Arguments> parse_arguments(const CommandSpec& command, std::span<const std::string> words) {
  const std::vector<OptionSpec> options = all_options(command);
  Arguments out;
  CLI::App app;
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  declare(app, options, values, out.operands);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return parse_error(error);
  }
  for (const OptionSpec& option : options) {
    if (app.count(std::string(option.name)) > 0) {
      out.options[std::string(option.name)] = values[std::string(option.name)];
    }
  }
  if (out.has("--help") || out.has("--version")) return out;
  NNGAUGE_CHECK(check_unknown(options, app.remaining()));
  for (const OptionSpec& option : options) {
    const std::vector<std::string> given = out.values(option.name);
    if (given.size() > 1 && !option.repeated)
      return usage_error("option " + std::string(option.name) + " is given twice");
    NNGAUGE_CHECK(check_words(option, given));
  }
  NNGAUGE_CHECK(check_operands(command, out.operands));
  return out;
}

Result<CommonOptions> common_options_of(const Arguments& arguments) {
  CommonOptions out;
  const std::string format = arguments.value("--format").value_or("text");
  out.format = format == "json"     ? OutputFormat::kJson
               : format == "csv"    ? OutputFormat::kCsv
               : format == "ndjson" ? OutputFormat::kNdjson
                                    : OutputFormat::kText;
  out.output_path = arguments.value("--output");
  if (out.output_path && out.output_path->empty()) return usage_error("option --output needs a file name");
  out.quiet = arguments.has("--quiet");
  NNGAUGE_TRY(out.bindings, parse_bindings(arguments));
  NNGAUGE_TRY(out.limits, parse_limits(arguments));
  if (const auto phase = arguments.value("--phase")) out.phase = *phase == "TRAIN" ? Phase::kTrain : Phase::kTest;
  constexpr std::int64_t kMostThreads = 256;
  NNGAUGE_TRY(const auto threads, arguments.integer("--threads", 1, kMostThreads));
  out.threads = static_cast<int>(threads.value_or(std::max(1U, std::thread::hardware_concurrency())));
  return out;
}

std::string help_text(const CommandSpec& command) {
  std::string out = "nngauge " + std::string(command.name) + " - " + std::string(command.summary) + "\n\n";
  out += "Usage: nngauge " + std::string(command.name) + " [options]" +
         (command.operands.empty() ? "" : " " + std::string(command.operands)) + "\n";
  if (!command.description.empty()) out += "\n" + std::string(command.description) + "\n";
  if (!command.options.empty()) out += "\nOptions:\n" + option_lines(command.options);
  if (command.reads_models) out += "\nOptions on models:\n" + option_lines(kModelOptions);
  out += "\nCommon options:\n" + option_lines(kCommonOptions);
  if (!command.examples.empty()) out += "\nExamples:\n" + std::string(command.examples) + "\n";
  return out;
}

}  // namespace nngauge
