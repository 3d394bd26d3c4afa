// SPDX-License-Identifier: Apache-2.0
#include "parsers/executorch/op_map.h"

#include <array>
#include <unordered_map>

#include "parsers/executorch/readers.h"

namespace nngauge::executorch {
namespace {

using K = OpKind;

struct Row {
  std::string_view name;
  K kind;
  Status (*read)(CallContext&);
};

// Kernels, without overload.
constexpr std::array kRows = {
    Row{"aten::convolution", K::kConv2D, read_convolution},
    Row{"aten::conv1d", K::kConv2D, read_conv2d},
    Row{"aten::conv2d", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv2d", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv2d_nchw", K::kConv2D, read_conv2d},
    Row{"cadence::conv2d", K::kConv2D, read_conv2d},
    Row{"cadence::quantized_conv2d_nhwc", K::kConv2D, read_conv2d_nhwc},
    Row{"aten::mm", K::kMatMul, read_matmul},
    Row{"aten::bmm", K::kMatMul, read_matmul},
    Row{"aten::matmul", K::kMatMul, read_matmul},
    Row{"aten::addmm", K::kMatMul, read_addmm},
    Row{"aten::baddbmm", K::kMatMul, read_addmm},
    Row{"aten::linear", K::kDense, read_linear},
    Row{"cadence::quantized_linear", K::kDense, read_linear},
    Row{"cadence::quantized_fully_connected", K::kDense, read_linear},
    Row{"cadence::linear", K::kDense, read_linear},
    Row{"aten::scaled_dot_product_attention", K::kAttention, read_attention},
    Row{"aten::_scaled_dot_product_flash_attention_for_cpu", K::kAttention, read_attention},
    Row{"llama::sdpa_with_kv_cache", K::kAttention, read_cached_attention},
    Row{"llama::custom_sdpa", K::kAttention, read_cached_attention},
    Row{"aten::embedding", K::kEmbeddingLookup, read_embedding},
    Row{"quantized_decomposed::embedding_byte", K::kEmbeddingLookup, read_quantised_embedding},
    Row{"quantized_decomposed::embedding_4bit", K::kEmbeddingLookup, read_quantised_embedding},
    Row{"quantized_decomposed::embedding_2bit", K::kEmbeddingLookup, read_quantised_embedding},
    Row{"aten::add", K::kAdd, read_binary},
    Row{"aten::sub", K::kSub, read_binary},
    Row{"aten::mul", K::kMul, read_binary},
    Row{"aten::div", K::kDiv, read_binary},
    Row{"aten::pow", K::kPow, read_binary},
    Row{"aten::maximum", K::kMaximum, read_binary},
    Row{"aten::minimum", K::kMinimum, read_binary},
    Row{"aten::remainder", K::kFloorMod, read_binary},
    Row{"aten::fmod", K::kMod, read_binary},
    Row{"aten::floor_divide", K::kFloorDiv, read_binary},
    Row{"aten::atan2", K::kAtan2, read_binary},
    Row{"aten::eq", K::kEqual, read_binary},
    Row{"aten::ne", K::kNotEqual, read_binary},
    Row{"aten::gt", K::kGreater, read_binary},
    Row{"aten::ge", K::kGreaterEqual, read_binary},
    Row{"aten::lt", K::kLess, read_binary},
    Row{"aten::le", K::kLessEqual, read_binary},
    Row{"aten::logical_and", K::kLogicalAnd, read_binary},
    Row{"aten::logical_or", K::kLogicalOr, read_binary},
    Row{"aten::bitwise_xor", K::kBitwiseXor, read_binary},
    Row{"aten::logical_xor", K::kLogicalXor, read_binary},
    Row{"aten::bitwise_and", K::kBitwiseAnd, read_binary},
    Row{"aten::bitwise_or", K::kBitwiseOr, read_binary},
    Row{"aten::rsub", K::kSub, read_swapped},
    Row{"aten::where", K::kSelect, read_where},
    Row{"aten::masked_fill", K::kSelect, read_masked_fill},
    Row{"aten::relu", K::kRelu, read_unary},
    Row{"aten::leaky_relu", K::kLeakyRelu, read_unary},
    Row{"aten::elu", K::kElu, read_unary},
    Row{"aten::sigmoid", K::kSigmoid, read_unary},
    Row{"aten::tanh", K::kTanh, read_unary},
    Row{"aten::gelu", K::kGelu, read_unary},
    Row{"aten::hardswish", K::kHardSwish, read_unary},
    Row{"aten::hardsigmoid", K::kHardSigmoid, read_unary},
    Row{"aten::silu", K::kSwish, read_unary},
    Row{"aten::mish", K::kMish, read_unary},
    Row{"aten::softplus", K::kSoftplus, read_unary},
    Row{"aten::exp", K::kExp, read_unary},
    Row{"aten::expm1", K::kExp, read_unary},
    Row{"aten::log", K::kLog, read_unary},
    Row{"aten::log2", K::kLog, read_unary},
    Row{"aten::log10", K::kLog, read_unary},
    Row{"aten::log1p", K::kLog, read_unary},
    Row{"aten::sqrt", K::kSqrt, read_unary},
    Row{"aten::rsqrt", K::kRsqrt, read_unary},
    Row{"aten::abs", K::kAbs, read_unary},
    Row{"aten::neg", K::kNeg, read_unary},
    Row{"aten::sign", K::kSign, read_unary},
    Row{"aten::square", K::kSquare, read_unary},
    Row{"aten::reciprocal", K::kReciprocal, read_unary},
    Row{"aten::sin", K::kSin, read_unary},
    Row{"aten::cos", K::kCos, read_unary},
    Row{"aten::tan", K::kTan, read_unary},
    Row{"aten::asin", K::kAsin, read_unary},
    Row{"aten::acos", K::kAcos, read_unary},
    Row{"aten::atan", K::kAtan, read_unary},
    Row{"aten::asinh", K::kAsinh, read_unary},
    Row{"aten::acosh", K::kAcosh, read_unary},
    Row{"aten::atanh", K::kAtanh, read_unary},
    Row{"aten::sinh", K::kSinh, read_unary},
    Row{"aten::cosh", K::kCosh, read_unary},
    Row{"aten::erf", K::kErf, read_unary},
    Row{"aten::floor", K::kFloor, read_unary},
    Row{"aten::ceil", K::kCeil, read_unary},
    Row{"aten::round", K::kRound, read_unary},
    Row{"aten::isnan", K::kIsNaN, read_unary},
    Row{"aten::isinf", K::kIsInf, read_unary},
    Row{"aten::logical_not", K::kLogicalNot, read_unary},
    Row{"aten::bitwise_not", K::kBitwiseNot, read_unary},
    Row{"aten::hardtanh", K::kClip, read_clamp},
    Row{"aten::clamp", K::kClip, read_clamp},
    Row{"aten::prelu", K::kPRelu, read_prelu},
    Row{"aten::_prelu_kernel", K::kPRelu, read_prelu},
    Row{"aten::_softmax", K::kSoftmax, read_along_axis},
    Row{"aten::softmax", K::kSoftmax, read_along_axis},
    Row{"aten::_log_softmax", K::kLogSoftmax, read_along_axis},
    Row{"aten::log_softmax", K::kLogSoftmax, read_along_axis},
    Row{"aten::cumsum", K::kCumSum, read_along_axis},
    Row{"aten::mean", K::kReduceMean, read_reduction},
    Row{"aten::sum", K::kReduceSum, read_reduction},
    Row{"aten::amax", K::kReduceMax, read_reduction},
    Row{"aten::amin", K::kReduceMin, read_reduction},
    Row{"aten::any", K::kReduceAny, read_reduction},
    Row{"aten::all", K::kReduceAll, read_reduction},
    Row{"aten::prod", K::kReduceProd, read_reduction},
    Row{"aten::max", K::kReduceMax, read_extreme},
    Row{"aten::min", K::kReduceMin, read_extreme},
    Row{"aten::var", K::kReduceMean, read_variance},
    Row{"aten::sort", K::kSort, read_sort},
    Row{"aten::argmax", K::kArgMax, read_arg_extreme},
    Row{"aten::argmin", K::kArgMin, read_arg_extreme},
    Row{"aten::topk", K::kTopK, read_top_k},
    Row{"aten::_native_batch_norm_legit_no_training", K::kBatchNorm, read_batch_norm},
    Row{"aten::native_batch_norm", K::kBatchNorm, read_batch_norm},
    Row{"aten::_native_batch_norm_legit", K::kBatchNorm, read_batch_norm},
    Row{"aten::native_layer_norm", K::kLayerNorm, read_layer_norm},
    Row{"aten::rms_norm", K::kRMSNorm, read_rms_norm},
    Row{"aten::native_group_norm", K::kGroupNorm, read_group_norm},
    Row{"aten::max_pool2d_with_indices", K::kMaxPool, read_pool},
    Row{"aten::max_pool1d", K::kMaxPool, read_pool},
    Row{"aten::max_pool2d", K::kMaxPool, read_pool},
    Row{"aten::max_pool3d", K::kMaxPool, read_pool},
    Row{"aten::avg_pool1d", K::kAveragePool, read_pool},
    Row{"aten::avg_pool2d", K::kAveragePool, read_pool},
    Row{"aten::avg_pool3d", K::kAveragePool, read_pool},
    Row{"aten::_adaptive_avg_pool2d", K::kAveragePool, read_adaptive_pool},
    Row{"aten::_adaptive_avg_pool3d", K::kAveragePool, read_adaptive_pool},
    Row{"aten::adaptive_avg_pool1d", K::kAveragePool, read_adaptive_pool},
    Row{"aten::adaptive_max_pool2d", K::kMaxPool, read_adaptive_pool},
    Row{"aten::clone", K::kIdentity, read_unary},
    Row{"aten::native_dropout", K::kDropout, read_first},
    Row{"aten::alias_copy", K::kIdentity, read_unary},
    Row{"aten::detach_copy", K::kIdentity, read_unary},
    Row{"aten::lift_fresh_copy", K::kIdentity, read_unary},
    Row{"aten::copy", K::kIdentity, read_overwrite},
    Row{"aten::copy_", K::kIdentity, read_overwrite},
    Row{"dim_order_ops::_clone_dim_order", K::kIdentity, read_unary},
    Row{"aten::_to_copy", K::kCast, read_cast},
    Row{"dim_order_ops::_to_dim_order_copy", K::kCast, read_cast},
    Row{"aten::view_copy", K::kReshape, read_view},
    Row{"aten::_unsafe_view", K::kReshape, read_view},
    Row{"aten::squeeze_copy", K::kReshape, read_view},
    Row{"aten::unsqueeze_copy", K::kReshape, read_view},
    Row{"aten::_reshape_alias_copy", K::kReshape, read_view},
    Row{"executorch_prim::et_view", K::kReshape, read_view},
    Row{"aten::permute_copy", K::kTranspose, read_permute},
    Row{"aten::transpose_copy", K::kTranspose, read_swap},
    Row{"aten::t_copy", K::kTranspose, read_swap},
    Row{"aten::slice_copy", K::kSlice, read_slice},
    Row{"aten::narrow_copy", K::kSlice, read_slice},
    Row{"aten::select_copy", K::kGather, read_select},
    Row{"aten::index_select", K::kGather, read_gather},
    Row{"aten::gather", K::kGatherElements, read_gather},
    Row{"aten::index", K::kGather, read_index},
    Row{"aten::slice_scatter", K::kDynamicUpdateSlice, read_update},
    Row{"aten::select_scatter", K::kDynamicUpdateSlice, read_update},
    Row{"aten::index_put", K::kDynamicUpdateSlice, read_index_put},
    Row{"aten::index_put_", K::kDynamicUpdateSlice, read_index_put},
    Row{"llama::update_cache", K::kDynamicUpdateSlice, read_update_cache},
    Row{"aten::scatter", K::kScatter, read_scatter},
    Row{"aten::scatter_add", K::kScatter, read_scatter},
    Row{"aten::scatter_reduce", K::kScatter, read_scatter},
    Row{"aten::nonzero", K::kNonZero, read_non_zero},
    Row{"aten::as_strided_copy", K::kGatherGeneral, read_strided},
    Row{"aten::diagonal_copy", K::kGatherGeneral, read_strided},
    Row{"aten::unfold_copy", K::kGatherGeneral, read_strided},
    Row{"aten::cat", K::kConcat, read_join},
    Row{"aten::stack", K::kStack, read_join},
    Row{"aten::split_copy", K::kSplit, read_split},
    Row{"aten::split_with_sizes_copy", K::kSplit, read_split},
    Row{"aten::unbind_copy", K::kUnstack, read_unbind},
    Row{"aten::expand_copy", K::kExpand, read_view},
    Row{"aten::repeat", K::kTile, read_repeat},
    Row{"aten::constant_pad_nd", K::kPad, read_pad},
    Row{"aten::reflection_pad1d", K::kPad, read_pad},
    Row{"aten::reflection_pad2d", K::kPad, read_pad},
    Row{"aten::reflection_pad3d", K::kPad, read_pad},
    Row{"aten::replication_pad1d", K::kPad, read_pad},
    Row{"aten::replication_pad2d", K::kPad, read_pad},
    Row{"aten::replication_pad3d", K::kPad, read_pad},
    Row{"aten::upsample_nearest1d", K::kResizeNearest, read_resize},
    Row{"aten::upsample_nearest2d", K::kResizeNearest, read_resize},
    Row{"aten::upsample_linear1d", K::kResizeBilinear, read_resize},
    Row{"aten::upsample_bilinear2d", K::kResizeBilinear, read_resize},
    Row{"aten::_upsample_bilinear2d_aa", K::kResizeBilinear, read_resize},
    Row{"aten::upsample_bicubic2d", K::kResizeCubic, read_resize},
    Row{"aten::pixel_shuffle", K::kDepthToSpace, read_shuffle},
    Row{"aten::pixel_unshuffle", K::kSpaceToDepth, read_shuffle},
    Row{"aten::grid_sampler_2d", K::kGridSample, read_grid_sample},
    Row{"aten::flip", K::kReverse, read_flip},
    Row{"aten::tril", K::kTrilu, read_unary},
    Row{"aten::triu", K::kTrilu, read_unary},
    Row{"aten::full", K::kFill, read_fill},
    Row{"aten::full_like", K::kFill, read_fill},
    Row{"aten::zeros", K::kFill, read_fill},
    Row{"aten::zeros_like", K::kFill, read_fill},
    Row{"aten::ones", K::kFill, read_fill},
    Row{"aten::ones_like", K::kFill, read_fill},
    Row{"aten::empty", K::kFill, read_fill},
    Row{"aten::empty_strided", K::kFill, read_fill},
    Row{"aten::fill", K::kFill, read_fill},
    Row{"aten::rand", K::kRandomUniform, read_fill},
    Row{"aten::randn", K::kRandomNormal, read_fill},
    Row{"aten::randperm", K::kFill, read_fill},
    Row{"aten::scalar_tensor", K::kFill, read_fill},
    Row{"aten::arange", K::kFill, read_fill},
    Row{"quantized_decomposed::quantize_per_tensor", K::kQuantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_tensor", K::kDequantize, read_quantise},
    Row{"quantized_decomposed::quantize_per_channel", K::kQuantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_channel", K::kDequantize, read_quantise},
    Row{"quantized_decomposed::quantize_per_token", K::kQuantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_token", K::kDequantize, read_quantise},
    Row{"quantized_decomposed::dequantize_per_channel_group", K::kDequantize, read_quantise},
    Row{"cadence::quantize_per_tensor", K::kQuantize, read_quantise},
    Row{"cadence::dequantize_per_tensor", K::kDequantize, read_quantise},
};

}  // namespace

std::optional<Ints> extents(const Tensor* tensor) {
  if (!tensor || !tensor->declared.is_static()) return std::nullopt;
  Ints out;
  for (const Dim dim : tensor->declared.dims()) out.push_back(dim.value());
  return out;
}

Status read_custom(CallContext& c) {
  c.op.kind = K::kCustom;
  c.op.inputs.clear();
  CustomAttrs attrs;
  attrs.name = c.name;
  c.op.attrs = std::move(attrs);
  for (const Argument& argument : c.args) {
    if (argument.tensor != kNoTensor) c.op.inputs.push_back({argument.tensor, OperandRole::kData});
    for (const TensorId id : argument.tensors) {
      if (id != kNoTensor) c.op.inputs.push_back({id, OperandRole::kData});
    }
  }
  return ok();
}

// Second results (places, saved means) are no work of their own.
void keep_first_result(CallContext& c) {
  if (c.op.outputs.size() > 1) c.op.outputs.erase(c.op.outputs.begin() + 1, c.op.outputs.end());
}

void CallContext::learned(std::size_t i, OperandRole role) const {
  const TensorId id = arg(i).tensor;
  if (id != kNoTensor) op.inputs.push_back({id, is_stored(id) ? role : OperandRole::kData});
}

void CallContext::scalar(double value) const {
  Tensor number;
  number.name = op.name + "/scalar";
  number.dtype = DType::kFloat32;
  number.is_constant = true;
  number.declared = number.shape = Shape::scalar();
  number.value = Value::of_reals({value});
  op.inputs.push_back({plan.add(std::move(number)), OperandRole::kData});
}

void CallContext::integers(const Ints& values, bool is_scalar) const {
  Tensor numbers;
  numbers.name = op.name + "/integers";
  numbers.dtype = DType::kInt64;
  numbers.is_constant = true;
  numbers.declared = numbers.shape = is_scalar ? Shape::scalar() : Shape{static_cast<std::int64_t>(values.size())};
  numbers.value = Value::of_ints(std::vector<Dim>(values.begin(), values.end()));
  op.inputs.push_back({plan.add(std::move(numbers)), OperandRole::kConfig});
}

Status read_kernel(CallContext& c) {
  static const auto* const kByName = [] {
    auto* out = new std::unordered_map<std::string_view, const Row*>;
    for (const Row& row : kRows) out->emplace(row.name, &row);
    return out;
  }();
  const auto found = kByName->find(c.name);
  if (found == kByName->end()) return read_custom(c);
  c.op.kind = found->second->kind;
  return found->second->read(c);
}

}  // namespace nngauge::executorch
