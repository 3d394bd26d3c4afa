// SPDX-License-Identifier: Apache-2.0
// Owns: shape and folding rules of gathers, scatters, sparse and diagonal forms. None of them computes.
//
// Operands of the kinds:
//   Gather          data, indices                  AxisAttrs axis, batch_dims
//   GatherElements  data, indices                  AxisAttrs axis
//   GatherND        data, indices                  AxisAttrs batch_dims
//   GatherGeneral   data, starts                   the file states the result (StableHLO)
//   Scatter         data, indices, updates
//   ScatterND       data, indices, updates; with role kConfig operand 0 is the shape of the result (TFLite SCATTER_ND)
//   Compress        x, condition                   AxesAttrs: with has_axes along that axis, else of all elements
//   MatrixDiag      x; MatrixSetDiag x, diagonal
//   SparseToDense   indices, shape, values, default?
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_gather(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_gather_elements(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_gather_nd(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_gather_general(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_scatter_nd(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_compress(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_matrix_diag(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_sparse_to_dense(const RuleContext& c);
// Integers as indices; with batch_dims not folded.
std::optional<Value> fold_gather(const RuleContext& c, std::size_t result);

}  // namespace nngauge
