// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "cost/analysis.h"
#include "cost/memory.h"
#include "graph/shape_inference.h"
#include "parsers/coreml/mil.h"
#include "parsers/format.h"
#include "tests/parsers/coreml_text.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

using Dims = std::vector<std::int64_t>;
constexpr unsigned kF16 = 10, kF32 = 11, kI8 = 21, kI32 = 23, kI4 = 25, kU8 = 31, kU3 = 39, kBool = 1, kText = 2;

std::string type(unsigned dtype, const Dims& dims) {
  std::string tensor = wire_number(1, dtype) + wire_number(2, dims.size());
  for (const std::int64_t dim : dims)
    tensor +=
        wire_bytes(3, dim < 0 ? wire_bytes(2, "") : wire_bytes(1, wire_number(1, static_cast<std::uint64_t>(dim))));
  return wire_bytes(1, tensor);
}

std::string named(unsigned field, const std::string& name, const std::string& of) {
  return wire_bytes(field, wire_bytes(1, name) + wire_bytes(2, of));
}

// Values: numbers of the tensor's field, in an immediate value.
std::string immediate(const std::string& of, unsigned form, const std::string& numbers) {
  return wire_bytes(2, of) + wire_bytes(3, wire_bytes(1, wire_bytes(form, numbers)));
}
std::string ints(const Dims& values) {
  return immediate(type(kI32, {static_cast<std::int64_t>(values.size())}), 2, wire_packed(1, values));
}
std::string integer(std::int64_t value) { return immediate(type(kI32, {}), 2, wire_packed(1, {value})); }
std::string flag(bool value) { return immediate(type(kBool, {}), 3, wire_packed(1, {value ? 1 : 0})); }
std::string word(const std::string& value) { return immediate(type(kText, {}), 4, wire_bytes(1, value)); }
std::string floats(const Dims& dims, std::size_t count) {
  return immediate(type(kF32, dims), 1, wire_bytes(1, std::string(4 * count, '\1')));
}
std::string blob(unsigned dtype, const Dims& dims, std::uint64_t offset,
                 const std::string& file = "@model_path/weights/weight.bin") {
  return wire_bytes(2, type(dtype, dims)) + wire_bytes(5, wire_bytes(1, file) + wire_number(2, offset));
}

using Arguments = std::vector<std::pair<std::string, std::vector<std::string>>>;
using Results = std::vector<std::pair<std::string, std::string>>;

// An operation of a block. Arguments are names; those that begin with `=` are values.
std::string op(const std::string& kind, const Arguments& inputs, const Results& results,
               const std::vector<std::pair<std::string, std::string>>& attributes = {},
               const std::string& blocks = "") {
  std::string out = wire_bytes(1, kind);
  for (const auto& [key, names] : inputs) {
    std::string argument;
    for (const std::string& name : names)
      argument += wire_bytes(1, name[0] == '=' ? wire_bytes(2, name.substr(1)) : wire_bytes(1, name));
    out += wire_bytes(2, wire_bytes(1, key) + wire_bytes(2, argument));
  }
  for (const auto& [name, of] : results) out += named(3, name, of);
  for (const auto& [key, value] : attributes) out += wire_bytes(5, wire_bytes(1, key) + wire_bytes(2, value));
  return wire_bytes(3, out + blocks);
}
std::string constant(const std::string& name, const std::string& of, const std::string& value) {
  return op("const", {}, {{name, of}}, {{"val", value}});
}
std::string is(const std::string& value) { return "=" + value; }

std::string function(const std::string& name, const std::string& inputs, const std::string& ops,
                     const std::string& output) {
  const std::string block = ops + wire_bytes(2, output);
  return wire_bytes(
      2, wire_bytes(1, name) + wire_bytes(2, inputs + wire_bytes(2, "CoreML7") +
                                                 wire_bytes(3, wire_bytes(1, "CoreML7") + wire_bytes(2, block))));
}

// A program of one function that takes x and gives y.
std::string program(const Dims& x, const std::string& ops) {
  return cm_model(cm_input("x", x) + cm_output("y"), 502,
                  wire_number(1, 1) + function("main", named(1, "x", type(kF32, x)), ops, "y"), 8);
}

// A weight file: a header, then blobs of which each has a header of its own.
struct WeightFile {
  std::string bytes = std::string(64, '\0');
  std::uint64_t add(std::size_t size) { return add(std::string(size, '\2')); }
  std::uint64_t add(const std::string& data) {
    const std::size_t size = data.size();
    const std::uint64_t at = bytes.size();
    std::string head;
    const auto number = [&](std::uint64_t value, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) head.push_back(static_cast<char>(value >> (8 * i)));
    };
    number(0xDEADBEEF, 4), number(1, 4), number(size, 8), number(at + 64, 8);
    head.resize(64);
    bytes += head + data;
    bytes.resize((bytes.size() + 63) / 64 * 64);
    return at;
  }
};

class Beside final : public Companions {
 public:
  explicit Beside(std::string content) : content_(std::move(content)) {}
  Result<std::uint64_t> size_bytes(const std::string& name) const override {
    if (name == "weights/weight.bin") return content_.size();
    return make_error(ErrorCode::kUnreadable, "absent");
  }
  Result<std::shared_ptr<const MappedFile>> open(const std::string& name) const override {
    if (name == "weights/weight.bin") return MappedFile::over(as_bytes(content_));
    return make_error(ErrorCode::kUnreadable, "absent");
  }

 private:
  std::string content_;
};

Result<Model> read_beside(const std::string& content, const std::string& weights) {
  const Beside companions(weights);
  auto model = read_model({"memory", as_bytes(content), &companions});
  if (!model) return model.error();
  if (auto status = complete_model(*model, {}); !status) return status.error();
  return model;
}

std::string error_beside(const std::string& content, const std::string& weights) {
  const auto model = read_beside(content, weights);
  return model ? "no error" : model.error().text();
}

std::uint64_t macs_of(const Model& model) {
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  REQUIRE(analysis->totals.macs.has_value());
  return *analysis->totals.macs;
}

std::string output_shape(const Model& model) {
  const Graph& graph = model.main();
  return shape_text(graph.tensors[static_cast<std::size_t>(graph.outputs.at(0))].shape, model.symbols);
}

}  // namespace

TEST_CASE("coreml program: convolutions, pooling, dense layers") {
  const std::string ops =
      constant("s", type(kI32, {2}), ints({2, 2})) +
      op("conv",
         {{"x", {"x"}},
          {"weight", {is(floats({8, 3, 3, 3}, 8 * 27))}},
          {"strides", {"s"}},
          {"pad_type", {is(word("custom"))}},
          {"pad", {is(ints({1, 1, 0, 2}))}}},
         {{"c", type(kF32, {1, 8, 8, 8})}}) +
      op("conv",
         {{"x", {"c"}},
          {"weight", {is(floats({8, 1, 3, 3}, 8 * 9))}},
          {"groups", {is(integer(8))}},
          {"pad_type", {is(word("same"))}}},
         {{"d", type(kF32, {1, 8, 8, 8})}}) +
      op("silu", {{"x", {"d"}}}, {{"a", type(kF32, {1, 8, 8, 8})}}) +
      op("max_pool",
         {{"x", {"a"}},
          {"kernel_sizes", {is(ints({3, 3}))}},
          {"strides", {"s"}},
          {"pad_type", {is(word("valid"))}},
          {"ceil_mode", {is(flag(true))}}},
         {{"p", type(kF32, {1, 8, 4, 4})}}) +
      op("conv_transpose",
         {{"x", {"p"}},
          {"weight", {is(floats({8, 2, 2, 2}, 8 * 8))}},
          {"strides", {"s"}},
          {"groups", {is(integer(2))}}},
         {{"t", type(kF32, {1, 4, 8, 8})}}) +
      op("reduce_mean", {{"x", {"t"}}, {"axes", {is(ints({2, 3}))}}, {"keep_dims", {is(flag(false))}}},
         {{"m", type(kF32, {1, 4})}}) +
      op("linear", {{"x", {"m"}}, {"weight", {is(floats({5, 4}, 20))}}, {"bias", {is(floats({5}, 5))}}},
         {{"y", type(kF32, {1, 5})}});
  const Model model = tf_model(program({1, 3, 16, 16}, ops));
  CHECK(kinds_of(model.main()) == "Conv2D DepthwiseConv2D Swish MaxPool ConvTranspose2D ReduceMean Dense");
  CHECK(model.diagnostics.items().empty());
  CHECK(output_shape(model) == "[1,5]");
  CHECK(macs_of(model) == 8 * 8 * 3 * 3 * 3 * 8 + 8 * 8 * 3 * 3 * 8 + 4 * 4 * 2 * 2 * 8 * (4 / 2) + 4 * 5);
  CHECK(analyse(model)->totals.params == 8 * 27 + 8 * 9 + 8 * 8 + 20 + 5);
}

TEST_CASE("coreml program: attention, slices, joins") {
  const std::string ops =
      op("reshape", {{"x", {"x"}}, {"shape", {is(ints({1, 6, 2, 4}))}}}, {{"r", type(kF32, {1, 6, 2, 4})}}) +
      op("transpose", {{"x", {"r"}}, {"perm", {is(ints({0, 2, -3, 3}))}}}, {{"q", type(kF32, {1, 2, 6, 4})}}) +
      op("matmul", {{"x", {"q"}}, {"y", {"q"}}, {"transpose_y", {is(flag(true))}}}, {{"s", type(kF32, {1, 2, 6, 6})}}) +
      op("softmax", {{"x", {"s"}}, {"axis", {is(integer(-1))}}}, {{"p", type(kF32, {1, 2, 6, 6})}}) +
      op("einsum", {{"values", {"p", "q"}}, {"equation", {is(word("nhqk,nhkc->nhqc"))}}},
         {{"v", type(kF32, {1, 2, 6, 4})}}) +
      op("slice_by_index",
         {{"x", {"v"}},
          {"begin", {is(ints({0, 0, 1, 0}))}},
          {"end", {is(ints({1, 2, 4, 0}))}},
          {"end_mask", {is(immediate(type(kBool, {4}), 3, wire_packed(1, {0, 0, 0, 1})))}}},
         {{"i", type(kF32, {1, 2, 3, 4})}}) +
      op("concat", {{"values", {"i", "v"}}, {"axis", {is(integer(2))}}}, {{"c", type(kF32, {1, 2, 9, 4})}}) +
      op("split", {{"x", {"c"}}, {"num_splits", {is(integer(2))}}, {"axis", {is(integer(1))}}},
         {{"s0", type(kF32, {1, 1, 9, 4})}, {"s1", type(kF32, {1, 1, 9, 4})}}) +
      op("layer_norm",
         {{"x", {"s0"}}, {"axes", {is(ints({1}))}}, {"gamma", {is(floats({1}, 1))}}, {"beta", {is(floats({1}, 1))}}},
         {{"l", type(kF32, {1, 1, 9, 4})}}) +
      op("expand_dims", {{"x", {"l"}}, {"axes", {is(ints({0}))}}}, {{"y", type(kF32, {1, 1, 1, 9, 4})}});
  const Model model = tf_model(program({1, 6, 8}, ops));
  CHECK(kinds_of(model.main()) ==
        "Reshape Transpose MatMul Softmax Einsum StridedSlice Concat Split MeanVarianceNorm BatchNorm Unsqueeze");
  CHECK(model.diagnostics.items().empty());
  CHECK(output_shape(model) == "[1,1,1,9,4]");
  CHECK(macs_of(model) == 2 * (2 * 6 * 6 * 4));
}

TEST_CASE("coreml program: recurrent layers give the sequence or its last step") {
  const auto lstm = [](bool sequence, const Dims& y) {
    return op("lstm",
              {{"x", {"x"}},
               {"initial_h", {is(floats({2, 3}, 6))}},
               {"initial_c", {is(floats({2, 3}, 6))}},
               {"weight_ih", {is(floats({12, 5}, 60))}},
               {"weight_hh", {is(floats({12, 3}, 36))}},
               {"bias", {is(floats({12}, 12))}},
               {"output_sequence", {is(flag(sequence))}}},
              {{"y", type(kF32, y)}, {"h", type(kF32, {2, 3})}, {"c", type(kF32, {2, 3})}});
  };
  const Model whole = tf_model(program({7, 2, 5}, lstm(true, {7, 2, 3})));
  CHECK(kinds_of(whole.main()) == "LSTM");
  CHECK(output_shape(whole) == "[7,2,3]");
  const Model last = tf_model(program({7, 2, 5}, lstm(false, {1, 2, 3})));
  CHECK(kinds_of(last.main()) == "LSTM Gather");
  CHECK(output_shape(last) == "[1,2,3]");
  CHECK(last.diagnostics.items().empty());
  for (const Model* model : {&whole, &last}) CHECK(macs_of(*model) == 7 * 2 * (12 * 5 + 12 * 3));
}

TEST_CASE("coreml program: weights lie in the weight file, compressed ones as they are stored") {
  WeightFile file;
  const std::uint64_t plain = file.add(8 * 16 * 2), quantised = file.add(16 * 8), scale = file.add(16 * 2),
                      indices = file.add(16 * 16 * 3 / 8), table = file.add(8 * 2), packed = file.add(16 * 16 / 2),
                      kept = file.add(40 * 2), mask = file.add(16 * 16 / 8), blocks = file.add(16 * 32 / 2),
                      scales = file.add(16 * 4 * 2), palette = file.add(16 * 2);
  const std::string t = type(kF16, {1, 16});
  const auto linear = [&](const std::string& x, const std::string& weight, const std::string& y) {
    return op("linear", {{"x", {x}}, {"weight", {weight}}}, {{y, t}});
  };
  const std::string ops =
      op("cast", {{"x", {"x"}}, {"dtype", {is(word("fp16"))}}}, {{"h", type(kF16, {1, 8})}}) +
      constant("w0", type(kF16, {16, 8}), blob(kF16, {16, 8}, plain)) + linear("h", "w0", "a0") +
      op("constexpr_affine_dequantize", {}, {{"w1", type(kF16, {16, 8})}},
         {{"quantized_data", blob(kI8, {16, 8}, quantised)}, {"scale", blob(kF16, {16}, scale)}}) +
      linear("h", "w1", "a1") +
      op("constexpr_lut_to_dense",
         {{"indices", {is(blob(kU3, {16, 16}, indices))}}, {"lut", {is(blob(kF16, {1, 1, 8, 1}, table))}}},
         {{"w2", type(kF16, {16, 16})}}) +
      linear("a1", "w2", "a2") +
      op("constexpr_lut_to_dense", {}, {{"w3", type(kF16, {16, 16})}},
         {{"indices", blob(kU8, {16 * 16 / 2}, packed)}, {"lut", blob(kF16, {16}, palette)}}) +
      linear("a2", "w3", "a3") +
      op("constexpr_sparse_to_dense", {}, {{"w4", type(kF16, {16, 16})}},
         {{"nonzero_data", blob(kF16, {40}, kept)}, {"mask", blob(kU8, {16 * 16 / 8}, mask)}}) +
      linear("a3", "w4", "a4") +
      op("concat", {{"values", {"a4", "a0"}}, {"axis", {is(integer(1))}}}, {{"a5", type(kF16, {1, 32})}}) +
      op("constexpr_blockwise_shift_scale",
         {{"data", {is(blob(kI4, {16, 32}, blocks))}}, {"scale", {is(blob(kF16, {16, 4}, scales))}}},
         {{"w5", type(kF16, {16, 32})}}) +
      linear("a5", "w5", "y");
  const auto model = read_beside(program({1, 8}, ops), file.bytes);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  CHECK(model->diagnostics.items().empty());
  CHECK(kinds_of(model->main()) == "Cast Dense Dense Dense Dense Dense Concat Dense");
  CHECK(macs_of(*model) == 8 * 16 + 8 * 16 + 16 * 16 + 16 * 16 + 16 * 16 + 32 * 16);
  const auto analysis = analyse(*model);
  CHECK(analysis->totals.params == 8 * 16 + 8 * 16 + 3 * 16 * 16 + 32 * 16);
  CHECK(analysis->totals.weight_bytes == 2 * 8 * 16 + 8 * 16 + 3 * 16 * 16 / 8 + 16 * 16 / 2 + 2 * 40 + 16 * 32 / 2);
  const struct {
    std::size_t op;
    DType dtype;
    std::uint64_t offset, bytes;
  } cases[] = {{1, DType::kFloat16, plain, 2 * 8 * 16},      {2, DType::kInt8, quantised, 8 * 16},
               {3, DType::kUInt4, indices, 3 * 16 * 16 / 8}, {4, DType::kUInt4, packed, 16 * 16 / 2},
               {5, DType::kFloat16, kept, 2 * 40},           {7, DType::kInt4, blocks, 16 * 32 / 2}};
  const Graph& graph = model->main();
  for (const auto& c : cases) {
    const Tensor& weight = graph.tensors[static_cast<std::size_t>(graph.ops[c.op].inputs[1].tensor)];
    CHECK(weight.dtype == c.dtype);
    CHECK(weight.data == DataRef{1, c.offset + 64, c.bytes, 0});
  }
  CHECK(graph.tensors[static_cast<std::size_t>(graph.ops[5].inputs[1].tensor)].stored_elements == 40);
  CHECK(model->files[1].name == "weights/weight.bin");
  CHECK(model->files[1].size_bytes == file.bytes.size());
}

TEST_CASE("coreml program: blobs that do not fit are refused") {
  WeightFile file;
  const std::uint64_t good = file.add(4 * 5 * 3);
  const auto dense = [](std::uint64_t offset, const std::string& name = "@model_path/weights/weight.bin") {
    return program({1, 3}, constant("w", type(kF32, {5, 3}), blob(kF32, {5, 3}, offset, name)) +
                               op("linear", {{"x", {"x"}}, {"weight", {"w"}}}, {{"y", type(kF32, {1, 5})}}));
  };
  const std::string place = "op #1 linear \"y\" (byte 0xcc): ";
  CHECK(error_beside(dense(good), file.bytes) == "no error");
  CHECK(
      error_beside(dense(good), file.bytes.substr(0, good + 64 + 4 * 5 * 3 - 1)) ==
      place +
          "the data of float32 [5,3] at byte 128 take 60 bytes, weight file \"weights/weight.bin\" has 187 [damaged]");
  CHECK(error_beside(dense(good), file.bytes.substr(0, 100)) ==
        place + "a blob at byte 64 of weight file \"weights/weight.bin\", which has 100 [damaged]");
  CHECK(error_beside(dense(good + 1), file.bytes) ==
        place + "no blob begins at byte 65 of weight file \"weights/weight.bin\" [damaged]");
  WeightFile other;
  other.add(4);
  CHECK(error_beside(dense(good), other.bytes + std::string(64, '\0')) ==
        place + "a blob of 4 bytes, float32 [5,3] takes 60 [damaged]");
  CHECK(error_beside(dense(good, "../weight.bin"), file.bytes) ==
        "op #1 linear \"y\" (byte 0xbb): weight file \"../weight.bin\" refused: it leaves the model's folder "
        "[unsafe-path]");
  // Without the file everything but the bytes is known.
  const Model without = tf_model(dense(good));
  CHECK(macs_of(without) == 3 * 5);
  CHECK(analyse(without)->totals.weight_bytes == 4 * 3 * 5);
  REQUIRE(without.diagnostics.items().size() == 1);
  CHECK(without.diagnostics.items()[0].code == "side-file-missing");
}

TEST_CASE("coreml program: branches and loops are inner graphs") {
  const std::string v = type(kF32, {1, 4}), i = type(kI32, {}), b = type(kBool, {});
  const auto block = [](const std::string& inputs, const std::string& ops, const std::vector<std::string>& outputs) {
    std::string names;
    for (const std::string& output : outputs) names += wire_bytes(2, output);
    return wire_bytes(4, inputs + ops + names);
  };
  const auto linear = [&](const std::string& x, const std::string& y) {
    return op("linear", {{"x", {x}}, {"weight", {is(floats({4, 4}, 16))}}}, {{y, v}});
  };
  const std::string branches =
      block("", linear("x", "t"), {"t"}) + block("", op("relu", {{"x", {"x"}}}, {{"e", v}}), {"e"});
  const std::string loop = block(named(1, "i", i) + named(1, "a", v),
                                 op("less", {{"x", {"i"}}, {"y", {is(integer(6))}}}, {{"go", b}}), {"go"}) +
                           block(named(1, "j", i) + named(1, "c", v),
                                 op("add", {{"x", {"j"}}, {"y", {"one"}}}, {{"n", i}}) + linear("c", "d"), {"n", "d"});
  const std::string ops = constant("zero", i, integer(0)) + constant("one", i, integer(1)) +
                          op("reduce_sum", {{"x", {"x"}}}, {{"s", type(kF32, {})}}) +
                          op("greater", {{"x", {"s"}}, {"y", {is(floats({}, 1))}}}, {{"p", b}}) +
                          op("cond", {{"pred", {"p"}}}, {{"z", v}}, {}, branches) +
                          op("while_loop", {{"loop_vars", {"zero", "z"}}}, {{"k", i}, {"y", v}}, {}, loop);
  const Model model = tf_model(program({1, 4}, ops));
  CHECK(kinds_of(model.main()) == "ReduceSum Greater If While");
  CHECK(macs_of(model) == 4 * 4 + 6 * 4 * 4);
  CHECK(output_shape(model) == "[1,4]");
}

TEST_CASE("coreml program: a list is a tensor with an axis in front", "[coreml]") {
  const std::string list = wire_bytes(2, ""), v = type(kF32, {1, 4}), i = type(kI32, {});
  const std::string ops =
      op("make_list",
         {{"init_length", {is(integer(6))}},
          {"elem_shape", {is(integer(1)), is(integer(4))}},
          {"dtype", {is(word("fp32"))}}},
         {{"l", list}}) +
      op("list_write", {{"ls", {"l"}}, {"index", {is(integer(2))}}, {"value", {"x"}}}, {{"m", list}}) +
      op("list_read", {{"ls", {"m"}}, {"index", {is(integer(2))}}}, {{"e", v}}) +
      op("list_gather", {{"ls", {"m"}}, {"indices", {is(ints({0, 1, 2}))}}}, {{"g", type(kF32, {3, 1, 4})}}) +
      op("add", {{"x", {"g"}}, {"y", {"e"}}}, {{"y", type(kF32, {3, 1, 4})}});
  const Model model = tf_model(program({1, 4}, ops));
  CHECK(kinds_of(model.main()) == "Stack Fill DynamicUpdateSlice Gather Gather Add");
  CHECK(output_shape(model) == "[3,1,4]");
  CHECK(analyse(model)->coverage.exact);
  CHECK(measure_memory(model).peak_activation_bytes.has_value());
}

TEST_CASE("coreml program: state is kept, further functions are signatures") {
  const std::string t = type(kF32, {1, 4});
  const std::string ops = op("read_state", {{"input", {"kept"}}}, {{"r", t}}) +
                          op("add", {{"x", {"x"}}, {"y", {"r"}}}, {{"y", t}}) +
                          op("write_state", {{"input", {"kept"}}, {"data", {"y"}}}, {});
  const std::string state = wire_bytes(5, wire_bytes(1, t));
  const std::string other = function("other", named(1, "x", t), op("relu", {{"x", {"x"}}}, {{"y", t}}), "y");
  const Model model = tf_model(
      cm_model(cm_input("x", {1, 4}) + cm_output("y"), 502,
               wire_number(1, 1) + other + function("main", named(1, "x", t) + named(1, "kept", state), ops, "y")));
  CHECK(kinds_of(model.main()) == "ReadVariable Add AssignVariable");
  CHECK(model.main().inputs.size() == 1);
  REQUIRE(model.signatures.size() == 2);
  CHECK(model.signatures[0].key == "other");
  CHECK(kinds_of(model.graphs[static_cast<std::size_t>(model.signatures[0].graph)]) == "Relu");
  CHECK(model.signatures[1].graph == 0);
}

TEST_CASE("coreml program: open extents take the description's defaults") {
  const std::string ops = op("relu", {{"x", {"x"}}}, {{"y", type(kF32, {-1, 4})}});
  const Model model =
      tf_model(cm_model(cm_input("x", {3, 4}) + cm_output("y"), 502,
                        wire_number(1, 1) + function("main", named(1, "x", type(kF32, {-1, 4})), ops, "y")));
  CHECK(output_shape(model) == "[3,4]");
}

TEST_CASE("coreml program: open extents of a picture take the description's defaults") {
  const std::string picture = wire_bytes(1, wire_bytes(1, "x") + wire_bytes(3, cm_image(6, 4)));
  const std::string ops = op("relu", {{"x", {"x"}}}, {{"y", type(kF32, {1, 3, -1, -1})}});
  const Model model =
      tf_model(cm_model(picture + cm_output("y"), 502,
                        wire_number(1, 1) + function("main", named(1, "x", type(kF32, {1, 3, -1, -1})), ops, "y")));
  CHECK(output_shape(model) == "[1,3,4,6]");
}

TEST_CASE("coreml program: extents joined from numbers without axes") {
  const std::string i = type(kI32, {});
  const std::string ops =
      op("shape", {{"x", {"x"}}}, {{"s", type(kI32, {2})}}) +
      op("gather", {{"x", {"s"}}, {"indices", {is(integer(0))}}, {"axis", {is(integer(0))}}}, {{"n", i}}) +
      op("concat", {{"values", {is(integer(2)), "n", is(integer(2))}}, {"axis", {is(integer(0))}}},
         {{"to", type(kI32, {3})}}) +
      op("reshape", {{"x", {"x"}}, {"shape", {"to"}}}, {{"y", type(kF32, {2, -1, 2})}});
  const Model model =
      tf_model(cm_model(cm_input("x", {3, 4}) + cm_output("y"), 502,
                        wire_number(1, 1) + function("main", named(1, "x", type(kF32, {-1, 4})), ops, "y")));
  CHECK(kinds_of(model.main()) == "Shape Gather Stack Reshape");
  CHECK(output_shape(model) == "[2,3,2]");
  CHECK(analyse(model)->coverage.exact);
}

TEST_CASE("coreml program: a list of ten numbers stands in the weight file") {
  WeightFile file;
  std::string pads;
  for (const char each : std::string("\0\0\0\0\1\2\0\0\3\0", 10)) pads += each + std::string(3, '\0');
  const std::uint64_t at = file.add(pads);
  const std::string ops =
      constant("p", type(kI32, {10}), blob(kI32, {10}, at)) +
      op("pad", {{"x", {"x"}}, {"pad", {"p"}}, {"mode", {is(word("constant"))}}}, {{"y", type(kF32, {1, 2, 6, 4, 8})}});
  const auto model = read_beside(program({1, 2, 3, 4, 5}, ops), file.bytes);
  INFO((model ? std::string() : model.error().text()));
  REQUIRE(model);
  CHECK(kinds_of(model->main()) == "Pad");
  CHECK(output_shape(*model) == "[1,2,6,4,8]");
  CHECK(model->diagnostics.items().empty());
}

TEST_CASE("coreml program: resizing the last axes, cutting out boxes, affine maps") {
  const std::string one = type(kI32, {1});
  const std::string ops = op("resize",
                             {{"x", {"x"}},
                              {"shape", {is(ints({9, 0, 8}))}},
                              {"resized_dims", {is(integer(2))}},
                              {"interpolation_mode", {is(word("NEAREST_NEIGHBOR"))}}},
                             {{"r", type(kF32, {1, 3, 6, 8})}}) +
                          op("affine",
                             {{"x", {"r"}},
                              {"transform_matrix", {is(floats({1, 6}, 6))}},
                              {"output_height", {is(integer(5))}},
                              {"output_width", {is(integer(7))}}},
                             {{"a", type(kF32, {1, 3, 5, 7})}}) +
                          op("crop_resize",
                             {{"x", {"a"}},
                              {"boxes", {is(floats({2, 4}, 8))}},
                              {"box_indices", {is(ints({0, 0}))}},
                              {"target_height", {is(integer(4))}},
                              {"target_width", {is(integer(2))}}},
                             {{"c", type(kF32, {2, 3, 4, 2})}}) +
                          op("reduce_sum", {{"x", {"c"}}, {"axes", {is(ints({0}))}}, {"keep_dims", {is(flag(true))}}},
                             {{"s", type(kF32, {1, 3, 4, 2})}}) +
                          op("crop_resize",
                             {{"x", {"s"}},
                              {"roi", {is(floats({2, 1, 4, 1, 1}, 8))}},
                              {"target_height", {is(integer(3))}},
                              {"target_width", {is(integer(3))}}},
                             {{"y", type(kF32, {2, 1, 3, 3, 3})}});
  const Model model = tf_model(program({1, 3, 6, 6}, ops));
  CHECK(kinds_of(model.main()) == "ResizeNearest AffineGrid GridSample RoiAlign ReduceSum Reshape RoiAlign Unsqueeze");
  CHECK(model.diagnostics.items().empty());
  CHECK(output_shape(model) == "[2,1,3,3,3]");
  CHECK(analyse(model)->coverage.exact);
  CHECK(tf_error(program({1, 3, 6, 6},
                         op("resize", {{"x", {"x"}}, {"shape", {is(ints({9}))}}, {"resized_dims", {is(integer(2))}}},
                            {{"y", type(kF32, {1, 3, 6, 9})}}))) ==
        "op #0 resize \"y\" (byte 0x78): resizes 2 axes to 1 extents [invalid-attribute]");
}

TEST_CASE("coreml program: a classifier gives the place of the largest and what it compares") {
  const std::string dictionary = wire_bytes(4, "");
  const std::string ops = op("softmax", {{"x", {"x"}}, {"axis", {is(integer(-1))}}}, {{"p", type(kF32, {1, 5})}}) +
                          op("classify", {{"probabilities", {"p"}}}, {{"y", type(kText, {})}, {"each", dictionary}});
  const Model model =
      tf_model(cm_model(cm_input("x", {1, 5}) + cm_feature(10, "y", wire_bytes(3, "")), 502,
                        wire_number(1, 1) + function("main", named(1, "x", type(kF32, {1, 5})), ops, "y")));
  CHECK(kinds_of(model.main()) == "Softmax ArgMax");
  CHECK(model.diagnostics.items().empty());
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  CHECK(analysis->coverage.exact);
  CHECK(measure_memory(model).peak_activation_bytes == 4 * 5 + 4 * 5);
}

TEST_CASE("coreml program: what is not known and what is wrong") {
  const std::string t = type(kF32, {1, 4});
  const Model opaque = tf_model(program({1, 4}, op("warp", {{"x", {"x"}}}, {{"y", t}})));
  const auto analysis = analyse(opaque);
  REQUIRE(analysis);
  REQUIRE(analysis->coverage.unknown_ops.size() == 1);
  CHECK(analysis->coverage.unknown_ops[0].op == "CUSTOM:warp");
  CHECK(output_shape(opaque) == "[1,4]");

  const Model differs = tf_model(program({1, 4}, op("relu", {{"x", {"x"}}}, {{"y", type(kF32, {1, 5})}})));
  REQUIRE(differs.diagnostics.items().size() == 1);
  CHECK(differs.diagnostics.items()[0].code == "shape-differs");
  CHECK(differs.diagnostics.items()[0].message == "makes [1,4], the file states [1,5]");

  const struct {
    std::string ops, error;
  } cases[] = {
      {op("relu", {{"x", {"z"}}}, {{"y", t}}),
       "op #0 relu \"y\" (byte 0x64): x \"z\" is never defined [invalid-graph]"},
      {op("relu", {{"x", {"x"}}}, {{"q", t}}), "result \"y\" of the function is never defined [invalid-graph]"},
      {op("const", {}, {{"y", t}}), "op #0 const \"y\" (byte 0x64): a constant without a value [invalid-graph]"},
      {op("linear", {{"x", {"x"}}, {"weight", {is(floats({5, 3}, 15))}}}, {{"y", t}}),
       "op #0 linear \"y\" (byte 0x6a): weights take 3 inputs, there are 4 [shape-mismatch]"},
      {op("linear", {{"x", {"x"}}, {"weight", {is(floats({5, 4}, 19))}}}, {{"y", t}}),
       "op #0 linear \"y\" (byte 0x6a): a value of 76 bytes, float32 [5,4] takes 80 [damaged]"},
      {op("gather", {{"x", {"x"}}, {"indices", {is(immediate(type(kI32, {9}), 2, wire_packed(1, {1, 2})))}}},
          {{"y", t}}),
       "op #0 gather \"y\" (byte 0x67): a value of 2 bytes of numbers, int32 [9] has 9 [damaged]"},
      {op("cond", {{"pred", {"x"}}}, {{"y", t}}),
       "op #0 cond \"y\" (byte 0x64): has 0 blocks, needs 2 [invalid-graph]"},
      {op("constexpr_cast", {{"source_val", {"x"}}}, {{"y", t}}),
       "op #0 constexpr_cast \"y\" (byte 0x64): source_val \"x\" is no constant [invalid-graph]"},
  };
  for (const auto& c : cases) CHECK(tf_error(program({1, 4}, c.ops)) == c.error);
}

TEST_CASE("coreml program: the draft of before the first release") {
  const auto tensor = [](const Dims& dims) {
    std::string out = wire_number(1, kF32) + wire_number(2, dims.size());
    for (const std::int64_t dim : dims) out += wire_bytes(3, wire_number(2, static_cast<std::uint64_t>(dim)));
    return wire_bytes(2, out);
  };
  const std::string product = wire_bytes(3, wire_bytes(1, "p") + wire_bytes(2, "matmul") +
                                                wire_bytes(3, wire_bytes(1, "x") + wire_bytes(2, "x")) +
                                                wire_bytes(3, wire_bytes(1, "y") + wire_bytes(2, "w")) +
                                                wire_bytes(4, wire_bytes(1, "y") + wire_bytes(2, tensor({2, 5}))));
  const std::string main = wire_bytes(1, wire_bytes(1, "x") + wire_bytes(2, tensor({2, 3}))) +
                           wire_bytes(2, tensor({2, 5})) + wire_bytes(3, wire_bytes(2, "y") + product);
  const std::string weight =
      wire_bytes(2, tensor({3, 5})) + wire_bytes(4, wire_bytes(1, "./w.wt") + wire_number(2, 48));
  const Model model = tf_model(cm_model(cm_input("x", {2, 3}) + cm_output("y"), 502,
                                        wire_number(1, 1) + wire_bytes(2, wire_bytes(1, "main") + wire_bytes(2, main)) +
                                            wire_bytes(3, wire_bytes(1, "w") + wire_bytes(2, weight)),
                                        5));
  CHECK(kinds_of(model.main()) == "Dense");
  CHECK(macs_of(model) == 2 * 3 * 5);
  CHECK(analyse(model)->totals.weight_bytes == 4 * 3 * 5);
}
