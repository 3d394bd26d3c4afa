// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/matmul_geometry.h"

#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

Error inner_extents_differ(Dim left, Dim right) {
  return make_error(ErrorCode::kShapeMismatch, "left operand has " + std::to_string(left.value()) +
                                                   " columns, right operand has " + std::to_string(right.value()) +
                                                   " rows");
}

Error inputs_differ(Dim weight, Dim input) {
  return make_error(ErrorCode::kShapeMismatch, "weights take " + std::to_string(weight.value()) +
                                                   " inputs, there are " + std::to_string(input.value()));
}

Dim known_of(Dim a, Dim b) { return a.known() ? a : b.known() ? b : a.is_symbol() ? a : b; }

// A bias is a vector of n elements, one element, or anything else that broadcasts to the result without growing it.
Status check_bias(const RuleContext& c, std::size_t operand, const MatMulGeometry& g) {
  NNGAUGE_CHECK(check_bias_type(c, operand));
  const Shape& bias = c.in(operand);
  const std::optional<Count> elements = bias.elements();
  if (!elements || *elements == Count(1) || !g.out.ranked() || !g.out.is_static()) return ok();
  if (g.n.known() && *elements == Count::from_signed(g.n.value()) && bias.at(-1) == g.n) return ok();
  const Result<Shape> sum = broadcast_shapes(c, bias, g.out);
  if (sum && *sum == g.out) return ok();
  return make_error(ErrorCode::kShapeMismatch, "bias " + c.text(bias) + " does not fit the result " + c.text(g.out));
}

// --- Dense ----------------------------------------------------------------------------------------------------------

// Rows of x where its trailing extents make up `inputs`: all of it is folded into two axes by size alone (TFLite).
Result<Dim> folded_rows(const Shape& x, Dim inputs) {
  if (!inputs.known() || inputs.is(0)) return Dim::unknown();
  if (const auto elements = x.elements(); elements && !elements->overflowed()) {
    const auto in = static_cast<std::uint64_t>(inputs.value());
    if (elements->value() % in == 0) return Dim(static_cast<std::int64_t>(elements->value() / in));
    return make_error(ErrorCode::kShapeMismatch, "weights take " + std::to_string(in) +
                                                     " inputs, which do not divide " +
                                                     std::to_string(elements->value()) + " elements");
  }
  Dim tail = 1;
  for (std::size_t axis = x.rank(); axis-- > 0;) {
    NNGAUGE_TRY(tail, multiply_dims(tail, x[axis]));
    if (tail.is(inputs.value())) return product_of(x, 0, axis);
    if (!tail.known()) break;
  }
  return Dim::unknown();
}

// Splits x into m rows and k inputs and gives the extents that stand before n in the result.
Result<std::vector<Dim>> split_input(const RuleContext& c, MatMulGeometry& g, Dim weight_in) {
  const auto& attrs = c.attrs<DenseAttrs>();
  const Shape& x = c.in(0);
  if (!x.ranked()) {
    g.k = weight_in;
    return std::vector<Dim>{Dim::unknown()};
  }
  if (x.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "input is a scalar");
  if (attrs.transpose_a) {
    NNGAUGE_CHECK(check_rank(c, x, 2, "transposed input"));
    g.m = x[1];
    g.k = x[0];
    return std::vector<Dim>{g.m};
  }
  std::size_t first = x.rank() - 1;  // of the axes that belong to k
  if (attrs.flatten_axis != -1) {
    NNGAUGE_TRY(first, normalise_axis(attrs.flatten_axis, x.rank()));
  } else if (!attrs.keep_dims && x.rank() > 2) {
    g.k = weight_in;
    NNGAUGE_TRY(g.m, folded_rows(x, weight_in));
    return std::vector<Dim>{g.m};
  }
  NNGAUGE_TRY(g.k, product_of(x, first, x.rank()));
  NNGAUGE_TRY(g.m, product_of(x, 0, first));
  if (!attrs.keep_dims) return std::vector<Dim>{g.m};
  return std::vector<Dim>(x.dims().begin(), x.dims().begin() + static_cast<std::ptrdiff_t>(first));
}

Result<MatMulGeometry> dense_geometry(const RuleContext& c) {
  const auto& attrs = c.attrs<DenseAttrs>();
  if (attrs.num_output < 0)
    return make_error(ErrorCode::kInvalidAttribute, "the number of outputs is " + std::to_string(attrs.num_output));
  NNGAUGE_CHECK(check_rank(c, c.in(1), 2, "weight"));
  const Dim weight_in = c.in(1).at(attrs.transpose_b ? 1 : 0);
  MatMulGeometry g;
  g.n = c.in(1).at(attrs.transpose_b ? 0 : 1);
  if (!g.n.known() && attrs.num_output > 0) g.n = attrs.num_output;
  NNGAUGE_TRY(std::vector<Dim> dims, split_input(c, g, weight_in));
  if (!may_equal(g.k, weight_in)) return inputs_differ(weight_in, g.k);
  g.k = known_of(g.k, weight_in);
  dims.push_back(g.n);
  g.out = c.in(0).ranked() || !attrs.keep_dims ? Shape(std::move(dims)) : Shape::unknown_rank();
  g.has_bias = c.has_input(2);
  NNGAUGE_CHECK(check_bias(c, 2, g));
  return g;
}

// --- MatMul ---------------------------------------------------------------------------------------------------------

// One operand as a stack of matrices.
struct Stack {
  std::vector<Dim> batch;
  Dim rows, columns;
  bool vector = false;
};

Stack stack_of(const Shape& shape, bool transpose, bool transpose_batch, bool is_left) {
  Stack s;
  const std::size_t rank = shape.rank();
  if (rank == 1) {
    s.vector = true;
    s.rows = is_left ? Dim(1) : shape[0];
    s.columns = is_left ? shape[0] : Dim(1);
    return s;
  }
  // transBatch (com.microsoft FusedMatMul): the matrix' rows stand in axis 0, before the batch.
  const bool rows_first = transpose_batch && rank > 2;
  const std::size_t begin = rows_first ? 1 : 0;
  for (std::size_t i = begin; i < begin + rank - 2; ++i) s.batch.push_back(shape[i]);
  s.rows = shape[rows_first ? 0 : rank - 2];
  s.columns = shape[rank - 1];
  if (transpose) std::swap(s.rows, s.columns);
  return s;
}

Result<MatMulGeometry> stacked_geometry(const RuleContext& c) {
  const auto& attrs = c.attrs<MatMulAttrs>();
  const Shape& a = c.in(0);
  const Shape& b = c.in(1);
  MatMulGeometry g;
  g.batch = Dim::unknown();
  g.has_bias = c.has_input(2);
  if (!a.ranked() || !b.ranked()) return g;
  if (a.rank() == 0 || b.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "an operand is a scalar");
  const Stack left = stack_of(a, attrs.transpose_a, attrs.trans_batch_a, true);
  const Stack right = stack_of(b, attrs.transpose_b, attrs.trans_batch_b, false);
  if (!may_equal(left.columns, right.rows)) return inner_extents_differ(left.columns, right.rows);
  NNGAUGE_TRY(Shape out, broadcast_shapes(c, Shape(left.batch), Shape(right.batch)));
  NNGAUGE_TRY(g.batch, product_of(out, 0, out.rank()));
  g.m = left.rows;
  g.k = known_of(left.columns, right.rows);
  g.n = right.columns;
  if (!left.vector) out.dims().push_back(g.m);
  if (!right.vector) out.dims().push_back(g.n);
  g.out = std::move(out);
  NNGAUGE_CHECK(check_bias(c, 2, g));
  return g;
}

// --- MatMulPacked ---------------------------------------------------------------------------------------------------

Status check_packing(const PackedMatMulAttrs& attrs) {
  if (attrs.k < 1 || attrs.n < 1) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "the packed matrix has extents " + std::to_string(attrs.k) + " and " + std::to_string(attrs.n));
  }
  if (attrs.bits != 2 && attrs.bits != 4 && attrs.bits != 8) {
    return make_error(ErrorCode::kInvalidAttribute, "bits is " + std::to_string(attrs.bits) + ", not 2, 4 or 8");
  }
  const std::int64_t block = attrs.block_size;  // 0: the packing has none
  if (block != 0 && (block < 16 || (block & (block - 1)) != 0)) {
    return make_error(ErrorCode::kInvalidAttribute,
                      "block_size is " + std::to_string(block) + ", not a power of two from 16 up");
  }
  return ok();
}

Result<MatMulGeometry> packed_geometry(const RuleContext& c) {
  const auto& attrs = c.attrs<PackedMatMulAttrs>();
  NNGAUGE_CHECK(check_packing(attrs));
  MatMulGeometry g;
  g.k = attrs.k;
  g.n = attrs.n;
  const Shape& a = c.in(0);
  if (a.ranked()) {
    if (a.rank() == 0) return make_error(ErrorCode::kShapeMismatch, "input is a scalar");
    if (!may_equal(a.at(-1), g.k)) return inputs_differ(g.k, a.at(-1));
    NNGAUGE_TRY(g.m, product_of(a, 0, a.rank() - 1));
    g.out = a;
    g.out[a.rank() - 1] = g.n;
  }
  for (std::size_t i = 2; i < c.input_count(); ++i) {
    if (!c.has_input(i) || c.op().inputs[i].role != OperandRole::kBias) continue;
    g.has_bias = true;
    NNGAUGE_CHECK(check_vector(c, i, g.n, "bias"));
  }
  return g;
}

}  // namespace

Result<MatMulGeometry> matmul_geometry(const RuleContext& c) {
  switch (c.kind()) {
    case OpKind::kDense:
      return dense_geometry(c);
    case OpKind::kMatMulPacked:
      return packed_geometry(c);
    default:
      return stacked_geometry(c);
  }
}

}  // namespace nngauge
