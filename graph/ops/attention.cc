// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/attention.h"

#include <algorithm>
#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// Extents of one attention: `keys` are all that a query sees, `new_keys` those that this call brings.
struct Attention {
  Dim batch, heads, kv_heads, queries, new_keys, keys;
  Dim kept;                     // extent of the results that hold past and new keys
  Dim key_size, value_size;     // per head
  Dim in, projected;            // packed weights: input extent, q + k + v; else 0
  bool separate_heads = false;  // result is [batch, heads, seq, size]
  bool packed_weights = false;
};

// The n-th operand with the role, from position `from`; its position.
std::optional<std::size_t> find_role(const RuleContext& c, OperandRole role, std::size_t from, std::size_t n) {
  for (std::size_t i = from; i < c.input_count(); ++i) {
    if (c.has_input(i) && c.op().inputs[i].role == role && n-- == 0) return i;
  }
  return std::nullopt;
}

Error bad_heads(std::string_view what, std::int64_t heads) {
  return make_error(ErrorCode::kInvalidAttribute, std::string(what) + " is " + std::to_string(heads));
}

// Extent of one head. Errors: kShapeMismatch "5 heads do not divide hidden extent 64".
Result<Dim> split_heads(Dim hidden, Dim heads, const std::string& what) {
  if (!hidden.known() || !heads.known()) return Dim::unknown();
  if (heads.value() > 0 && hidden.value() % heads.value() == 0) return Dim(hidden.value() / heads.value());
  return make_error(ErrorCode::kShapeMismatch, std::to_string(heads.value()) + " heads do not divide " + what +
                                                   " extent " + std::to_string(hidden.value()));
}

// One of query, key, value: where its extents stand.
struct Part {
  Dim batch, heads, seq, size;
};

Result<Part> read_part(const RuleContext& c, std::size_t operand, Dim heads, const std::string& what) {
  const Shape& shape = c.in(operand);
  Part part;
  part.heads = heads;
  if (!shape.ranked()) return part;
  part.batch = shape.at(0);
  if (shape.rank() < 3 || shape.rank() > 5) {
    return make_error(ErrorCode::kShapeMismatch,
                      what + " " + c.text(shape) + " has " + std::to_string(shape.rank()) + " axes, needs 3, 4 or 5");
  }
  part.seq = shape[shape.rank() == 4 ? 2 : 1];
  if (shape.rank() == 3) {
    NNGAUGE_TRY(part.size, split_heads(shape[2], heads, what));
    return part;
  }
  NNGAUGE_TRY(part.heads, merge_dims(heads, shape[shape.rank() == 4 ? 1 : 2], "number of " + what + " heads"));
  part.size = shape.at(-1);
  return part;
}

// Q, K and V in one tensor: [batch, seq, heads, 3, size] or [batch, seq, (heads + 2 kv heads) x size].
Status read_packed_query(const RuleContext& c, Attention& a) {
  Dim heads = a.heads;
  if (c.in(0).rank() == 3) {
    NNGAUGE_TRY(const Dim both, multiply_dims(2, a.kv_heads));
    NNGAUGE_TRY(heads, add_dims(a.heads, both));
  }
  NNGAUGE_TRY(const Part packed, read_part(c, 0, heads, "packed"));
  a.batch = packed.batch;
  a.queries = a.new_keys = packed.seq;
  a.key_size = a.value_size = packed.size;
  return ok();
}

Status read_apart(const RuleContext& c, Attention& a) {
  NNGAUGE_TRY(const Part query, read_part(c, 0, a.heads, "query"));
  a.heads = query.heads;
  // Keys and values of four or five axes bring the number of their heads, which queries may share.
  const bool own_heads = c.in(1).ranked() && c.in(1).rank() >= 4;
  if (!a.kv_heads.known() && !own_heads) a.kv_heads = a.heads;
  NNGAUGE_TRY(const Part key, read_part(c, 1, a.kv_heads, "key"));
  a.kv_heads = key.heads;
  if (a.heads.known() && a.kv_heads.known() && (a.kv_heads.is(0) || a.heads.value() % a.kv_heads.value() != 0)) {
    return make_error(ErrorCode::kShapeMismatch, std::to_string(a.kv_heads.value()) + " heads of keys do not divide " +
                                                     std::to_string(a.heads.value()) + " heads of queries");
  }
  NNGAUGE_TRY(a.batch, merge_dims(query.batch, key.batch, "batch of query and key"));
  NNGAUGE_TRY(a.key_size, merge_dims(query.size, key.size, "extent of a head of query and key"));
  a.queries = query.seq;
  a.new_keys = key.seq;
  a.value_size = key.size;
  a.separate_heads = c.in(0).ranked() && c.in(0).rank() == 4;
  if (c.has_input(2)) {
    NNGAUGE_TRY(const Part value, read_part(c, 2, a.kv_heads, "value"));
    NNGAUGE_TRY(a.new_keys, merge_dims(key.seq, value.seq, "length of key and value"));
    a.value_size = value.size;
  } else if (c.in(1).ranked() && c.in(1).rank() != 5) {
    return make_error(ErrorCode::kInvalidGraph, "has a key but no value");
  }
  return ok();
}

// The keys that queries see: the past ones come first.
Status count_keys(const RuleContext& c, Attention& a, std::int64_t past_axis, std::size_t from) {
  const auto past = find_role(c, OperandRole::kState, from, 0);
  const Dim before = past ? c.in(*past).at(past_axis) : Dim(0);
  NNGAUGE_TRY(a.keys, add_dims(before, a.new_keys));
  a.kept = a.keys;
  const std::int64_t total = c.attrs<AttentionAttrs>().total_length_input;
  if (total < 0) return ok();
  // The past may be a buffer with room for more keys than there are; then the result is the same buffer.
  a.kept = Dim::unknown();
  const auto length = operand_int(c, static_cast<std::size_t>(total));
  if (!length || *length < 0) return ok();
  a.keys = *length;
  if (before.known()) a.kept = std::max(before.value(), *length);
  return ok();
}

Result<Attention> read_qkv(const RuleContext& c) {
  const auto& attrs = c.attrs<AttentionAttrs>();
  const bool separate = c.in(0).ranked() && c.in(0).rank() > 3;
  if (attrs.num_heads < 0 || (attrs.num_heads == 0 && !separate && c.in(0).ranked()))
    return bad_heads("num_heads", attrs.num_heads);
  if (attrs.kv_num_heads < 0) return bad_heads("kv_num_heads", attrs.kv_num_heads);
  if (attrs.kv_num_heads > 0 && attrs.num_heads % attrs.kv_num_heads != 0) {
    return make_error(ErrorCode::kInvalidAttribute, std::to_string(attrs.kv_num_heads) +
                                                        " key and value heads do not divide " +
                                                        std::to_string(attrs.num_heads) + " query heads");
  }
  Attention a;
  a.in = a.projected = 0;
  if (attrs.num_heads > 0) a.heads = attrs.num_heads;
  if (attrs.kv_num_heads > 0) a.kv_heads = attrs.kv_num_heads;
  // A key of a single element is a placeholder for none.
  const bool placeholder = c.in(1).ranked() && c.in(1).rank() == 1 && c.in(1)[0].is(1);
  const bool packed = attrs.packed_qkv || placeholder || (!c.has_input(1) && c.in(0).ranked() && c.in(0).rank() == 5);
  if (packed) {
    if (!a.kv_heads.known()) a.kv_heads = a.heads;
    NNGAUGE_CHECK(read_packed_query(c, a));
  } else if (!c.has_input(1)) {
    return make_error(ErrorCode::kInvalidGraph, "has neither key and value nor a packed query");
  } else {
    NNGAUGE_CHECK(read_apart(c, a));
  }
  NNGAUGE_CHECK(count_keys(c, a, 2, 3));
  return a;
}

// com.microsoft Attention: the hidden extents of Q, K and V are stated, or a third of the weight's columns each.
Result<Attention> read_packed_weights(const RuleContext& c) {
  const auto& attrs = c.attrs<AttentionAttrs>();
  if (attrs.num_heads < 1) return bad_heads("num_heads", attrs.num_heads);
  if (!c.has_input(1)) return make_error(ErrorCode::kInvalidGraph, "has no weights");
  NNGAUGE_CHECK(check_rank(c, c.in(0), 3, "input"));
  NNGAUGE_CHECK(check_rank(c, c.in(1), 2, "weight"));
  Attention a;
  a.packed_weights = true;
  a.heads = a.kv_heads = attrs.num_heads;
  a.batch = c.in(0).at(0);
  a.queries = a.new_keys = c.in(0).at(1);
  NNGAUGE_TRY(a.in, merge_dims(c.in(0).at(2), c.in(1).at(0), "extent of input and weight"));
  a.projected = c.in(1).at(1);
  Dim key, value;
  if (attrs.qkv_hidden_sizes.empty()) {
    NNGAUGE_TRY(key, split_heads(a.projected, 3, "packed weight"));
    value = key;
  } else {
    const Ints& sizes = attrs.qkv_hidden_sizes;
    NNGAUGE_CHECK(per_axis(sizes, 3, 0, 1, "qkv_hidden_sizes"));
    if (sizes[0] != sizes[1])
      return make_error(ErrorCode::kInvalidAttribute, "query and key have hidden extents " + std::to_string(sizes[0]) +
                                                          " and " + std::to_string(sizes[1]));
    NNGAUGE_TRY(a.projected,
                merge_dims(a.projected, sizes[0] + sizes[1] + sizes[2], "hidden extent of weight and attribute"));
    key = sizes[1];
    value = sizes[2];
  }
  NNGAUGE_TRY(a.key_size, split_heads(key, a.heads, "query"));
  NNGAUGE_TRY(a.value_size, split_heads(value, a.heads, "value"));
  NNGAUGE_CHECK(check_vector(c, 2, a.projected, "bias"));
  NNGAUGE_CHECK(count_keys(c, a, 3, 2));
  return a;
}

Result<Attention> read_projected(const RuleContext& c);

Result<Attention> read_attention(const RuleContext& c) {
  if (c.attrs<AttentionAttrs>().form == AttentionForm::kProjected) return read_projected(c);
  return c.attrs<AttentionAttrs>().form == AttentionForm::kPackedWeights ? read_packed_weights(c) : read_qkv(c);
}

// The projections' weights follow query, key and value: [hidden, in] three times, then [out, hidden].
constexpr std::size_t kFirstProjection = 3;

// What the projection of operand i reads: a missing key is the query, a missing value the key.
const Shape& projected_operand(const RuleContext& c, std::size_t i) {
  while (i > 0 && !c.has_input(i)) --i;
  return c.in(i);
}

Result<Attention> read_projected(const RuleContext& c) {
  const auto& attrs = c.attrs<AttentionAttrs>();
  if (attrs.num_heads < 1) return bad_heads("num_heads", attrs.num_heads);
  static constexpr std::string_view kNames[] = {"query", "key", "value"};
  Attention a;
  a.in = a.projected = 0;
  a.heads = a.kv_heads = attrs.num_heads;
  Dim hidden;
  for (std::size_t i = 0; i < 3; ++i) {
    const Shape& x = projected_operand(c, i);
    const Shape& weight = c.in(kFirstProjection + i);
    NNGAUGE_CHECK(check_rank(c, x, 3, kNames[i]));
    NNGAUGE_CHECK(check_rank(c, weight, 2, "projection of the " + std::string(kNames[i])));
    NNGAUGE_CHECK(merge_dims(x.at(2), weight.at(1), "extent of the " + std::string(kNames[i]) + " and its weight"));
    NNGAUGE_TRY(hidden, merge_dims(hidden, weight.at(0), "hidden extent of the projections"));
  }
  NNGAUGE_CHECK(check_rank(c, c.in(kFirstProjection + 3), 2, "projection of the result"));
  NNGAUGE_CHECK(merge_dims(hidden, c.in(kFirstProjection + 3).at(1), "hidden extent of the projections"));
  NNGAUGE_TRY(a.key_size, split_heads(hidden, a.heads, "hidden"));
  a.value_size = a.key_size;
  NNGAUGE_TRY(a.batch, merge_dims(c.in(0).at(0), projected_operand(c, 1).at(0), "batch of query and key"));
  a.queries = c.in(0).at(1);
  NNGAUGE_TRY(a.new_keys,
              merge_dims(projected_operand(c, 1).at(1), projected_operand(c, 2).at(1), "length of key and value"));
  NNGAUGE_CHECK(count_keys(c, a, -2, kFirstProjection + 4));
  return a;
}

// Query and result are projected for each query, key and value for each new key.
Status add_projections(const RuleContext& c, Count batch, Count queries, const Attention& a, Work& work) {
  static constexpr std::string_view kNames[] = {"macs of the query's projection", "macs of the key's projection",
                                                "macs of the value's projection", "macs of the result's projection"};
  NNGAUGE_TRY(const Count keys, c.extent(a.new_keys, "the number of keys"));
  for (std::size_t i = 0; i < 4; ++i) {
    const Count tokens = i == 1 || i == 2 ? keys : queries;
    NNGAUGE_TRY(const Count weights, c.in_elements(kFirstProjection + i));
    work.macs += Product(c, kNames[i]).times("batch", batch).times("tokens", tokens).times("weights", weights).value();
    if (const auto bias = find_role(c, OperandRole::kBias, 1, i)) {
      NNGAUGE_TRY(const Count elements, c.in_elements(*bias));
      work.flops += Product(c, "flops of a bias").times("tokens", batch * tokens).times("elements", elements).value();
    }
  }
  return ok();
}

// Adds the bias of the projections: one flop per projected element.
Status add_bias(const RuleContext& c, Count tokens, Work& work) {
  const auto bias = find_role(c, OperandRole::kBias, 1, 0);
  if (!bias) return ok();
  NNGAUGE_TRY(const Count elements, c.in_elements(*bias));
  work.flops += Product(c, "flops of the bias").times("tokens", tokens).times("projected", elements).value();
  return ok();
}

}  // namespace

Result<std::vector<TensorInfo>> shape_attention(const RuleContext& c) {
  NNGAUGE_TRY(const Attention a, read_attention(c));
  const DType dtype = c.in_dtype(0);
  Shape result;
  if (c.attrs<AttentionAttrs>().form == AttentionForm::kProjected) {
    const Shape kept = {a.batch, a.kept, c.in(kFirstProjection).at(0)};
    return results(c, {{dtype, {a.batch, a.queries, c.in(kFirstProjection + 3).at(0)}}, {dtype, kept}, {dtype, kept}});
  }
  if (!c.in(0).ranked() && c.attrs<AttentionAttrs>().form == AttentionForm::kQkv) {
    result = Shape::unknown_rank();  // heads may be an axis of their own
  } else if (a.separate_heads) {
    result = {a.batch, a.heads, a.queries, a.value_size};
  } else {
    NNGAUGE_TRY(const Dim hidden, multiply_dims(a.heads, a.value_size));
    result = {a.batch, a.queries, hidden};
  }
  if (a.packed_weights) return results(c, {{dtype, result}, {dtype, {2, a.batch, a.heads, a.kept, a.key_size}}});
  return results(c, {{dtype, result},
                     {dtype, {a.batch, a.kv_heads, a.kept, a.key_size}},
                     {dtype, {a.batch, a.kv_heads, a.kept, a.value_size}},
                     {dtype, {a.batch, a.heads, a.queries, a.keys}}});
}

Result<Work> work_attention(const RuleContext& c) {
  NNGAUGE_TRY(Attention a, read_attention(c));
  const auto& attrs = c.attrs<AttentionAttrs>();
  if (attrs.sparse) return unknown("which blocks of the scores are computed stands in the elements of its operands");
  Work work;
  if (!a.keys.known() && a.new_keys.known()) {
    work.lower_bound = true;
    work.reason = "the number of past keys is not known; only the new ones are counted";
    a.keys = a.new_keys;
  }
  if (attrs.window >= 0 && a.keys.known()) a.keys = std::min(a.keys.value(), attrs.window);
  NNGAUGE_TRY(const Count batch, c.extent(a.batch, "the batch"));
  NNGAUGE_TRY(const Count heads, c.extent(a.heads, "the number of heads"));
  NNGAUGE_TRY(const Count queries, c.extent(a.queries, "the number of queries"));
  NNGAUGE_TRY(const Count keys, c.extent(a.keys, "the number of keys"));
  NNGAUGE_TRY(const Count key_size, c.extent(a.key_size, "the extent of a key"));
  NNGAUGE_TRY(const Count value_size, c.extent(a.value_size, "the extent of a value"));
  const auto product = [&](std::string_view name) {
    Product out(c, name);
    out.times("batch", batch).times("heads", heads).times("queries", queries).times("keys", keys);
    return out;
  };
  if (a.packed_weights) {
    NNGAUGE_TRY(const Count in, c.extent(a.in, "the input's extent"));
    NNGAUGE_TRY(const Count projected, c.extent(a.projected, "the projection's extent"));
    work.macs += Product(c, "macs of the projection")
                     .times("batch", batch)
                     .times("queries", queries)
                     .times("in", in)
                     .times("q+k+v", projected)
                     .value();
  }
  work.macs += product("macs of Q K^T").times("size", key_size).value();
  work.macs += product("macs of A V").times("size", value_size).value();
  const bool projected = attrs.form == AttentionForm::kProjected;
  if (projected) NNGAUGE_CHECK(add_projections(c, batch, queries, a, work));
  work.flops += Product(c, "flops of the products").times("operations", 2).times("macs", work.macs).value();
  work.flops += product("flops of the softmax").times("operations", 3).value();
  work.special = product("special functions of the softmax").times("operations", 2).value();
  if (!projected) NNGAUGE_CHECK(add_bias(c, batch * queries, work));
  return work;
}

Result<std::vector<TensorInfo>> shape_mixture_of_experts(const RuleContext& c) {
  return results(c, {{c.in_dtype(0), c.in(0)}});
}

Result<Work> work_mixture_of_experts(const RuleContext& c) {
  const std::int64_t chosen = c.attrs<TopKAttrs>().k > 0 ? c.attrs<TopKAttrs>().k : 1;
  const Shape& probabilities = c.in(1);
  if (!c.in(0).ranked() || c.in(0).rank() < 2) return unknown("the shape of the input is not known");
  NNGAUGE_TRY(const Dim rows, product_of(c.in(0), 0, c.in(0).rank() - 1));
  NNGAUGE_TRY(const Count tokens, c.extent(rows, "the number of tokens"));
  NNGAUGE_TRY(const Count experts, c.extent(probabilities.at(-1), "the number of experts"));
  if (chosen > 0 && Count::from_signed(chosen).value() > experts.value()) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "k is " + std::to_string(chosen) + ", there are " + std::to_string(experts.value()) + " experts");
  }
  Count weights, biases;
  for (std::size_t i = 2; i < c.input_count(); ++i) {
    const OperandRole role = c.has_input(i) ? c.op().inputs[i].role : OperandRole::kConfig;
    if (role != OperandRole::kWeight && role != OperandRole::kBias) continue;
    NNGAUGE_TRY(const Count elements, c.in_elements(i));
    if (role == OperandRole::kBias) {
      biases += elements;
      continue;
    }
    if (!is_float(c.in_dtype(i)))
      return unknown("the weights of the experts are packed: their extents do not follow from the stored shape");
    weights += elements;
  }
  Work work;
  work.macs = Product(c, "macs")
                  .times("tokens", tokens)
                  .times("experts of a token", Count::from_signed(chosen))
                  .times("weights of an expert", weights / experts)
                  .value();
  work.flops = Product(c, "flops of the products").times("operations", 2).times("macs", work.macs).value();
  if (biases.value() > 0) {
    work.flops += Product(c, "flops of the biases")
                      .times("tokens", tokens)
                      .times("experts of a token", Count::from_signed(chosen))
                      .times("biases of an expert", biases / experts)
                      .value();
  }
  return work;
}

}  // namespace nngauge
