// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/layers.h"

#include <algorithm>
#include <array>

namespace nngauge::ncnn {
namespace {

struct Row {
  std::string_view type;
  Handler handler;
  bool keeps_shape;  // of the first bottom
};

// Layer type, handler, whether the result is shaped as the first bottom. Input and MemoryData are no operators.
constexpr std::array kRows = {
    // convolutions
    Row{"Convolution", lower_convolution, false},
    Row{"ConvolutionDepthWise", lower_convolution, false},
    Row{"Convolution1D", lower_convolution, false},
    Row{"ConvolutionDepthWise1D", lower_convolution, false},
    Row{"Convolution3D", lower_convolution, false},
    Row{"ConvolutionDepthWise3D", lower_convolution, false},
    Row{"Deconvolution", lower_deconvolution, false},
    Row{"DeconvolutionDepthWise", lower_deconvolution, false},
    Row{"Deconvolution1D", lower_deconvolution, false},
    Row{"DeconvolutionDepthWise1D", lower_deconvolution, false},
    Row{"Deconvolution3D", lower_deconvolution, false},
    Row{"DeconvolutionDepthWise3D", lower_deconvolution, false},
    Row{"DeformableConv2D", lower_deformable, false},
    // pooling
    Row{"Pooling", lower_pooling, false},
    Row{"Pooling1D", lower_pooling, false},
    Row{"Pooling3D", lower_pooling, false},
    Row{"SPP", lower_spp, false},
    Row{"StatisticsPooling", lower_statistics_pooling, false},
    Row{"ROIPooling", lower_roi, false},
    Row{"ROIAlign", lower_roi, false},
    Row{"PSROIPooling", lower_roi, false},
    // normalisation
    Row{"BatchNorm", lower_batch_norm, true},
    Row{"Scale", lower_scale, true},
    Row{"Bias", lower_bias, true},
    Row{"InstanceNorm", lower_instance_norm, true},
    Row{"GroupNorm", lower_instance_norm, true},
    Row{"LayerNorm", lower_layer_norm, true},
    Row{"RMSNorm", lower_layer_norm, true},
    Row{"Normalize", lower_normalize, true},
    Row{"MVN", lower_mvn, true},
    Row{"LRN", lower_lrn, true},
    // products, recurrent layers, attention
    Row{"InnerProduct", lower_inner_product, false},
    Row{"Gemm", lower_gemm, false},
    Row{"MatMul", lower_matmul, false},
    Row{"Einsum", lower_einsum, false},
    Row{"Embed", lower_embed, false},
    Row{"LSTM", lower_recurrent, false},
    Row{"GRU", lower_recurrent, false},
    Row{"RNN", lower_recurrent, false},
    Row{"MultiHeadAttention", lower_multi_head_attention, false},
    Row{"SDPA", lower_sdpa, false},
    Row{"RotaryEmbed", lower_rotary_embed, true},
    // element-wise
    Row{"AbsVal", lower_function, true},
    Row{"BNLL", lower_function, true},
    Row{"CELU", lower_function, true},
    Row{"Clip", lower_function, true},
    Row{"CumulativeSum", lower_function, true},
    Row{"ELU", lower_function, true},
    Row{"Erf", lower_function, true},
    Row{"Exp", lower_function, true},
    Row{"HardSigmoid", lower_function, true},
    Row{"HardSwish", lower_function, true},
    Row{"Log", lower_function, true},
    Row{"Mish", lower_function, true},
    Row{"SELU", lower_function, true},
    Row{"Shrink", lower_function, true},
    Row{"Sigmoid", lower_function, true},
    Row{"Softplus", lower_function, true},
    Row{"Swish", lower_function, true},
    Row{"TanH", lower_function, true},
    Row{"GELU", lower_unary, true},
    Row{"UnaryOp", lower_unary, true},
    Row{"ReLU", lower_relu, true},
    Row{"PReLU", lower_prelu, true},
    Row{"Power", lower_power, true},
    Row{"Threshold", lower_threshold, true},
    Row{"BinaryOp", lower_binary, false},
    Row{"Eltwise", lower_eltwise, true},
    Row{"GLU", lower_glu, false},
    Row{"Softmax", lower_softmax, true},
    Row{"Reduction", lower_reduction, false},
    Row{"ArgMax", lower_arg_max, false},
    Row{"Quantize", lower_quantisation, true},
    Row{"Dequantize", lower_quantisation, true},
    Row{"Requantize", lower_quantisation, true},
    // movement
    Row{"Split", lower_copy, true},
    Row{"Noop", lower_copy, true},
    Row{"Dropout", lower_copy, true},
    Row{"DeepCopy", lower_copy, true},
    Row{"CopyTo", lower_copy, true},
    Row{"Packing", lower_copy, true},
    Row{"Cast", lower_copy, true},
    Row{"Concat", lower_concat, false},
    Row{"Slice", lower_slice, false},
    Row{"Crop", lower_crop, false},
    Row{"Reshape", lower_reshape, false},
    Row{"Permute", lower_permute, false},
    Row{"Flatten", lower_flatten, false},
    Row{"Squeeze", lower_squeeze, false},
    Row{"ExpandDims", lower_expand_dims, false},
    Row{"Padding", lower_padding, false},
    Row{"Tile", lower_tile, false},
    Row{"ShuffleChannel", lower_shuffle_channel, true},
    Row{"PixelShuffle", lower_pixel_shuffle, false},
    Row{"Reorg", lower_reorg, false},
    Row{"Interp", lower_interp, false},
    Row{"GridSample", lower_grid_sample, false},
    Row{"Fold", lower_fold, false},
    Row{"Unfold", lower_unfold, false},
    Row{"Flip", lower_flip, true},
    Row{"Diag", lower_diag, false},
    // boxes, signals
    Row{"PriorBox", lower_prior_box, false},
    Row{"DetectionOutput", lower_detection_output, false},
    Row{"YoloDetectionOutput", lower_detection_output, false},
    Row{"Yolov3DetectionOutput", lower_detection_output, false},
    Row{"Proposal", lower_proposal, false},
    Row{"Spectrogram", lower_spectrogram, false},
    Row{"InverseSpectrogram", lower_spectrogram, false},
};

const Row* find_row(std::string_view type) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.type == type; });
  return row == kRows.end() ? nullptr : &*row;
}

}  // namespace

Handler find_handler(std::string_view type) {
  const Row* row = find_row(type);
  return row ? row->handler : nullptr;
}

bool keeps_shape(const Layer& layer) {
  const Row* row = find_row(layer.type);
  const bool with_scalar = layer.type == "BinaryOp" && (layer.bottoms.size() < 2 || layer.integer(1) != 0);
  return with_scalar || (row != nullptr && row->keeps_shape);
}

}  // namespace nngauge::ncnn
