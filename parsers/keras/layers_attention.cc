// SPDX-License-Identifier: Apache-2.0
// Attention and einsum layers, as Keras computes them: projections and products are einsums.
#include <algorithm>

#include "parsers/keras/arguments.h"
#include "parsers/keras/layers.h"

namespace nngauge::keras {
namespace {

// x and a kernel by an equation, and a bias: the products of EinsumDense and of the projections.
Made project(Layer& l, TensorId x, const std::string& equation, const std::string& folder, const Shape& kernel,
             const Shape& bias) {
  EinsumAttrs attrs;
  attrs.equation = equation;
  l.op.kind = OpKind::kEinsum;
  l.op.attrs = std::move(attrs);
  l.op.inputs = {{x, OperandRole::kData}, {l.variable(folder + "kernel", 0, kernel), OperandRole::kWeight}};
  NNGAUGE_TRY(const TensorId product, l.emit());
  if (!bias.ranked()) return product;
  l.op.kind = OpKind::kAdd;
  l.op.inputs = {{product, OperandRole::kData}, {l.variable(folder + "bias", 1, bias), OperandRole::kBias}};
  return l.emit();
}

std::string letters(std::size_t count, char first = 'a') {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>(first + static_cast<char>(i));
  return out;
}

AxisAttrs last_axis() {
  AxisAttrs attrs;
  attrs.axis = -1;
  return attrs;
}

AxesAttrs one_axis(std::int64_t axis) {
  AxesAttrs attrs;
  attrs.axes = {axis};
  attrs.has_axes = true;
  attrs.keep_dims = false;
  return attrs;
}

// Adds what hides keys: a mask for all heads, or the causal one.
Made mask_scores(Layer& l, TensorId scores, std::size_t batch_axes) {
  const TensorId mask = as_tensor(l.argument(64, "attention_mask"));
  if (mask != kNoTensor) {
    TensorId wide = mask;
    if (l.shape(mask).ranked() && l.shape(scores).ranked() && l.shape(mask).rank() + 1 == l.shape(scores).rank()) {
      NNGAUGE_TRY(wide, l.emit(OpKind::kUnsqueeze, {mask}, one_axis(static_cast<std::int64_t>(batch_axes))));
    }
    NNGAUGE_TRY(scores, l.emit(OpKind::kAdd, {scores, wide}));
  }
  const Json& causal = l.argument(64, "use_causal_mask");
  if (!causal.is_boolean() || !causal.get<bool>()) return scores;
  const Dim queries = l.shape(scores).at(-2), keys = l.shape(scores).at(-1);
  if (!queries.known() || !keys.known()) return scores;
  l.op.kind = OpKind::kAdd;
  const TensorId triangle = l.writer().add_constant(l.name() + "/causal_mask", DType::kFloat32, {queries, keys}, {});
  l.op.inputs = {{scores, OperandRole::kData}, {triangle, OperandRole::kConfig}};
  return l.emit();
}

struct Heads {
  TensorId query, key, value;
};

Heads operands(const Layer& l) {
  Heads out = {as_tensor(l.argument(0, "query")), as_tensor(l.argument(1, "value")), kNoTensor};
  out.value = out.key;
  const TensorId key = as_tensor(l.argument(2, "key"));
  if (key != kNoTensor) out.key = key;
  return out;
}

bool wants_scores(const Layer& l) {
  const Json& scores = l.argument(64, "return_attention_scores");
  return scores.is_boolean() && scores.get<bool>();
}

}  // namespace

// The kernel's letters stand in the input or in the result, whose extents are stated without the batch.
Made einsum_dense(Layer& l) {
  const std::string equation = l.text("equation");
  const auto comma = equation.find(','), arrow = equation.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || arrow < comma) return l.opaque();
  const auto plain = [](std::string term) {
    std::erase(term, '.');
    return term;
  };
  const std::string given = equation.substr(0, comma), kernel = equation.substr(comma + 1, arrow - comma - 1),
                    result = equation.substr(arrow + 2);
  const bool elided_front = given.starts_with("..."), elided_behind = given.ends_with("...");
  const std::string in_letters = plain(given), out_letters = plain(result);
  const Shape x = l.in();
  const std::vector<Json> stated =
      elements_of(l.config().contains("output_shape") ? l.config()["output_shape"] : Json());
  const auto extent = [&](char letter) {
    if (const auto at_in = in_letters.find(letter); at_in != std::string::npos && x.ranked()) {
      const auto place = static_cast<std::int64_t>(at_in), count = static_cast<std::int64_t>(in_letters.size());
      return x.at(elided_front ? place - count : place);
    }
    const auto at_out = out_letters.find(letter);
    if (at_out == std::string::npos) return Dim();
    // The batch is not stated; with an ellipsis in front, the last extents are.
    const std::size_t behind = out_letters.size() - at_out;
    const std::size_t place = elided_behind ? at_out - 1 : stated.size() - behind;
    const auto value = place < stated.size() ? integer_of(stated[place]) : std::nullopt;
    return value ? Dim(*value) : Dim();
  };
  const auto shape_of_letters = [&](const std::string& names) {
    std::vector<Dim> dims;
    for (const char letter : names) dims.push_back(extent(letter));
    return Shape(std::move(dims));
  };
  Shape bias;
  if (const std::string axes = l.text("bias_axes"); !axes.empty()) {
    std::vector<Dim> dims;
    for (const char letter : out_letters) {
      const bool in_bias = axes.find(letter) != std::string::npos;
      if (in_bias || !dims.empty()) dims.push_back(in_bias ? extent(letter) : Dim(1));
    }
    bias = Shape(std::move(dims));
  }
  NNGAUGE_TRY(const TensorId made, project(l, l.input_id(0), equation, "", shape_of_letters(kernel), bias));
  return l.activate(made, l.text("activation"));
}

Made multi_head_attention(Layer& l) {
  const Heads in = operands(l);
  const Shape query = l.shape(in.query), key = l.shape(in.key);
  if (!query.ranked() || !key.ranked() || query.rank() < 2 || query.rank() > 6 || key.rank() != query.rank())
    return l.opaque();
  const std::int64_t heads = l.integer("num_heads"), size = l.integer("key_dim");
  const std::int64_t value_size = l.integer("value_dim") > 0 ? l.integer("value_dim") : size;
  const bool biased = l.flag("use_bias", true);
  const std::size_t rank = query.rank();
  // abc,cde->abde
  const std::string free = letters(rank - 1), summed = letters(1, static_cast<char>('a' + rank - 1));
  const std::string added = letters(2, static_cast<char>('a' + rank));
  const std::string into = free + summed + "," + summed + added + "->" + free + added;
  const auto projected = [&](TensorId x, const std::string& name, std::int64_t extent) {
    return project(l, x, into, name + "|" + name + "_dense/", {l.shape(x).at(-1), heads, extent},
                   biased ? Shape{heads, extent} : Shape());
  };
  NNGAUGE_TRY(TensorId q, projected(in.query, "query", size));
  NNGAUGE_TRY(const TensorId k, projected(in.key, "key", size));
  NNGAUGE_TRY(const TensorId v, projected(in.value, "value", value_size));
  NNGAUGE_TRY(q, l.emit(OpKind::kMul, {q, l.writer().add_scalar(1)}));
  // Axes that are attended over have letters of their own in the keys.
  std::vector<std::int64_t> attended = l.list("attention_axes");
  if (attended.empty()) {
    for (std::size_t i = 1; i + 1 < rank; ++i) attended.push_back(static_cast<std::int64_t>(i));
  }
  for (std::int64_t& axis : attended) {
    if (axis < 0) axis += static_cast<std::int64_t>(rank);
  }
  std::string queries, keys, batch, targets, sources;
  for (std::size_t i = 0; i + 1 < rank; ++i) {
    const bool over = std::find(attended.begin(), attended.end(), static_cast<std::int64_t>(i)) != attended.end();
    const char own = static_cast<char>('a' + i), other = static_cast<char>('n' + i);
    queries += own;
    keys += over ? other : own;
    (over ? targets : batch) += own;
    if (over) sources += other;
  }
  const std::string scored = batch + "y" + targets + sources;
  EinsumAttrs scores_attrs, result_attrs;
  scores_attrs.equation = queries + "yz," + keys + "yz->" + scored;
  NNGAUGE_TRY(TensorId scores, l.emit(OpKind::kEinsum, {q, k}, std::move(scores_attrs)));
  NNGAUGE_TRY(scores, mask_scores(l, scores, batch.size()));
  NNGAUGE_TRY(scores, l.emit(OpKind::kSoftmax, {scores}, last_axis()));
  result_attrs.equation = scored + "," + keys + "yz->" + queries + "yz";
  NNGAUGE_TRY(TensorId result, l.emit(OpKind::kEinsum, {scores, v}, std::move(result_attrs)));
  if (l.flag("use_gate", false)) {
    NNGAUGE_TRY(TensorId gate, projected(in.query, "gate", value_size));
    NNGAUGE_TRY(gate, l.emit(OpKind::kSigmoid, {gate}));
    NNGAUGE_TRY(result, l.emit(OpKind::kMul, {result, gate}));
  }
  if (wants_scores(l)) l.also(scores);
  // abcd,cde->abe
  const std::vector<std::int64_t> stated = l.list("output_shape");
  std::vector<Dim> kernel = {heads, value_size}, bias;
  std::string out_letters;
  for (std::size_t i = 0; i < std::max<std::size_t>(stated.size(), 1) && i < 6; ++i) {
    const Dim extent = stated.empty() ? query.at(-1) : stated[i] >= 0 ? Dim(stated[i]) : Dim();
    kernel.push_back(extent);
    bias.push_back(extent);
    out_letters += static_cast<char>('n' + i);
  }
  return project(l, result, free + "yz,yz" + out_letters + "->" + free + out_letters,
                 "attention_output|output|output_dense/", Shape(std::move(kernel)),
                 biased ? Shape(std::move(bias)) : Shape());
}

// Several query heads share a key and a value.
Made grouped_attention(Layer& l) {
  const Heads in = operands(l);
  const std::int64_t heads = l.integer("num_query_heads"), shared = l.integer("num_key_value_heads");
  const std::int64_t size = l.integer("head_dim");
  if (heads < 1 || shared < 1 || heads % shared != 0 || heads > (1 << 20) || size < 1 || in.query == kNoTensor ||
      in.key == kNoTensor)
    return l.opaque();
  const bool biased = l.flag("use_bias", true);
  const auto projected = [&](TensorId x, const std::string& name, std::int64_t count) {
    return project(l, x, "abc,cde->abde", name + "|" + name + "_dense/", {l.shape(x).at(-1), count, size},
                   biased ? Shape{count, size} : Shape());
  };
  const Dim width = l.shape(in.query).at(-1);
  NNGAUGE_TRY(const TensorId q, projected(in.query, "query", heads));
  NNGAUGE_TRY(TensorId k, projected(in.key, "key", shared));
  NNGAUGE_TRY(TensorId v, projected(in.value, "value", shared));
  if (heads != shared) {  // each head of keys and values for its queries
    AxisAttrs axis;
    axis.axis = 2;
    for (TensorId* one : {&k, &v}) {
      const TensorId places = l.writer().add_constant(l.name() + "/heads", DType::kInt32, {heads}, {});
      l.op.kind = OpKind::kGather;
      l.op.attrs = axis;
      l.op.inputs = {{*one, OperandRole::kData}, {places, OperandRole::kConfig}};
      NNGAUGE_TRY(*one, l.emit());
    }
  }
  EinsumAttrs attrs;
  attrs.equation = "aqhd,akhd->ahqk";
  NNGAUGE_TRY(TensorId scores, l.emit(OpKind::kEinsum, {q, k}, attrs));
  NNGAUGE_TRY(scores, l.emit(OpKind::kMul, {scores, l.writer().add_scalar(1)}));
  NNGAUGE_TRY(scores, mask_scores(l, scores, 1));
  NNGAUGE_TRY(scores, l.emit(OpKind::kSoftmax, {scores}, last_axis()));
  attrs.equation = "ahqk,akhd->aqhd";
  NNGAUGE_TRY(TensorId result, l.emit(OpKind::kEinsum, {scores, v}, attrs));
  if (l.flag("use_gate", false)) {
    NNGAUGE_TRY(TensorId gate, projected(in.query, "gate", heads));
    NNGAUGE_TRY(gate, l.emit(OpKind::kSigmoid, {gate}));
    NNGAUGE_TRY(result, l.emit(OpKind::kMul, {result, gate}));
  }
  if (wants_scores(l)) l.also(scores);
  return project(l, result, "abhd,hdc->abc", "attention_output|output|output_dense/", {heads, size, width},
                 biased ? Shape{width} : Shape());
}

// Attention by dot products and AdditiveAttention: a list of query, value and perhaps key.
Made dot_attention(Layer& l) {
  const TensorId query = l.input_id(0), value = l.input_id(1);
  const bool listed = !l.call().args.empty() && l.call().args[0].is_array() && l.call().args[0].size() > 2;
  const TensorId key = listed ? l.input_id(2) : value;
  if (query == kNoTensor || value == kNoTensor) return l.opaque();
  const bool additive = l.type().find("Additive") != std::string::npos || l.text("score_mode") == "concat";
  const bool scaled = l.flag("use_scale", l.type().find("Additive") != std::string::npos);
  TensorId scores = kNoTensor;
  if (additive) {
    NNGAUGE_TRY(const TensorId q, l.emit(OpKind::kUnsqueeze, {query}, one_axis(2)));
    NNGAUGE_TRY(const TensorId k, l.emit(OpKind::kUnsqueeze, {key}, one_axis(1)));
    NNGAUGE_TRY(TensorId sum, l.emit(OpKind::kAdd, {q, k}));
    NNGAUGE_TRY(sum, l.emit(OpKind::kTanh, {sum}));
    if (scaled) {
      const bool vector = l.type().find("Additive") != std::string::npos;
      l.op.kind = OpKind::kMul;
      l.op.inputs = {
          {sum, OperandRole::kData},
          {l.variable("scale", 0, vector ? Shape{l.shape(query).at(-1)} : Shape::scalar()), OperandRole::kData}};
      NNGAUGE_TRY(sum, l.emit());
    }
    NNGAUGE_TRY(scores, l.emit(OpKind::kReduceSum, {sum}, one_axis(-1)));
  } else {
    MatMulAttrs product;
    product.transpose_b = true;
    NNGAUGE_TRY(scores, l.emit(OpKind::kMatMul, {query, key}, product));
    if (scaled) {
      NNGAUGE_TRY(scores, l.emit(OpKind::kMul, {scores, l.variable("scale", 0, Shape::scalar())}));
    }
  }
  NNGAUGE_TRY(scores, mask_scores(l, scores, 1));
  NNGAUGE_TRY(scores, l.emit(OpKind::kSoftmax, {scores}, last_axis()));
  if (wants_scores(l)) l.also(scores);
  return l.emit(OpKind::kMatMul, {scores, value});
}

}  // namespace nngauge::keras
