// SPDX-License-Identifier: Apache-2.0
// Owns: the list of operator kinds, shared by all formats. One enumerator here = one row in op_table.cc, in this order.
#pragma once

#include <cstdint>

namespace nngauge {

enum class OpKind : std::uint16_t {
  // convolution
  kConv1D, kConv2D, kConv3D, kDepthwiseConv1D, kDepthwiseConv2D, kDepthwiseConv3D,
  kConvTranspose1D, kConvTranspose2D, kConvTranspose3D, kDeformConv2D, kConvGeneral, kCol2Im,
  // products
  kDense, kMatMul, kMatMulPacked, kEinsum, kDotGeneral, kAttention, kMixtureOfExperts,
  // recurrent
  kLSTM, kGRU, kRNN, kSVDF,
  // pooling
  kMaxPool, kAveragePool, kLpPool, kGlobalMaxPool, kGlobalAveragePool, kGlobalLpPool, kMaxUnpool, kMaxRoiPool,
  kRoiAlign, kReduceWindow,
  // normalisation
  kBatchNorm, kInstanceNorm, kLayerNorm, kRMSNorm, kGroupNorm, kL2Norm, kLpNorm, kMeanVarianceNorm,
  kLocalResponseNorm, kSkipLayerNorm, kSkipRMSNorm, kSkipGroupNorm, kEmbedLayerNorm,
  // activations and other element-wise functions of one operand
  kRelu, kRelu6, kReluN1To1, kRelu0To1, kLeakyRelu, kPRelu, kElu, kSelu, kCelu, kThresholdedRelu, kSigmoid,
  kHardSigmoid, kHardSwish, kSwish, kMish, kGelu, kFastGelu, kQuickGelu, kBiasGelu, kBiasSplitGelu, kBiasAdd,
  kSoftplus, kSoftsign, kTanh, kErf, kExp, kLog, kSqrt, kRsqrt, kSquare, kCbrt, kAbs, kNeg, kSign, kFloor, kCeil,
  kRound, kReciprocal, kSin, kCos, kTan, kAsin, kAcos, kAtan, kSinh, kCosh, kAsinh, kAcosh, kAtanh, kLogicalNot,
  kBitwiseNot, kIsNaN, kIsInf, kClip, kShrink, kComplexAbs, kReal, kImag,
  // element-wise functions of several operands
  kAdd, kSub, kMul, kDiv, kPow, kMod, kFloorDiv, kFloorMod, kMaximum, kMinimum, kSquaredDifference, kAtan2, kEqual,
  kNotEqual, kGreater, kGreaterEqual, kLess, kLessEqual, kLogicalAnd, kLogicalOr, kLogicalXor, kBitwiseAnd,
  kBitwiseOr, kBitwiseXor, kBitShift, kAddN, kMeanN, kSelect, kRotaryEmbedding,
  // along an axis
  kSoftmax, kLogSoftmax, kHardmax, kCumSum, kReduceSum, kReduceMean, kReduceMax, kReduceMin, kReduceProd, kReduceL1,
  kReduceL2, kReduceLogSum, kReduceLogSumExp, kReduceSumSquare, kReduceAny, kReduceAll, kArgMax, kArgMin, kTopK, kSort,
  kReduceGeneral,
  // views and movement
  kReshape, kFlatten, kSqueeze, kUnsqueeze, kIdentity, kDropout, kBitcast, kTranspose, kConcat, kSplit, kSlice,
  kStridedSlice, kDynamicSlice, kPad, kTile, kExpand, kGather, kGatherElements, kGatherND, kGatherGeneral, kScatter,
  kScatterND, kDynamicUpdateSlice, kStack, kUnstack, kReverse, kReverseSequence, kSpaceToDepth, kDepthToSpace,
  kSpaceToBatch, kBatchToSpace, kChannelShuffle, kCast, kTrilu, kCompress, kCenterCropPad, kReorderLayout, kDilate,
  kMatrixDiag, kMatrixSetDiag, kSparseToDense,
  // resampling
  kResizeNearest, kResizeBilinear, kResizeCubic, kGridSample, kAffineGrid, kCropAndResize,
  // made from shapes or nothing
  kShape, kSize, kRank, kFill, kZerosLike, kRange, kOneHot, kEyeLike, kRandomNormal, kRandomUniform, kMultinomial,
  kBernoulli, kRandomBits, kBroadcastArgs, kWindowFunction, kMelWeightMatrix,
  // tables and sets
  kEmbeddingLookup, kEmbeddingLookupSparse, kBucketize, kUnique, kNonZero, kSegmentSum, kUnsortedSegment,
  kHashtable, kHashtableFind, kHashtableImport, kHashtableSize, kHashtableLookup, kLshProjection, kSkipGram,
  // quantisation
  kQuantize, kDequantize, kDynamicQuantize, kFakeQuant, kDensify,
  // signal and linear algebra
  kDft, kStft, kDet,
  // detection
  kNonMaxSuppression, kDetectionPostProcess,
  // state
  kVarHandle, kReadVariable, kAssignVariable,
  // control flow, sequences, optionals
  kIf, kWhile, kLoop, kScan, kCase, kCall, kCallOnce, kComposite, kSequenceConstruct, kSequenceEmpty, kSequenceInsert,
  kSequenceErase, kSequenceAt, kSequenceLength, kSplitToSequence, kConcatFromSequence, kSequenceMap, kOptional,
  kOptionalGetElement, kOptionalHasElement,
  // losses
  kSoftmaxCrossEntropyLoss, kNegativeLogLikelihoodLoss,
  // text, images, classical machine learning: known, without a cost rule
  kStringOp, kImageDecoder, kClassicalMl, kTrainingStep,
  // not known
  kDelegateBlob, kCustom,
};
inline constexpr std::size_t kOpKindCount = static_cast<std::size_t>(OpKind::kCustom) + 1;

}  // namespace nngauge
