// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstring>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "lite_generated.h"
#include "parsers/paddle/lite.h"
#include "tests/parsers/onnx_support.h"

namespace nngauge::test {
namespace {

namespace fb = paddle::fb;
using Names = std::vector<std::pair<const char*, std::vector<std::string>>>;

template <class T>
void append(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// Writes a model of layout 2.
class Writer {
 public:
  void var(const char* name, const std::vector<std::int64_t>& dims, int type = 5, bool persistable = false,
           int kind = 7) {
    const auto tensor = fb::CreateTensorDescDirect(fbb_, type, &dims);
    const auto var_type = fb::CreateVarType(fbb_, kind, 0, fb::CreateDenseTensorDesc(fbb_, tensor));
    vars_.push_back(fb::CreateVarDirect(fbb_, name, var_type, persistable));
  }
  // A stored tensor: its variable, and its bytes behind the program.
  void param(const char* name, const std::vector<std::int64_t>& dims, int type = 5, std::size_t element_bytes = 4) {
    var(name, dims, type, true);
    std::size_t bytes = element_bytes;
    for (const std::int64_t dim : dims) bytes *= static_cast<std::size_t>(dim);
    raw_param(name, dims, type, bytes);
  }
  void raw_param(const char* name, const std::vector<std::int64_t>& dims, int type, std::size_t bytes) {
    flatbuffers::FlatBufferBuilder fbb;
    const std::vector<std::int8_t> data(bytes, 1);
    const auto tensor = fb::CreateTensorDirect(fbb, 0, 0, &dims, type, &data);
    fbb.Finish(fb::CreateParamDirect(fbb, 0, name, fb::Content_Tensor, tensor.Union()));
    params_.emplace_back(reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize());
  }

  void ints(const char* name, const std::vector<int>& values) {
    attrs_.push_back(fb::CreateAttrDirect(fbb_, name, 3, 0, 0, nullptr, &values));
  }
  void integer(const char* name, int value) { attrs_.push_back(fb::CreateAttrDirect(fbb_, name, 0, value)); }
  void flag(const char* name) {
    attrs_.push_back(fb::CreateAttrDirect(fbb_, name, 6, 0, 0, nullptr, nullptr, nullptr, nullptr, true));
  }
  void text(const char* name, const char* value) { attrs_.push_back(fb::CreateAttrDirect(fbb_, name, 2, 0, 0, value)); }
  // An operator with the attributes given before.
  void op(const char* type, const Names& inputs, const Names& outputs) {
    const auto in = arguments(inputs), out = arguments(outputs);
    ops_.push_back(fb::CreateOpDirect(fbb_, type, &in, &out, &attrs_));
    attrs_.clear();
  }
  void feed(const char* name, const std::vector<std::int64_t>& dims) {
    var("feed", {}, 5, true, 9);
    var(name, dims);
    op("feed", {{"X", {"feed"}}}, {{"Out", {name}}});
  }

  std::string finish() {
    const std::vector blocks = {fb::CreateBlockDirect(fbb_, 0, -1, &vars_, &ops_)};
    fbb_.Finish(fb::CreateProgramDirect(fbb_, &blocks, fb::CreateVersion(fbb_, 0)));
    std::string out;
    append(out, std::uint16_t{2});
    out += std::string("v2.10\0garbage...", 16);
    append(out, std::uint64_t{fbb_.GetSize()});
    out.append(reinterpret_cast<const char*>(fbb_.GetBufferPointer()), fbb_.GetSize());
    list_ = out.size();
    append(out, std::uint16_t{0});
    append(out, std::uint16_t{0});
    append(out, std::uint16_t{6});
    append(out, static_cast<std::uint16_t>(params_.size()));
    append(out, std::uint32_t{1000});
    for (const std::string& param : params_) {
      append(out, static_cast<std::uint32_t>(param.size() + 4));
      append(out, std::uint32_t{4});
      out += param;
    }
    return out;
  }
  [[nodiscard]] std::size_t list() const { return list_; }

 private:
  std::vector<flatbuffers::Offset<fb::Arguments>> arguments(const Names& names) {
    std::vector<flatbuffers::Offset<fb::Arguments>> out;
    for (const auto& [parameter, list] : names) {
      std::vector<flatbuffers::Offset<flatbuffers::String>> strings;
      for (const std::string& name : list) strings.push_back(fbb_.CreateString(name));
      out.push_back(fb::CreateArgumentsDirect(fbb_, parameter, &strings));
    }
    return out;
  }

  flatbuffers::FlatBufferBuilder fbb_;
  std::vector<flatbuffers::Offset<fb::Var>> vars_;
  std::vector<flatbuffers::Offset<fb::Op>> ops_;
  std::vector<flatbuffers::Offset<fb::Attr>> attrs_;
  std::vector<std::string> params_;
  std::size_t list_ = 0;
};

Result<Model> read(const std::string& file) { return read_model({"m.nb", as_bytes(file)}); }
std::string error_of(const std::string& file) {
  const auto model = read(file);
  return model ? "" : model.error().text();
}
Analysis count(Result<Model>& model) {
  INFO((model ? "" : model.error().text()));
  REQUIRE(model);
  const Status completed = complete_model(*model, {});
  INFO((completed ? "" : completed.error().text()));
  REQUIRE(completed);
  auto analysis = analyse(*model);
  REQUIRE(analysis);
  return *analysis;
}

// An int8 convolution, a pooling, a dense layer.
Writer small_network() {
  Writer w;
  w.feed("x", {-1, 3, 8, 8});
  w.var("q", {}, 21);
  w.text("__@kernel_type_attr@__", "calib/fp32_to_int8/4/2/1");
  w.op("calib", {{"Input", {"x"}}}, {{"Out", {"q"}}});
  w.param("w", {16, 3, 3, 3}, 21, 1);
  w.param("b", {16});
  w.var("c", {-1, 99, 1, 1});  // the pooling writes it too: its extents are not those of the convolution
  w.ints("strides", {1, 1});
  w.ints("paddings", {1, 1});
  w.ints("dilations", {1, 1});
  w.integer("groups", 1);
  w.flag("with_act");
  w.text("act_type", "relu");
  w.text("__@kernel_type_attr@__", "conv2d/fp32_out/4/2/1");
  w.op("conv2d", {{"Input", {"q"}}, {"Filter", {"w"}}, {"Bias", {"b"}}, {"ResidualData", {}}}, {{"Output", {"c"}}});
  w.text("pooling_type", "avg");
  w.ints("ksize", {1, 1});
  w.flag("global_pooling");
  w.op("pool2d", {{"X", {"c"}}}, {{"Out", {"c"}}});
  w.param("fc", {16, 10});
  w.var("y", {-1, 10});
  w.integer("in_num_col_dims", 1);
  w.op("fc", {{"Input", {"c"}}, {"W", {"fc"}}}, {{"Out", {"y"}}});
  w.op("fetch", {{"X", {"y"}}}, {{"Out", {"fetch"}}});
  return w;
}

}  // namespace

TEST_CASE("paddle lite: program and parameters of one file", "[paddle]") {
  Writer w = small_network();
  const std::string file = w.finish();
  auto model = read(file);
  const Analysis analysis = count(model);
  CHECK(analysis.coverage.exact);
  CHECK(analysis.totals.macs == 8 * 8 * 3 * 3 * 3 * 16 + 16 * 10);
  CHECK(analysis.totals.params == 3 * 3 * 3 * 16 + 16 + 16 * 10);
  CHECK(analysis.totals.weight_bytes == 3 * 3 * 3 * 16 + 4 * 16 + 4 * 16 * 10);
  CHECK(model->format == "paddle");
  CHECK(model->format_version == "lite 2");
  CHECK(model->producer == "Paddle-Lite v2.10");
  const Graph& graph = model->main();
  CHECK(graph.ops[0].kind == OpKind::kQuantize);
  CHECK(graph.ops[1].activation == FusedActivation::kRelu);
  const auto tensor = [&](TensorId id) -> const Tensor& { return graph.tensors[static_cast<std::size_t>(id)]; };
  CHECK(tensor(graph.ops[0].outputs[0]).dtype == DType::kInt8);
  CHECK(tensor(graph.ops[1].outputs[0]).dtype == DType::kFloat32);
  CHECK(shape_text(tensor(graph.ops[1].outputs[0]).shape, model->symbols) == "[1,16,8,8]");
  const Tensor& filter = tensor(graph.ops[1].inputs[1].tensor);
  CHECK(filter.dtype == DType::kInt8);
  CHECK(filter.data.size_bytes == 3 * 3 * 3 * 16);
  CHECK(file.substr(filter.data.offset, filter.data.size_bytes) == std::string(3 * 3 * 3 * 16, '\1'));
}

TEST_CASE("paddle lite: windows that are too large by less than a stride, slices of unknown rank", "[paddle]") {
  Writer w;
  w.feed("x", {1, 4, 1, 6});
  w.text("pooling_type", "max");
  w.ints("ksize", {2, 2});
  w.ints("strides", {2, 2});
  w.ints("paddings", {0, 0});
  w.op("pool2d", {{"X", {"x"}}}, {{"Out", {"p"}}});
  w.op("relu", {{"X", {"p"}}}, {{"Out", {"p"}}});
  w.ints("axes", {1});
  w.ints("starts", {2});
  w.ints("ends", {3});
  w.ints("decrease_axis", {1});
  w.op("slice", {{"Input", {"p"}}}, {{"Out", {"s"}}});
  w.op("fetch", {{"X", {"s"}}}, {{"Out", {"fetch"}}});
  auto model = read(w.finish());
  (void)count(model);
  const Graph& graph = model->main();
  const auto shape = [&](std::size_t op) {
    return shape_text(graph.tensors[static_cast<std::size_t>(graph.ops[op].outputs[0])].shape, model->symbols);
  };
  CHECK(shape(0) == "[1,4,1,3]");
  CHECK(shape(2) == "[1,1,3]");
}

TEST_CASE("paddle lite: an extent cut out of a shape has one axis, and joins others into a shape", "[paddle]") {
  Writer w;
  w.feed("x", {2, 4, 1, 1});
  w.op("shape", {{"Input", {"x"}}}, {{"Out", {"n"}}});
  w.ints("axes", {0});
  w.ints("starts", {0});
  w.ints("ends", {1});
  w.ints("decrease_axis", {0});
  w.op("slice", {{"Input", {"n"}}}, {{"Out", {"batch"}}});
  w.ints("axes", {0});
  w.ints("starts", {1});
  w.ints("ends", {2});
  w.ints("decrease_axis", {0});
  w.op("slice", {{"Input", {"n"}}}, {{"Out", {"channels"}}});
  w.ints("shape", {-1, -1});
  w.op("reshape2", {{"X", {"x"}}, {"ShapeTensor", {"batch", "channels"}}}, {{"Out", {"y"}}});
  w.op("fetch", {{"X", {"y"}}}, {{"Out", {"fetch"}}});
  auto model = read(w.finish());
  (void)count(model);
  const Graph& graph = model->main();
  const auto shape = [&](TensorId id) {
    return shape_text(graph.tensors[static_cast<std::size_t>(id)].shape, model->symbols);
  };
  CHECK(shape(graph.ops[1].outputs[0]) == "[1]");
  CHECK(graph.ops[3].kind == OpKind::kConcat);
  CHECK(shape(graph.ops[4].outputs[0]) == "[2,4]");
}

TEST_CASE("paddle lite: other layouts are refused with the reason", "[paddle]") {
  std::string file = small_network().finish();
  file[0] = 3;
  CHECK(error_of(file) == "a Paddle-Lite model (.nb) of layout 3; 2 can be read [unsupported-version]");
  // Structures one after the other: a block without a parent, whose first variable is `feed`.
  std::string dump;
  append(dump, std::uint64_t{1});
  append(dump, std::int32_t{0});
  append(dump, std::int32_t{-1});
  append(dump, std::uint64_t{7});
  append(dump, std::uint64_t{4});
  dump += "feed" + std::string(80, '\0');
  CHECK(error_of(dump) ==
        "a Paddle-Lite model (.nb) of a layout before 2, whose weights and extents lie in another file; optimise the "
        ".pdmodel again with version 2.3 or newer [unsupported-version]");
  dump[12] = 5;  // a parent
  CHECK_FALSE(paddle::lite_layout(as_bytes(dump)));
}

TEST_CASE("paddle lite: what is wrong is said", "[paddle]") {
  Writer w = small_network();
  const std::string file = w.finish();
  const auto at = [](std::size_t byte) { return "byte " + std::to_string(byte); };
  SECTION("cut off in the program") {
    CHECK(error_of(file.substr(0, 100)) ==
          at(18) + ": the program takes " + std::to_string(w.list() - 26) + " bytes, the file has 74 more [damaged]");
  }
  SECTION("cut off before and in the parameters") {
    CHECK(error_of(file.substr(0, w.list() + 5)) == at(w.list()) + ": the list of parameters is missing [damaged]");
    CHECK(error_of(file.substr(0, w.list() + 12)) ==
          at(w.list() + 12) + ": the file ends before parameter #0 of 3 [damaged]");
    const std::string error = error_of(file.substr(0, file.size() - 1));
    CHECK(error.find(": parameter #2 takes ") != std::string::npos);
    CHECK(error.ends_with(" more [damaged]"));
  }
  SECTION("bytes behind the last one") {
    CHECK(error_of(file + "abc") == at(file.size()) + ": 3 bytes follow the last parameter [damaged]");
  }
  SECTION("a broken table") {
    std::string broken = file;
    broken[w.list() + 12 + 8 + 3] = '\x7F';
    CHECK(error_of(broken).starts_with("parameter #0 (byte " + std::to_string(w.list() + 20) + "): "));
    CHECK(error_of(broken).ends_with("[damaged]"));
  }
  SECTION("elements that do not fit the extents") {
    Writer few;
    few.feed("x", {1, 4});
    few.raw_param("w", {4, 8}, 5, 100);
    few.op("fetch", {{"X", {"x"}}}, {{"Out", {"fetch"}}});
    const std::string short_file = few.finish();
    CHECK(error_of(short_file) == "parameter #0 (byte " + std::to_string(few.list() + 20) +
                                      "): the parameter \"w\" is float32 [4,8] and holds 100 bytes [damaged]");
  }
  SECTION("negative extents") {
    Writer negative;
    negative.feed("x", {1, 4});
    negative.raw_param("w", {4, -8}, 5, 100);
    CHECK(error_of(negative.finish()).ends_with("the parameter \"w\" has the extent -8 [damaged]"));
  }
  SECTION("operands that nothing makes") {
    Writer open;
    open.feed("x", {1, 4});
    open.op("relu", {{"X", {"z"}}}, {{"Out", {"y"}}});
    CHECK(error_of(open.finish()) == "op #1 relu: operand \"z\" is never defined [invalid-graph]");
  }
}

}  // namespace nngauge::test
