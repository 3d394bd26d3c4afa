// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/mil_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "parsers/coreml/mil_readers.h"

namespace nngauge::coreml {
namespace {

using K = OpKind;

// clang-format off
// Columns: operation, kind, operands (argument:role), reader of the other arguments.
constexpr MilRow kRows[] = {
    // products and convolutions
    {"conv", K::kConv2D, "x:x weight:w bias:b", mil_conv},
    {"conv_transpose", K::kConvTranspose2D, "x:x weight:w bias:b", mil_conv_transpose},
    {"linear", K::kDense, "x:x weight:w bias:b", mil_linear},
    {"matmul", K::kMatMul, "x:x y:x", mil_matmul},
    {"einsum", K::kEinsum, "values:x", mil_einsum},
    {"scaled_dot_product_attention", K::kAttention, "query:x key:x value:x attn_mask:x", mil_attention},
    {"lstm", K::kLSTM, "x:x weight_ih:w weight_hh:w weight_ih_back:w weight_hh_back:w bias:b bias_back:b peephole:w peephole_back:w initial_h:s initial_c:s", mil_recurrent},
    {"gru", K::kGRU, "x:x weight_ih:w weight_hh:w bias:b input_bias:b initial_h:s", mil_recurrent},
    {"rnn", K::kRNN, "x:x weight_ih:w weight_hh:w bias:b initial_h:s", mil_recurrent},
    // normalisation
    {"batch_norm", K::kBatchNorm, "x:x gamma:n? beta:n? mean:n variance:n", mil_batch_norm},
    {"instance_norm", K::kInstanceNorm, "x:x gamma:n beta:n", mil_batch_norm},
    {"layer_norm", K::kLayerNorm, "x:x gamma:n? beta:n", mil_layer_norm},
    {"l2_norm", K::kL2Norm, "x:x", mil_l2_norm},
    {"local_response_norm", K::kLocalResponseNorm, "x:x", mil_local_response_norm},
    // pooling
    {"avg_pool", K::kAveragePool, "x:x", mil_pool},
    {"max_pool", K::kMaxPool, "x:x", mil_pool},
    {"l2_pool", K::kLpPool, "x:x", mil_pool},
    // functions of one operand
    {"abs", K::kAbs, "x:x", mil_plain},
    {"acos", K::kAcos, "x:x", mil_plain},
    {"acosh", K::kAcosh, "x:x", mil_plain},
    {"asin", K::kAsin, "x:x", mil_plain},
    {"asinh", K::kAsinh, "x:x", mil_plain},
    {"atan", K::kAtan, "x:x", mil_plain},
    {"atanh", K::kAtanh, "x:x", mil_plain},
    {"ceil", K::kCeil, "x:x", mil_plain},
    {"clip", K::kClip, "x:x", mil_scalars},
    {"cos", K::kCos, "x:x", mil_plain},
    {"cosh", K::kCosh, "x:x", mil_plain},
    {"erf", K::kErf, "x:x", mil_plain},
    {"exp", K::kExp, "x:x", mil_plain},
    {"exp2", K::kExp, "x:x", mil_plain},
    {"floor", K::kFloor, "x:x", mil_plain},
    {"inverse", K::kReciprocal, "x:x", mil_plain},
    {"log", K::kLog, "x:x", mil_plain},
    {"logical_not", K::kLogicalNot, "x:x", mil_plain},
    {"round", K::kRound, "x:x", mil_plain},
    {"rsqrt", K::kRsqrt, "x:x", mil_plain},
    {"sign", K::kSign, "x:x", mil_plain},
    {"sin", K::kSin, "x:x", mil_plain},
    {"sinh", K::kSinh, "x:x", mil_plain},
    {"sqrt", K::kSqrt, "x:x", mil_plain},
    {"square", K::kSquare, "x:x", mil_plain},
    {"tan", K::kTan, "x:x", mil_plain},
    {"tanh", K::kTanh, "x:x", mil_plain},
    {"threshold", K::kMaximum, "x:x alpha:c", mil_plain},
    {"relu", K::kRelu, "x:x", mil_plain},
    {"relu6", K::kRelu6, "x:x", mil_plain},
    {"leaky_relu", K::kLeakyRelu, "x:x", mil_scalars},
    {"prelu", K::kPRelu, "x:x alpha:w", mil_plain},
    {"elu", K::kElu, "x:x", mil_scalars},
    {"sigmoid", K::kSigmoid, "x:x", mil_plain},
    {"sigmoid_hard", K::kHardSigmoid, "x:x", mil_scalars},
    {"silu", K::kSwish, "x:x", mil_plain},
    {"softplus", K::kSoftplus, "x:x", mil_plain},
    {"softplus_parametric", K::kMul, "x:x beta:x", mil_softplus_parametric},
    {"softsign", K::kSoftsign, "x:x", mil_plain},
    {"scaled_tanh", K::kMul, "x:x beta:c", mil_scaled_tanh},
    {"thresholded_relu", K::kThresholdedRelu, "x:x", mil_scalars},
    {"clamped_relu", K::kClip, "x:x", mil_scalars},
    {"linear_activation", K::kMul, "x:x alpha:c", mil_linear_activation},
    {"gelu", K::kGelu, "x:x", mil_gelu},
    {"cast", K::kCast, "x:x", mil_cast},
    // functions of several operands
    {"add", K::kAdd, "x:x y:x", mil_plain},
    {"sub", K::kSub, "x:x y:x", mil_plain},
    {"mul", K::kMul, "x:x y:x", mil_plain},
    {"real_div", K::kDiv, "x:x y:x", mil_plain},
    {"floor_div", K::kFloorDiv, "x:x y:x", mil_plain},
    {"mod", K::kMod, "x:x y:x", mil_plain},
    {"pow", K::kPow, "x:x y:x", mil_plain},
    {"maximum", K::kMaximum, "x:x y:x", mil_plain},
    {"minimum", K::kMinimum, "x:x y:x", mil_plain},
    {"equal", K::kEqual, "x:x y:x", mil_plain},
    {"not_equal", K::kNotEqual, "x:x y:x", mil_plain},
    {"less", K::kLess, "x:x y:x", mil_plain},
    {"less_equal", K::kLessEqual, "x:x y:x", mil_plain},
    {"greater", K::kGreater, "x:x y:x", mil_plain},
    {"greater_equal", K::kGreaterEqual, "x:x y:x", mil_plain},
    {"logical_and", K::kLogicalAnd, "x:x y:x", mil_plain},
    {"logical_or", K::kLogicalOr, "x:x y:x", mil_plain},
    {"logical_xor", K::kLogicalXor, "x:x y:x", mil_plain},
    {"select", K::kSelect, "cond:x a:x b:x", mil_plain},
    // along axes
    {"softmax", K::kSoftmax, "x:x", mil_axis_last},
    {"cumsum", K::kCumSum, "x:x", mil_axis},
    {"reduce_argmax", K::kArgMax, "x:x", mil_arg_reduce},
    {"reduce_argmin", K::kArgMin, "x:x", mil_arg_reduce},
    {"reduce_l1_norm", K::kReduceL1, "x:x", mil_reduce},
    {"reduce_l2_norm", K::kReduceL2, "x:x", mil_reduce},
    {"reduce_log_sum", K::kReduceLogSum, "x:x", mil_reduce},
    {"reduce_log_sum_exp", K::kReduceLogSumExp, "x:x", mil_reduce},
    {"reduce_max", K::kReduceMax, "x:x", mil_reduce},
    {"reduce_mean", K::kReduceMean, "x:x", mil_reduce},
    {"reduce_min", K::kReduceMin, "x:x", mil_reduce},
    {"reduce_prod", K::kReduceProd, "x:x", mil_reduce},
    {"reduce_sum", K::kReduceSum, "x:x", mil_reduce},
    {"reduce_sum_square", K::kReduceSumSquare, "x:x", mil_reduce},
    {"topk", K::kTopK, "x:x", mil_top_k},
    {"argsort", K::kSort, "x:x", mil_axis_last},
    // views and movement
    {"reshape", K::kReshape, "x:x shape:c", mil_reshape},
    {"reshape_like", K::kGatherGeneral, "x:x ref_tensors:c", mil_stated_only},
    {"expand_dims", K::kUnsqueeze, "x:x", mil_axes},
    {"squeeze", K::kSqueeze, "x:x", mil_axes},
    {"transpose", K::kTranspose, "x:x", mil_transpose},
    {"flatten2d", K::kFlatten, "x:x", mil_flatten},
    {"identity", K::kIdentity, "x:x", mil_plain},
    {"slice_by_index", K::kStridedSlice, "x:x begin:c end:c stride:c", mil_slice_by_index},
    {"slice_by_size", K::kSlice, "x:x begin:c size:c", mil_plain},
    {"slice_update", K::kDynamicUpdateSlice, "x:x update:x begin:c", mil_plain},
    {"concat", K::kConcat, "values:x", mil_concat},
    {"stack", K::kStack, "values:x", mil_axis},
    {"split", K::kSplit, "x:x", mil_split},
    {"tile", K::kTile, "x:x reps:c", mil_plain},
    {"pad", K::kPad, "x:x", mil_pad},
    {"gather", K::kGather, "x:x indices:x", mil_gather},
    {"gather_along_axis", K::kGatherElements, "x:x indices:x", mil_axis},
    {"gather_nd", K::kGatherND, "x:x indices:x", mil_gather},
    {"scatter", K::kScatter, "data:x indices:x updates:x", mil_axis},
    {"scatter_along_axis", K::kScatter, "data:x indices:x updates:x", mil_axis},
    {"scatter_nd", K::kScatterND, "data:x indices:x updates:x", mil_plain},
    {"reverse", K::kReverse, "x:x", mil_axes},
    {"reverse_sequence", K::kReverseSequence, "x:x lengths:c", mil_plain},
    {"depth_to_space", K::kDepthToSpace, "x:x", mil_space_depth},
    {"space_to_depth", K::kSpaceToDepth, "x:x", mil_space_depth},
    {"pixel_shuffle", K::kDepthToSpace, "x:x", mil_space_depth},
    {"pixel_unshuffle", K::kSpaceToDepth, "x:x", mil_space_depth},
    {"batch_to_space", K::kGatherGeneral, "x:x block_shape:c", mil_stated_only},
    {"space_to_batch", K::kGatherGeneral, "x:x block_shape:c", mil_stated_only},
    {"sliding_windows", K::kGatherGeneral, "x:x axis:c", mil_stated_only},
    {"band_part", K::kTrilu, "x:x", mil_plain},
    {"crop", K::kSlice, "x:x", mil_crop},
    // resampling
    {"upsample_nearest_neighbor", K::kResizeNearest, "x:x", mil_upsample},
    {"upsample_bilinear", K::kResizeBilinear, "x:x", mil_upsample},
    {"resize_nearest_neighbor", K::kResizeNearest, "x:x", mil_resize},
    {"resize_bilinear", K::kResizeBilinear, "x:x", mil_resize},
    {"resize", K::kResizeBilinear, "x:x shape:c", mil_resize_last},
    {"crop_resize", K::kRoiAlign, "x:x roi:x boxes:x box_indices:c", mil_crop_resize},
    {"affine", K::kGridSample, "x:x transform_matrix:x", mil_affine},
    {"resample", K::kGridSample, "x:x coordinates:x", mil_resample},
    // made from shapes or nothing
    {"shape", K::kShape, "x:x", mil_plain},
    {"fill", K::kFill, "shape:c value:c", mil_fill},
    {"fill_like", K::kFill, "ref_tensor:x", mil_fill_like},
    {"range_1d", K::kRange, "start:c end:c step:c", mil_plain},
    {"one_hot", K::kOneHot, "indices:x one_hot_vector_size:c", mil_one_hot},
    {"non_zero", K::kNonZero, "x:x", mil_non_zero},
    {"random_normal", K::kRandomNormal, "shape:c", mil_fill},
    {"random_uniform", K::kRandomUniform, "shape:c", mil_fill},
    {"random_bernoulli", K::kRandomUniform, "shape:c", mil_fill},
    {"random_categorical", K::kMultinomial, "x:x", mil_categorical},
    // detection, classification, quantisation
    {"non_maximum_suppression", K::kDetectionOutput, "boxes:x scores:x", mil_nms},
    {"classify", K::kArgMax, "probabilities:x", mil_classify},
    {"quantize", K::kQuantize, "input:x scale:q zero_point:q", mil_quantize},
    {"dequantize", K::kDequantize, "input:x scale:q zero_point:q", mil_quantize},
    // state, lists, control flow
    {"read_state", K::kReadVariable, "input:x", mil_plain},
    {"write_state", K::kAssignVariable, "input:x data:x", mil_plain},
    {"make_list", K::kFill, "", mil_make_list},
    {"list_length", K::kSequenceLength, "ls:x", mil_plain},
    {"list_write", K::kDynamicUpdateSlice, "ls:x value:x index:c", mil_plain},
    {"list_read", K::kGather, "ls:x index:x", mil_list_read},
    {"list_gather", K::kGather, "ls:x indices:x", mil_list_read},
    {"list_scatter", K::kDynamicUpdateSlice, "ls:x value:x indices:c", mil_plain},
    {"cond", K::kIf, "pred:x", mil_cond},
    {"while_loop", K::kWhile, "loop_vars:x", mil_while},
};
// clang-format on

}  // namespace

const MilRow* find_mil_row(std::string_view type) {
  static const auto* const kByName = [] {
    auto* map = new std::unordered_map<std::string_view, const MilRow*>;
    for (const MilRow& row : kRows) map->emplace(row.name, &row);
    return map;
  }();
  const auto found = kByName->find(type);
  return found == kByName->end() ? nullptr : found->second;
}

}  // namespace nngauge::coreml
