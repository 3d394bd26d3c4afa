// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/products.h"

#include "graph/ops/checks.h"
#include "graph/ops/matmul_geometry.h"

namespace nngauge {
namespace {

Result<std::vector<TensorInfo>> shape_product(const RuleContext& c) {
  NNGAUGE_TRY(MatMulGeometry g, matmul_geometry(c));
  // Integer products give wider integers that only the file can name.
  const DType dtype = is_float(c.in_dtype(0)) ? c.in_dtype(0) : DType::kUnknown;
  return results(c, {{dtype, std::move(g.out)}});
}

// Elements of the result, from the result where it is known: a folded input's rows may stand only there.
Result<Count> count_rows(const RuleContext& c, const MatMulGeometry& g) {
  const Shape& out = c.out(0);
  if (g.m.known() || c.kind() == OpKind::kMatMul || !out.ranked() || out.rank() == 0) return c.extent(g.m, "the number of rows");
  NNGAUGE_TRY(const Dim rows, product_of(out, 0, out.rank() - 1));
  return c.extent(rows.known() ? rows : g.m, "the number of rows");
}

Result<Work> work_product(const RuleContext& c) {
  NNGAUGE_TRY(const MatMulGeometry g, matmul_geometry(c));
  NNGAUGE_TRY(const Count batch, c.extent(g.batch, "the batch"));
  NNGAUGE_TRY(const Count m, count_rows(c, g));
  NNGAUGE_TRY(const Count n, c.extent(g.n, "N"));
  NNGAUGE_TRY(const Count k, c.extent(g.k, "K"));
  Work work;
  Product macs(c, "macs");
  if (c.kind() == OpKind::kMatMul) macs.times("batch", batch);
  work.macs = macs.times("M", m).times("N", n).times("K", k).value();
  work.flops = Product(c, "flops of the products").times("operations", 2).times("macs", work.macs).value();
  if (g.has_bias)
    work.flops += Product(c, "flops of the bias").times("batch", batch).times("M", m).times("N", n).value();
  return work;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_dense(const RuleContext& c) { return shape_product(c); }
Result<std::vector<TensorInfo>> shape_matmul(const RuleContext& c) { return shape_product(c); }
Result<std::vector<TensorInfo>> shape_matmul_packed(const RuleContext& c) { return shape_product(c); }
Result<Work> work_dense(const RuleContext& c) { return work_product(c); }
Result<Work> work_matmul(const RuleContext& c) { return work_product(c); }
Result<Work> work_matmul_packed(const RuleContext& c) { return work_product(c); }

}  // namespace nngauge
