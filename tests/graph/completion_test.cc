// SPDX-License-Identifier: Apache-2.0
// Bindings of open extents, and shape inference across graphs.
#include <catch2/catch.hpp>

#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

constexpr const char* kOpen =
    "graph 0\n"
    "tensor 0 name=\"ids\" dtype=float32 shape=[\"batch\",\"seq\",8]\n"
    "tensor 1 name=\"y\" dtype=float32\n"
    "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\n"
    "inputs 0\noutputs 1\n";

}  // namespace

TEST_CASE("completion: an open batch becomes 1 and is listed, another open extent is asked for") {
  const Model model = completed_from(kOpen);
  CHECK(shape_of(model, "y") == "[1,seq,8]");
  REQUIRE(model.assumed_dims.size() == 1);
  CHECK(model.assumed_dims[0].name == "batch");
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].code == "needs-dim");
  CHECK(model.diagnostics.items()[0].where == "input \"ids\"");
  CHECK(model.diagnostics.items()[0].message == "extent seq is open; pass --dim seq=N");
}

TEST_CASE("completion: --dim and --input bind extents") {
  Bindings dims;
  dims.dims = {{"seq", 128}, {"batch", 4}};
  CHECK(shape_of(completed_from(kOpen, dims), "y") == "[4,128,8]");
  Bindings inputs;
  inputs.inputs["ids"] = {2, 16, 8};
  CHECK(shape_of(completed_from(kOpen, inputs), "y") == "[2,16,8]");
}

TEST_CASE("completion: a binding that names nothing is a usage error with near names") {
  Bindings dims;
  dims.dims["sec"] = 3;
  CHECK(completion_error(kOpen, dims) == "--dim: the model has no such name \"sec\"; near: seq [usage]");
  Bindings inputs;
  inputs.inputs["picture"] = {1, 2, 3};
  CHECK(completion_error(kOpen, inputs) == "--input: the model has no such name \"picture\"; it has: ids [usage]");
  inputs.inputs = {{"ids", {1, 2}}};
  CHECK(completion_error(kOpen, inputs) == "--input ids: 2 extents given, the model's input has [batch,seq,8] [usage]");
  Bindings trips;
  trips.trips["loop"] = 2;
  CHECK(completion_error(kOpen, trips) == "--trip: the model has no such name \"loop\" [usage]");
  dims.strict = false;
  const Model model = completed_from(kOpen, dims);
  CHECK(model.diagnostics.items()[0].code == "unused-binding");
}

TEST_CASE("completion: an extent named for a sequence is no batch, even in front") {
  const Model model = completed_from(
      "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[\"time\",\"N\",8]\ntensor 1 name=\"y\" dtype=float32\n"
      "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\ninputs 0\noutputs 1\n");
  CHECK(shape_of(model, "y") == "[time,1,8]");
}

TEST_CASE("completion: an overridden input makes stored shapes worthless") {
  const char* records =
      "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[1,4]\ntensor 1 name=\"h\" dtype=float32 shape=[1,4]\n"
      "tensor 2 name=\"y\" dtype=float32 shape=[1,4]\n"
      "op Custom name=\"c\" source=\"Magic\" index=0 in=0 out=1 attrs=none\n"
      "op Relu name=\"r\" source=\"Relu\" index=1 in=1 out=2 attrs=none\ninputs 0\noutputs 2\n";
  CHECK(shape_of(completed_from(records), "y") == "[1,4]");
  Bindings inputs;
  inputs.inputs["x"] = {3, 4};
  CHECK(shape_of(completed_from(records, inputs), "y") == "[?...]");
}

TEST_CASE("completion: graphs that call themselves are refused") {
  CHECK(completion_error("graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[1]\ntensor 1 name=\"y\" dtype=float32\n"
                         "op Call name=\"c\" source=\"CALL\" index=0 in=0 out=1 attrs=control then_graph=1\n"
                         "inputs 0\noutputs 1\n"
                         "graph 1 name=\"f\"\ntensor 0 name=\"x\" dtype=float32\ntensor 1 name=\"y\" dtype=float32\n"
                         "op Call name=\"c\" source=\"CALL\" index=0 in=0 out=1 attrs=control then_graph=1\n"
                         "inputs 0\noutputs 1\n") ==
        "op #0 CALL \"c\": graph #1 \"f\": op #0 CALL \"c\": graph #1 calls itself [cyclic-graph]");
  CHECK(completion_error("graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[1]\ntensor 1 name=\"y\" dtype=float32\n"
                         "op Call name=\"c\" source=\"CALL\" index=0 in=0 out=1 attrs=control then_graph=6\n"
                         "inputs 0\noutputs 1\n") == "op #0 CALL \"c\": calls graph #6 of 1 [invalid-graph]");
}

namespace {

// How many elements are not zero depends on the data.
constexpr const char* kDataDependent =
    "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[4,6]\ntensor 1 name=\"where\" dtype=int64\n"
    "tensor 2 name=\"y\" dtype=float32\n"
    "op NonZero name=\"n\" source=\"NonZero\" index=0 in=0 out=1 attrs=none\n"
    "op Cast name=\"c\" source=\"Cast\" index=1 in=1 out=2 attrs=cast dtype=float32\n"
    "inputs 0\noutputs 2\n";

std::string squeeze_of(const char* result) {
  return std::string("graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[2]\ntensor 1 name=\"y\" dtype=float32") +
         result +
         "\nop Squeeze name=\"s\" source=\"Squeeze\" index=0 in=0 out=1 attrs=axes axes=[0] has_axes=true\n"
         "inputs 0\noutputs 1\n";
}

}  // namespace

TEST_CASE("completion: extents that data decide are asked for, and --input gives them") {
  const Model open = completed_from(kDataDependent);
  CHECK(shape_of(open, "y") == "[2,?]");
  REQUIRE(open.diagnostics.items().size() == 1);
  CHECK(open.diagnostics.items()[0].code == "needs-dim");
  CHECK(open.diagnostics.items()[0].where == "op #0 NonZero \"n\"");
  CHECK(open.diagnostics.items()[0].message ==
        "the extents of its result [2,?] follow from data; pass --input where=2,N");
  Bindings given;
  given.inputs["where"] = {2, 7};
  const Model bound = completed_from(kDataDependent, given);
  CHECK(shape_of(bound, "y") == "[2,7]");
  CHECK(bound.diagnostics.items().empty());
  given.inputs["where"] = {3, 7};
  CHECK(completion_error(kDataDependent, given) == "--input where: [3,7] is given, its operator makes [2,7] [usage]");
  given.inputs["where"] = {7};
  CHECK(completion_error(kDataDependent, given) == "--input where: [7] is given, its operator makes [2,?] [usage]");
}

TEST_CASE("completion: axes that do not fit are lived with where the file states the result") {
  const Model model = completed_from(squeeze_of(" shape=[2]"));
  CHECK(shape_of(model, "y") == "[2]");
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].code == "shape-mismatch");
  CHECK(model.diagnostics.items()[0].message ==
        "axis 0 cannot be squeezed: its extent is 2; its result is taken to be as the file states it");
  CHECK(completion_error(squeeze_of("")) ==
        "op #0 Squeeze \"s\": axis 0 cannot be squeezed: its extent is 2 [shape-mismatch]");
}

TEST_CASE("completion: a normalised matrix is legal and remarked on") {
  const Model model = completed_from(
      "graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[8,4]\ntensor 1 name=\"s\" dtype=float32 shape=[4]\n"
      "tensor 2 name=\"y\" dtype=float32\n"
      "op BatchNorm name=\"b\" source=\"BatchNormalization\" index=0 in=0,1:norm,1:norm,1:norm,1:norm out=2 "
      "attrs=none\n"
      "inputs 0 1\noutputs 2\n");
  CHECK(shape_of(model, "y") == "[8,4]");
  REQUIRE(model.diagnostics.items().size() == 1);
  CHECK(model.diagnostics.items()[0].code == "unusual-rank");
  CHECK(model.diagnostics.items()[0].message ==
        "normalises [8,4], which has no spatial axes; some runtimes refuse that");
}
