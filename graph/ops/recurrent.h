// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of LSTM, GRU, RNN and SVDF.
//
// Operands: LSTM, GRU, RNN take x, then in any order weights (kWeight), biases (kBias), states (kState; for LSTM the
// output state before the cell state) and lengths (kConfig): roles tell. A weight of two axes is a matrix, unless the
// operator has weights of three ([directions, gates x hidden, in]); then it is a vector per direction, as is one of one
// axis: peepholes. SVDF: x, feature weights [filters, in], time weights [filters, memory], bias?, state.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_recurrent(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_svdf(const RuleContext& c);
// macs: steps x batch x elements of all weight matrices: each is used once per step, for all gates and directions,
// projections included. flops: 2 macs, biases, peepholes (a product and a sum per element), and per hidden unit
//   LSTM 4 sums of the two products, then 4 for cell and output;     special 5 (3 sigmoid, 2 tanh)
//   coupled LSTM (3 gates) 3 and 5 (one of them 1 - i);              special 4
//   GRU 3 sums, then 5 (reset, update, mix);                         special 3
//   RNN 1 sum;                                                       special 1, unless the operator's own activation
// (Hochreiter and Schmidhuber 1997, Cho et al. 2014, as ONNX states them.)
Result<Work> work_recurrent(const RuleContext& c);
// macs: batch x (filters x in + filters x memory). flops: 2 macs, one per filter for the sum over ranks, biases.
Result<Work> work_svdf(const RuleContext& c);

}  // namespace nngauge
