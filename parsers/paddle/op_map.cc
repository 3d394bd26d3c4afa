// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/op_map.h"

#include <algorithm>
#include <iterator>

#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

constexpr std::string_view kOut = "Out";

// Columns: Paddle's name, kind, parameters, results, reader of attributes. Sorted by name.
// clang-format off
constexpr OpRow kRows[] = {
    {"abs", K::kAbs, "X:x", kOut, read_nothing},
    {"affine_channel", K::kBatchNorm, "X:x Scale:n Bias:n", kOut, read_batch_norm},
    {"arg_max", K::kArgMax, "X:x", kOut, read_arg},
    {"arg_min", K::kArgMin, "X:x", kOut, read_arg},
    {"assign", K::kIdentity, "X:x", kOut, read_nothing},
    {"batch_norm", K::kBatchNorm, "X:x Scale:n Bias:n Mean:n Variance:n", "Y", read_batch_norm},
    {"bicubic_interp", K::kResizeCubic, "X:x", kOut, read_interpolate},
    {"bicubic_interp_v2", K::kResizeCubic, "X:x", kOut, read_interpolate},
    {"bilinear_interp", K::kResizeBilinear, "X:x", kOut, read_interpolate},
    {"bilinear_interp_v2", K::kResizeBilinear, "X:x", kOut, read_interpolate},
    {"bmm", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"calib", K::kCast, "Input:x", kOut, read_calib},
    {"calib_once", K::kCast, "Input:x", kOut, read_calib},
    {"cast", K::kCast, "X:x", kOut, read_cast},
    {"ceil", K::kCeil, "X:x", kOut, read_nothing},
    {"clip", K::kClip, "X:x", kOut, read_nothing},
    {"concat", K::kConcat, "X:x", kOut, read_axis},
    {"conv2d", K::kConv2D, "Input:x Filter:w Bias:b ResidualData:x", "Output", read_conv},
    {"conv2d_transpose", K::kConvTranspose2D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"conv3d", K::kConv3D, "Input:x Filter:w Bias:b", "Output", read_conv},
    {"conv3d_transpose", K::kConvTranspose3D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"cos", K::kCos, "X:x", kOut, read_nothing},
    {"cumsum", K::kCumSum, "X:x", kOut, read_axis},
    {"depthwise_conv2d", K::kDepthwiseConv2D, "Input:x Filter:w Bias:b", "Output", read_conv},
    {"depthwise_conv2d_transpose", K::kConvTranspose2D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"dequantize_linear", K::kDequantize, "X:x Scale:q ZeroPoint:q", "Y", read_quantize},
    {"dropout", K::kDropout, "X:x", kOut, read_nothing},
    {"elementwise_add", K::kAdd, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_div", K::kDiv, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_floordiv", K::kFloorDiv, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_max", K::kMaximum, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_min", K::kMinimum, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_mod", K::kMod, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_mul", K::kMul, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_pow", K::kPow, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_sub", K::kSub, "X:x Y:x", kOut, read_elementwise},
    {"elu", K::kElu, "X:x", kOut, read_alpha},
    {"equal", K::kEqual, "X:x Y:x", kOut, read_elementwise},
    {"erf", K::kErf, "X:x", kOut, read_nothing},
    {"exp", K::kExp, "X:x", kOut, read_nothing},
    {"expand_as_v2", K::kExpand, "X:x", kOut, read_expand},
    {"expand_v2", K::kExpand, "X:x Shape:c", kOut, read_expand},
    {"fake_channel_wise_dequantize_max_abs", K::kDequantize, "X:x Scales:q", kOut, read_quantize},
    {"fake_channel_wise_quantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_channel_wise_quantize_dequantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_dequantize_max_abs", K::kDequantize, "X:x Scale:q", kOut, read_quantize},
    {"fake_quantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_quantize_dequantize_abs_max", K::kFakeQuant, "X:x", kOut, read_quantize},
    {"fake_quantize_dequantize_moving_average_abs_max", K::kFakeQuant, "X:x InScale:q", kOut, read_quantize},
    {"fake_quantize_moving_average_abs_max", K::kFakeQuant, "X:x InScale:q", kOut, read_quantize},
    {"fake_quantize_range_abs_max", K::kFakeQuant, "X:x InScale:q", kOut, read_quantize},
    {"fc", K::kDense, "Input:x W:w Bias:b", kOut, read_mul},
    {"fill_any_like", K::kZerosLike, "X:x", kOut, read_fill_like},
    {"fill_constant", K::kFill, "ShapeTensor:c", kOut, read_fill},
    {"fill_zeros_like", K::kZerosLike, "X:x", kOut, read_fill_like},
    {"flatten", K::kFlatten, "X:x", kOut, read_flatten},
    {"flatten2", K::kFlatten, "X:x", kOut, read_flatten},
    {"flatten_contiguous_range", K::kReshape, "X:x", kOut, read_flatten_range},
    {"flip", K::kReverse, "X:x", kOut, read_reverse},
    {"floor", K::kFloor, "X:x", kOut, read_nothing},
    {"fusion_elementwise_add_activation", K::kAdd, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_div_activation", K::kDiv, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_max_activation", K::kMaximum, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_min_activation", K::kMinimum, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_mul_activation", K::kMul, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_sub_activation", K::kSub, "X:x Y:x", kOut, read_elementwise},
    {"gather", K::kGather, "X:x Index:c", kOut, read_axis},
    {"gather_nd", K::kGatherND, "X:x Index:c", kOut, read_axis},
    {"gelu", K::kGelu, "X:x", kOut, read_nothing},
    {"greater_equal", K::kGreaterEqual, "X:x Y:x", kOut, read_elementwise},
    {"greater_than", K::kGreater, "X:x Y:x", kOut, read_elementwise},
    {"grid_sampler", K::kGridSample, "X:x Grid:x", "Output", read_nothing},
    {"group_norm", K::kGroupNorm, "X:x Scale:n Bias:n", "Y", read_batch_norm},
    {"hard_sigmoid", K::kHardSigmoid, "X:x", kOut, read_nothing},
    {"hard_swish", K::kHardSwish, "X:x", kOut, read_nothing},
    {"instance_norm", K::kInstanceNorm, "X:x Scale:n Bias:n", "Y", read_batch_norm},
    {"io_copy", K::kIdentity, "Input:x", kOut, read_nothing},
    {"io_copy_once", K::kIdentity, "Input:x", kOut, read_nothing},
    {"layer_norm", K::kLayerNorm, "X:x Scale:n Bias:n", "Y", read_layer_norm},
    {"layout", K::kIdentity, "Input:x", kOut, read_nothing},
    {"layout_once", K::kIdentity, "Input:x", kOut, read_nothing},
    {"leaky_relu", K::kLeakyRelu, "X:x", kOut, read_alpha},
    {"less_equal", K::kLessEqual, "X:x Y:x", kOut, read_elementwise},
    {"less_than", K::kLess, "X:x Y:x", kOut, read_elementwise},
    {"log", K::kLog, "X:x", kOut, read_nothing},
    {"log_softmax", K::kLogSoftmax, "X:x", kOut, read_axis},
    {"logical_and", K::kLogicalAnd, "X:x Y:x", kOut, read_nothing},
    {"logical_not", K::kLogicalNot, "X:x", kOut, read_nothing},
    {"logical_or", K::kLogicalOr, "X:x Y:x", kOut, read_nothing},
    {"lookup_table", K::kEmbeddingLookup, "Ids:x W:w", kOut, read_nothing},
    {"lookup_table_v2", K::kEmbeddingLookup, "Ids:x W:w", kOut, read_nothing},
    {"lrn", K::kLocalResponseNorm, "X:x", kOut, read_lrn},
    {"matmul", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"matmul_v2", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"mean", K::kReduceMean, "X:x", kOut, read_mean},
    {"mish", K::kMish, "X:x", kOut, read_nothing},
    {"mul", K::kDense, "X:x Y:w", kOut, read_mul},
    {"nearest_interp", K::kResizeNearest, "X:x", kOut, read_interpolate},
    {"nearest_interp_v2", K::kResizeNearest, "X:x", kOut, read_interpolate},
    {"norm", K::kLpNorm, "X:x", kOut, read_norm},
    {"not_equal", K::kNotEqual, "X:x Y:x", kOut, read_elementwise},
    {"p_norm", K::kCustom, "X:x", kOut, read_nothing},
    {"pad", K::kPad, "X:x", kOut, read_pad},
    {"pad2d", K::kPad, "X:x", kOut, read_pad},
    {"pad3d", K::kPad, "X:x", kOut, read_pad},
    {"pixel_shuffle", K::kDepthToSpace, "X:x", kOut, read_pixel_shuffle},
    {"pool2d", K::kAveragePool, "X:x", kOut, read_pool},
    {"pool3d", K::kAveragePool, "X:x", kOut, read_pool},
    {"pow", K::kPow, "X:x", kOut, read_pow},
    {"prelu", K::kPRelu, "X:x Alpha:w", kOut, read_nothing},
    {"quantize_linear", K::kQuantize, "X:x Scale:q ZeroPoint:q", "Y", read_quantize},
    {"range", K::kRange, "Start:c End:c Step:c", kOut, read_nothing},
    {"reciprocal", K::kReciprocal, "X:x", kOut, read_nothing},
    {"reduce_all", K::kReduceAll, "X:x", kOut, read_reduce},
    {"reduce_any", K::kReduceAny, "X:x", kOut, read_reduce},
    {"reduce_max", K::kReduceMax, "X:x", kOut, read_reduce},
    {"reduce_mean", K::kReduceMean, "X:x", kOut, read_reduce},
    {"reduce_min", K::kReduceMin, "X:x", kOut, read_reduce},
    {"reduce_prod", K::kReduceProd, "X:x", kOut, read_reduce},
    {"reduce_sum", K::kReduceSum, "X:x", kOut, read_reduce},
    {"relu", K::kRelu, "X:x", kOut, read_nothing},
    {"relu6", K::kRelu6, "X:x", kOut, read_nothing},
    {"reshape", K::kReshape, "X:x Shape:c", kOut, read_reshape},
    {"reshape2", K::kReshape, "X:x Shape:c", kOut, read_reshape},
    {"reverse", K::kReverse, "X:x", kOut, read_reverse},
    {"round", K::kRound, "X:x", kOut, read_nothing},
    {"rsqrt", K::kRsqrt, "X:x", kOut, read_nothing},
    {"scale", K::kMul, "X:x", kOut, read_scale},
    {"shape", K::kShape, "Input:x", kOut, read_shape},
    {"shuffle_channel", K::kChannelShuffle, "X:x", kOut, read_nothing},
    {"sigmoid", K::kSigmoid, "X:x", kOut, read_nothing},
    {"sign", K::kSign, "X:x", kOut, read_nothing},
    {"silu", K::kSwish, "X:x", kOut, read_nothing},
    {"sin", K::kSin, "X:x", kOut, read_nothing},
    {"slice", K::kSlice, "Input:x", kOut, read_slice},
    {"softmax", K::kSoftmax, "X:x", kOut, read_axis},
    {"softplus", K::kSoftplus, "X:x", kOut, read_nothing},
    {"softsign", K::kSoftsign, "X:x", kOut, read_nothing},
    {"space_to_depth", K::kSpaceToDepth, "X:x", kOut, read_pixel_shuffle},
    {"split", K::kSplit, "X:x", kOut, read_split},
    {"sqrt", K::kSqrt, "X:x", kOut, read_nothing},
    {"square", K::kSquare, "X:x", kOut, read_nothing},
    {"squeeze", K::kSqueeze, "X:x", kOut, read_axes},
    {"squeeze2", K::kSqueeze, "X:x", kOut, read_axes},
    {"stack", K::kStack, "X:x", "Y", read_axis},
    {"strided_slice", K::kSlice, "Input:x", kOut, read_slice},
    {"sum", K::kAddN, "X:x", kOut, read_nothing},
    {"swish", K::kSwish, "X:x", kOut, read_nothing},
    {"sync_batch_norm", K::kBatchNorm, "X:x Scale:n Bias:n Mean:n Variance:n", "Y", read_batch_norm},
    {"tanh", K::kTanh, "X:x", kOut, read_nothing},
    {"top_k", K::kTopK, "X:x", "Out Indices", read_top_k},
    {"top_k_v2", K::kTopK, "X:x", "Out Indices", read_top_k},
    {"transpose", K::kTranspose, "X:x", kOut, read_transpose},
    {"transpose2", K::kTranspose, "X:x", kOut, read_transpose},
    {"unsqueeze", K::kUnsqueeze, "X:x", kOut, read_axes},
    {"unsqueeze2", K::kUnsqueeze, "X:x", kOut, read_axes},
    {"unstack", K::kUnstack, "X:x", "Y", read_axis},
    {"where", K::kSelect, "Condition:x X:x Y:x", kOut, read_nothing},
};
// clang-format on

constexpr bool sorted_by_name() {
  for (std::size_t i = 1; i < std::size(kRows); ++i) {
    if (!(kRows[i - 1].name < kRows[i].name)) return false;
  }
  return true;
}
static_assert(sorted_by_name(), "rows are found by bisection");

}  // namespace

const OpRow* find_op_row(std::string_view type) {
  const auto* row = std::lower_bound(std::begin(kRows), std::end(kRows), type,
                                     [](const OpRow& r, std::string_view name) { return r.name < name; });
  return row != std::end(kRows) && row->name == type ? row : nullptr;
}

void OpContext::give_up(const std::string& reason) const {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "paddle";
  attrs.name = source.type;
  op.attrs = std::move(attrs);
  diagnostics.warn("not-followed", op_place(op, op.source.index), reason);
}

void OpContext::add_scalar(double value) const {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.name = op.name + ".scalar";
  tensor.dtype = DType::kFloat32;
  tensor.declared = tensor.shape = Shape::scalar();
  tensor.value = Value::of_reals({value});
  op.inputs.push_back({static_cast<TensorId>(graph.tensors.size()), OperandRole::kConfig});
  graph.tensors.push_back(std::move(tensor));
}

}  // namespace nngauge::paddle
