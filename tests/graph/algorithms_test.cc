// SPDX-License-Identifier: Apache-2.0
#include "graph/algorithms.h"

#include <catch2/catch.hpp>

#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

constexpr const char* kDiamond =
    "graph 0 name=\"\" parent=-1\n"
    "tensor 0 name=\"x\" dtype=float32 shape=[2,3]\n"
    "tensor 1 name=\"a\" dtype=float32\n"
    "tensor 2 name=\"b\" dtype=float32\n"
    "tensor 3 name=\"y\" dtype=float32\n"
    "tensor 4 name=\"dead\" dtype=float32\n"
    "op Add name=\"join\" source=\"ADD\" index=0 in=1,2 out=3 attrs=none\n"
    "op Relu name=\"left\" source=\"RELU\" index=1 in=0 out=1 attrs=none\n"
    "op Abs name=\"right\" source=\"ABS\" index=2 in=0 out=2 attrs=none\n"
    "op Neg name=\"unused\" source=\"NEG\" index=3 in=0 out=4 attrs=none\n"
    "inputs 0\noutputs 3\n";

}  // namespace

TEST_CASE("algorithms: ops are put behind what they read, the rest keeps its order") {
  Model model = model_from(kDiamond);
  const Result<bool> moved = order_ops(model.main());
  REQUIRE(moved);
  CHECK(*moved);
  std::vector<std::string> names;
  for (const Op& op : model.main().ops) names.push_back(op.name);
  CHECK(names == std::vector<std::string>{"left", "right", "join", "unused"});
  const Result<bool> again = order_ops(model.main());
  REQUIRE(again);
  CHECK_FALSE(*again);
}

TEST_CASE("algorithms: liveness and components") {
  Model model = model_from(kDiamond);
  REQUIRE(order_ops(model.main()));
  CHECK(find_live_ops(model.main()) == std::vector<bool>{true, true, true, false});
  CHECK(find_components(model.main()) == std::vector<int>{0, 0, 0, 1});
}

TEST_CASE("algorithms: a cycle is an error that names the ops on it") {
  CHECK(completion_error("graph 0\n"
                         "tensor 0 name=\"x\" dtype=float32 shape=[2]\n"
                         "tensor 1 name=\"a\" dtype=float32\n"
                         "tensor 2 name=\"b\" dtype=float32\n"
                         "op Add name=\"first\" source=\"Add\" index=0 in=0,2 out=1 attrs=none\n"
                         "op Relu name=\"second\" source=\"Relu\" index=1 in=1 out=2 attrs=none\n"
                         "inputs 0\noutputs 2\n") ==
        "operators depend on each other in a circle: op #1 Relu \"second\" -> op #0 Add \"first\" [cyclic-graph]");
}

TEST_CASE("algorithms: dangling and double definitions are errors that name op and tensor") {
  const std::string head =
      "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[2]\ntensor 1 name=\"a\" dtype=float32\n"
      "tensor 2 name=\"w\" dtype=float32 shape=[2] const\n";
  const std::string tail = "inputs 0\noutputs 1\n";
  CHECK(completion_error(head + "op Relu name=\"r\" source=\"Relu\" index=0 in=7 out=1 attrs=none\n" + tail) ==
        "op #0 Relu \"r\": reads tensor #7 of 3 [invalid-graph]");
  CHECK(completion_error(head + "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=9 attrs=none\n" + tail) ==
        "op #0 Relu \"r\": writes tensor #9 of 3 [invalid-graph]");
  CHECK(completion_error(head + "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=2 attrs=none\n" + tail) ==
        "op #0 Relu \"r\": writes the constant tensor #2 \"w\" [invalid-graph]");
  CHECK(completion_error(head + "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\n"
                                "op Abs name=\"s\" source=\"Abs\" index=1 in=0 out=1 attrs=none\n" + tail) ==
        "op #1 Abs \"s\": writes tensor #1 \"a\", which op #0 writes too [invalid-graph]");
  CHECK(completion_error("graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[2]\ntensor 1 name=\"a\" dtype=float32\n"
                         "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\noutputs 1\n") ==
        "op #0 Relu \"r\": reads tensor #0 \"x\", which nothing makes [invalid-graph]");
  CHECK(completion_error("graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[2]\ninputs 0 4\n") ==
        "a graph input names tensor #4 of 1 [invalid-graph]");
}

TEST_CASE("algorithms: DOT output quotes names") {
  Model model = completed_from("graph 0 name=\"a\\\"b\"\ntensor 0 name=\"x\" dtype=float32 shape=[2]\n"
                               "tensor 1 name=\"y\" dtype=float32\n"
                               "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\ninputs 0\noutputs 1\n");
  const std::string dot = dot_text(model, model.main());
  CHECK(dot.find("digraph \"a\\\"b\" {") == 0);
  CHECK(dot.find("t0 -> op0") != std::string::npos);
  CHECK(dot.find("op0 -> out1") != std::string::npos);
}
