// SPDX-License-Identifier: Apache-2.0
#include "graph/snapshot.h"

#include <catch2/catch.hpp>

#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

std::string read_error(const std::string& text) {
  const Result<Model> model = read_model({"", as_bytes(text), nullptr});
  return model ? "" : model.error().text();
}

}  // namespace

TEST_CASE("snapshot: what is written reads back as the same text") {
  const Model model = completed_from(
      "model name=\"m \\\"1\\\"\\x0a\" format=\"tflite\" format_version=\"3\" producer=\"p\"\n"
      "graph 0 name=\"main\" parent=-1\n"
      "tensor 0 name=\"x y\" dtype=float32 shape=[1,\"seq len\",?]\n"
      "tensor 1 name=\"w\" dtype=int8 shape=[4,3] const stored=7 quant=per-channel axis=1\n"
      "tensor 2 name=\"k\" dtype=int64 shape=[2] const ints=[-1,3]\n"
      "tensor 3 name=\"s\" dtype=float32 shape=[2] const reals=[0.5,2]\n"
      "tensor 4 name=\"y\" dtype=float32\n"
      "op Custom name=\"c\" source=\"Magic=1\" index=5 in=0,-,1:weight,2:config,3:quant out=4,- act=relu attrs=custom domain=\"a b\"\n"
      "inputs 0\noutputs 4\n");
  const std::string text = snapshot_text(model);
  const Result<Model> again = read_model({"", as_bytes(text), nullptr});
  REQUIRE(again);
  CHECK(snapshot_text(*again) == text);
  CHECK(again->name == "m \"1\"\n");
  CHECK(again->main().tensors[1].stored_elements == 7);
  CHECK(again->main().tensors[2].value->ints[0].is(-1));
  CHECK(std::get<CustomAttrs>(again->main().ops[0].attrs).domain == "a b");
}

TEST_CASE("snapshot: damage is named by line") {
  CHECK(read_error("nngauge-graph 2\n") == "snapshot version 2, this program reads 1 [unsupported-version]");
  CHECK(read_error("nngauge-graph 1\n") == "the snapshot has no graph [damaged]");
  CHECK(read_error("nngauge-graph 1\ntensor 0\n") == "line 2: a \"tensor\" record before the first graph [damaged]");
  CHECK(read_error("nngauge-graph 1\ngraph 0\nop Conv9D\n") == "line 3: no op kind \"Conv9D\" [damaged]");
  CHECK(read_error("nngauge-graph 1\ngraph 0\ntensor 0 dtype=float12\n") == "line 3: no dtype \"float12\" [damaged]");
  CHECK(read_error("nngauge-graph 1\ngraph 0\ntensor 0 shape=[1,x]\n") == "line 3: \"x\" is not a number [damaged]");
  CHECK(read_error("nngauge-graph 1\ngraph 0\ntensor 0 name=\"x\n") == "line 3: a quoted string does not end [damaged]");
  CHECK(read_error("nngauge-graph 1\ngraph 0\nop Relu in=0:boss\n") == "line 3: no operand role in \"0:boss\" [damaged]");
  CHECK(read_error("nngauge-graph 1\ngraph 0\nop Relu attrs=conv sides=3\n") ==
        "line 3: attributes of type \"conv\" have a field that is not known [damaged]");
}

TEST_CASE("identification: a stranger is told what it is") {
  CHECK(read_error("") == "the file is empty [not-a-model]");
  CHECK(read_error("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n") ==
        "a Git LFS pointer stands in place of the model; fetch the real file (git lfs pull) [git-lfs-pointer]");
  CHECK(read_error("<!DOCTYPE html><title>404</title>") == "a web page (HTML) was saved in place of the model [web-page]");
  CHECK(read_error("<?xml version=\"1.0\"?><Error/>") == "a server's error message (XML) was saved in place of the model [web-page]");
  CHECK(read_error("{\"error\":1}") == "a server's error message (JSON) was saved in place of the model [web-page]");
  CHECK(read_error("hello {there}\nx") ==
        "a text that no format claims; it starts with \"hello {there}\" [not-a-model]");
  CHECK(read_error("hello there\nx") == "a text of short lines, as lists of labels are [not-a-model]");
}
