// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/bundled_devices.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cost/conventions.h"

namespace nngauge {
namespace {

// The words that may follow an option; empty: a file name, or anything.
std::string words_of(const CommandSpec& command, const OptionSpec& option) {
  if (option.name == "--format") return std::string(command.formats);
  if (option.kind == ValueKind::kWord) return std::string(option.words);
  if (option.kind == ValueKind::kConvention) {
    std::vector<std::string> names;
    for (const Convention& convention : conventions()) names.emplace_back(convention.name);
    return join(names, " ");
  }
  if (option.kind == ValueKind::kDevice) return join(bundled_device_names(), " ") + " all";
  return "";
}

std::vector<OptionSpec> options_of(const CommandSpec& command) {
  std::vector<OptionSpec> all(command.options.begin(), command.options.end());
  if (command.reads_models) all.insert(all.end(), model_options().begin(), model_options().end());
  all.insert(all.end(), common_options().begin(), common_options().end());
  return all;
}

std::string option_names(const CommandSpec& command) {
  std::vector<std::string> names;
  for (const OptionSpec& option : options_of(command)) names.emplace_back(option.name);
  return join(names, " ");
}

// `case` branches "inspect:--format) words=…" for every option with known words.
std::string word_cases(std::string_view indent) {
  std::string out;
  for (const Command& command : commands()) {
    for (const OptionSpec& option : options_of(command.spec)) {
      const std::string words = words_of(command.spec, option);
      if (words.empty()) continue;
      const std::string name(command.spec.name);
      const std::string letter = option.letter.empty() ? "" : "|" + name + ":" + std::string(option.letter);
      out += std::string(indent) + name + ":" + std::string(option.name) + letter + ") choices=\"" + words + "\" ;;\n";
    }
  }
  return out;
}

std::string option_cases(std::string_view indent) {
  std::string out;
  for (const Command& command : commands()) {
    out +=
        std::string(indent) + std::string(command.spec.name) + ") choices=\"" + option_names(command.spec) + "\" ;;\n";
  }
  return out;
}

std::string bash_text() {
  return "# bash completion of nngauge; load it with: source <(nngauge completion bash)\n"
         "_nngauge() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" "
         "command=\"${COMP_WORDS[1]}\" choices=\"\"\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    choices=\"" +
         join(command_names(), " ") +
         "\"\n"
         "  else\n"
         "    case \"$command:$before\" in\n" +
         word_cases("      ") +
         "    esac\n"
         "    if [ -z \"$choices\" ] && [ \"${word#-}\" != \"$word\" ]; then\n"
         "      case \"$command\" in\n" +
         option_cases("        ") +
         "      esac\n"
         "    fi\n"
         "    if [ -z \"$choices\" ] && { [ \"$command\" = help ] || [ \"$command\" = completion ]; }; then\n"
         "      [ \"$command\" = help ] && choices=\"" +
         join(command_names(), " ") +
         "\" || choices=\"bash zsh\"\n"
         "    fi\n"
         "  fi\n"
         "  if [ -n \"$choices\" ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$word\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _nngauge nngauge\n";
}

// Summaries stand in single quotes and after a colon.
std::string zsh_commands() {
  std::string out;
  for (const Command& command : commands()) {
    std::string summary;
    for (const char c : command.spec.summary) {
      if (c == '\'') summary += "'\\''";
      else if (c == ':') summary += "\\:";
      else summary += c;
    }
    out += "    '" + std::string(command.spec.name) + ":" + summary + "'\n";
  }
  return out;
}

std::string zsh_text() {
  return "#compdef nngauge\n"
         "# zsh completion of nngauge; load it with: source <(nngauge completion zsh)\n"
         "_nngauge() {\n"
         "  local -a list\n"
         "  local command=\"${words[2]}\" before=\"${words[CURRENT-1]}\" word=\"${words[CURRENT]}\"\n"
         "  if (( CURRENT == 2 )); then\n"
         "    list=(\n" +
         zsh_commands() +
         "    )\n"
         "    _describe 'command' list\n"
         "    return\n"
         "  fi\n"
         "  local found=\"\"\n"
         "  () {\n"
         "    local choices=\"\"\n"
         "    case \"$command:$before\" in\n" +
         word_cases("      ") +
         "    esac\n"
         "    if [[ -z \"$choices\" && \"$word\" == -* ]]; then\n"
         "      case \"$command\" in\n" +
         option_cases("        ") +
         "      esac\n"
         "    fi\n"
         "    [[ -z \"$choices\" && \"$command\" == completion ]] && choices=\"bash zsh\"\n"
         "    found=\"$choices\"\n"
         "  }\n"
         "  if [[ -n \"$found\" ]]; then\n"
         "    compadd -- ${=found}\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "compdef _nngauge nngauge\n";
}

}  // namespace

const CommandSpec kCompletionSpec{
    .name = "completion",
    .summary = "the completion script of a shell",
    .operands = "bash|zsh",
    .description = "Commands, options, devices, formats and conventions complete.",
    .options = {},
    .formats = "text",
    .examples = "  source <(nngauge completion bash)",
    .least_operands = 1,
    .most_operands = 1,
    .operand_name = "the shell, bash or zsh,",
};

Result<int> run_completion(const Session& session) {
  const std::string& shell = session.arguments.operands.front();
  if (shell != "bash" && shell != "zsh") {
    return make_error(ErrorCode::kUsage, "unknown shell " + in_quotes(shell) + "; known are bash, zsh");
  }
  session.console.print(shell == "bash" ? bash_text() : zsh_text());
  return int{kExitDone};
}

}  // namespace nngauge
