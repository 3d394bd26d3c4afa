// SPDX-License-Identifier: Apache-2.0
#include "parsers/executorch/executorch.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>

#include "cost/analysis.h"
#include "executorch_generated.h"
#include "flat_tensor_generated.h"
#include "graph/shape_inference.h"
#include "tests/parsers/onnx_support.h"
#include "xnnpack_generated.h"

namespace nngauge::test {
namespace {

namespace fb = executorch::fb;
namespace xnn = executorch::xnn;
using Values = std::vector<int>;

template <class T>
void append(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// Writes a program of one method. Constants stand in segment 0, compiled subgraphs in the ones that follow.
class Writer {
 public:
  int tensor(const std::vector<int>& sizes, int type = 6) { return add_tensor(sizes, type, 0, true); }
  // In the memory of the tensor that was made last.
  int same_place(const std::vector<int>& sizes, int type = 6) {
    memory_ -= 64;
    return add_tensor(sizes, type, 0, true);
  }
  int constant(const std::vector<int>& sizes, int type = 6, std::uint64_t element_bytes = 4) {
    std::uint64_t bytes = element_bytes;
    for (const int size : sizes) bytes *= static_cast<std::uint64_t>(size);
    offsets_.push_back(constants_.size());
    constants_.append(bytes, '\1');
    return add_tensor(sizes, type, static_cast<unsigned>(offsets_.size() - 1), false);
  }
  int external(const std::vector<int>& sizes, const char* name) {
    const auto place = fb::CreateTensorPlaceDirect(fbb_, 0, name, 1);
    const auto tensor = fb::CreateTensorDirect(fbb_, 6, 0, &sizes, nullptr, 0, 0, 0, 0, 0, place);
    return add(fb::Value_Tensor, tensor.Union());
  }
  int number(std::int64_t value) { return add(fb::Value_Int, fb::CreateInt(fbb_, value).Union()); }
  int flag(bool value) { return add(fb::Value_Bool, fb::CreateBool(fbb_, value).Union()); }
  int real(double value) { return add(fb::Value_Double, fb::CreateDouble(fbb_, value).Union()); }
  int none() { return add(fb::Value_Null, fb::CreateNull(fbb_).Union()); }
  int list(const std::vector<std::int64_t>& numbers) {
    std::vector<std::int64_t> places;
    for (const std::int64_t value : numbers) places.push_back(number(value));
    return add(fb::Value_IntList, fb::CreateIntListDirect(fbb_, &places).Union());
  }
  int tensors(const Values& values) {
    return add(fb::Value_TensorList, fb::CreateTensorListDirect(fbb_, &values).Union());
  }

  void kernel(const char* name, const char* overload, const Values& args) {
    operators_.push_back(fb::CreateOperatorDirect(fbb_, name, overload));
    const auto call = fb::CreateKernelCallDirect(fbb_, static_cast<int>(operators_.size()) - 1, &args);
    instructions_.push_back(fb::CreateInstruction(fbb_, fb::InstructionArguments_KernelCall, call.Union()));
  }
  void delegate(const char* backend, const std::string& blob, const Values& args) {
    blobs_.push_back(blob);
    const auto place = fb::CreateBlobPlace(fbb_, 1, static_cast<unsigned>(blobs_.size()));
    delegates_.push_back(fb::CreateDelegateDirect(fbb_, backend, place));
    const auto call = fb::CreateDelegateCallDirect(fbb_, static_cast<int>(delegates_.size()) - 1, &args);
    instructions_.push_back(fb::CreateInstruction(fbb_, fb::InstructionArguments_DelegateCall, call.Union()));
  }
  void instruction(fb::InstructionArguments type, flatbuffers::Offset<void> table) {
    instructions_.push_back(fb::CreateInstruction(fbb_, type, table));
  }
  flatbuffers::FlatBufferBuilder& fbb() { return fbb_; }

  std::string finish(const Values& inputs, const Values& outputs) {
    const std::vector chains = {fb::CreateChainDirect(fbb_, nullptr, nullptr, &instructions_)};
    const std::vector plans = {fb::CreateExecutionPlanDirect(fbb_, "forward", 0, &values_, &inputs, &outputs, &chains,
                                                             &operators_, &delegates_)};
    std::vector<flatbuffers::Offset<fb::Segment>> segments = {fb::CreateSegment(fbb_, 0, constants_.size())};
    std::uint64_t at = constants_.size();
    for (const std::string& blob : blobs_) {
      segments.push_back(fb::CreateSegment(fbb_, at, blob.size()));
      at += blob.size();
    }
    const auto constants = fb::CreateSubsegmentOffsetsDirect(fbb_, 0, &offsets_);
    fbb_.Finish(fb::CreateProgramDirect(fbb_, 0, &plans, nullptr, nullptr, &segments, constants), "ET12");
    std::string file(reinterpret_cast<const char*>(fbb_.GetBufferPointer()), fbb_.GetSize());
    // The header stands between the identifier and the tables: all that root and offsets say stays true.
    std::string header = "eh00";
    append(header, std::uint32_t{24});
    append(header, std::uint64_t{file.size() + 24});
    append(header, std::uint64_t{file.size() + 24});
    std::uint32_t root = 0;
    std::memcpy(&root, file.data(), sizeof root);
    root += 24;
    std::memcpy(file.data(), &root, sizeof root);
    file.insert(8, header);
    file += constants_;
    for (const std::string& blob : blobs_) file += blob;
    return file;
  }

 private:
  int add(fb::Value type, flatbuffers::Offset<void> value) {
    values_.push_back(fb::CreateEValue(fbb_, type, value));
    return static_cast<int>(values_.size()) - 1;
  }
  int add_tensor(const std::vector<int>& sizes, int type, unsigned buffer, bool allocated) {
    const auto memory = allocated ? fb::CreateAllocation(fbb_, 1, memory_ += 64) : 0;
    return add(
        fb::Value_Tensor,
        fb::CreateTensorDirect(fbb_, static_cast<std::int8_t>(type), 0, &sizes, nullptr, 0, buffer, memory).Union());
  }

  flatbuffers::FlatBufferBuilder fbb_;
  std::vector<flatbuffers::Offset<fb::EValue>> values_;
  std::vector<flatbuffers::Offset<fb::Operator>> operators_;
  std::vector<flatbuffers::Offset<fb::Delegate>> delegates_;
  std::vector<flatbuffers::Offset<fb::Instruction>> instructions_;
  std::vector<std::uint64_t> offsets_ = {0};  // constant 0 is none
  unsigned memory_ = 0;
  std::string constants_;
  std::vector<std::string> blobs_;
};

class OneFile final : public Companions {
 public:
  OneFile(std::string name, std::string content) : name_(std::move(name)), content_(std::move(content)) {}
  Result<std::uint64_t> size_bytes(const std::string& name) const override {
    if (name != name_) return make_error(ErrorCode::kUnreadable, "absent");
    return content_.size();
  }
  Result<std::shared_ptr<const MappedFile>> open(const std::string& name) const override {
    if (name != name_) return make_error(ErrorCode::kUnreadable, "absent");
    return MappedFile::over(as_bytes(content_));
  }

 private:
  std::string name_, content_;
};

Result<Model> read(const std::string& file, const Companions& companions = no_companions()) {
  return read_model({"m.pte", as_bytes(file), &companions});
}
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

// A convolution, its pooling and a dense layer, as kernels of their own.
std::string small_network() {
  Writer w;
  const int x = w.tensor({1, 3, 8, 8}), filter = w.constant({16, 3, 3, 3}), bias = w.constant({16});
  const int y = w.tensor({1, 16, 8, 8}), places = w.tensor({1, 16, 4, 4}, 4), pooled = w.tensor({1, 16, 4, 4});
  w.kernel("aten::convolution", "out",
           {x, filter, bias, w.list({1, 1}), w.list({1, 1}), w.list({1, 1}), w.flag(false), w.list({0, 0}), w.number(1),
            y, y});
  const int both = w.tensors({pooled, places});
  w.kernel("aten::max_pool2d_with_indices", "out",
           {y, w.list({2, 2}), w.list({2, 2}), w.list({0, 0}), w.list({1, 1}), w.flag(false), pooled, places, both});
  const int mean = w.tensor({1, 16}), matrix = w.constant({16, 10}), shift = w.constant({10}), out = w.tensor({1, 10});
  w.kernel("aten::mean", "out", {pooled, w.list({2, 3}), w.flag(false), w.none(), mean, mean});
  w.kernel("aten::addmm", "out", {shift, mean, matrix, w.number(1), w.number(1), out, out});
  return w.finish({x}, {out});
}

// --- XNNPACK ---

struct XnnValue {
  int id;
  std::vector<unsigned> dims;
  int type = 1;
  unsigned constant = 0, flags = 0, external = 0xFFFFFFFF;
};

class XnnGraph {
 public:
  explicit XnnGraph(const std::vector<XnnValue>& values) {
    for (const XnnValue& value : values) {
      const auto tensor = xnn::CreateTensorValueDirect(
          fbb_, static_cast<std::int16_t>(value.type), static_cast<unsigned>(value.dims.size()), &value.dims,
          value.constant, value.external, value.flags, static_cast<unsigned>(value.id));
      values_.push_back(xnn::CreateValue(fbb_, xnn::AnyValue_TensorValue, tensor.Union()));
    }
  }
  void node(xnn::AnyNode type, flatbuffers::Offset<void> table, float least = 1, float most = 0) {
    const auto limits = least < most ? xnn::CreateMinMax(fbb_, least, most) : 0;
    nodes_.push_back(xnn::CreateNode(fbb_, type, table, 0, limits));
  }
  flatbuffers::FlatBufferBuilder& fbb() { return fbb_; }
  // `constants` are sizes; constant 0 is none.
  std::string blob(const std::vector<std::uint64_t>& constants) {
    std::vector<flatbuffers::Offset<xnn::ConstantPlace>> places = {xnn::CreateConstantPlace(fbb_, 0, 0)};
    std::uint64_t at = 0;
    for (const std::uint64_t size : constants) {
      places.push_back(xnn::CreateConstantPlace(fbb_, at, size));
      at += size;
    }
    fbb_.Finish(xnn::CreateGraphDirect(fbb_, "0", &nodes_, &values_, 2, nullptr, nullptr, nullptr, 0, &places), "XN01");
    const std::string tables(reinterpret_cast<const char*>(fbb_.GetBufferPointer()), fbb_.GetSize());
    std::string out(4, '\0');
    out += "XH00";
    append(out, std::uint16_t{30});
    append(out, std::uint32_t{32});
    append(out, static_cast<std::uint32_t>(tables.size()));
    append(out, static_cast<std::uint32_t>(32 + tables.size()));
    append(out, at);
    return out + std::string(2, '\0') + tables + std::string(at, '\1');
  }

 private:
  flatbuffers::FlatBufferBuilder fbb_;
  std::vector<flatbuffers::Offset<xnn::Node>> nodes_;
  std::vector<flatbuffers::Offset<xnn::Value>> values_;
};

}  // namespace

TEST_CASE("executorch: kernels with constants in a segment", "[executorch]") {
  auto model = read(small_network());
  const Analysis analysis = count(model);
  CHECK(analysis.coverage.exact);
  CHECK(analysis.totals.macs == 8 * 8 * 16 * 3 * 3 * 3 + 16 * 10);
  CHECK(analysis.totals.params == 16 * 3 * 3 * 3 + 16 + 16 * 10 + 10);
  CHECK(analysis.totals.weight_bytes == 4 * (16 * 3 * 3 * 3 + 16 + 16 * 10 + 10));
  CHECK(model->format_version == "12");
  CHECK(graph_text(*model, model->main()) ==
        "Conv2D (value0, value1:weight, value2:bias) -> (value3) conv strides=[1,1] dilations=[1,1] pads=[1,1,1,1]\n"
        "MaxPool (value3) -> (value5) pool kernel=[2,2] strides=[2,2] dilations=[1,1] pads=[0,0,0,0]\n"
        "ReduceMean (value5) -> (value34) axes axes=[2,3] has_axes=true keep_dims=false\n"
        "MatMul (value34, value35:weight, value36:bias) -> (value37)\n");
  const auto& filter = model->main().tensors[1];
  CHECK(filter.data.size_bytes == 4 * 16 * 3 * 3 * 3);
  CHECK(filter.data.offset > 500);
}

TEST_CASE("executorch: kernels and their kinds", "[executorch]") {
  struct Case {
    const char* kernel;
    const char* overload;
    std::function<Values(Writer&, int x)> args;  // without the result
    std::vector<int> result;
    const char* text;
  };
  const std::vector<Case> cases = {
      {"aten::add",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.number(2), w.number(1)};
       },
       {1, 4, 6, 6},
       "Add (value0, value3/scalar) -> (value3)"},
      {"aten::rsub",
       "Scalar_out",
       [](Writer& w, int x) {
         return Values{x, w.real(1), w.number(1)};
       },
       {1, 4, 6, 6},
       "Sub (value3/scalar, value0) -> (value3)"},
      {"aten::hardtanh",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.number(0), w.number(6)};
       },
       {1, 4, 6, 6},
       "Relu6 (value0) -> (value3)"},
      {"aten::linear",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.constant({5, 6}), w.none()};
       },
       {1, 4, 6, 5},
       "Dense (value0, value1:weight) -> (value3) dense transpose_b=true keep_dims=true"},
      {"aten::_softmax",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.number(1), w.flag(false)};
       },
       {1, 4, 6, 6},
       "Softmax (value0) -> (value3) axis axis=1"},
      {"aten::select_copy",
       "int_out",
       [](Writer& w, int x) {
         return Values{x, w.number(1), w.number(3)};
       },
       {1, 6, 6},
       "Gather (value0, value3/integers:config) -> (value3) axis axis=1"},
      {"aten::transpose_copy",
       "int_out",
       [](Writer& w, int x) {
         return Values{x, w.number(1), w.number(-1)};
       },
       {1, 6, 6, 4},
       "Transpose (value0) -> (value3) transpose perm=[0,3,2,1]"},
      {"aten::constant_pad_nd",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.list({1, 2})};
       },
       {1, 4, 6, 9},
       "Pad (value0) -> (value4) pad pads=[0,0,0,1,0,0,0,2]"},
      {"aten::upsample_bilinear2d",
       "vec_out",
       [](Writer& w, int x) {
         return Values{x, w.none(), w.flag(false)};
       },
       {1, 4, 12, 12},
       "ResizeBilinear (value0) -> (value3) resize mode=linear sizes=[12,12] axes=[2,3]"},
      {"aten::sum",
       "IntList_out",
       [](Writer& w, int x) {
         return Values{x, w.none(), w.flag(false)};
       },
       {},
       "ReduceSum (value0) -> (value3) axes axes=[0,1,2,3] has_axes=true keep_dims=false"},
      {"aten::native_layer_norm",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.list({6}), w.constant({6}), w.constant({6})};
       },
       {1, 4, 6, 6},
       "LayerNorm (value0, value3:norm, value4:norm) -> (value5) norm"},
      {"quantized_decomposed::embedding_4bit",
       "out",
       [](Writer& w, int x) {
         const int table = w.constant({100, 8}, 1, 1), indices = w.tensor({2, 3}, 4);
         return Values{table, w.constant({100}), w.none(), w.number(-8), w.number(7), indices, x};
       },
       {2, 3, 16},
       "EmbeddingLookup (value2, value1:weight) -> (value7)"},
      {"aten::view_copy",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.list({1, -1})};
       },
       {1, 144},
       "Reshape (value0) -> (value4) reshape shape=[1,144] has_shape=true"},
      {"own::thing",
       "out",
       [](Writer& w, int x) {
         return Values{x, w.tensor({2, 2})};
       },
       {1, 4, 6, 6},
       "Custom (value0, value1) -> (value2) custom name=own::thing"},
  };
  for (const Case& c : cases) {
    INFO(c.kernel);
    Writer w;
    const int x = w.tensor({1, 4, 6, 6});
    Values args = c.args(w, x);
    const int out = w.tensor(c.result);
    args.insert(args.end(), {out, out});
    w.kernel(c.kernel, c.overload, args);
    auto model = read(w.finish({x}, {out}));
    (void)count(model);
    const Graph& graph = model->main();
    CHECK(op_text(*model, graph, graph.ops[0]) == c.text);
    CHECK(shape_text(graph.tensors[static_cast<std::size_t>(graph.ops[0].outputs[0])].shape, model->symbols) ==
          shape_text(Shape(std::vector<Dim>(c.result.begin(), c.result.end())), model->symbols));
  }
}

TEST_CASE("executorch: packed tables have twice the elements of their bytes", "[executorch]") {
  Writer w;
  const int table = w.constant({100, 8}, 1, 1), indices = w.tensor({2, 3}, 4), out = w.tensor({2, 3, 16});
  w.kernel("quantized_decomposed::embedding_4bit", "out",
           {table, w.constant({100}), w.none(), w.number(-8), w.number(7), indices, out, out});
  auto model = read(w.finish({indices}, {out}));
  const Analysis analysis = count(model);
  CHECK(analysis.totals.params == 100 * 16);
  CHECK(analysis.totals.weight_bytes == 100 * 16 / 2);
}

TEST_CASE("executorch: what writes in place, moves, and numbers", "[executorch]") {
  Writer w;
  const int x = w.tensor({4}), state = w.tensor({4}), y = w.tensor({4}), n = w.number(0);
  w.kernel("executorch_prim::add", "Scalar", {n, n, n});
  w.kernel("aten::copy_", "", {state, x, w.flag(false), state});
  w.kernel("aten::relu", "out", {state, y, y});
  w.instruction(fb::InstructionArguments_MoveCall, fb::CreateMoveCall(w.fbb(), y, x).Union());
  w.instruction(fb::InstructionArguments_JumpFalseCall, fb::CreateJumpFalseCall(w.fbb()).Union());
  const auto model = read(w.finish({x}, {x}));
  REQUIRE(model);
  CHECK(graph_text(*model, model->main()) == "Identity (value0) -> (value1)\nRelu (value1) -> (value2)\n");
  CHECK(model->main().outputs == std::vector<TensorId>{2});
  CHECK(model->diagnostics.items()[0].code == "never-made");
  CHECK(model->diagnostics.items()[1].message == "the program jumps: every instruction is counted as executed once");
}

TEST_CASE("executorch: two tensors in one place are one under other extents", "[executorch]") {
  Writer w;
  const int x = w.tensor({2, 6}), y = w.tensor({2, 6}), flat = w.same_place({12}), z = w.tensor({12});
  const int other = w.tensor({3}), out = w.same_place({2, 6});
  w.kernel("aten::relu", "out", {x, y, y});
  w.kernel("aten::abs", "out", {flat, z, z});
  w.kernel("aten::exp", "out", {out, z, z});
  const auto model = read(w.finish({x}, {z}));
  REQUIRE(model);
  CHECK(graph_text(*model, model->main()) ==
        "Relu (value0) -> (value1)\n"
        "Reshape (value1) -> (value2) reshape shape=[12] has_shape=true\n"
        "Abs (value2) -> (value3)\n"
        "Exp (value5) -> (value3)\n");
  // What nothing has written there stays state.
  REQUIRE(model->diagnostics.items().size() == 1);
  CHECK(model->diagnostics.items()[0].code == "never-made");
  CHECK(other != out);
}

TEST_CASE("executorch: state that is read before it is written anew", "[executorch]") {
  Writer w;
  const int x = w.tensor({4}), state = w.tensor({4}), y = w.tensor({4});
  w.kernel("aten::add", "out", {x, state, w.number(1), y, y});
  w.kernel("aten::copy_", "", {state, y, w.flag(false), state});
  auto model = read(w.finish({x}, {y}));
  CHECK(count(model).coverage.exact);
  CHECK(graph_text(*model, model->main()) == "Add (value0, value1) -> (value2)\nIdentity (value2) -> (value1)\n");
  CHECK(model->diagnostics.items()[0].code == "never-made");
}

TEST_CASE("executorch: parts listed twice", "[executorch]") {
  Writer w;
  const int x = w.tensor({2, 4, 3}), a = w.tensor({2, 1, 3}), b = w.tensor({2, 3, 3});
  const int once = w.tensors({a, b}), again = w.tensors({a, b});
  w.kernel("aten::split_with_sizes_copy", "out", {x, w.list({1, 3}), w.number(1), once, again});
  const auto model = read(w.finish({x}, {a, b}));
  REQUIRE(model);
  CHECK(graph_text(*model, model->main()) == "Split (value0) -> (value1, value2) split axis=1 sizes=[1,3]\n");
}

TEST_CASE("executorch: a variance is a mean of squared distances", "[executorch]") {
  Writer w;
  const int x = w.tensor({2, 4, 3}), y = w.tensor({2, 1, 3});
  w.kernel("aten::var", "correction_out", {x, w.list({1}), w.number(1), w.flag(true), y, y});
  auto model = read(w.finish({x}, {y}));
  const Analysis analysis = count(model);
  CHECK(analysis.coverage.exact);
  CHECK(graph_text(*model, model->main()) ==
        "ReduceMean (value0) -> (value1) axes axes=[1] has_axes=true\n"
        "SquaredDifference (value0, value1) -> (value1)\n"
        "ReduceMean (value1) -> (value1) axes axes=[1] has_axes=true\n");
}

TEST_CASE("executorch: attention over a cache of all steps", "[executorch]") {
  Writer w;
  const int q = w.tensor({1, 5, 8, 16}), cache = w.tensor({1, 32, 2, 16}), y = w.tensor({1, 5, 8, 16});
  const int done = w.tensor({1, 32, 2, 16});
  w.kernel("llama::update_cache", "out", {w.tensor({1, 5, 2, 16}), cache, w.number(0), done, done});
  w.kernel("llama::custom_sdpa", "out",
           {q, cache, cache, w.number(0), w.none(), w.real(0), w.flag(true), w.none(), y, y});
  auto model = read(w.finish({q, cache}, {y}));
  const Analysis analysis = count(model);
  CHECK(analysis.coverage.unknown_ops.empty());
  CHECK(analysis.totals.macs == 2 * (5 * 32 * 8 * 16));
}

TEST_CASE("executorch: tensors in a file beside the program", "[executorch]") {
  Writer w;
  const int x = w.tensor({1, 8}), weight = w.external({4, 8}, "linear.weight"), y = w.tensor({1, 4});
  w.kernel("aten::linear", "out", {x, weight, w.none(), y, y});
  const std::string file = w.finish({x}, {y});

  flatbuffers::FlatBufferBuilder fbb;
  namespace ptd = executorch::ptd;
  const std::vector names = {ptd::CreateNamedDataDirect(fbb, "linear.weight", 0)};
  const std::vector segments = {ptd::CreateSegment(fbb, 16, 4 * 8 * 4)};
  fbb.Finish(ptd::CreateFlatTensorDirect(fbb, 0, &segments, &names), "FT01");
  std::string side(reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize());
  std::uint32_t root = 0;
  std::memcpy(&root, side.data(), sizeof root);
  root += 40;
  std::memcpy(side.data(), &root, sizeof root);
  std::string header = "FH01";
  append(header, std::uint32_t{40});
  append(header, std::uint64_t{0});
  append(header, std::uint64_t{side.size() + 40});
  append(header, std::uint64_t{side.size() + 40});
  append(header, std::uint64_t{16 + 4 * 8 * 4});
  side.insert(8, header);
  const std::size_t base = side.size();
  side += std::string(16 + 4 * 8 * 4, '\2');

  auto model = read(file, OneFile("m.ptd", side));
  CHECK(count(model).totals.weight_bytes == 4 * 8 * 4);
  CHECK(model->main().tensors[1].name == "linear.weight");
  CHECK(model->main().tensors[1].data == DataRef{1, base + 16, 4 * 8 * 4});
  CHECK(model->files[1].name == "m.ptd");
  CHECK(model->diagnostics.items().empty());
  auto by_default = read(file, OneFile("_default_external_constant.ptd", side));
  CHECK(count(by_default).totals.weight_bytes == 4 * 8 * 4);
  CHECK(by_default->files[1].name == "_default_external_constant.ptd");
  CHECK(by_default->diagnostics.items().empty());

  auto alone = read(file);
  CHECK(count(alone).totals.weight_bytes == 4 * 8 * 4);
  CHECK(alone->diagnostics.items()[0].message == "constants lie in another file, which is not beside the program");

  const auto tensors = read_model({"m.ptd", as_bytes(side)});
  REQUIRE_FALSE(tensors);
  CHECK(tensors.error().text() == "tensors of an ExecuTorch program by name (.ptd) and no graph [weights-only]");
}

TEST_CASE("executorch: a compiled subgraph is opaque, with its size", "[executorch]") {
  Writer w;
  const int x = w.tensor({1, 8}), y = w.tensor({1, 4});
  w.delegate("CoreMLBackend", std::string(1000, 'x'), {x, y});
  auto model = read(w.finish({x}, {y}));
  const Analysis analysis = count(model);
  CHECK_FALSE(analysis.coverage.exact);
  REQUIRE(analysis.coverage.unknown_ops.size() == 1);
  CHECK(analysis.coverage.unknown_ops[0].op == "DelegateBlob:CoreMLBackend");
  CHECK(model->main().ops[0].outputs.size() == 1);
  CHECK(model->diagnostics.items()[0].message == "1000 bytes are compiled for this backend and not looked into");
}

TEST_CASE("executorch: the graph inside a blob of XNNPACK", "[executorch]") {
  XnnGraph g({{0, {1, 3, 8, 8}, 1, 0, 1, 0},
              {1, {1, 8, 8, 3}},
              {2, {16, 3, 3, 3}, 1, 1},
              {3, {16}, 1, 2},
              {4, {1, 8, 8, 16}},
              {5, {1, 3, 3, 16}, 6, 3},
              {6, {1, 4, 4, 16}},
              {7, {1, 1, 1, 16}},
              {8, {10, 16}, 1, 4},
              {9, {1, 10}, 1, 0, 2, 1},
              {10, {1, 16}}});
  const std::vector<unsigned> perm = {0, 2, 3, 1}, flat = {1, 16};
  auto& f = g.fbb();
  constexpr unsigned kNone = 0xFFFFFFFF;
  g.node(xnn::AnyNode_Transpose, xnn::CreateTransposeDirect(f, 4, &perm, 0, 1).Union());
  g.node(xnn::AnyNode_Conv2d, xnn::CreateConv(f, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 3, 16, 1, 0, 0, 1, 2, 3, 4).Union(), 0,
         6);
  g.node(xnn::AnyNode_DepthwiseConv2d,
         xnn::CreateConv(f, 1, 1, 1, 1, 3, 3, 2, 2, 1, 1, 1, 1, 16, 0, 0, 4, 5, kNone, 6).Union());
  g.node(xnn::AnyNode_GlobalAvgPool, xnn::CreateNode1(f, 6, 7).Union());
  g.node(xnn::AnyNode_Reshape, xnn::CreateReshapeDirect(f, 2, &flat, 7, 10).Union());
  g.node(xnn::AnyNode_FullyConnected, xnn::CreateFullyConnected(f, 10, 8, kNone, 9).Union());
  const std::string blob = g.blob({16 * 3 * 3 * 3 * 4, 16 * 4, 16 * 3 * 3, 16 * 10 * 4});

  SECTION("operators, weights, totals") {
    Writer w;
    const int x = w.tensor({1, 3, 8, 8}), y = w.tensor({1, 10}), z = w.tensor({1, 10});
    w.delegate("XnnpackBackend", blob, {x, y});
    w.kernel("aten::_softmax", "out", {y, w.number(-1), w.flag(false), z, z});
    const std::string file = w.finish({x}, {z});
    auto model = read(file);
    const Analysis analysis = count(model);
    CHECK(analysis.coverage.exact);
    CHECK(analysis.totals.macs == 8 * 8 * 16 * 3 * 3 * 3 + 4 * 4 * 16 * 3 * 3 + 16 * 10);
    CHECK(analysis.totals.params == 16 * 3 * 3 * 3 + 16 + 16 * 3 * 3 + 16 * 10);
    CHECK(analysis.totals.weight_bytes == 4 * (16 * 3 * 3 * 3 + 16) + 16 * 3 * 3 + 4 * 16 * 10);
    CHECK(analysis.totals.ops == 7);
    const Graph& graph = model->main();
    CHECK(graph.ops[1].activation == FusedActivation::kRelu6);
    CHECK(graph.ops[1].source_op == "xnnpack::Conv2d");
    CHECK(graph.ops[2].kind == OpKind::kDepthwiseConv2D);
    const Tensor& last = graph.tensors[static_cast<std::size_t>(graph.ops[5].inputs[1].tensor)];
    CHECK(last.data.offset + last.data.size_bytes == file.size());
  }
  SECTION("channels last outside: the same bytes under other extents") {
    XnnGraph turned({{0, {1, 8, 8, 3}, 1, 0, 1, 0}, {1, {1, 8, 8, 3}, 1, 0, 2, 1}});
    turned.node(xnn::AnyNode_Abs, xnn::CreateNode1(turned.fbb(), 0, 1).Union());
    Writer w;
    const int x = w.tensor({1, 3, 8, 8}), y = w.tensor({1, 3, 8, 8});
    w.delegate("XnnpackBackend", turned.blob({}), {x, y});
    const auto model = read(w.finish({x}, {y}));
    REQUIRE(model);
    CHECK(graph_text(*model, model->main()) ==
          "Reshape (value0) -> (XnnpackBackend/0) reshape shape=[1,8,8,3] has_shape=true\n"
          "Abs (XnnpackBackend/0) -> (XnnpackBackend/1)\n"
          "Reshape (XnnpackBackend/1) -> (value1) reshape shape=[1,3,8,8] has_shape=true\n");
  }
  SECTION("limits of a clamp, a value that only passes") {
    XnnGraph passing({{0, {1, 8}, 1, 0, 3, 0}, {1, {1, 8}, 1, 0, 2, 1}});
    passing.node(xnn::AnyNode_Clamp, xnn::CreateNode1(passing.fbb(), 0, 1).Union(), 0, 6);
    Writer w;
    const int x = w.tensor({1, 8}), same = w.tensor({1, 8}), y = w.tensor({1, 8});
    w.delegate("XnnpackBackend", passing.blob({}), {x, same, y});
    const auto model = read(w.finish({x}, {same, y}));
    REQUIRE(model);
    CHECK(graph_text(*model, model->main()) ==
          "Relu6 (value0) -> (value2)\nReshape (value0) -> (value1) reshape shape=[1,8] has_shape=true\n");
  }
  SECTION("what is wrong inside it") {
    Writer w;
    const int x = w.tensor({1, 3, 8, 8});
    w.delegate("XnnpackBackend", blob, {x});
    CHECK(error_of(w.finish({x}, {x})) ==
          "method \"forward\": instruction #0 XnnpackBackend: the graph for XNNPACK: has 1 inputs and 1 results, the "
          "call hands over 1 tensors [invalid-graph]");
    Writer cut;
    const int a = cut.tensor({1, 3, 8, 8}), b = cut.tensor({1, 10});
    cut.delegate("XnnpackBackend", blob.substr(0, blob.size() - 1), {a, b});
    CHECK(error_of(cut.finish({a}, {b})) ==
          "method \"forward\": instruction #0 XnnpackBackend: " + std::to_string(4 * (16 * 27 + 16 + 160) + 144) +
              " bytes at byte " + std::to_string(blob.size() - (4 * (16 * 27 + 16 + 160) + 144)) +
              " run past the end of the file at " + std::to_string(blob.size() - 1) + " bytes [damaged]");
    XnnGraph few({{0, {1, 8}, 1, 0, 1, 0}, {1, {4, 8}, 1, 1}, {2, {1, 4}, 1, 0, 2, 1}});
    few.node(xnn::AnyNode_FullyConnected, xnn::CreateFullyConnected(few.fbb(), 0, 1, kNone, 2).Union());
    Writer v;
    const int c = v.tensor({1, 8}), d = v.tensor({1, 4});
    v.delegate("XnnpackBackend", few.blob({100}), {c, d});
    CHECK(error_of(v.finish({c}, {d})) ==
          "method \"forward\": instruction #0 XnnpackBackend: the graph for XNNPACK: value #1: needs 128 bytes, its "
          "constant holds 100 [damaged]");
  }
  SECTION("activations quantised by what they hold") {
    XnnGraph dense({{0, {1, 8}, 1, 0, 1, 0}, {1, {1, 8}, 9}, {2, {8, 8}, 3, 1}, {3, {1, 8}, 1, 0, 2, 1}});
    dense.node(xnn::AnyNode_Convert, xnn::CreateNode1(dense.fbb(), 0, 1).Union());
    dense.node(xnn::AnyNode_FullyConnected, xnn::CreateFullyConnected(dense.fbb(), 1, 2, kNone, 3).Union());
    const std::string inside = dense.blob({8 * 8});
    Writer w;
    const int x = w.tensor({1, 8}), y = w.tensor({1, 8});
    w.delegate("XnnpackBackend", inside, {x, y});
    auto model = read(w.finish({x}, {y}));
    const Analysis analysis = count(model);
    CHECK(model->main().ops[0].kind == OpKind::kDynamicQuantize);
    CHECK(analysis.precision.klass == "dynamic-int8");
    CHECK(analysis.totals.params == 8 * 8);
  }
  SECTION("a blob of another kind is opaque") {
    Writer w;
    const int x = w.tensor({1, 8}), y = w.tensor({1, 8});
    w.delegate("XnnpackBackend", std::string(64, 'q'), {x, y});
    const auto model = read(w.finish({x}, {y}));
    REQUIRE(model);
    CHECK(model->main().ops[0].kind == OpKind::kDelegateBlob);
  }
}

TEST_CASE("executorch: a file is known by its identifier", "[executorch]") {
  std::string file = small_network();
  CHECK(executorch::sniff({"m.bin", as_bytes(file)}).confidence == Confidence::kCertain);
  file.replace(4, 4, "ETxx");
  CHECK(executorch::sniff({"m.pte", as_bytes(file)}).confidence == Confidence::kNone);
}

TEST_CASE("executorch: what is wrong is said", "[executorch]") {
  SECTION("cut off") {
    const std::string file = small_network();
    CHECK(error_of(file.substr(0, file.size() - 20)) ==
          "method \"forward\": value #36: 40 bytes at byte " + std::to_string(file.size() - 40) +
              " run past the end of the file at " + std::to_string(file.size() - 20) + " bytes [damaged]");
    CHECK(error_of(file.substr(0, 300)).ends_with("[damaged]"));
  }
  SECTION("operators and values that are not there") {
    Writer w;
    const int x = w.tensor({4});
    w.instruction(fb::InstructionArguments_KernelCall, fb::CreateKernelCallDirect(w.fbb(), 3).Union());
    CHECK(error_of(w.finish({x}, {x})) == "method \"forward\": instruction #0: names operator 3 of 0 [invalid-graph]");
    Writer v;
    const int y = v.tensor({4});
    v.kernel("aten::relu", "out", {77, y, y});
    CHECK(error_of(v.finish({y}, {y})) ==
          "method \"forward\": instruction #0 aten::relu.out: an argument is value #77 of 1 [invalid-graph]");
  }
  SECTION("negative extents") {
    Writer w;
    const int x = w.tensor({4, -1});
    CHECK(error_of(w.finish({x}, {x})) == "method \"forward\": value #0: an extent is -1 [invalid-graph]");
  }
  SECTION("axes that are not there") {
    Writer w;
    const int x = w.tensor({2, 3}), y = w.tensor({3, 2});
    w.kernel("aten::transpose_copy", "int_out", {x, w.number(0), w.number(2), y, y});
    CHECK(error_of(w.finish({x}, {y})) ==
          "method \"forward\": instruction #0 aten::transpose_copy.int_out: exchanges axes 0 and 2 of 2 "
          "[invalid-attribute]");
  }
}

}  // namespace nngauge::test
