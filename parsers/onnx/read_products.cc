// SPDX-License-Identifier: Apache-2.0
// Matrix products: ONNX's and those of com.microsoft.
#include <fmt/format.h>

#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {
namespace {

// Either factor of a product may be the learned one; a factor that is computed is data.
void product_roles(OpReader& r) {
  r.role_if_stored(0, OperandRole::kWeight);
  r.role_if_stored(1, OperandRole::kWeight);
  r.role_if_stored(2, OperandRole::kBias);
}

bool is_block_size(std::int64_t size) { return size >= 16 && (size & (size - 1)) == 0; }

DenseAttrs gemm_attrs(OpReader& r) {
  DenseAttrs attrs;
  attrs.transpose_a = r.flag("transA");
  attrs.transpose_b = r.flag("transB");
  return attrs;
}

}  // namespace

void read_gemm(OpReader& r) {
  product_roles(r);
  r.op().attrs = gemm_attrs(r);
}

void read_fused_gemm(OpReader& r) {
  read_gemm(r);
  r.op().activation = fused_activation(r.text("activation"));
}

// A, a_scale, a_zero_point, B, b_scale, b_zero_point, C?, y_scale?, y_zero_point?
void read_qgemm(OpReader& r) {
  const DenseAttrs attrs = gemm_attrs(r);
  r.arrange({0, 3, 6}, {1, 2, 4, 5, 7, 8});
  product_roles(r);
  r.op().attrs = attrs;
}

void read_matmul(OpReader& r) {
  MatMulAttrs attrs;
  attrs.transpose_a = r.flag("transA");
  attrs.transpose_b = r.flag("transB");
  attrs.trans_batch_a = r.flag("transBatchA");
  attrs.trans_batch_b = r.flag("transBatchB");
  product_roles(r);
  r.op().attrs = attrs;
}

void read_fused_matmul_activation(OpReader& r) {
  read_matmul(r);
  r.op().activation = fused_activation(r.text("activation"));
}

void read_gemm_fast_gelu(OpReader& r) {
  product_roles(r);
  r.op().activation = FusedActivation::kOther;
  r.op().attrs = MatMulAttrs();
}

void read_matmul_integer(OpReader& r) {
  r.arrange({0, 1}, {2, 3});
  product_roles(r);
  r.op().attrs = MatMulAttrs();
}

// A, B, a_scale, b_scale, a_zero_point?, b_zero_point?, bias?
void read_matmul_integer_to_float(OpReader& r) {
  r.arrange({0, 1, 6}, {2, 3, 4, 5});
  product_roles(r);
  r.op().attrs = MatMulAttrs();
}

// A, B, b_scale, b_zero_point?, bias?
void read_dynamic_quantize_matmul(OpReader& r) {
  r.arrange({0, 1, 4}, {2, 3});
  product_roles(r);
  r.op().attrs = MatMulAttrs();
}

void read_qlinear_matmul(OpReader& r) {
  r.arrange({0, 3}, {1, 2, 4, 5, 6, 7});
  product_roles(r);
  r.op().attrs = MatMulAttrs();
}

// A, B, scales, zero_points?, g_idx?, bias?  ->  A, B, bias, g_idx, then scales and zero points.
void read_matmul_nbits(OpReader& r) {
  PackedMatMulAttrs attrs;
  attrs.k = r.integer("K", 0);
  attrs.n = r.integer("N", 0);
  attrs.bits = r.integer("bits", 4);
  attrs.block_size = r.integer("block_size", 0);
  if (attrs.bits != 2 && attrs.bits != 4 && attrs.bits != 8) {
    r.fail(ErrorCode::kInvalidAttribute, fmt::format("bits is {}, not 2, 4 or 8", attrs.bits));
  }
  // A block that no kernel takes changes nothing of what is computed.
  if (!is_block_size(attrs.block_size)) attrs.block_size = 0;
  r.arrange({0, 1, 5, 4}, {2, 3});
  r.role(1, OperandRole::kWeight);
  r.role(2, OperandRole::kBias);
  r.role(3, OperandRole::kConfig);
  r.op().attrs = attrs;
}

void read_matmul_bnb4(OpReader& r) {
  PackedMatMulAttrs attrs;
  attrs.k = r.integer("K", 0);
  attrs.n = r.integer("N", 0);
  attrs.block_size = r.integer("block_size", 0);
  if (!is_block_size(attrs.block_size)) {
    r.fail(ErrorCode::kInvalidAttribute,
           fmt::format("block_size is {}, not a power of two from 16 up", attrs.block_size));
  }
  r.arrange({0, 1}, {2});
  r.role(1, OperandRole::kWeight);
  r.op().attrs = attrs;
}

// A, B (packed), B_shape
void read_matmul_fpq4(OpReader& r) {
  PackedMatMulAttrs attrs;
  if (const Value* shape = r.value(2)) {
    if (const auto extents = shape->known_ints(); extents && extents->size() == 2) {
      attrs.k = (*extents)[0];
      attrs.n = (*extents)[1];
    }
  }
  r.arrange({0, 1});
  r.role(1, OperandRole::kWeight);
  r.op().attrs = attrs;
}

void read_einsum(OpReader& r) {
  EinsumAttrs attrs;
  attrs.equation = r.text("equation");
  if (attrs.equation.empty()) r.fail(ErrorCode::kInvalidAttribute, "attribute \"equation\" is missing");
  for (std::size_t i = 0; i < r.input_count(); ++i) r.role_if_stored(i, OperandRole::kWeight);
  r.op().attrs = attrs;
}

// input, router_probs, weights, scales and biases of the experts
void read_moe(OpReader& r) {
  TopKAttrs attrs;
  attrs.k = r.integer("k", 1);
  for (std::size_t i = 2; i < r.input_count(); ++i) {
    const Tensor* operand = r.input(i);
    const bool matrix = operand != nullptr && operand->declared.ranked() && operand->declared.rank() > 2;
    r.role_if_stored(i, matrix ? OperandRole::kWeight : OperandRole::kBias);
  }
  r.op().attrs = attrs;
}

}  // namespace nngauge::onnx_format
