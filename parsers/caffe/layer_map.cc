// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/layer_map.h"

#include <cctype>

#include "parsers/caffe/readers.h"

namespace nngauge::caffe_format {
namespace {

using K = OpKind;

// Type, kind, reader. Data layers, Parameter and Silence are no operators (graph_builder.cc, inputs.cc).
constexpr LayerRow kRows[] = {
    // convolutions
    {"Convolution", K::kConv2D, read_convolution},
    {"Deconvolution", K::kConvTranspose2D, read_deconvolution},
    {"ConvolutionDepthwise", K::kDepthwiseConv2D, read_depthwise},
    {"ConvolutionDepthWise", K::kDepthwiseConv2D, read_depthwise},
    {"DepthwiseConvolution", K::kDepthwiseConv2D, read_depthwise},
    {"DepthwiseConv", K::kDepthwiseConv2D, read_depthwise},
    {"DeformableConvolution", K::kDeformConv2D, read_deformable},
    {"Local", K::kConv2D, read_local},
    // products, recurrent layers
    {"InnerProduct", K::kDense, read_inner_product},
    {"SparseInnerProduct", K::kDense, read_inner_product},
    {"Embed", K::kEmbeddingLookup, read_embed},
    {"LSTM", K::kLSTM, read_recurrent},
    {"RNN", K::kRNN, read_recurrent},
    {"MatMul", K::kMatMul, read_matmul},
    // pooling
    {"Pooling", K::kMaxPool, read_pooling},
    {"SPP", K::kConcat, read_spp},
    {"Unpooling", K::kMaxUnpool, read_unpooling},
    {"Upsample", K::kResizeNearest, read_upsample},
    {"ROIPooling", K::kMaxRoiPool, read_roi_pooling},
    {"ROIAlign", K::kRoiAlign, read_roi_align},
    {"PSROIPooling", K::kCustom, read_psroi_pooling},
    // normalisation, scales
    {"BatchNorm", K::kBatchNorm, read_batch_norm},
    {"BN", K::kBatchNorm, read_bn},
    {"Scale", K::kBatchNorm, read_scale},
    {"Bias", K::kBiasAdd, read_bias},
    {"LRN", K::kLocalResponseNorm, read_lrn},
    {"LRN_MAP", K::kLocalResponseNorm, read_lrn_map},
    {"MVN", K::kMeanVarianceNorm, read_mvn},
    {"Normalize", K::kL2Norm, read_normalize},
    // single elements
    {"ReLU", K::kRelu, read_relu},
    {"ReLU6", K::kRelu6, read_same},
    {"PReLU", K::kPRelu, read_prelu},
    {"ELU", K::kElu, read_elu},
    {"SELU", K::kSelu, read_same},
    {"Sigmoid", K::kSigmoid, read_same},
    {"HardSigmoid", K::kHardSigmoid, read_same},
    {"HardSwish", K::kHardSwish, read_same},
    {"HSwish", K::kHardSwish, read_same},
    {"HSigmoid", K::kHardSigmoid, read_same},
    {"TanH", K::kTanh, read_same},
    {"Swish", K::kSwish, read_same},
    {"Mish", K::kMish, read_same},
    {"Clip", K::kClip, read_same},
    {"BNLL", K::kSoftplus, read_same},
    {"AbsVal", K::kAbs, read_same},
    {"Power", K::kPow, read_power},
    {"Exp", K::kExp, read_exp},
    {"Log", K::kLog, read_log},
    {"Threshold", K::kGreater, read_threshold},
    {"Eltwise", K::kAdd, read_eltwise},
    {"Axpy", K::kAdd, read_axpy},
    {"TOPK", K::kCustom, read_largest},
    {"Softmax", K::kSoftmax, read_softmax},
    {"LogSoftmax", K::kLogSoftmax, read_softmax},
    // movement
    {"Split", K::kIdentity, read_same},
    {"Dropout", K::kDropout, read_same},
    {"Concat", K::kConcat, read_concat},
    {"Slice", K::kSplit, read_slice},
    {"Reshape", K::kReshape, read_reshape},
    {"Flatten", K::kFlatten, read_flatten},
    {"Permute", K::kTranspose, read_permute},
    {"Transpose", K::kTranspose, read_transpose},
    {"Crop", K::kSlice, read_crop},
    {"Tile", K::kTile, read_tile},
    {"Reduction", K::kReduceSum, read_reduction},
    {"ArgMax", K::kArgMax, read_argmax},
    {"Reverse", K::kReverse, read_reverse},
    {"ShuffleChannel", K::kChannelShuffle, read_shuffle},
    {"Reorg", K::kSpaceToDepth, read_reorg},
    {"Interp", K::kResizeBilinear, read_interp},
    {"ResizeBilinear", K::kResizeBilinear, read_resize_bilinear},
    {"Padding", K::kPad, read_padding},
    {"ContinuationIndicator", K::kFill, read_continuation},
    {"RandVec", K::kRandomUniform, read_random},
    // detection
    {"PriorBox", K::kPriorBox, read_prior_box},
    {"DetectionOutput", K::kDetectionOutput, read_detection_output},
    {"Proposal", K::kDetectionOutput, read_proposal},
    {"Python", K::kCustom, read_python},
    // losses and measures
    {"SoftmaxWithLoss", K::kSoftmaxCrossEntropyLoss, read_softmax_loss},
    {"Accuracy", K::kTrainingStep, read_training},
    {"ContrastiveLoss", K::kTrainingStep, read_training},
    {"EuclideanLoss", K::kTrainingStep, read_training},
    {"HingeLoss", K::kTrainingStep, read_training},
    {"InfogainLoss", K::kTrainingStep, read_training},
    {"MultiBoxLoss", K::kTrainingStep, read_training},
    {"MultinomialLogisticLoss", K::kTrainingStep, read_training},
    {"SigmoidCrossEntropyLoss", K::kTrainingStep, read_training},
    {"SmoothL1Loss", K::kTrainingStep, read_training},
};

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  }
  return true;
}

}  // namespace

const LayerRow* find_layer(std::string_view type) {
  for (const LayerRow& row : kRows) {
    if (row.type == type) return &row;
  }
  for (const LayerRow& row : kRows) {
    if (same_letters(row.type, type)) return &row;
  }
  return nullptr;
}

}  // namespace nngauge::caffe_format
