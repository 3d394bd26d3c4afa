// SPDX-License-Identifier: Apache-2.0
// Shape arithmetic as exporters write it, run through whole-graph inference with open extents.
#include <catch2/catch.hpp>

#include "graph/shape_inference.h"

namespace nngauge {
namespace {

using K = OpKind;

// A graph built op by op: each call gives the id of its (first) result.
class Chain {
 public:
  Chain() { model_.graphs.emplace_back(); }

  TensorId input(std::vector<Dim> dims, DType dtype = DType::kFloat32) {
    const TensorId id = tensor(dtype);
    graph().tensors.back().declared = Shape(std::move(dims));
    graph().inputs.push_back(id);
    return id;
  }
  TensorId ints(Ints elements) {
    const TensorId id = tensor(DType::kInt64);
    Tensor& made = graph().tensors.back();
    made.is_constant = true;
    made.declared = Shape{static_cast<std::int64_t>(elements.size())};
    made.value = Value::of_ints(std::vector<Dim>(elements.begin(), elements.end()));
    return id;
  }
  TensorId scalar(std::int64_t element) {
    const TensorId id = ints({element});
    graph().tensors.back().declared = Shape::scalar();
    return id;
  }
  TensorId reals(std::vector<double> elements) {
    const TensorId id = ints(Ints(elements.size()));
    graph().tensors.back().dtype = DType::kFloat32;
    graph().tensors.back().value = Value::of_reals(std::move(elements));
    return id;
  }
  TensorId op(K kind, std::vector<TensorId> operands, Attributes attrs = {}, std::size_t results = 1) {
    Op made;
    made.kind = kind;
    made.attrs = std::move(attrs);
    for (const TensorId id : operands) made.inputs.push_back({id, OperandRole::kData});
    for (std::size_t i = 0; i < results; ++i) made.outputs.push_back(tensor(DType::kUnknown));
    const TensorId first = made.outputs.front();
    graph().ops.push_back(std::move(made));
    return first;
  }
  Dim symbol(const char* name) { return Dim::symbol(model_.symbols.intern(name)); }

  // The inferred shape of a tensor, or the error.
  std::string shape(TensorId id) {
    graph().outputs = {id};
    if (const Status status = complete_model(model_, {}); !status) return status.error().text();
    return shape_text(graph().tensors[static_cast<std::size_t>(id)].shape, model_.symbols);
  }
  [[nodiscard]] std::size_t assumed() const { return model_.assumed_dims.size(); }
  // The codes of all remarks, in order.
  [[nodiscard]] std::string codes() const {
    std::string out;
    for (const Diagnostic& remark : model_.diagnostics.items()) out += remark.code + " ";
    return out;
  }

 private:
  Graph& graph() { return model_.graphs.front(); }
  TensorId tensor(DType dtype) {
    graph().tensors.emplace_back().dtype = dtype;
    graph().tensors.back().name = "t" + std::to_string(graph().tensors.size());
    return static_cast<TensorId>(graph().tensors.size() - 1);
  }
  Model model_;
};

AxisAttrs axis(std::int64_t number) {
  AxisAttrs out;
  out.axis = number;
  return out;
}

AxesAttrs axes(Ints list) { return {std::move(list), true}; }

TEST_CASE("folding chain: view(x.size(0), -1) of an open sequence") {
  Chain g;
  const TensorId x = g.input({2, g.symbol("seq"), 4, 8});
  const TensorId shape = g.op(K::kShape, {x});
  const TensorId length = g.op(K::kGather, {shape, g.scalar(1)}, axis(0));
  const TensorId row = g.op(K::kUnsqueeze, {length}, axes({0}));
  const TensorId target = g.op(K::kConcat, {g.ints({2}), row, g.ints({-1})}, axis(0));
  CHECK(g.shape(g.op(K::kReshape, {x, target})) == "[2,seq,32]");
}

TEST_CASE("folding chain: heads split off by division") {
  Chain g;
  const TensorId x = g.input({1, g.symbol("seq"), 768});
  const TensorId shape = g.op(K::kShape, {x});
  const TensorId width = g.op(K::kGather, {shape, g.scalar(2)}, axis(0));
  const TensorId per_head = g.op(K::kDiv, {width, g.scalar(12)});
  const TensorId parts = g.op(K::kSlice, {shape, g.ints({0}), g.ints({2}), g.ints({0})}, [] {
    SliceAttrs attrs;
    attrs.onnx_form = true;
    return attrs;
  }());
  const TensorId target = g.op(K::kConcat, {parts, g.ints({12}), g.op(K::kUnsqueeze, {per_head}, axes({0}))}, axis(0));
  const TensorId heads = g.op(K::kReshape, {x, target});
  CHECK(g.shape(g.op(K::kTranspose, {heads}, TransposeAttrs{{0, 2, 1, 3}})) == "[1,12,seq,64]");
}

TEST_CASE("folding chain: sizes of an upsampling computed in float32") {
  Chain g;
  const TensorId x = g.input({1, 3, 7, 9});
  const TensorId shape = g.op(K::kShape, {x});
  const TensorId spatial = g.op(K::kSplit, {shape}, SplitAttrs{0, {2, 2}, 0}, 2) + 1;
  const TensorId as_real = g.op(K::kCast, {spatial}, CastAttrs{DType::kFloat32});
  const TensorId larger = g.op(K::kFloor, {g.op(K::kMul, {as_real, g.reals({2.5, 0.1})})});
  const TensorId sizes =
      g.op(K::kConcat, {g.ints({1, 3}), g.op(K::kCast, {larger}, CastAttrs{DType::kInt64})}, axis(0));
  ResizeAttrs attrs;
  CHECK(g.shape(g.op(K::kResizeBilinear, {x, kNoTensor, kNoTensor, sizes}, attrs)) == "[1,3,17,0]");
}

TEST_CASE("folding chain: expand to a shape with -1 replaced by ones") {
  Chain g;
  const TensorId x = g.input({1, 5});
  const TensorId y = g.input({3, g.symbol("seq"), 5});
  const TensorId shape = g.op(K::kShape, {y});
  const TensorId ones = g.op(K::kFill, {g.op(K::kShape, {shape})}, [] {
    FillAttrs attrs;
    attrs.dtype = DType::kInt64;
    attrs.value = 1;
    attrs.has_value = true;
    return attrs;
  }());
  const TensorId missing = g.op(K::kEqual, {shape, g.op(K::kMul, {ones, g.ints({-1})})});
  const TensorId target = g.op(K::kSelect, {missing, ones, shape});
  CHECK(g.shape(g.op(K::kExpand, {x, target})) == "[3,seq,5]");
}

TEST_CASE("folding chain: TensorFlow's unpacked and packed shapes") {
  Chain g;
  const TensorId x = g.input({2, g.symbol("h"), g.symbol("w"), 3});
  const TensorId parts = g.op(K::kUnstack, {g.op(K::kShape, {x})}, axis(0), 4);
  const TensorId area = g.op(K::kMul, {parts + 1, parts + 2});
  const TensorId target = g.op(K::kStack, {parts, area, parts + 3}, axis(0));
  CHECK(g.shape(g.op(K::kReshape, {x, target})) == "[2,?,3]");
}

TEST_CASE("folding chain: a range over an open extent") {
  Chain g;
  const TensorId x = g.input({1, g.symbol("seq")}, DType::kInt64);
  const TensorId length = g.op(K::kGather, {g.op(K::kShape, {x}), g.scalar(1)}, axis(0));
  CHECK(g.shape(g.op(K::kRange, {g.scalar(0), length, g.scalar(1)})) == "[seq]");
}

TEST_CASE("an assumed batch that the model contradicts is withdrawn") {
  Chain g;
  const TensorId x = g.input({g.symbol("batch"), 15});
  const TensorId parts = g.op(K::kSplit, {x}, SplitAttrs{0, {5, 5, 5}, 0}, 3);
  CHECK(g.shape(parts) == "[5,15]");
  CHECK(g.assumed() == 0);
  CHECK(g.codes() == "batch-not-1 needs-dim ");
  Chain wrong;
  const TensorId y = wrong.input({wrong.symbol("batch"), 15});
  CHECK(wrong.shape(wrong.op(K::kSplit, {y}, SplitAttrs{1, {5, 5}, 0}, 2)) ==
        "op #0  \"\": the sizes sum to 10, the axis has extent 15 [shape-mismatch]");
}

TEST_CASE("folding chain: a product of extents that overflows is not folded, and hurts nobody") {
  Chain g;
  const TensorId big = g.op(K::kMul, {g.ints({9223372036854775807}), g.ints({2})});
  CHECK(g.shape(g.op(K::kFill, {big}, FillAttrs{})) == "[?]");
}

}  // namespace
}  // namespace nngauge
