// SPDX-License-Identifier: Apache-2.0
#include "graph/op_table.h"

#include <array>
#include <string>
#include <unordered_map>

#include "graph/ops/attention.h"
#include "graph/ops/audio.h"
#include "graph/ops/common.h"
#include "graph/ops/control.h"
#include "graph/ops/convolution.h"
#include "graph/ops/detection.h"
#include "graph/ops/elementwise.h"
#include "graph/ops/gathering.h"
#include "graph/ops/generators.h"
#include "graph/ops/joining.h"
#include "graph/ops/loss.h"
#include "graph/ops/movement.h"
#include "graph/ops/normalisation.h"
#include "graph/ops/pooling.h"
#include "graph/ops/products.h"
#include "graph/ops/quantisation.h"
#include "graph/ops/recurrent.h"
#include "graph/ops/reduction.h"
#include "graph/ops/resampling.h"
#include "graph/ops/signal.h"
#include "graph/ops/slicing.h"
#include "graph/ops/tables.h"

namespace nngauge {
namespace {

using K = OpKind;
using C = OpCategory;

// clang-format off
// Columns: kind, name, category, least and most operands, shape rule, work rule, folding rule,
// arithmetic and special functions per element (element-wise kinds), view, passes weights, why it is opaque.
constexpr std::array<OpInfo, kOpKindCount> kTable = {{
    // convolution
    {K::kConv1D, "Conv1D", C::kConvolution, 2, 4, shape_conv, work_conv, nullptr, 0, 0, false, false, ""},
    {K::kConv2D, "Conv2D", C::kConvolution, 2, 4, shape_conv, work_conv, nullptr, 0, 0, false, false, ""},
    {K::kConv3D, "Conv3D", C::kConvolution, 2, 4, shape_conv, work_conv, nullptr, 0, 0, false, false, ""},
    {K::kDepthwiseConv1D, "DepthwiseConv1D", C::kConvolution, 2, 4, shape_conv, work_conv, nullptr, 0, 0, false, false, ""},
    {K::kDepthwiseConv2D, "DepthwiseConv2D", C::kConvolution, 2, 4, shape_conv, work_conv, nullptr, 0, 0, false, false, ""},
    {K::kDepthwiseConv3D, "DepthwiseConv3D", C::kConvolution, 2, 4, shape_conv, work_conv, nullptr, 0, 0, false, false, ""},
    {K::kConvTranspose1D, "ConvTranspose1D", C::kConvolution, 2, 4, shape_conv_transpose, work_conv_transpose, nullptr, 0, 0, false, false, ""},
    {K::kConvTranspose2D, "ConvTranspose2D", C::kConvolution, 2, 4, shape_conv_transpose, work_conv_transpose, nullptr, 0, 0, false, false, ""},
    {K::kConvTranspose3D, "ConvTranspose3D", C::kConvolution, 2, 4, shape_conv_transpose, work_conv_transpose, nullptr, 0, 0, false, false, ""},
    {K::kDeformConv2D, "DeformConv2D", C::kConvolution, 3, 5, shape_deform_conv, work_deform_conv, nullptr, 0, 0, false, false, ""},
    {K::kConvGeneral, "ConvGeneral", C::kConvolution, 2, 2, shape_conv_general, work_conv_general, nullptr, 0, 0, false, false, ""},
    {K::kCol2Im, "Col2Im", C::kConvolution, 3, 3, shape_col2im, work_col2im, nullptr, 0, 0, false, false, ""},
    // products
    {K::kDense, "Dense", C::kProduct, 2, 3, shape_dense, work_dense, nullptr, 0, 0, false, false, ""},
    {K::kMatMul, "MatMul", C::kProduct, 2, 3, shape_matmul, work_matmul, nullptr, 0, 0, false, false, ""},
    {K::kMatMulPacked, "MatMulPacked", C::kProduct, 2, 6, shape_matmul_packed, work_matmul_packed, nullptr, 0, 0, false, false, ""},
    {K::kEinsum, "Einsum", C::kProduct, 1, -1, shape_einsum, work_einsum, nullptr, 0, 0, false, false, ""},
    {K::kDotGeneral, "DotGeneral", C::kProduct, 2, 2, shape_dot_general, work_dot_general, nullptr, 0, 0, false, false, ""},
    {K::kAttention, "Attention", C::kProduct, 1, -1, shape_attention, work_attention, nullptr, 0, 0, false, false, ""},
    {K::kMixtureOfExperts, "MixtureOfExperts", C::kProduct, 2, -1, shape_mixture_of_experts, work_mixture_of_experts, nullptr, 0, 0, false, false, ""},
    // recurrent
    {K::kLSTM, "LSTM", C::kRecurrent, 1, -1, shape_recurrent, work_recurrent, nullptr, 0, 0, false, false, ""},
    {K::kGRU, "GRU", C::kRecurrent, 1, -1, shape_recurrent, work_recurrent, nullptr, 0, 0, false, false, ""},
    {K::kRNN, "RNN", C::kRecurrent, 1, -1, shape_recurrent, work_recurrent, nullptr, 0, 0, false, false, ""},
    {K::kSVDF, "SVDF", C::kRecurrent, 3, 5, shape_svdf, work_svdf, nullptr, 0, 0, false, false, ""},
    // pooling
    {K::kMaxPool, "MaxPool", C::kPooling, 1, 1, shape_pool, work_pool, nullptr, 0, 0, false, false, ""},
    {K::kAveragePool, "AveragePool", C::kPooling, 1, 1, shape_pool, work_pool, nullptr, 0, 0, false, false, ""},
    {K::kLpPool, "LpPool", C::kPooling, 1, 1, shape_pool, work_pool, nullptr, 0, 0, false, false, ""},
    {K::kGlobalMaxPool, "GlobalMaxPool", C::kPooling, 1, 1, shape_global_pool, work_global_pool, nullptr, 0, 0, false, false, ""},
    {K::kGlobalAveragePool, "GlobalAveragePool", C::kPooling, 1, 1, shape_global_pool, work_global_pool, nullptr, 0, 0, false, false, ""},
    {K::kGlobalLpPool, "GlobalLpPool", C::kPooling, 1, 1, shape_global_pool, work_global_pool, nullptr, 0, 0, false, false, ""},
    {K::kMaxUnpool, "MaxUnpool", C::kPooling, 2, 3, shape_max_unpool, work_none, nullptr, 0, 0, false, false, ""},
    {K::kMaxRoiPool, "MaxRoiPool", C::kPooling, 2, 2, shape_roi, work_roi_pool, nullptr, 0, 0, false, false, ""},
    {K::kRoiAlign, "RoiAlign", C::kPooling, 2, 3, shape_roi, work_roi_align, nullptr, 0, 0, false, false, ""},
    {K::kReduceWindow, "ReduceWindow", C::kPooling, 2, -1, shape_reduce_window, work_reduce_window, nullptr, 0, 0, false, false, ""},
    // normalisation
    {K::kBatchNorm, "BatchNorm", C::kNormalisation, 1, 5, shape_batch_norm, work_batch_norm, nullptr, 0, 0, false, false, ""},
    {K::kInstanceNorm, "InstanceNorm", C::kNormalisation, 1, 3, shape_channel_norm, work_moment_norm, nullptr, 0, 0, false, false, ""},
    {K::kLayerNorm, "LayerNorm", C::kNormalisation, 1, 3, shape_layer_norm, work_moment_norm, nullptr, 0, 0, false, false, ""},
    {K::kRMSNorm, "RMSNorm", C::kNormalisation, 1, 2, shape_layer_norm, work_rms_norm, nullptr, 0, 0, false, false, ""},
    {K::kGroupNorm, "GroupNorm", C::kNormalisation, 1, 3, shape_channel_norm, work_moment_norm, nullptr, 0, 0, false, false, ""},
    {K::kL2Norm, "L2Norm", C::kNormalisation, 1, 2, shape_lp_norm, work_lp_norm, nullptr, 0, 0, false, false, ""},
    {K::kLpNorm, "LpNorm", C::kNormalisation, 1, 1, shape_lp_norm, work_lp_norm, nullptr, 0, 0, false, false, ""},
    {K::kMeanVarianceNorm, "MeanVarianceNorm", C::kNormalisation, 1, 1, shape_same, work_moment_norm, nullptr, 0, 0, false, false, ""},
    {K::kLocalResponseNorm, "LocalResponseNorm", C::kNormalisation, 1, 1, shape_same, work_local_response_norm, nullptr, 0, 0, false, false, ""},
    {K::kSkipLayerNorm, "SkipLayerNorm", C::kNormalisation, 3, 5, shape_skip_norm, work_skip_norm, nullptr, 0, 0, false, false, ""},
    {K::kSkipRMSNorm, "SkipRMSNorm", C::kNormalisation, 3, 4, shape_skip_norm, work_skip_norm, nullptr, 0, 0, false, false, ""},
    {K::kSkipGroupNorm, "SkipGroupNorm", C::kNormalisation, 4, 5, shape_skip_norm, work_skip_norm, nullptr, 0, 0, false, false, ""},
    {K::kEmbedLayerNorm, "EmbedLayerNorm", C::kNormalisation, 5, 9, shape_embed_layer_norm, work_embed_layer_norm, nullptr, 0, 0, false, false, ""},
    // activations and other element-wise functions of one operand: flops and special functions per element
    {K::kRelu, "Relu", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kRelu6, "Relu6", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kReluN1To1, "ReluN1To1", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kRelu0To1, "Relu0To1", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kLeakyRelu, "LeakyRelu", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kPRelu, "PRelu", C::kElementwise, 2, 2, shape_same, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kElu, "Elu", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 3, 1, false, false, ""},
    {K::kSelu, "Selu", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 4, 1, false, false, ""},
    {K::kCelu, "Celu", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 4, 1, false, false, ""},
    {K::kThresholdedRelu, "ThresholdedRelu", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kSigmoid, "Sigmoid", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kHardSigmoid, "HardSigmoid", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 4, 0, false, false, ""},
    {K::kHardSwish, "HardSwish", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 5, 0, false, false, ""},
    {K::kSwish, "Swish", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 1, 1, false, false, ""},
    {K::kMish, "Mish", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 2, 3, false, false, ""},
    {K::kGelu, "Gelu", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 4, 1, false, false, ""},
    {K::kFastGelu, "FastGelu", C::kElementwise, 1, 2, shape_float_function, work_elementwise, nullptr, 8, 1, false, false, ""},
    {K::kQuickGelu, "QuickGelu", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 2, 1, false, false, ""},
    {K::kBiasGelu, "BiasGelu", C::kElementwise, 2, 2, shape_float_function, work_elementwise, nullptr, 5, 1, false, false, ""},
    {K::kBiasSplitGelu, "BiasSplitGelu", C::kElementwise, 2, 2, shape_bias_split_gelu, work_elementwise, nullptr, 7, 1, false, false, ""},
    {K::kBiasAdd, "BiasAdd", C::kElementwise, 2, 3, shape_same, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kSoftplus, "Softplus", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 1, 2, false, false, ""},
    {K::kSoftsign, "Softsign", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 2, 1, false, false, ""},
    {K::kTanh, "Tanh", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kErf, "Erf", C::kElementwise, 1, 1, shape_float_function, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kExp, "Exp", C::kElementwise, 1, 1, shape_float_function, work_elementwise, fold_unary, 0, 1, false, false, ""},
    {K::kLog, "Log", C::kElementwise, 1, 1, shape_float_function, work_elementwise, fold_unary, 0, 1, false, false, ""},
    {K::kSqrt, "Sqrt", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 0, 1, false, false, ""},
    {K::kRsqrt, "Rsqrt", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 2, false, false, ""},
    {K::kSquare, "Square", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kCbrt, "Cbrt", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAbs, "Abs", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kNeg, "Neg", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kSign, "Sign", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kFloor, "Floor", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kCeil, "Ceil", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kRound, "Round", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kReciprocal, "Reciprocal", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 0, 1, false, false, ""},
    {K::kSin, "Sin", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kCos, "Cos", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kTan, "Tan", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAsin, "Asin", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAcos, "Acos", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAtan, "Atan", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kSinh, "Sinh", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kCosh, "Cosh", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAsinh, "Asinh", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAcosh, "Acosh", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kAtanh, "Atanh", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kLogicalNot, "LogicalNot", C::kElementwise, 1, 1, shape_same, work_elementwise, fold_unary, 1, 0, false, false, ""},
    {K::kBitwiseNot, "BitwiseNot", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kIsNaN, "IsNaN", C::kElementwise, 1, 1, shape_same_bool, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kIsInf, "IsInf", C::kElementwise, 1, 1, shape_same_bool, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kClip, "Clip", C::kElementwise, 1, 3, shape_clip, work_elementwise, fold_clip, 2, 0, false, false, ""},
    {K::kShrink, "Shrink", C::kElementwise, 1, 1, shape_same, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kComplexAbs, "ComplexAbs", C::kElementwise, 1, 1, shape_complex_part, work_elementwise, nullptr, 3, 1, false, false, ""},
    {K::kReal, "Real", C::kElementwise, 1, 1, shape_complex_part, work_elementwise, nullptr, 0, 0, false, false, ""},
    {K::kImag, "Imag", C::kElementwise, 1, 1, shape_complex_part, work_elementwise, nullptr, 0, 0, false, false, ""},
    // element-wise functions of several operands
    {K::kAdd, "Add", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kSub, "Sub", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kMul, "Mul", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kDiv, "Div", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 0, 1, false, false, ""},
    {K::kPow, "Pow", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 0, 1, false, false, ""},
    {K::kMod, "Mod", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 0, 1, false, false, ""},
    {K::kFloorDiv, "FloorDiv", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 1, 1, false, false, ""},
    {K::kFloorMod, "FloorMod", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, fold_binary, 1, 1, false, false, ""},
    {K::kMaximum, "Maximum", C::kElementwise, 1, -1, shape_broadcast, work_variadic, fold_binary, 1, 0, false, false, ""},
    {K::kMinimum, "Minimum", C::kElementwise, 1, -1, shape_broadcast, work_variadic, fold_binary, 1, 0, false, false, ""},
    {K::kSquaredDifference, "SquaredDifference", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 2, 0, false, false, ""},
    {K::kAtan2, "Atan2", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 0, 1, false, false, ""},
    {K::kEqual, "Equal", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kNotEqual, "NotEqual", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kGreater, "Greater", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kGreaterEqual, "GreaterEqual", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kLess, "Less", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kLessEqual, "LessEqual", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kLogicalAnd, "LogicalAnd", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kLogicalOr, "LogicalOr", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kLogicalXor, "LogicalXor", C::kElementwise, 2, 2, shape_broadcast_bool, work_elementwise, fold_binary, 1, 0, false, false, ""},
    {K::kBitwiseAnd, "BitwiseAnd", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kBitwiseOr, "BitwiseOr", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kBitwiseXor, "BitwiseXor", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kBitShift, "BitShift", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kAddN, "AddN", C::kElementwise, 1, -1, shape_broadcast, work_variadic, nullptr, 1, 0, false, false, ""},
    {K::kMeanN, "MeanN", C::kElementwise, 1, -1, shape_broadcast, work_variadic, nullptr, 1, 1, false, false, ""},
    {K::kSelect, "Select", C::kElementwise, 3, 3, shape_select, work_elementwise, fold_select, 1, 0, false, false, ""},
    {K::kRotaryEmbedding, "RotaryEmbedding", C::kElementwise, 3, 4, shape_same, work_elementwise, nullptr, 3, 0, false, false, ""},
    {K::kSwiGLU, "SwiGLU", C::kElementwise, 2, 2, shape_broadcast, work_elementwise, nullptr, 2, 1, false, false, ""},
    // along an axis
    {K::kSoftmax, "Softmax", C::kElementwise, 1, 1, shape_along_axis, work_softmax, nullptr, 0, 0, false, false, ""},
    {K::kLogSoftmax, "LogSoftmax", C::kElementwise, 1, 1, shape_along_axis, work_softmax, nullptr, 0, 0, false, false, ""},
    {K::kHardmax, "Hardmax", C::kElementwise, 1, 1, shape_along_axis, work_softmax, nullptr, 0, 0, false, false, ""},
    {K::kCumSum, "CumSum", C::kElementwise, 1, 2, shape_along_axis, work_elementwise, nullptr, 1, 0, false, false, ""},
    {K::kReduceSum, "ReduceSum", C::kReduction, 1, 2, shape_reduce, work_reduce, fold_reduce, 0, 0, false, false, ""},
    {K::kReduceMean, "ReduceMean", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceMax, "ReduceMax", C::kReduction, 1, 2, shape_reduce, work_reduce, fold_reduce, 0, 0, false, false, ""},
    {K::kReduceMin, "ReduceMin", C::kReduction, 1, 2, shape_reduce, work_reduce, fold_reduce, 0, 0, false, false, ""},
    {K::kReduceProd, "ReduceProd", C::kReduction, 1, 2, shape_reduce, work_reduce, fold_reduce, 0, 0, false, false, ""},
    {K::kReduceL1, "ReduceL1", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceL2, "ReduceL2", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceLogSum, "ReduceLogSum", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceLogSumExp, "ReduceLogSumExp", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceSumSquare, "ReduceSumSquare", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceAny, "ReduceAny", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kReduceAll, "ReduceAll", C::kReduction, 1, 2, shape_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kArgMax, "ArgMax", C::kReduction, 1, 2, shape_arg_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kArgMin, "ArgMin", C::kReduction, 1, 2, shape_arg_reduce, work_reduce, nullptr, 0, 0, false, false, ""},
    {K::kTopK, "TopK", C::kReduction, 1, 2, shape_top_k, work_sort, nullptr, 0, 0, false, false, ""},
    {K::kSort, "Sort", C::kReduction, 1, -1, shape_sort, work_sort, nullptr, 0, 0, false, false, ""},
    {K::kReduceGeneral, "ReduceGeneral", C::kReduction, 2, -1, shape_reduce_general, work_reduce, nullptr, 0, 0, false, false, ""},
    // views and movement
    {K::kReshape, "Reshape", C::kMovement, 1, 2, shape_reshape, work_none, fold_copy, 0, 0, true, true, ""},
    {K::kFlatten, "Flatten", C::kMovement, 1, 1, shape_flatten, work_none, fold_copy, 0, 0, true, true, ""},
    {K::kSqueeze, "Squeeze", C::kMovement, 1, 2, shape_squeeze, work_none, fold_copy, 0, 0, true, true, ""},
    {K::kUnsqueeze, "Unsqueeze", C::kMovement, 1, 2, shape_unsqueeze, work_none, fold_copy, 0, 0, true, true, ""},
    {K::kIdentity, "Identity", C::kMovement, 1, 1, shape_same, work_none, fold_copy, 0, 0, true, true, ""},
    {K::kDropout, "Dropout", C::kMovement, 1, 3, shape_dropout, work_none, fold_copy, 0, 0, true, true, ""},
    {K::kBitcast, "Bitcast", C::kMovement, 1, 1, shape_bitcast, work_none, nullptr, 0, 0, true, true, ""},
    {K::kTranspose, "Transpose", C::kMovement, 1, 2, shape_transpose, work_none, fold_transpose, 0, 0, false, true, ""},
    {K::kConcat, "Concat", C::kMovement, 1, -1, shape_concat, work_none, fold_concat, 0, 0, false, false, ""},
    {K::kSplit, "Split", C::kMovement, 1, 3, shape_split, work_none, fold_split, 0, 0, false, false, ""},
    {K::kSlice, "Slice", C::kMovement, 1, 5, shape_slice, work_none, fold_slice, 0, 0, false, false, ""},
    {K::kStridedSlice, "StridedSlice", C::kMovement, 1, 4, shape_strided_slice, work_none, fold_strided_slice, 0, 0, false, false, ""},
    {K::kDynamicSlice, "DynamicSlice", C::kMovement, 2, -1, shape_dynamic_slice, work_none, nullptr, 0, 0, false, false, ""},
    {K::kPad, "Pad", C::kMovement, 1, 4, shape_pad, work_none, nullptr, 0, 0, false, false, ""},
    {K::kTile, "Tile", C::kMovement, 1, 2, shape_tile, work_none, fold_tile, 0, 0, false, false, ""},
    {K::kExpand, "Expand", C::kMovement, 1, 2, shape_expand, work_none, fold_expand, 0, 0, false, false, ""},
    {K::kGather, "Gather", C::kMovement, 2, 2, shape_gather, work_none, fold_gather, 0, 0, false, false, ""},
    {K::kGatherElements, "GatherElements", C::kMovement, 2, 2, shape_gather_elements, work_none, nullptr, 0, 0, false, false, ""},
    {K::kGatherND, "GatherND", C::kMovement, 2, 2, shape_gather_nd, work_none, nullptr, 0, 0, false, false, ""},
    {K::kGatherGeneral, "GatherGeneral", C::kMovement, 2, 2, shape_gather_general, work_none, nullptr, 0, 0, false, false, ""},
    {K::kScatter, "Scatter", C::kMovement, 3, 3, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kScatterND, "ScatterND", C::kMovement, 3, 3, shape_scatter_nd, work_none, nullptr, 0, 0, false, false, ""},
    {K::kDynamicUpdateSlice, "DynamicUpdateSlice", C::kMovement, 3, -1, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kStack, "Stack", C::kMovement, 1, -1, shape_stack, work_none, fold_stack, 0, 0, false, false, ""},
    {K::kUnstack, "Unstack", C::kMovement, 1, 1, shape_unstack, work_none, fold_unstack, 0, 0, false, false, ""},
    {K::kReverse, "Reverse", C::kMovement, 1, 2, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kReverseSequence, "ReverseSequence", C::kMovement, 1, 2, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSpaceToDepth, "SpaceToDepth", C::kMovement, 1, 1, shape_space_to_depth, work_none, nullptr, 0, 0, false, false, ""},
    {K::kDepthToSpace, "DepthToSpace", C::kMovement, 1, 1, shape_depth_to_space, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSpaceToBatch, "SpaceToBatch", C::kMovement, 3, 3, shape_space_to_batch, work_none, nullptr, 0, 0, false, false, ""},
    {K::kBatchToSpace, "BatchToSpace", C::kMovement, 3, 3, shape_batch_to_space, work_none, nullptr, 0, 0, false, false, ""},
    {K::kChannelShuffle, "ChannelShuffle", C::kMovement, 1, 1, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kCast, "Cast", C::kMovement, 1, 2, shape_cast, work_none, fold_cast, 0, 0, false, true, ""},
    {K::kTrilu, "Trilu", C::kMovement, 1, 2, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kCompress, "Compress", C::kMovement, 2, 2, shape_compress, work_none, nullptr, 0, 0, false, false, ""},
    {K::kCenterCropPad, "CenterCropPad", C::kMovement, 2, 2, shape_center_crop_pad, work_none, nullptr, 0, 0, false, false, ""},
    {K::kReorderLayout, "ReorderLayout", C::kMovement, 1, 1, shape_reorder_layout, work_none, nullptr, 0, 0, false, true, ""},
    {K::kDilate, "Dilate", C::kMovement, 2, 3, shape_dilate, work_none, nullptr, 0, 0, false, false, ""},
    {K::kMatrixDiag, "MatrixDiag", C::kMovement, 1, 1, shape_matrix_diag, work_none, nullptr, 0, 0, false, false, ""},
    {K::kMatrixSetDiag, "MatrixSetDiag", C::kMovement, 2, 2, shape_same, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSparseToDense, "SparseToDense", C::kMovement, 3, 4, shape_sparse_to_dense, work_none, nullptr, 0, 0, false, false, ""},
    // resampling
    {K::kResizeNearest, "ResizeNearest", C::kResampling, 1, 4, shape_resize, work_resize, nullptr, 0, 0, false, false, ""},
    {K::kResizeBilinear, "ResizeBilinear", C::kResampling, 1, 4, shape_resize, work_resize, nullptr, 0, 0, false, false, ""},
    {K::kResizeCubic, "ResizeCubic", C::kResampling, 1, 4, shape_resize, work_resize, nullptr, 0, 0, false, false, ""},
    {K::kGridSample, "GridSample", C::kResampling, 2, 2, shape_grid_sample, work_grid_sample, nullptr, 0, 0, false, false, ""},
    {K::kAffineGrid, "AffineGrid", C::kResampling, 2, 2, shape_affine_grid, work_affine_grid, nullptr, 0, 0, false, false, ""},
    {K::kCropAndResize, "CropAndResize", C::kResampling, 3, 4, shape_crop_and_resize, work_resize, nullptr, 0, 0, false, false, ""},
    // made from shapes or nothing
    {K::kShape, "Shape", C::kGenerator, 1, 1, shape_shape, work_none, fold_shape, 0, 0, true, false, ""},
    {K::kSize, "Size", C::kGenerator, 1, 1, shape_scalar_int64, work_none, fold_size, 0, 0, true, false, ""},
    {K::kRank, "Rank", C::kGenerator, 1, 1, shape_scalar_int32, work_none, fold_rank, 0, 0, true, false, ""},
    {K::kFill, "Fill", C::kGenerator, 0, 2, shape_fill, work_none, fold_fill, 0, 0, false, false, ""},
    {K::kZerosLike, "ZerosLike", C::kGenerator, 1, 1, shape_same, work_none, fold_fill, 0, 0, false, false, ""},
    {K::kRange, "Range", C::kGenerator, 0, 3, shape_range, work_none, fold_range, 0, 0, false, false, ""},
    {K::kOneHot, "OneHot", C::kGenerator, 2, 4, shape_one_hot, work_none, nullptr, 0, 0, false, false, ""},
    {K::kEyeLike, "EyeLike", C::kGenerator, 1, 1, shape_fill, work_none, nullptr, 0, 0, false, false, ""},
    {K::kRandomNormal, "RandomNormal", C::kGenerator, 0, 1, shape_fill, work_random, nullptr, 0, 0, false, false, ""},
    {K::kRandomUniform, "RandomUniform", C::kGenerator, 0, 1, shape_fill, work_random, nullptr, 0, 0, false, false, ""},
    {K::kMultinomial, "Multinomial", C::kGenerator, 1, 2, shape_multinomial, work_random, nullptr, 0, 0, false, false, ""},
    {K::kBernoulli, "Bernoulli", C::kGenerator, 1, 1, shape_fill, work_random, nullptr, 0, 0, false, false, ""},
    {K::kRandomBits, "RandomBits", C::kGenerator, 1, 1, shape_random_bits, work_random, nullptr, 0, 0, false, false, ""},
    {K::kBroadcastArgs, "BroadcastArgs", C::kGenerator, 2, 2, shape_broadcast_args, work_none, fold_broadcast_args, 0, 0, false, false, ""},
    {K::kWindowFunction, "WindowFunction", C::kGenerator, 1, 1, shape_window, work_random, nullptr, 0, 0, false, false, ""},
    {K::kMelWeightMatrix, "MelWeightMatrix", C::kGenerator, 5, 5, shape_mel_weight_matrix, work_none, nullptr, 0, 0, false, false, ""},
    // tables and sets
    {K::kEmbeddingLookup, "EmbeddingLookup", C::kTable, 2, 3, shape_embedding_lookup, work_embedding_lookup, nullptr, 0, 0, false, false, ""},
    {K::kEmbeddingLookupSparse, "EmbeddingLookupSparse", C::kTable, 5, 5, shape_unknown, work_unknown_count, nullptr, 0, 0, false, false, ""},
    {K::kBucketize, "Bucketize", C::kTable, 1, 2, shape_same_int32, work_bucketize, nullptr, 0, 0, false, false, ""},
    {K::kUnique, "Unique", C::kTable, 1, 1, shape_unique, work_sort, nullptr, 0, 0, false, false, ""},
    {K::kNonZero, "NonZero", C::kTable, 1, 1, shape_non_zero, work_in_elements, nullptr, 0, 0, false, false, ""},
    {K::kSegmentSum, "SegmentSum", C::kTable, 2, 2, shape_segment_sum, work_in_elements, nullptr, 0, 0, false, false, ""},
    {K::kUnsortedSegment, "UnsortedSegment", C::kTable, 3, 3, shape_unsorted_segment, work_in_elements, nullptr, 0, 0, false, false, ""},
    {K::kHashtable, "Hashtable", C::kTable, 0, 3, shape_hashtable, work_none, nullptr, 0, 0, false, false, ""},
    {K::kHashtableFind, "HashtableFind", C::kTable, 0, 3, shape_hashtable_find, work_none, nullptr, 0, 0, false, false, ""},
    {K::kHashtableImport, "HashtableImport", C::kTable, 0, 3, shape_none, work_none, nullptr, 0, 0, false, false, ""},
    {K::kHashtableSize, "HashtableSize", C::kTable, 0, 3, shape_scalar_int64, work_none, nullptr, 0, 0, false, false, ""},
    {K::kHashtableLookup, "HashtableLookup", C::kTable, 0, 3, shape_hashtable_lookup, work_none, nullptr, 0, 0, false, false, ""},
    {K::kLshProjection, "LshProjection", C::kTable, 2, 3, shape_lsh_projection, work_unknown_count, nullptr, 0, 0, false, false, ""},
    {K::kSkipGram, "SkipGram", C::kTable, 1, 1, shape_unknown, work_unknown_count, nullptr, 0, 0, false, false, ""},
    {K::kRagged, "Ragged", C::kTable, 1, -1, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    // quantisation
    {K::kQuantize, "Quantize", C::kQuantisation, 1, 3, shape_quantize, work_quantize, nullptr, 0, 0, false, true, ""},
    {K::kDequantize, "Dequantize", C::kQuantisation, 1, 3, shape_dequantize, work_quantize, nullptr, 0, 0, false, true, ""},
    {K::kDynamicQuantize, "DynamicQuantize", C::kQuantisation, 1, 1, shape_dynamic_quantize, work_dynamic_quantize, nullptr, 0, 0, false, false, ""},
    {K::kFakeQuant, "FakeQuant", C::kQuantisation, 1, 3, shape_same, work_quantize, nullptr, 0, 0, false, false, ""},
    {K::kDensify, "Densify", C::kQuantisation, 1, 1, shape_same, work_none, nullptr, 0, 0, false, true, ""},
    // signal and linear algebra
    {K::kDft, "Dft", C::kSignal, 1, 3, shape_dft, work_dft, nullptr, 0, 0, false, false, ""},
    {K::kStft, "Stft", C::kSignal, 2, 4, shape_stft, work_stft, nullptr, 0, 0, false, false, ""},
    {K::kDet, "Det", C::kSignal, 1, 1, shape_det, work_det, nullptr, 0, 0, false, false, ""},
    {K::kInverse, "Inverse", C::kSignal, 1, 1, shape_inverse, work_inverse, nullptr, 0, 0, false, false, ""},
    {K::kPairwiseDistance, "PairwiseDistance", C::kSignal, 2, 2, shape_pairwise_distance, work_pairwise_distance, nullptr, 0, 0, false, false, ""},
    {K::kSpectrumEnergy, "SpectrumEnergy", C::kSignal, 1, 1, shape_spectrum_energy, work_spectrum_energy, nullptr, 0, 0, false, false, ""},
    {K::kFilterBank, "FilterBank", C::kSignal, 2, 6, shape_filter_bank, work_filter_bank, nullptr, 0, 0, false, false, ""},
    {K::kSpectralSubtraction, "SpectralSubtraction", C::kSignal, 1, 1, shape_same, work_elementwise, nullptr, 6, 0, false, false, ""},
    {K::kPcan, "PCAN", C::kSignal, 2, 3, shape_same, work_elementwise, nullptr, 6, 0, false, false, ""},
    {K::kAutoScale, "AutoScale", C::kSignal, 1, 1, shape_auto_scale, work_elementwise, nullptr, 3, 0, false, false, ""},
    {K::kFrameBuffer, "FrameBuffer", C::kSignal, 1, -1, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    // detection
    {K::kNonMaxSuppression, "NonMaxSuppression", C::kDetection, 2, 6, shape_non_max_suppression, work_non_max_suppression, nullptr, 0, 0, false, false, ""},
    {K::kDetectionPostProcess, "DetectionPostProcess", C::kDetection, 3, 3, shape_detection_post_process, work_detection_post_process, nullptr, 0, 0, false, false, ""},
    {K::kDetectionOutput, "DetectionOutput", C::kDetection, 1, -1, shape_detection_output, work_detection_output, nullptr, 0, 0, false, false, ""},
    {K::kPriorBox, "PriorBox", C::kDetection, 0, 2, shape_prior_box, work_prior_box, nullptr, 0, 0, false, false, ""},
    // state
    {K::kVarHandle, "VarHandle", C::kState, 0, 0, shape_var_handle, work_none, nullptr, 0, 0, false, false, ""},
    {K::kReadVariable, "ReadVariable", C::kState, 1, 1, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    {K::kAssignVariable, "AssignVariable", C::kState, 2, 2, shape_none, work_none, nullptr, 0, 0, false, false, ""},
    // control flow, sequences, optionals: shapes of control flow come from its graphs (shape_inference.cc), work from cost/
    {K::kIf, "If", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kWhile, "While", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kLoop, "Loop", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kScan, "Scan", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kCase, "Case", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kCall, "Call", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kCallOnce, "CallOnce", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kComposite, "Composite", C::kControlFlow, 0, -1, shape_control_flow, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kSequenceConstruct, "SequenceConstruct", C::kControlFlow, 1, -1, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSequenceEmpty, "SequenceEmpty", C::kControlFlow, 0, 2, shape_list_reserve, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSequenceInsert, "SequenceInsert", C::kControlFlow, 2, 3, shape_list_insert, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSequenceErase, "SequenceErase", C::kControlFlow, 1, 2, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSequenceAt, "SequenceAt", C::kControlFlow, 2, 2, shape_list_at, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSequenceLength, "SequenceLength", C::kControlFlow, 1, 1, shape_scalar_int64, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSplitToSequence, "SplitToSequence", C::kControlFlow, 1, 2, shape_list_stack, work_none, nullptr, 0, 0, false, false, ""},
    {K::kConcatFromSequence, "ConcatFromSequence", C::kControlFlow, 1, 1, shape_list_stack, work_none, nullptr, 0, 0, false, false, ""},
    {K::kSequenceMap, "SequenceMap", C::kControlFlow, 1, -1, shape_unknown, work_control_flow, nullptr, 0, 0, false, false, ""},
    {K::kOptional, "Optional", C::kControlFlow, 0, 1, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    {K::kOptionalGetElement, "OptionalGetElement", C::kControlFlow, 1, 1, shape_unknown, work_none, nullptr, 0, 0, false, false, ""},
    {K::kOptionalHasElement, "OptionalHasElement", C::kControlFlow, 0, 1, shape_scalar_bool, work_none, nullptr, 0, 0, false, false, ""},
    // losses
    {K::kSoftmaxCrossEntropyLoss, "SoftmaxCrossEntropyLoss", C::kLoss, 2, 3, shape_loss, work_loss, nullptr, 0, 0, false, false, ""},
    {K::kNegativeLogLikelihoodLoss, "NegativeLogLikelihoodLoss", C::kLoss, 2, 3, shape_loss, work_loss, nullptr, 0, 0, false, false, ""},
    // known, without a cost rule; operators on text do no arithmetic, so their counts are 0 all the same
    {K::kStringOp, "StringOp", C::kOpaque, 0, -1, shape_text_function, work_none, nullptr, 0, 0, false, false, "its time depends on the text it is given"},
    {K::kImageDecoder, "ImageDecoder", C::kOpaque, 0, -1, shape_picture, work_opaque, nullptr, 0, 0, false, false, "its work depends on the encoded picture"},
    {K::kClassicalMl, "ClassicalMl", C::kOpaque, 0, -1, shape_unknown, work_opaque, nullptr, 0, 0, false, false, "trees, support vectors and encoders have no rule here"},
    {K::kTrainingStep, "TrainingStep", C::kOpaque, 0, -1, shape_unknown, work_opaque, nullptr, 0, 0, false, false, "training operators have no rule here"},
    // not known
    {K::kDelegateBlob, "DelegateBlob", C::kOpaque, 0, -1, shape_unknown, work_opaque, nullptr, 0, 0, false, false, "a compiled subgraph of an accelerator: its operators are not in the file"},
    {K::kCustom, "Custom", C::kOpaque, 0, -1, shape_unknown, work_opaque, nullptr, 0, 0, false, false, "a custom operator without a rule"},
}};
// clang-format on

constexpr bool in_enumerator_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].kind) != i) return false;
  }
  return true;
}
// That each row has a shape and a work rule is tested: g++ 12 with UBSan takes no comparison of functions here.
static_assert(in_enumerator_order(), "one row per enumerator, in the order of op_kind.h");

}  // namespace

const OpInfo& op_info(OpKind kind) { return kTable[static_cast<std::size_t>(kind)]; }

std::span<const OpInfo> op_table() { return kTable; }

std::optional<OpKind> find_op_kind(std::string_view name) {
  static const auto* const kByName = [] {
    auto* map = new std::unordered_map<std::string_view, OpKind>;
    for (const OpInfo& info : kTable) map->emplace(info.name, info.kind);
    return map;
  }();
  const auto found = kByName->find(name);
  if (found == kByName->end()) return std::nullopt;
  return found->second;
}

std::string_view op_category_name(OpCategory category) {
  switch (category) {
    case C::kConvolution:
      return "convolution";
    case C::kProduct:
      return "product";
    case C::kRecurrent:
      return "recurrent";
    case C::kPooling:
      return "pooling";
    case C::kNormalisation:
      return "normalisation";
    case C::kElementwise:
      return "element-wise";
    case C::kReduction:
      return "reduction";
    case C::kMovement:
      return "movement";
    case C::kResampling:
      return "resampling";
    case C::kGenerator:
      return "generator";
    case C::kTable:
      return "table";
    case C::kQuantisation:
      return "quantisation";
    case C::kSignal:
      return "signal";
    case C::kDetection:
      return "detection";
    case C::kState:
      return "state";
    case C::kControlFlow:
      return "control-flow";
    case C::kLoss:
      return "loss";
    case C::kOpaque:
      return "opaque";
  }
  return "?";
}

}  // namespace nngauge
