// SPDX-License-Identifier: Apache-2.0
// Names from files may hold anything: no control character of theirs reaches a terminal, and JSON stays valid.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/run_binary.h"

using namespace nngauge::test;

TEST_CASE("hostile names: text is printable, JSON is valid") {
  const std::string nasty = "a\\x1b[31mred\\x0d\\x0a\\x07";
  const std::string path = temporary_file(
      "hostile.graph", "nngauge-graph 1\nmodel name=\"" + nasty + "\" format=\"" + nasty + "\" format_version=\"" +
                           nasty + "\" producer=\"" + nasty + "\"\ngraph 0 name=\"" + nasty +
                           "\" parent=-1\ntensor 0 name=\"" + nasty + "\" dtype=float32 shape=[1,\"" + nasty +
                           "\"]\ntensor 1 name=\"x" + nasty + "\" dtype=float32 shape=[1,\"" + nasty +
                           "\"]\nop Custom name=\"" + nasty + "\" source=\"" + nasty +
                           "\" index=0 in=0 out=1 attrs=custom name=\"" + nasty + "\"\ninputs 0\noutputs 1\n");
  for (const char* options : {"inspect", "inspect --layers", "inspect --convention fvcore", "explain --op 0"}) {
    INFO(options);
    const Output output = run_shell(std::string("\"$NNGAUGE\" ") + options + " " + path);
    REQUIRE(output.exit_code == 0);
    for (const std::string& text : {output.out, output.err}) {
      CHECK(std::none_of(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }));
    }
    CHECK(output.out.find("\\x1b[31mred") != std::string::npos);
  }
  const Output json = run_nngauge({"inspect", "--layers", "--format", "json", path});
  CHECK(nlohmann::json::parse(json.out)["models"][0]["name"] == "a\x1b[31mred\r\n\x07");
}
