// SPDX-License-Identifier: Apache-2.0
// Where output goes: pipes that close, files, terminals, threads.
#include <catch2/catch.hpp>

#include "tests/cli/run_binary.h"

using namespace nngauge::test;

namespace {
const std::string kModel = "tests/golden/models/tiny.graph";
}

TEST_CASE("streams: a pipe that closes early ends the output quietly") {
  // Far more output than a pipe holds, whose reader leaves after one line.
  std::string many;
  for (int i = 0; i < 400; ++i) many += " " + kModel;
  for (const char* format : {"text", "json", "csv", "ndjson"}) {
    INFO(format);
    const Output output = run_shell("{ \"$NNGAUGE\" inspect --layers --format " + std::string(format) + many +
                                    "; echo exit $? >&2; } | head -n 1 >/dev/null");
    CHECK(output.err == "exit 0\n");
  }
  CHECK(run_shell("{ \"$NNGAUGE\" ops; echo exit $? >&2; } | true").err == "exit 0\n");
}

TEST_CASE("streams: any number of threads gives the same bytes") {
  std::string paths = " tests/golden/models no-such-file";
  for (int i = 0; i < 40; ++i) paths += " " + kModel;
  for (const char* format : {"text", "json", "csv", "ndjson"}) {
    INFO(format);
    const std::string command = "\"$NNGAUGE\" inspect --format " + std::string(format) + paths + " --threads ";
    const Output one = run_shell(command + "1");
    const Output four = run_shell(command + "4");
    CHECK(one.exit_code == 4);
    CHECK(four.exit_code == 4);
    CHECK(one.out == four.out);
    CHECK(one.err == four.err);
    CHECK(one.out.size() > 1000);
  }
}

TEST_CASE("streams: ndjson puts errors where the input stood") {
  const Output output = run_nngauge({"inspect", "--format", "ndjson", "--threads", "3", kModel, "missing", kModel});
  CHECK(output.exit_code == 4);
  const std::size_t first = output.out.find('\n');
  REQUIRE(first != std::string::npos);
  const std::size_t second = output.out.find('\n', first + 1);
  CHECK(output.out.substr(first + 1, second - first - 1) ==
        R"({"path":"missing","member":null,"code":"unreadable","where":"","message":"No such file or directory"})");
  CHECK(output.out.substr(0, first) == output.out.substr(second + 1, first));
}

TEST_CASE("streams: -o writes the bytes that standard output would get") {
  const std::string file = temporary_folder() + "/out.json";
  const Output plain = run_nngauge({"inspect", "--format", "json", kModel});
  const Output redirected = run_nngauge({"inspect", "--format", "json", "-o", file, kModel});
  CHECK(redirected.exit_code == 0);
  CHECK(redirected.out == "");
  CHECK(read_text(file) == plain.out);
}

TEST_CASE("streams: colour is for terminals without NO_COLOR only") {
  CHECK(run_nngauge({"inspect", kModel}).out.find('\x1b') == std::string::npos);
  if (run_shell("script -qec true /dev/null").exit_code != 0) {
    WARN("script(1) makes no terminal here: colour on one is not tested");
    return;
  }
  const std::string on_terminal = "TERM=xterm script -qec \"$NNGAUGE inspect " + kModel + "\" /dev/null";
  CHECK(run_shell("export NNGAUGE; " + on_terminal).out.find("\x1b[1m") != std::string::npos);
  CHECK(run_shell("export NNGAUGE NO_COLOR=1; " + on_terminal).out.find('\x1b') == std::string::npos);
}

TEST_CASE("streams: completion scripts are good shell") {
  CHECK(run_shell("\"$NNGAUGE\" completion bash | bash -n").exit_code == 0);
  const Output words = run_shell(
      "\"$NNGAUGE\" completion bash >\"${TMPDIR:-/tmp}/nngauge-completion.$$\"; bash -c '. \"$0\"; complete_line() { "
      "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _nngauge; echo \"${COMPREPLY[@]}\"; }; complete_line nngauge ins; "
      "complete_line nngauge inspect --form; complete_line nngauge inspect --format js; complete_line nngauge help "
      "exp' "
      "\"${TMPDIR:-/tmp}/nngauge-completion.$$\"; rm -f \"${TMPDIR:-/tmp}/nngauge-completion.$$\"");
  CHECK(words.out == "inspect\n--format\njson\nexplain export\n");
  if (run_shell("command -v zsh").exit_code == 0)
    CHECK(run_shell("\"$NNGAUGE\" completion zsh | zsh -n").exit_code == 0);
}
