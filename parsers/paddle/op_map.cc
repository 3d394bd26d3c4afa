// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/op_map.h"

#include <iterator>

#include "parsers/named_rows.h"
#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

constexpr std::string_view kOut = "Out";

// Columns: Paddle's name, kind, parameters, results, reader of attributes. Sorted by name.
// clang-format off
constexpr OpRow kRows[] = {
    {"abs", K::kAbs, "X:x", kOut, read_nothing},
    {"acos", K::kAcos, "X:x", kOut, read_nothing},
    {"acosh", K::kAcosh, "X:x", kOut, read_nothing},
    {"addmm", K::kMatMul, "X:x Y:x Input:b", kOut, read_matmul},
    {"affine_channel", K::kBatchNorm, "X:x Scale:n Bias:n", kOut, read_batch_norm},
    {"arg_max", K::kArgMax, "X:x", kOut, read_arg},
    {"arg_min", K::kArgMin, "X:x", kOut, read_arg},
    {"argsort", K::kSort, "X:x", "Out Indices", read_nothing},
    {"asin", K::kAsin, "X:x", kOut, read_nothing},
    {"asinh", K::kAsinh, "X:x", kOut, read_nothing},
    {"assign", K::kIdentity, "X:x", kOut, read_nothing},
    {"assign_value", K::kFill, "", kOut, read_assign_value},
    {"atan", K::kAtan, "X:x", kOut, read_nothing},
    {"atan2", K::kAtan2, "X1:x X2:x", kOut, read_nothing},
    {"atanh", K::kAtanh, "X:x", kOut, read_nothing},
    {"batch_norm", K::kBatchNorm, "X:x Scale:n Bias:n Mean:n Variance:n", "Y", read_batch_norm},
    {"bicubic_interp", K::kResizeCubic, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"bicubic_interp_v2", K::kResizeCubic, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"bilinear_interp", K::kResizeBilinear, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"bilinear_interp_v2", K::kResizeBilinear, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"bitwise_and", K::kBitwiseAnd, "X:x Y:x", kOut, read_nothing},
    {"bitwise_not", K::kBitwiseNot, "X:x", kOut, read_nothing},
    {"bitwise_or", K::kBitwiseOr, "X:x Y:x", kOut, read_nothing},
    {"bitwise_xor", K::kBitwiseXor, "X:x Y:x", kOut, read_nothing},
    {"bmm", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"brelu", K::kClip, "X:x", kOut, read_nothing},
    {"calib", K::kCast, "Input:x", kOut, read_calib},
    {"calib_once", K::kCast, "Input:x", kOut, read_calib},
    {"cast", K::kCast, "X:x", kOut, read_cast},
    {"ceil", K::kCeil, "X:x", kOut, read_nothing},
    {"celu", K::kCelu, "X:x", kOut, read_alpha},
    {"channel_shuffle", K::kChannelShuffle, "X:x", kOut, read_nothing},
    {"clip", K::kClip, "X:x", kOut, read_nothing},
    {"concat", K::kConcat, "X:x", kOut, read_axis},
    {"conv2d", K::kConv2D, "Input:x Filter:w Bias:b ResidualData:x", "Output", read_conv},
    {"conv2d_transpose", K::kConvTranspose2D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"conv3d", K::kConv3D, "Input:x Filter:w Bias:b", "Output", read_conv},
    {"conv3d_transpose", K::kConvTranspose3D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"cos", K::kCos, "X:x", kOut, read_nothing},
    {"cosh", K::kCosh, "X:x", kOut, read_nothing},
    {"create_array", K::kSequenceEmpty, "", kOut, read_nothing},
    {"cumsum", K::kCumSum, "X:x", kOut, read_axis},
    {"deformable_conv", K::kDeformConv2D, "Input:x Filter:w Offset:x _:b Mask:x", "Output", read_deform},
    {"deformable_conv_v1", K::kDeformConv2D, "Input:x Filter:w Offset:x", "Output", read_deform},
    {"depthwise_conv2d", K::kDepthwiseConv2D, "Input:x Filter:w Bias:b", "Output", read_conv},
    {"depthwise_conv2d_transpose", K::kConvTranspose2D, "Input:x Filter:w Bias:b", "Output", read_conv_transpose},
    {"dequantize_linear", K::kDequantize, "X:x Scale:q ZeroPoint:q", "Y", read_quantize},
    {"dropout", K::kDropout, "X:x", kOut, read_nothing},
    {"einsum", K::kEinsum, "Operands:x", kOut, read_einsum},
    {"elementwise_add", K::kAdd, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_div", K::kDiv, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_floordiv", K::kFloorDiv, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_fmax", K::kMaximum, "X:x Y:x", kOut, read_elementwise},
    {"elementwise_fmin", K::kMinimum, "X:x Y:x", kOut, read_elementwise},
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
    {"expand_v2", K::kExpand, "X:x Shape:c expand_shapes_tensor:c", kOut, read_expand},
    {"expm1", K::kExp, "X:x", kOut, read_nothing},
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
    {"fill_constant", K::kFill, "ShapeTensor:c ShapeTensorList:c", kOut, read_fill},
    {"fill_zeros_like", K::kZerosLike, "X:x", kOut, read_fill_like},
    {"flatten", K::kFlatten, "X:x", kOut, read_flatten},
    {"flatten2", K::kFlatten, "X:x", kOut, read_flatten},
    {"flatten_contiguous_range", K::kReshape, "X:x", kOut, read_flatten_range},
    {"flip", K::kReverse, "X:x", kOut, read_reverse},
    {"floor", K::kFloor, "X:x", kOut, read_nothing},
    {"fold", K::kCol2Im, "X:x", "Y", read_fold},
    {"frobenius_norm", K::kReduceL2, "X:x", kOut, read_reduce},
    {"fusion_elementwise_add_activation", K::kAdd, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_div_activation", K::kDiv, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_max_activation", K::kMaximum, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_min_activation", K::kMinimum, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_mul_activation", K::kMul, "X:x Y:x", kOut, read_elementwise},
    {"fusion_elementwise_sub_activation", K::kSub, "X:x Y:x", kOut, read_elementwise},
    {"gather", K::kGather, "X:x Index:c Axis:c", kOut, read_gather},
    {"gather_nd", K::kGatherND, "X:x Index:c", kOut, read_axis},
    {"gelu", K::kGelu, "X:x", kOut, read_nothing},
    {"greater_equal", K::kGreaterEqual, "X:x Y:x", kOut, read_elementwise},
    {"greater_than", K::kGreater, "X:x Y:x", kOut, read_elementwise},
    {"grid_sampler", K::kGridSample, "X:x Grid:x", "Output", read_nothing},
    {"group_norm", K::kGroupNorm, "X:x Scale:n Bias:n", "Y", read_batch_norm},
    {"hard_shrink", K::kShrink, "X:x", kOut, read_nothing},
    {"hard_sigmoid", K::kHardSigmoid, "X:x", kOut, read_nothing},
    {"hard_swish", K::kHardSwish, "X:x", kOut, read_nothing},
    {"increment", K::kAdd, "X:x", kOut, read_increment},
    {"index_select", K::kGather, "X:x Index:c", kOut, read_index_select},
    {"instance_norm", K::kInstanceNorm, "X:x Scale:n Bias:n", "Y", read_batch_norm},
    {"io_copy", K::kIdentity, "Input:x", kOut, read_nothing},
    {"io_copy_once", K::kIdentity, "Input:x", kOut, read_nothing},
    {"isfinite_v2", K::kIsInf, "X:x", kOut, read_nothing},
    {"isinf_v2", K::kIsInf, "X:x", kOut, read_nothing},
    {"isnan_v2", K::kIsNaN, "X:x", kOut, read_nothing},
    {"layer_norm", K::kLayerNorm, "X:x Scale:n Bias:n", "Y", read_layer_norm},
    {"layout", K::kIdentity, "Input:x", kOut, read_nothing},
    {"layout_once", K::kIdentity, "Input:x", kOut, read_nothing},
    {"leaky_relu", K::kLeakyRelu, "X:x", kOut, read_alpha},
    {"less_equal", K::kLessEqual, "X:x Y:x", kOut, read_elementwise},
    {"less_than", K::kLess, "X:x Y:x", kOut, read_elementwise},
    {"linear_interp_v2", K::kResizeBilinear, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"log", K::kLog, "X:x", kOut, read_nothing},
    {"log10", K::kLog, "X:x", kOut, read_nothing},
    {"log1p", K::kLog, "X:x", kOut, read_nothing},
    {"log2", K::kLog, "X:x", kOut, read_nothing},
    {"log_softmax", K::kLogSoftmax, "X:x", kOut, read_axis},
    {"logical_and", K::kLogicalAnd, "X:x Y:x", kOut, read_nothing},
    {"logical_not", K::kLogicalNot, "X:x", kOut, read_nothing},
    {"logical_or", K::kLogicalOr, "X:x Y:x", kOut, read_nothing},
    {"logical_xor", K::kLogicalXor, "X:x Y:x", kOut, read_nothing},
    {"logsigmoid", K::kSoftplus, "X:x", kOut, read_nothing},
    {"logsumexp", K::kReduceLogSumExp, "X:x", kOut, read_reduce},
    {"lookup_table", K::kEmbeddingLookup, "Ids:x W:w", kOut, read_nothing},
    {"lookup_table_v2", K::kEmbeddingLookup, "Ids:x W:w", kOut, read_nothing},
    {"lrn", K::kLocalResponseNorm, "X:x", kOut, read_lrn},
    {"masked_fill", K::kSelect, "Mask:x _:x X:x", kOut, read_masked_fill},
    {"matmul", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"matmul_v2", K::kMatMul, "X:x Y:x", kOut, read_matmul},
    {"matrix_nms", K::kDetectionOutput, "BBoxes:x Scores:x", kOut, read_nms},
    {"mean", K::kReduceMean, "X:x", kOut, read_mean},
    {"memcpy", K::kIdentity, "X:x", kOut, read_nothing},
    {"memcpy_d2h", K::kIdentity, "X:x", kOut, read_nothing},
    {"memcpy_h2d", K::kIdentity, "X:x", kOut, read_nothing},
    {"mish", K::kMish, "X:x", kOut, read_nothing},
    {"mul", K::kDense, "X:x Y:w", kOut, read_mul},
    {"multiclass_nms", K::kDetectionOutput, "BBoxes:x Scores:x", kOut, read_nms},
    {"multiclass_nms2", K::kDetectionOutput, "BBoxes:x Scores:x", kOut, read_nms},
    {"multiclass_nms3", K::kDetectionOutput, "BBoxes:x Scores:x", kOut, read_nms},
    {"mv", K::kMatMul, "X:x Vec:x", kOut, read_matmul},
    {"nearest_interp", K::kResizeNearest, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"nearest_interp_v2", K::kResizeNearest, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"norm", K::kLpNorm, "X:x", kOut, read_norm},
    {"not_equal", K::kNotEqual, "X:x Y:x", kOut, read_elementwise},
    {"one_hot_v2", K::kOneHot, "X:x depth_tensor:c", kOut, read_one_hot},
    {"p_norm", K::kReduceL2, "X:x", kOut, read_p_norm},
    {"pad", K::kPad, "X:x", kOut, read_pad},
    {"pad2d", K::kPad, "X:x", kOut, read_pad},
    {"pad3d", K::kPad, "X:x", kOut, read_pad},
    {"pixel_shuffle", K::kDepthToSpace, "X:x", kOut, read_pixel_shuffle},
    {"pixel_unshuffle", K::kSpaceToDepth, "X:x", kOut, read_pixel_shuffle},
    {"pool2d", K::kAveragePool, "X:x", kOut, read_pool},
    {"pool3d", K::kAveragePool, "X:x", kOut, read_pool},
    {"pow", K::kPow, "X:x", kOut, read_pow},
    {"prelu", K::kPRelu, "X:x Alpha:w", kOut, read_nothing},
    {"put_along_axis", K::kScatter, "Input:x Index:c Value:x", "Result", read_nothing},
    {"quantize_linear", K::kQuantize, "X:x Scale:q ZeroPoint:q", "Y", read_quantize},
    {"range", K::kRange, "Start:c End:c Step:c", kOut, read_nothing},
    {"reciprocal", K::kReciprocal, "X:x", kOut, read_nothing},
    {"reduce_all", K::kReduceAll, "X:x", kOut, read_reduce},
    {"reduce_amax", K::kReduceMax, "X:x", kOut, read_reduce},
    {"reduce_amin", K::kReduceMin, "X:x", kOut, read_reduce},
    {"reduce_any", K::kReduceAny, "X:x", kOut, read_reduce},
    {"reduce_max", K::kReduceMax, "X:x", kOut, read_reduce},
    {"reduce_mean", K::kReduceMean, "X:x", kOut, read_reduce},
    {"reduce_min", K::kReduceMin, "X:x", kOut, read_reduce},
    {"reduce_prod", K::kReduceProd, "X:x", kOut, read_reduce},
    {"reduce_sum", K::kReduceSum, "X:x", kOut, read_reduce},
    {"relu", K::kRelu, "X:x", kOut, read_nothing},
    {"relu6", K::kRelu6, "X:x", kOut, read_nothing},
    {"reshape", K::kReshape, "X:x Shape:c", kOut, read_reshape},
    {"reshape2", K::kReshape, "X:x Shape:c ShapeTensor:c", kOut, read_reshape},
    {"reverse", K::kReverse, "X:x", kOut, read_reverse},
    {"rnn", K::kLSTM, "Input:x WeightList:w PreState:s", "Out State", read_rnn},
    {"roi_align", K::kRoiAlign, "X:x ROIs:x", kOut, read_roi},
    {"roi_pool", K::kMaxRoiPool, "X:x ROIs:x", kOut, read_roi},
    {"roll", K::kGatherElements, "X:x", kOut, read_roll},
    {"round", K::kRound, "X:x", kOut, read_nothing},
    {"rsqrt", K::kRsqrt, "X:x", kOut, read_nothing},
    {"scale", K::kMul, "X:x", kOut, read_scale},
    {"scatter", K::kScatter, "X:x Ids:c Updates:x", kOut, read_nothing},
    {"scatter_nd_add", K::kScatterND, "X:x Index:c Updates:x", kOut, read_nothing},
    {"selu", K::kSelu, "X:x", kOut, read_nothing},
    {"shape", K::kShape, "Input:x", kOut, read_shape},
    {"share_data", K::kIdentity, "X:x", kOut, read_nothing},
    {"shuffle_channel", K::kChannelShuffle, "X:x", kOut, read_nothing},
    {"sigmoid", K::kSigmoid, "X:x", kOut, read_nothing},
    {"sign", K::kSign, "X:x", kOut, read_nothing},
    {"silu", K::kSwish, "X:x", kOut, read_nothing},
    {"sin", K::kSin, "X:x", kOut, read_nothing},
    {"sinh", K::kSinh, "X:x", kOut, read_nothing},
    {"size", K::kSize, "Input:x", kOut, read_nothing},
    {"slice", K::kSlice, "Input:x", kOut, read_slice},
    {"softmax", K::kSoftmax, "X:x", kOut, read_axis},
    {"softplus", K::kSoftplus, "X:x", kOut, read_nothing},
    {"softshrink", K::kShrink, "X:x", kOut, read_nothing},
    {"softsign", K::kSoftsign, "X:x", kOut, read_nothing},
    {"space_to_depth", K::kSpaceToDepth, "X:x", kOut, read_pixel_shuffle},
    {"split", K::kSplit, "X:x", kOut, read_split},
    {"sqrt", K::kSqrt, "X:x", kOut, read_nothing},
    {"square", K::kSquare, "X:x", kOut, read_nothing},
    {"squeeze", K::kSqueeze, "X:x", kOut, read_axes},
    {"squeeze2", K::kSqueeze, "X:x", kOut, read_axes},
    {"stack", K::kStack, "X:x", "Y", read_axis},
    {"stanh", K::kTanh, "X:x", kOut, read_nothing},
    {"strided_slice", K::kSlice, "Input:x", kOut, read_slice},
    {"sum", K::kAddN, "X:x", kOut, read_nothing},
    {"swish", K::kSwish, "X:x", kOut, read_nothing},
    {"sync_batch_norm", K::kBatchNorm, "X:x Scale:n Bias:n Mean:n Variance:n", "Y", read_batch_norm},
    {"take_along_axis", K::kGatherElements, "Input:x Index:c", "Result", read_take_along},
    {"tan", K::kTan, "X:x", kOut, read_nothing},
    {"tanh", K::kTanh, "X:x", kOut, read_nothing},
    {"thresholded_relu", K::kThresholdedRelu, "X:x", kOut, read_nothing},
    {"tile", K::kTile, "X:x RepeatTimes:c repeat_times_tensor:c", kOut, read_tile},
    {"top_k", K::kTopK, "X:x", "Out Indices", read_top_k},
    {"top_k_v2", K::kTopK, "X:x K:c", "Out Indices", read_top_k},
    {"transpose", K::kTranspose, "X:x", kOut, read_transpose},
    {"transpose2", K::kTranspose, "X:x", kOut, read_transpose},
    {"tril_triu", K::kTrilu, "X:x", kOut, read_nothing},
    {"trilinear_interp_v2", K::kResizeBilinear, "X:x OutSize:c SizeTensor:c", kOut, read_interpolate},
    {"trunc", K::kFloor, "X:x", kOut, read_nothing},
    {"unbind", K::kUnstack, "X:x", kOut, read_axis},
    {"unfold", K::kCustom, "X:x", "Y", read_unfold},
    {"unsqueeze", K::kUnsqueeze, "X:x", kOut, read_axes},
    {"unsqueeze2", K::kUnsqueeze, "X:x", kOut, read_axes},
    {"unstack", K::kUnstack, "X:x", "Y", read_axis},
    {"where", K::kSelect, "Condition:x X:x Y:x", kOut, read_nothing},
};
// clang-format on

static_assert(sorted_by_name(kRows), "rows are found by bisection");

}  // namespace

const OpRow* find_op_row(std::string_view type) { return find_by_name(kRows, type); }

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

void OpContext::add_integers(const Ints& values) const {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.name = op.name + ".values";
  tensor.dtype = DType::kInt64;
  tensor.declared = tensor.shape = Shape{static_cast<std::int64_t>(values.size())};
  tensor.value = Value::of_ints(std::vector<Dim>(values.begin(), values.end()));
  op.inputs.push_back({static_cast<TensorId>(graph.tensors.size()), OperandRole::kConfig});
  graph.tensors.push_back(std::move(tensor));
}

TensorId OpContext::step(OpKind kind, Attributes attrs, std::vector<Operand> inputs, Shape shape) const {
  Tensor tensor;
  tensor.name = op.name + ".step";
  tensor.declared = tensor.shape = std::move(shape);
  const auto id = static_cast<TensorId>(graph.tensors.size());
  graph.tensors.push_back(std::move(tensor));
  Op first;
  first.kind = kind;
  first.name = op.name;
  first.source_op = op.source_op;
  first.source = op.source;
  first.attrs = std::move(attrs);
  first.inputs = std::move(inputs);
  first.outputs = {id};
  graph.ops.push_back(std::move(first));
  return id;
}

}  // namespace nngauge::paddle
