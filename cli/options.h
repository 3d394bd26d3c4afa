// SPDX-License-Identifier: Apache-2.0
// Owns: what a command's options look like (specs, from which help and completion are made too) and their parsing.
// CLI11 does the parsing inside options.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "parsers/containers/limits.h"
#include "report/format.h"

namespace nngauge {

// What a value is, for completion.
enum class ValueKind : std::uint8_t { kNone, kText, kFile, kWord, kDevice, kSetup, kConvention };

struct OptionSpec {
  std::string_view name;    // "--format"
  std::string_view letter;  // "-o"; may be empty
  std::string_view value;   // "NAME=N" in help; empty: the option takes none
  std::string_view help;
  ValueKind kind = ValueKind::kNone;
  std::string_view words;  // kWord: the allowed ones, with blanks between
  bool repeated = false;
};

// Options that every command takes; those that speak of models only where a command reads models.
std::span<const OptionSpec> common_options();
std::span<const OptionSpec> model_options();

struct CommandSpec {
  std::string_view name;
  std::string_view summary;      // one line
  std::string_view operands;     // "PATH..." in the usage line; empty: none
  std::string_view description;  // paragraphs for --help, lines of at most 100 columns
  std::span<const OptionSpec> options;
  bool reads_models = false;
  std::string_view formats = "text json csv ndjson";
  std::string_view examples;  // one a line
  std::size_t least_operands = 0, most_operands = SIZE_MAX;
  std::string_view operand_name;    // "a path" for messages
  bool output_is_artifact = false;  // -o names a file that the command writes itself, beside its result
};

// What was given on the command line.
class Arguments {
 public:
  [[nodiscard]] bool has(std::string_view option) const;
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
  // A whole number in [least, most], or nothing where the option is absent. Errors: kUsage.
  [[nodiscard]] Result<std::optional<std::int64_t>> integer(std::string_view option, std::int64_t least,
                                                            std::int64_t most) const;
  // A number greater than or equal to `least`. Errors: kUsage.
  [[nodiscard]] Result<std::optional<double>> number(std::string_view option, double least) const;

  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>, std::less<>> options;  // present ones; flags without values
};

// Splits `words` into options and operands. Errors: kUsage (unknown option with near ones, missing or surplus value,
// a word that is none of the allowed ones, too few or too many operands). With --help anything else goes unchecked.
Result<Arguments> parse_arguments(const CommandSpec& command, std::span<const std::string> words);

// What the common options say.
struct CommonOptions {
  OutputFormat format = OutputFormat::kText;
  std::optional<std::string> output_path;
  Bindings bindings;
  Phase phase = Phase::kDefault;
  ContainerLimits limits;
  int threads = 1;
  bool quiet = false;
};
Result<CommonOptions> common_options_of(const Arguments& arguments);

// `--help` of one command.
std::string help_text(const CommandSpec& command);

// ` (did you mean --format or …?)`, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace nngauge
