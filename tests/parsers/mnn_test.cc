// SPDX-License-Identifier: Apache-2.0
#include "parsers/mnn/mnn.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "mnn_generated.h"

namespace nngauge {
namespace {

namespace fb = mnn::fb;

// Writes a network: tensors are named by their numbers.
class Writer {
 public:
  void input(const std::vector<int>& dims, int format = 2) {
    op(34, fb::Main_Input, fb::CreateInputDirect(fbb_, &dims, 1, static_cast<std::int8_t>(format)).Union(), {}, "in");
  }
  void constant(const std::vector<int>& dims, const std::vector<int>& values) {
    op(11, fb::Main_Blob, fb::CreateBlobDirect(fbb_, &dims, 0, 3, nullptr, nullptr, &values).Union(), {}, "const");
  }
  void convolution(int type, int input, int in, int out, int kernel, int group, std::size_t weights,
                   flatbuffers::Offset<fb::QuantizedWeight> quant = 0) {
    const std::vector<float> data(weights, 0.5F), bias(static_cast<std::size_t>(out), 0.F);
    const auto common =
        fb::CreateConvolution2DCommonDirect(fbb_, 0, 0, kernel, kernel, 1, 1, 1, 1, 2, group, out, in, true);
    op(type, fb::Main_Convolution2D,
       fb::CreateConvolution2DDirect(fbb_, common, weights ? &data : nullptr, &bias, quant).Union(), {input}, "conv");
  }
  void op(int type, fb::Main main_type, flatbuffers::Offset<void> main, const std::vector<int>& inputs,
          const char* name) {
    const std::vector outputs = {static_cast<int>(names_.size())};
    names_.push_back(fbb_.CreateString("t" + std::to_string(names_.size())));
    ops_.push_back(fb::CreateOpDirect(fbb_, &inputs, main_type, main, name, &outputs, type));
  }
  std::string finish() {
    fbb_.Finish(fb::CreateNetDirect(fbb_, nullptr, 0, 0, &ops_, nullptr, 0, 3, &names_));
    return {reinterpret_cast<const char*>(fbb_.GetBufferPointer()), fbb_.GetSize()};
  }
  flatbuffers::FlatBufferBuilder& fbb() { return fbb_; }

 private:
  flatbuffers::FlatBufferBuilder fbb_;
  std::vector<flatbuffers::Offset<fb::Op>> ops_;
  std::vector<flatbuffers::Offset<flatbuffers::String>> names_;
};

Result<Model> read(const std::string& file) {
  ModelSource source{"m.mnn", as_bytes(file)};
  source.companions = &no_companions();
  return mnn::read(source);
}
std::string error_of(const std::string& file) {
  const auto model = read(file);
  return model ? "" : model.error().text();
}
Totals count(const std::string& file, Model* out = nullptr) {
  auto model = read(file);
  INFO((model ? "" : model.error().text()));
  REQUIRE(model);
  const Status completed = complete_model(*model, {});
  INFO((completed ? "" : completed.error().text()));
  REQUIRE(completed);
  auto analysis = analyse(*model);
  REQUIRE(analysis);
  if (out) *out = std::move(*model);
  return analysis->totals;
}

}  // namespace

TEST_CASE("MNN: convolutions with weights inside, quantised, left out", "[mnn]") {
  Writer w;
  w.input({1, 3, 8, 8});
  w.convolution(12, 0, 3, 16, 3, 1, 3 * 16 * 9);
  w.convolution(13, 1, 16, 16, 3, 16, 16 * 9);
  const std::vector<std::int8_t> packed(16 * 32, 1);
  const std::vector<float> scales(32, 1);
  w.convolution(12, 2, 16, 32, 1, 1, 0, fb::CreateQuantizedWeightDirect(w.fbb(), &packed, &scales, 4));
  w.convolution(12, 3, 32, 8, 1, 1, 0);
  Model model;
  const Totals totals = count(w.finish(), &model);
  CHECK(totals.macs == 8 * 8 * (3 * 16 * 9 + 16 * 9 + 16 * 32 + 32 * 8));
  CHECK(totals.params == 3 * 16 * 9 + 16 + 16 * 9 + 16 + 16 * 32 + 32 + 32 * 8 + 8);
  CHECK(model.main().ops[1].kind == OpKind::kDepthwiseConv2D);
  CHECK(model.main().ops[0].activation == FusedActivation::kRelu);
  const auto& filter = model.main().tensors[static_cast<std::size_t>(model.main().ops[2].inputs[1].tensor)];
  CHECK(filter.dtype == DType::kInt8);
  CHECK(filter.data.size_bytes == 16 * 32);
}

TEST_CASE("MNN: channels that the file leaves out follow from the weights", "[mnn]") {
  Writer w;
  w.input({1, 6, 5, 5});
  w.convolution(12, 0, 0, 4, 3, 2, 4 * 3 * 9);
  CHECK(count(w.finish()).macs == 5 * 5 * 3 * 9 * 4);
}

TEST_CASE("MNN: pooling rounds up, layouts are exchanged, a reshape is computed from a constant", "[mnn]") {
  Writer w;
  w.input({-1, 7, 7, 2}, 1);
  w.op(129, fb::Main_TensorConvertInfo, fb::CreateTensorConvertInfo(w.fbb(), 1, 2).Union(), {0}, "nchw");
  w.op(47, fb::Main_Pool, fb::CreatePoolDirect(w.fbb(), 0, 0, false, 2, 2, 2, 2, 0, 0).Union(), {1}, "pool");
  w.constant({2}, {0, -1});
  w.op(73, fb::Main_Reshape, fb::CreateReshapeDirect(w.fbb()).Union(), {2, 3}, "flat");
  w.op(85, fb::Main_Axis, fb::CreateAxis(w.fbb(), 1).Union(), {4}, "prob");
  Model model;
  (void)count(w.finish(), &model);
  const Graph& graph = model.main();
  CHECK(shape_text(graph.tensors[static_cast<std::size_t>(graph.ops[1].outputs[0])].shape, model.symbols) ==
        "[1,2,4,4]");
  CHECK(shape_text(graph.tensors[static_cast<std::size_t>(graph.ops[3].outputs[0])].shape, model.symbols) == "[1,32]");
  CHECK(graph.ops[3].kind == OpKind::kSoftmax);
  CHECK(model.assumed_dims.size() == 1);
}

TEST_CASE("MNN: an axis that the converter writes as (axis + rank) mod rank", "[mnn]") {
  Writer w;
  w.input({1, 6, 5, 4});                                                                // 0
  w.constant({2}, {0, 2});                                                              // 1
  w.constant({}, {-2});                                                                 // 2
  w.op(66, fb::Main_NONE, 0, {0}, "rank");                                              // 3
  w.op(7, fb::Main_BinaryOp, fb::CreateBinaryOp(w.fbb(), 0).Union(), {2, 3}, "sum");    // 4
  w.op(7, fb::Main_BinaryOp, fb::CreateBinaryOp(w.fbb(), 19).Union(), {4, 3}, "axis");  // 5
  w.op(31, fb::Main_NONE, 0, {0, 1, 5}, "picked");                                      // 6
  w.op(31, fb::Main_NONE, 0, {0, 1, 4}, "lost");
  Model model;
  (void)count(w.finish(), &model);
  const Graph& graph = model.main();
  CHECK(shape_text(graph.tensors[6].shape, model.symbols) == "[1,6,2,4]");
  CHECK(graph.ops.back().kind == OpKind::kCustom);
}

TEST_CASE("MNN: slices as ONNX has them, pooling over rows and volumes, resizing by an operand", "[mnn]") {
  Writer w;
  w.input({1, 4, 9, 8});  // 0
  w.constant({1}, {1});   // 1
  w.constant({1}, {9});   // 2
  w.constant({1}, {2});   // 3
  const auto form = fb::CreateStridedSliceParam(w.fbb(), 0, 0, 0, 0, 0, 0, 0, 1);
  w.op(91, fb::Main_StridedSliceParam, form.Union(), {0, 1, 2, 3, 3}, "slice");  // 4
  const std::vector<int> kernel = {2, 2}, stride = {2, 2}, pads = {0, 0};
  w.op(112, fb::Main_Pool3D, fb::CreatePool3DDirect(w.fbb(), &stride, &kernel, &pads, 1).Union(), {4}, "pool");  // 5
  const std::vector<int> size = {1, 4, 6, 10};
  w.constant({4}, size);                                                                      // 6
  w.op(35, fb::Main_Interp, fb::CreateInterp(w.fbb(), 0, 0, 0, 0, 1).Union(), {5, 6}, "up");  // 7
  w.op(112, fb::Main_Pool3D, fb::CreatePool3DDirect(w.fbb(), nullptr, nullptr, nullptr, 1, 0, true).Union(), {7},
       "global");  // 8
  Model model;
  (void)count(w.finish(), &model);
  const auto shape = [&](std::size_t id) { return shape_text(model.main().tensors[id].shape, model.symbols); };
  CHECK(shape(4) == "[1,4,4,8]");  // 1, 3, 5, 7 of 9 rows
  CHECK(shape(5) == "[1,4,2,4]");
  CHECK(shape(7) == "[1,4,6,10]");
  CHECK(shape(8) == "[1,4,1,1]");
}

TEST_CASE("MNN: attention with heads behind the length, fewer of them for keys", "[mnn]") {
  Writer w;
  w.input({1, 6, 4, 8});  // 0
  w.input({1, 9, 2, 8});  // 1
  w.input({1, 9, 2, 8});  // 2
  w.op(299, fb::Main_NONE, 0, {0, 1, 2}, "attention");
  Model model;
  CHECK(count(w.finish(), &model).macs == 2 * 4 * 6 * 9 * 8);
  CHECK(shape_text(model.main().tensors[3].shape, model.symbols) == "[1,6,32]");
}

TEST_CASE("MNN: loops and branches run the graphs that they name", "[mnn]") {
  flatbuffers::FlatBufferBuilder fbb;
  const auto operation = [&](int type, fb::Main main_type, flatbuffers::Offset<void> main, std::vector<int> inputs,
                             std::vector<int> outputs) {
    return fb::CreateOpDirect(fbb, &inputs, main_type, main, "op", &outputs, type);
  };
  const auto names = [&](int count, const std::string& prefix) {
    std::vector<flatbuffers::Offset<flatbuffers::String>> out;
    for (int i = 0; i < count; ++i) out.push_back(fbb.CreateString(prefix + std::to_string(i)));
    return out;
  };
  const auto product = [&](int in, int out, int from, int to) {
    const std::vector<float> data(static_cast<std::size_t>(in * out), 1), bias(static_cast<std::size_t>(out), 0);
    const auto common = fb::CreateConvolution2DCommonDirect(fbb, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, out, in);
    return operation(12, fb::Main_Convolution2D, fb::CreateConvolution2DDirect(fbb, common, &data, &bias).Union(),
                     {from}, {to});
  };
  const auto number = [&](int value, int to) {
    const std::vector<int> list = {value};
    return operation(11, fb::Main_Blob, fb::CreateBlobDirect(fbb, nullptr, 0, 3, nullptr, nullptr, &list).Union(), {},
                     {to});
  };
  const std::vector<int> dims = {1, 8, 2, 2};
  const auto input = fb::CreateInputDirect(fbb, &dims).Union();
  std::vector<flatbuffers::Offset<fb::Op>> ops = {operation(34, fb::Main_Input, input, {}, {0}), number(5, 1),
                                                  number(1, 2)};
  ops.push_back(
      operation(600, fb::Main_WhileParam, fb::CreateWhileParamDirect(fbb, nullptr, "body").Union(), {1, 2, 0}, {3}));
  const auto pair = [&](const char* a, const char* b) {
    const std::vector<flatbuffers::Offset<flatbuffers::String>> list = {fbb.CreateString(a), fbb.CreateString(b)};
    return fb::CreateNamesDirect(fbb, &list);
  };
  const std::vector<flatbuffers::Offset<fb::Names>> in = {fb::CreateNames(fbb), pair("t0", "e0")},
                                                    out = {pair("t1", "e2")};
  ops.push_back(
      operation(601, fb::Main_IfParam, fb::CreateIfParamDirect(fbb, "then", "else", &in, &out).Union(), {2, 3}, {4}));
  // The loop's body takes the number of the trip, the condition, and what is carried.
  const std::vector<int> body_in = {0, 1, 2}, body_out = {1, 3};
  const std::vector<flatbuffers::Offset<fb::Op>> body = {product(8, 8, 2, 3)}, first = {product(8, 16, 0, 1)},
                                                 second = {product(8, 4, 0, 1), product(4, 16, 1, 2)};
  const auto body_names = names(4, "b"), then_names = names(2, "t"), else_names = names(3, "e"), main = names(5, "m");
  const std::vector<flatbuffers::Offset<fb::SubGraph>> inner = {
      fb::CreateSubGraphDirect(fbb, "body", &body_in, &body_out, &body_names, &body),
      fb::CreateSubGraphDirect(fbb, "then", nullptr, nullptr, &then_names, &first),
      fb::CreateSubGraphDirect(fbb, "else", nullptr, nullptr, &else_names, &second)};
  fbb.Finish(fb::CreateNetDirect(fbb, nullptr, 0, 0, &ops, nullptr, 0, 3, &main, 0, 0, &inner));
  Model model;
  const Totals totals = count({reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize()}, &model);
  CHECK(totals.macs == 5 * 4 * 8 * 8 + 4 * 8 * 16);  // five trips, then the dearer branch
  CHECK(totals.params == 8 * 8 + 8 + (8 * 16 + 16) + (8 * 4 + 4 + 4 * 16 + 16));
  CHECK(shape_text(model.main().tensors[4].shape, model.symbols) == "[1,16,2,2]");
}

TEST_CASE("MNN: what is wrong or unknown is said", "[mnn]") {
  SECTION("weights too few") {
    Writer w;
    w.input({1, 3, 8, 8});
    w.convolution(12, 0, 3, 16, 3, 1, 100);
    CHECK(error_of(w.finish()) ==
          "op #1 Convolution \"conv\": the weight [16,3,3,3] needs 1728 bytes, 400 are stored [damaged]");
  }
  SECTION("unknown operator") {
    Writer w;
    w.input({1, 3, 8, 8});
    w.op(40, fb::Main_NONE, 0, {0}, "experts");
    const auto model = read(w.finish());
    REQUIRE(model);
    CHECK(model->main().ops[0].kind == OpKind::kCustom);
    CHECK(model->main().ops[0].source_op == "MoE");
  }
  SECTION("tensor out of range") {
    Writer w;
    w.input({1, 3, 8, 8});
    w.op(69, fb::Main_NONE, 0, {7}, "act");
    CHECK(error_of(w.finish()) == "op #1 ReLU \"act\": operand 0 is tensor #7 of 2 [invalid-graph]");
  }
  SECTION("cut off") {
    Writer w;
    w.input({1, 3, 8, 8});
    w.convolution(12, 0, 3, 16, 3, 1, 3 * 16 * 9);
    const std::string file = w.finish();
    const std::string cut = file.substr(0, file.size() / 2);
    ModelSource source{"m.mnn", as_bytes(cut)};
    CHECK(mnn::sniff(source).confidence == Confidence::kPossible);
    CHECK(error_of(cut).find("[damaged]") != std::string::npos);
    CHECK(error_of(cut).find("(byte 0x") != std::string::npos);
  }
  SECTION("the layout before version 1.0") {
    flatbuffers::FlatBufferBuilder fbb;
    const std::vector<int> none, first = {0};
    const std::vector ops = {fb::CreateOldOpDirect(fbb, 3, "in", &none, &first)};
    const std::vector names = {fbb.CreateString("in")};
    fbb.Finish(fb::CreateOldNetDirect(fbb, &ops, &names));
    CHECK(error_of({reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize()}) ==
          "MNN network in the layout before version 1.0; convert it again with MNNConvert [unsupported-version]");
  }
}

}  // namespace nngauge
