// SPDX-License-Identifier: Apache-2.0
// Owns: shape and work rules of Fourier transforms and linear algebra.
//
// Operands: Dft x, length?, axis? (ONNX: x is [..., 1 or 2] of real and imaginary parts), or x with
// SignalAttrs::fft_length (TFLite: a real transform of as many trailing axes, complex result);
// Stft signal, frame step, window?, frame length?; Det and Inverse x [..., n, n]; PairwiseDistance a, b.
#pragma once

#include "graph/rule.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_dft(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_stft(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_det(const RuleContext& c);
// flops: 5 n ceil(log2 n) per transform of n points, the customary count of a radix-2 transform (Cooley and Tukey 1965;
// benchmarks of FFTs use it for all n).
Result<Work> work_dft(const RuleContext& c);
// One product per element of a frame for the window, then a transform per frame.
Result<Work> work_stft(const RuleContext& c);
Result<std::vector<TensorInfo>> shape_inverse(const RuleContext& c);
// Rows of a [m, k] against rows of b [n, k]: [m, n]. ScalarAttrs::alpha is the power of the sum of squares.
Result<std::vector<TensorInfo>> shape_pairwise_distance(const RuleContext& c);
// Difference, square and sum per pair and column; a root per pair unless the distance stays squared.
Result<Work> work_pairwise_distance(const RuleContext& c);
// Gauss and Jordan's elimination: each of n pivots is inverted and changes all n x n elements by a product and a
// difference.
Result<Work> work_inverse(const RuleContext& c);
// LU decomposition: for each of n - 1 pivots with m rows below it m divisions and m x m products and differences;
// n - 1 products along the diagonal.
Result<Work> work_det(const RuleContext& c);

}  // namespace nngauge
