// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/op_map.h"

#include <iterator>

#include "graph/op_table.h"
#include "parsers/named_rows.h"
#include "parsers/operand_pattern.h"

namespace nngauge::tensorflow {
namespace {

using K = OpKind;

constexpr std::string_view kNorm = "y batch_mean batch_variance reserve_space_1 reserve_space_2 reserve_space_3";
constexpr std::string_view kQuantised = "output min_output max_output";
constexpr std::string_view kCell = "i cs f o ci co h";
constexpr std::string_view kTopK = "values indices";

// Columns: TensorFlow's name, kind, operands (parsers/operand_pattern.h), reader of attributes, results where several.
// Sorted by name. Operators and their operands: TensorFlow's operator registry.
// clang-format off
constexpr OpRow kRows[] = {
    {"Abs", K::kAbs, "x", read_nothing},
    {"Acos", K::kAcos, "x", read_nothing},
    {"Acosh", K::kAcosh, "x", read_nothing},
    {"Add", K::kAdd, "xx", read_nothing},
    {"AddN", K::kAddN, "x*", read_nothing},
    {"AddV2", K::kAdd, "xx", read_nothing},
    {"AdjustContrastv2", K::kCustom, "xc", read_nothing},
    {"All", K::kReduceAll, "xc", read_reduce},
    {"Any", K::kReduceAny, "xc", read_reduce},
    {"ApproximateEqual", K::kEqual, "xx", read_nothing},
    {"ArgMax", K::kArgMax, "xc", read_arg_reduce},
    {"ArgMin", K::kArgMin, "xc", read_arg_reduce},
    {"AsString", K::kStringOp, "x", read_each_text},
    {"Asin", K::kAsin, "x", read_nothing},
    {"Asinh", K::kAsinh, "x", read_nothing},
    {"AssignAddVariableOp", K::kAssignVariable, "sx", read_nothing},
    {"AssignSubVariableOp", K::kAssignVariable, "sx", read_nothing},
    {"AssignVariableOp", K::kAssignVariable, "sx", read_nothing},
    {"Atan", K::kAtan, "x", read_nothing},
    {"Atan2", K::kAtan2, "xx", read_nothing},
    {"Atanh", K::kAtanh, "x", read_nothing},
    {"AvgPool", K::kAveragePool, "x", read_pool},
    {"AvgPool3D", K::kAveragePool, "x", read_pool},
    {"BatchMatMul", K::kMatMul, "xx", read_batch_matmul},
    {"BatchMatMulV2", K::kMatMul, "xx", read_batch_matmul},
    {"BatchMatMulV3", K::kMatMul, "xx", read_batch_matmul},
    {"BatchNormWithGlobalNormalization", K::kBatchNorm, "x4n3n1n2n", read_nothing},
    {"BatchToSpaceND", K::kBatchToSpace, "xcc", read_nothing},
    {"BiasAdd", K::kBiasAdd, "xb", read_bias_add},
    {"BiasAddV1", K::kBiasAdd, "xb", read_nothing},
    {"Bitcast", K::kBitcast, "x", read_cast},
    {"BitwiseAnd", K::kBitwiseAnd, "xx", read_nothing},
    {"BitwiseOr", K::kBitwiseOr, "xx", read_nothing},
    {"BitwiseXor", K::kBitwiseXor, "xx", read_nothing},
    {"BlockLSTM", K::kLSTM, "1x4w5w6w7w8b3s2s0c", read_block_lstm, kCell},
    {"BlockLSTMV2", K::kLSTM, "1x4w5w6w7w8b3s2s0c", read_block_lstm, kCell},
    {"BroadcastArgs", K::kBroadcastArgs, "cc", read_nothing},
    {"BroadcastTo", K::kExpand, "xc", read_nothing},
    {"Bucketize", K::kBucketize, "x", read_bucketize},
    {"Cast", K::kCast, "x", read_cast},
    {"Ceil", K::kCeil, "x", read_nothing},
    {"CheckNumerics", K::kIdentity, "x", read_nothing},
    {"CheckNumericsV2", K::kIdentity, "x", read_nothing},
    {"ClipByValue", K::kClip, "xcc", read_nothing},
    {"CombinedNonMaxSuppression", K::kCustom, "xxcccc", read_nothing, "nmsed_boxes nmsed_scores nmsed_classes valid_detections"},
    {"ComplexAbs", K::kComplexAbs, "x", read_nothing},
    {"Concat", K::kConcat, "x*", read_concat_first},
    {"ConcatV2", K::kConcat, "x*", read_concat},
    {"Conj", K::kNeg, "x", read_nothing},
    {"ConjugateTranspose", K::kTranspose, "xc", read_nothing},
    {"Conv2D", K::kConv2D, "xw", read_conv},
    {"Conv2DBackpropInput", K::kConvTranspose2D, "2x1w_0c", read_conv_transpose},
    {"Conv3D", K::kConv3D, "xw", read_conv},
    {"Conv3DBackpropInput", K::kConvTranspose3D, "2x1w_0c", read_conv_transpose},
    {"Conv3DBackpropInputV2", K::kConvTranspose3D, "2x1w_0c", read_conv_transpose},
    {"Copy", K::kIdentity, "x", read_nothing},
    {"CopyHost", K::kIdentity, "x", read_nothing},
    {"Cos", K::kCos, "x", read_nothing},
    {"Cosh", K::kCosh, "x", read_nothing},
    {"CropAndResize", K::kCropAndResize, "xxcc", read_nothing},
    {"Cumprod", K::kCumSum, "xc", read_axis_operand},
    {"Cumsum", K::kCumSum, "xc", read_axis_operand},
    {"DecodeBase64", K::kStringOp, "x", read_each_text},
    {"DecodeBmp", K::kImageDecoder, "x", read_nothing},
    {"DecodeGif", K::kImageDecoder, "x", read_nothing},
    {"DecodeImage", K::kImageDecoder, "x", read_nothing},
    {"DecodeJpeg", K::kImageDecoder, "x", read_nothing},
    {"DecodePng", K::kImageDecoder, "x", read_nothing},
    {"DecodeRaw", K::kStringOp, "x", read_nothing},
    {"DecodeWav", K::kImageDecoder, "x", read_nothing, "audio sample_rate"},
    {"DeepCopy", K::kIdentity, "x", read_nothing},
    {"DepthToSpace", K::kDepthToSpace, "x", read_space_depth},
    {"DepthwiseConv2dNative", K::kDepthwiseConv2D, "xw", read_conv},
    {"Dequantize", K::kDequantize, "x__qq", read_quantize},
    {"Div", K::kDiv, "xx", read_nothing},
    {"DivNoNan", K::kDiv, "xx", read_nothing},
    {"Einsum", K::kEinsum, "x*", read_einsum},
    {"Elu", K::kElu, "x", read_nothing},
    {"Empty", K::kFill, "c", read_fill},
    {"EmptyTensorList", K::kSequenceEmpty, "", read_nothing},
    {"EncodeBase64", K::kStringOp, "x*", read_each_text},
    {"EncodeJpeg", K::kImageDecoder, "x", read_nothing},
    {"EncodePng", K::kImageDecoder, "x", read_nothing},
    {"EnsureShape", K::kIdentity, "x", read_ensure_shape},
    {"Enter", K::kIdentity, "x", read_nothing},
    {"Equal", K::kEqual, "xx", read_nothing},
    {"Erf", K::kErf, "x", read_nothing},
    {"Erfc", K::kErf, "x", read_nothing},
    {"EuclideanNorm", K::kReduceL2, "xc", read_reduce},
    {"Exit", K::kIdentity, "x", read_nothing},
    {"Exp", K::kExp, "x", read_nothing},
    {"ExpandDims", K::kUnsqueeze, "xc", read_operand_axes},
    {"Expm1", K::kExp, "x", read_nothing},
    {"FakeQuantWithMinMaxArgs", K::kFakeQuant, "x", read_fake_quant},
    {"FakeQuantWithMinMaxVars", K::kFakeQuant, "xqq", read_fake_quant},
    {"FakeQuantWithMinMaxVarsPerChannel", K::kFakeQuant, "xqq", read_fake_quant},
    {"Fill", K::kFill, "cc", read_fill},
    {"Floor", K::kFloor, "x", read_nothing},
    {"FloorDiv", K::kFloorDiv, "xx", read_nothing},
    {"FloorMod", K::kFloorMod, "xx", read_nothing},
    {"FusedBatchNorm", K::kBatchNorm, "xnnnn", read_batch_norm, kNorm},
    {"FusedBatchNormV2", K::kBatchNorm, "xnnnn", read_batch_norm, kNorm},
    {"FusedBatchNormV3", K::kBatchNorm, "xnnnn", read_batch_norm, kNorm},
    {"GRUBlockCell", K::kGRU, "x2w3w4b5b1s", read_gru_cell, "r u c h"},
    {"Gather", K::kGather, "xc", read_gather_first},
    {"GatherNd", K::kGatherND, "xc", read_gather_nd},
    {"GatherV2", K::kGather, "xc-", read_gather},
    {"Greater", K::kGreater, "xx", read_nothing},
    {"GreaterEqual", K::kGreaterEqual, "xx", read_nothing},
    {"GuaranteeConst", K::kIdentity, "x", read_nothing},
    {"HashTable", K::kHashtable, "", read_nothing},
    {"HashTableV2", K::kHashtable, "", read_nothing},
    {"IRFFT", K::kCustom, "xc", read_nothing},
    {"Identity", K::kIdentity, "x", read_nothing},
    {"Imag", K::kImag, "x", read_nothing},
    {"InitializeTable", K::kHashtableImport, "xcc", read_nothing},
    {"InitializeTableFromTextFileV2", K::kHashtableImport, "xc", read_nothing},
    {"InitializeTableV2", K::kHashtableImport, "xcc", read_nothing},
    {"Inv", K::kReciprocal, "x", read_nothing},
    {"Invert", K::kBitwiseNot, "x", read_nothing},
    {"IsFinite", K::kIsInf, "x", read_nothing},
    {"IsInf", K::kIsInf, "x", read_nothing},
    {"IsNan", K::kIsNaN, "x", read_nothing},
    {"LRN", K::kLocalResponseNorm, "x", read_local_response_norm},
    {"LSTMBlockCell", K::kLSTM, "x3w4w5w6w7b2s1s", read_lstm_cell, kCell},
    {"LeakyRelu", K::kLeakyRelu, "x", read_leaky_relu},
    {"LeftShift", K::kBitShift, "xx", read_nothing},
    {"Less", K::kLess, "xx", read_nothing},
    {"LessEqual", K::kLessEqual, "xx", read_nothing},
    {"LinSpace", K::kFill, "---", read_linspace},
    {"Log", K::kLog, "x", read_nothing},
    {"Log1p", K::kLog, "x", read_nothing},
    {"LogSoftmax", K::kLogSoftmax, "x", read_last_axis},
    {"LogicalAnd", K::kLogicalAnd, "xx", read_nothing},
    {"LogicalNot", K::kLogicalNot, "x", read_nothing},
    {"LogicalOr", K::kLogicalOr, "xx", read_nothing},
    {"LookupTableFind", K::kHashtableFind, "xxc", read_nothing},
    {"LookupTableFindV2", K::kHashtableFind, "xxc", read_nothing},
    {"LookupTableImportV2", K::kHashtableImport, "xcc", read_nothing},
    {"LookupTableSizeV2", K::kHashtableSize, "x", read_nothing},
    {"LoopCond", K::kCall, "x", read_loop_condition},
    {"MatMul", K::kMatMul, "xw", read_matmul},
    {"MatrixBandPart", K::kTrilu, "x--", read_nothing},
    {"MatrixDeterminant", K::kDet, "x", read_nothing},
    {"MatrixDiag", K::kMatrixDiag, "x", read_nothing},
    {"MatrixDiagV2", K::kMatrixDiag, "x----", read_nothing},
    {"MatrixDiagV3", K::kMatrixDiag, "x----", read_nothing},
    {"MatrixInverse", K::kInverse, "x", read_nothing},
    {"MatrixSetDiag", K::kMatrixSetDiag, "xx", read_nothing},
    {"MatrixSetDiagV2", K::kMatrixSetDiag, "xx-", read_nothing},
    {"MatrixSetDiagV3", K::kMatrixSetDiag, "xx-", read_nothing},
    {"Max", K::kReduceMax, "xc", read_reduce},
    {"MaxPool", K::kMaxPool, "x", read_pool},
    {"MaxPool3D", K::kMaxPool, "x", read_pool},
    {"MaxPoolV2", K::kMaxPool, "x--", read_pool_v2},
    {"MaxPoolWithArgmax", K::kMaxPool, "x", read_pool, "output argmax"},
    {"Maximum", K::kMaximum, "xx", read_nothing},
    {"Mean", K::kReduceMean, "xc", read_reduce},
    {"Merge", K::kSelect, "xxx", read_nothing, "output value_index"},
    {"Min", K::kReduceMin, "xc", read_reduce},
    {"Minimum", K::kMinimum, "xx", read_nothing},
    {"MirrorPad", K::kPad, "xc", read_mirror_pad},
    {"Mod", K::kMod, "xx", read_nothing},
    {"Mul", K::kMul, "xx", read_nothing},
    {"MulNoNan", K::kMul, "xx", read_nothing},
    {"Multinomial", K::kMultinomial, "xc", read_nothing},
    {"MutableHashTableV2", K::kHashtable, "", read_nothing},
    {"Neg", K::kNeg, "x", read_nothing},
    {"NextIteration", K::kIdentity, "x", read_nothing},
    {"NonMaxSuppression", K::kNonMaxSuppression, "xxccc", read_non_max_suppression},
    {"NonMaxSuppressionV2", K::kNonMaxSuppression, "xxccc", read_non_max_suppression},
    {"NonMaxSuppressionV3", K::kNonMaxSuppression, "xxccc", read_non_max_suppression},
    {"NonMaxSuppressionV4", K::kNonMaxSuppression, "xxccc", read_non_max_suppression, "selected_indices valid_outputs"},
    {"NonMaxSuppressionV5", K::kNonMaxSuppression, "xxcccc", read_non_max_suppression, "selected_indices selected_scores valid_outputs"},
    {"NonMaxSuppressionWithOverlaps", K::kCustom, "xxccc", read_nothing},
    {"NotEqual", K::kNotEqual, "xx", read_nothing},
    {"OneHot", K::kOneHot, "xccc", read_one_hot},
    {"OnesLike", K::kZerosLike, "x", read_ones_like},
    {"Pack", K::kStack, "x*", read_axis_attribute},
    {"Pad", K::kPad, "xc", read_pad},
    {"PadV2", K::kPad, "xcc", read_pad},
    {"ParallelConcat", K::kConcat, "x*", read_nothing},
    {"ParseExample", K::kStringOp, "x*", read_nothing},
    {"ParseExampleV2", K::kStringOp, "x*", read_nothing},
    {"ParseSingleExample", K::kStringOp, "x*", read_nothing},
    {"PlaceholderWithDefault", K::kIdentity, "x", read_nothing},
    {"Pow", K::kPow, "xx", read_nothing},
    {"PreventGradient", K::kIdentity, "x", read_nothing},
    {"Print", K::kIdentity, "x", read_nothing},
    {"Prod", K::kReduceProd, "xc", read_reduce},
    {"QuantizeAndDequantize", K::kFakeQuant, "x", read_fake_quant},
    {"QuantizeAndDequantizeV2", K::kFakeQuant, "xqq", read_fake_quant},
    {"QuantizeAndDequantizeV3", K::kFakeQuant, "xqqq", read_fake_quant},
    {"QuantizeAndDequantizeV4", K::kFakeQuant, "xqq", read_fake_quant},
    {"QuantizeDownAndShrinkRange", K::kQuantize, "x__qq", read_quantize, "output output_min output_max"},
    {"QuantizeV2", K::kQuantize, "x__qq", read_quantize, "output output_min output_max"},
    {"QuantizedAdd", K::kAdd, "xxqqqq", read_nothing, "z min_z max_z"},
    {"QuantizedAvgPool", K::kAveragePool, "xqq", read_pool, kQuantised},
    {"QuantizedBiasAdd", K::kBiasAdd, "xb_qqqq", read_nothing, "output min_out max_out"},
    {"QuantizedConcat", K::kConcat, "x*", read_quantized_concat, "output output_min output_max"},
    {"QuantizedConv2D", K::kConv2D, "xw__qqqq", read_conv, kQuantised},
    {"QuantizedDepthwiseConv2D", K::kDepthwiseConv2D, "xw__qqqq", read_conv, kQuantised},
    {"QuantizedMatMul", K::kMatMul, "xw_qqqq", read_matmul, "out min_out max_out"},
    {"QuantizedMaxPool", K::kMaxPool, "xqq", read_pool, kQuantised},
    {"QuantizedMul", K::kMul, "xxqqqq", read_nothing, "z min_z max_z"},
    {"QuantizedRelu", K::kRelu, "xqq", read_nothing, "activations min_activations max_activations"},
    {"QuantizedRelu6", K::kRelu6, "xqq", read_nothing, "activations min_activations max_activations"},
    {"QuantizedReshape", K::kReshape, "xcqq", read_nothing, "output output_min output_max"},
    {"QuantizedResizeBilinear", K::kResizeBilinear, "x__1cqq", read_resize, "resized_images out_min out_max"},
    {"RFFT", K::kDft, "xc", read_rfft},
    {"RFFT2D", K::kDft, "xc", read_rfft},
    {"RFFT3D", K::kDft, "xc", read_rfft},
    {"RGBToHSV", K::kCustom, "x", read_nothing},
    {"RaggedGather", K::kRagged, "x*", read_nothing},
    {"RaggedRange", K::kRagged, "x*", read_nothing},
    {"RaggedTensorFromVariant", K::kRagged, "x*", read_nothing},
    {"RaggedTensorToSparse", K::kRagged, "x*", read_nothing},
    {"RaggedTensorToTensor", K::kRagged, "x*", read_nothing},
    {"RaggedTensorToVariant", K::kRagged, "x*", read_nothing},
    {"RandomNormal", K::kRandomNormal, "c", read_random},
    {"RandomStandardNormal", K::kRandomNormal, "c", read_random},
    {"RandomUniform", K::kRandomUniform, "c", read_random},
    {"RandomUniformInt", K::kRandomUniform, "c--", read_random},
    {"Range", K::kRange, "ccc", read_nothing},
    {"Rank", K::kRank, "x", read_nothing},
    {"ReadVariableOp", K::kIdentity, "x", read_nothing},
    {"Real", K::kReal, "x", read_nothing},
    {"RealDiv", K::kDiv, "xx", read_nothing},
    {"Reciprocal", K::kReciprocal, "x", read_nothing},
    {"RefEnter", K::kIdentity, "x", read_nothing},
    {"RefExit", K::kIdentity, "x", read_nothing},
    {"RefIdentity", K::kIdentity, "x", read_nothing},
    {"RefMerge", K::kSelect, "xxx", read_nothing, "output value_index"},
    {"RefSwitch", K::kIdentity, "x-", read_nothing, "output_false output_true"},
    {"RegexFullMatch", K::kStringOp, "x*", read_each_text},
    {"RegexReplace", K::kStringOp, "x*", read_each_text},
    {"Relu", K::kRelu, "x", read_nothing},
    {"Relu6", K::kRelu6, "x", read_nothing},
    {"RequantizationRange", K::kReduceMax, "xqq", read_reduce_all, "output_min output_max"},
    {"Requantize", K::kQuantize, "x__qqqq", read_quantize, "output output_min output_max"},
    {"Reshape", K::kReshape, "xc", read_nothing},
    {"ResizeArea", K::kResizeBilinear, "x__1c", read_resize},
    {"ResizeBicubic", K::kResizeCubic, "x__1c", read_resize},
    {"ResizeBilinear", K::kResizeBilinear, "x__1c", read_resize},
    {"ResizeNearestNeighbor", K::kResizeNearest, "x__1c", read_resize},
    {"ResourceGather", K::kGather, "xc", read_gather_first},
    {"ResourceGatherNd", K::kGatherND, "xc", read_gather_nd},
    {"Reverse", K::kReverse, "x-", read_nothing},
    {"ReverseSequence", K::kReverseSequence, "xc", read_reverse_sequence},
    {"ReverseV2", K::kReverse, "xc", read_operand_axes},
    {"RightShift", K::kBitShift, "xx", read_nothing},
    {"Rint", K::kRound, "x", read_nothing},
    {"Roll", K::kReverse, "x--", read_nothing},
    {"Round", K::kRound, "x", read_nothing},
    {"Rsqrt", K::kRsqrt, "x", read_nothing},
    {"ScatterNd", K::kScatterND, "2c0c1x", read_nothing},
    {"SegmentMax", K::kSegmentSum, "xc", read_nothing},
    {"SegmentMean", K::kSegmentSum, "xc", read_nothing},
    {"SegmentMin", K::kSegmentSum, "xc", read_nothing},
    {"SegmentProd", K::kSegmentSum, "xc", read_nothing},
    {"SegmentSum", K::kSegmentSum, "xc", read_nothing},
    {"Select", K::kSelect, "xxx", read_nothing},
    {"SelectV2", K::kSelect, "xxx", read_nothing},
    {"Selu", K::kSelu, "x", read_nothing},
    {"SentencepieceDetokenizeOp", K::kStringOp, "x*", read_nothing},
    {"SentencepieceOp", K::kStringOp, "x*", read_nothing},
    {"SentencepieceTokenizeOp", K::kStringOp, "x*", read_nothing},
    {"Shape", K::kShape, "x", read_shape},
    {"Sigmoid", K::kSigmoid, "x", read_nothing},
    {"Sign", K::kSign, "x", read_nothing},
    {"Sin", K::kSin, "x", read_nothing},
    {"Sinh", K::kSinh, "x", read_nothing},
    {"Size", K::kSize, "x", read_nothing},
    {"Slice", K::kSlice, "xcc", read_slice},
    {"Snapshot", K::kIdentity, "x", read_nothing},
    {"Softmax", K::kSoftmax, "x", read_last_axis},
    {"Softplus", K::kSoftplus, "x", read_nothing},
    {"Softsign", K::kSoftsign, "x", read_nothing},
    {"SpaceToBatchND", K::kSpaceToBatch, "xcc", read_nothing},
    {"SpaceToDepth", K::kSpaceToDepth, "x", read_space_depth},
    {"SparseToDense", K::kSparseToDense, "ccxc", read_nothing},
    {"Split", K::kSplit, "1x0-", read_split},
    {"SplitV", K::kSplit, "xc-", read_split_v},
    {"Sqrt", K::kSqrt, "x", read_nothing},
    {"Square", K::kSquare, "x", read_nothing},
    {"SquaredDifference", K::kSquaredDifference, "xx", read_nothing},
    {"Squeeze", K::kSqueeze, "x", read_squeeze},
    {"StatelessMultinomial", K::kMultinomial, "xc-", read_nothing},
    {"StatelessRandomNormal", K::kRandomNormal, "c-", read_random},
    {"StatelessRandomNormalV2", K::kRandomNormal, "c---", read_random},
    {"StatelessRandomUniform", K::kRandomUniform, "c-", read_random},
    {"StatelessRandomUniformV2", K::kRandomUniform, "c---", read_random},
    {"StatelessTruncatedNormal", K::kRandomNormal, "c-", read_random},
    {"StaticRegexFullMatch", K::kStringOp, "x", read_each_text},
    {"StaticRegexReplace", K::kStringOp, "x", read_each_text},
    {"StopGradient", K::kIdentity, "x", read_nothing},
    {"StridedSlice", K::kStridedSlice, "xccc", read_strided_slice},
    {"StringFormat", K::kStringOp, "x*", read_nothing},
    {"StringJoin", K::kStringOp, "x*", read_nothing},
    {"StringLength", K::kStringOp, "x*", read_each_text},
    {"StringLower", K::kStringOp, "x", read_each_text},
    {"StringNGrams", K::kStringOp, "x*", read_nothing},
    {"StringSplit", K::kStringOp, "x*", read_nothing, "indices values shape"},
    {"StringSplitV2", K::kStringOp, "x*", read_nothing, "indices values shape"},
    {"StringStrip", K::kStringOp, "x", read_each_text},
    {"StringToHashBucket", K::kStringOp, "x*", read_each_text},
    {"StringToHashBucketFast", K::kStringOp, "x", read_each_text},
    {"StringToHashBucketStrong", K::kStringOp, "x*", read_each_text},
    {"StringToNumber", K::kStringOp, "x", read_each_text},
    {"StringUpper", K::kStringOp, "x*", read_each_text},
    {"Sub", K::kSub, "xx", read_nothing},
    {"Substr", K::kStringOp, "x*", read_each_text},
    {"Sum", K::kReduceSum, "xc", read_reduce},
    {"Switch", K::kIdentity, "x-", read_nothing, "output_false output_true"},
    {"Tan", K::kTan, "x", read_nothing},
    {"Tanh", K::kTanh, "x", read_nothing},
    {"TensorArrayReadV3", K::kSequenceAt, "2x1c", read_list},
    {"TensorArrayScatterV3", K::kSplitToSequence, "2x", read_list},
    {"TensorArraySizeV3", K::kSequenceLength, "x", read_nothing},
    {"TensorArrayV3", K::kSequenceEmpty, "-", read_nothing, "handle flow"},
    {"TensorArrayWriteV3", K::kSequenceInsert, "3x2x1c", read_list},
    {"TensorListFromTensor", K::kSplitToSequence, "x-", read_list},
    {"TensorListGetItem", K::kSequenceAt, "xc-", read_list_element},
    {"TensorListLength", K::kSequenceLength, "x", read_nothing},
    {"TensorListPushBack", K::kSequenceInsert, "xx", read_list},
    {"TensorListReserve", K::kSequenceEmpty, "cc", read_list},
    {"TensorListSetItem", K::kSequenceInsert, "x2x1c", read_list},
    {"TensorListStack", K::kConcatFromSequence, "x-", read_list_stack},
    {"TensorScatterAdd", K::kScatter, "xcx", read_nothing},
    {"TensorScatterUpdate", K::kScatter, "xcx", read_nothing},
    {"Tile", K::kTile, "xc", read_nothing},
    {"TopK", K::kTopK, "x", read_top_k, kTopK},
    {"TopKV2", K::kTopK, "xc", read_top_k, kTopK},
    {"Transpose", K::kTranspose, "xc", read_nothing},
    {"TruncateDiv", K::kDiv, "xx", read_nothing},
    {"TruncateMod", K::kMod, "xx", read_nothing},
    {"TruncatedNormal", K::kRandomNormal, "c", read_random},
    {"UnicodeDecode", K::kStringOp, "x", read_nothing},
    {"UnicodeDecodeWithOffsets", K::kStringOp, "x*", read_nothing},
    {"UnicodeEncode", K::kStringOp, "x*", read_nothing},
    {"UnicodeScript", K::kStringOp, "x*", read_nothing},
    {"UnicodeTranscode", K::kStringOp, "x*", read_nothing},
    {"Unique", K::kUnique, "x", read_nothing, "y idx"},
    {"Unpack", K::kUnstack, "x", read_unpack},
    {"UnsortedSegmentJoin", K::kStringOp, "x*", read_nothing},
    {"UnsortedSegmentMax", K::kUnsortedSegment, "xcc", read_nothing},
    {"UnsortedSegmentMin", K::kUnsortedSegment, "xcc", read_nothing},
    {"UnsortedSegmentProd", K::kUnsortedSegment, "xcc", read_nothing},
    {"UnsortedSegmentSum", K::kUnsortedSegment, "xcc", read_nothing},
    {"Where", K::kNonZero, "x", read_where},
    {"WhitespaceTokenizeWithOffsets", K::kStringOp, "x*", read_nothing},
    {"WhitespaceTokenizeWithOffsetsV2", K::kStringOp, "x*", read_nothing},
    {"WordpieceTokenizeWithOffsets", K::kStringOp, "x*", read_nothing},
    {"Xdivy", K::kDiv, "xx", read_nothing},
    {"Xlogy", K::kMul, "xx", read_nothing},
    {"ZerosLike", K::kZerosLike, "x", read_zeros_like},
    {"_FusedBatchNormEx", K::kBatchNorm, "xnnnn", read_fused_batch_norm_ex, kNorm},
    {"_FusedConv2D", K::kConv2D, "xwb", read_fused_conv},
    {"_FusedDepthwiseConv2dNative", K::kDepthwiseConv2D, "xwb", read_fused_conv},
    {"_FusedMatMul", K::kDense, "xwb", read_fused_matmul},
    {"_MklConv2D", K::kConv2D, "xw", read_conv},
};
// clang-format on

static_assert(sorted_by_name(kRows), "rows are found by bisection");

}  // namespace

const Tensor* OpContext::stored(std::size_t i) const {
  if (!input(i)) return nullptr;
  const TensorId id = stored_as ? stored_as(inputs[i]) : (input(i)->is_constant ? inputs[i] : kNoTensor);
  return id == kNoTensor ? nullptr : &graph.tensors[static_cast<std::size_t>(id)];
}

std::optional<Ints> OpContext::input_ints(std::size_t i) const {
  const Tensor* tensor = stored(i);
  return tensor && tensor->value ? tensor->value->known_ints() : std::nullopt;
}

std::optional<std::int64_t> OpContext::input_int(std::size_t i) const {
  const std::optional<Ints> values = input_ints(i);
  return values && values->size() == 1 ? std::optional(values->front()) : std::nullopt;
}

void OpContext::arrange(std::string_view pattern) const { op.inputs = arrange_operands(inputs, pattern); }

void OpContext::warn(std::string_view code, const std::string& message) const {
  diagnostics.warn(std::string(code), op_place(op, op.source.index), message);
}

void OpContext::give_up(std::string_view code, const std::string& reason) const {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "tensorflow";
  attrs.name = node.op();
  op.attrs = std::move(attrs);
  arrange("x*");
  warn(code, reason);
}

const OpRow* find_op_row(std::string_view op) { return find_by_name(kRows, op); }

std::size_t op_row_count() { return std::size(kRows); }

bool is_training_op(std::string_view op) {
  for (const std::string_view start : {"Apply", "ResourceApply", "SparseApply", "ResourceSparseApply"}) {
    if (op.starts_with(start)) return true;
  }
  return op.ends_with("Grad") || op.ends_with("GradV2") || op.ends_with("GradV3") || op.ends_with("GradGrad") ||
         op == "BroadcastGradientArgs" || op.ends_with("BackpropFilter") || op.ends_with("BackpropFilterV2");
}

Status read_op(OpContext& c) {
  const OpRow* row = find_op_row(c.node.op());
  c.op.kind = row ? row->kind : is_training_op(c.node.op()) ? K::kTrainingStep : K::kCustom;
  if (!row || !op_info(row->kind).opaque_reason.empty()) {
    CustomAttrs attrs;
    attrs.domain = "tensorflow";
    attrs.name = c.node.op();
    c.op.attrs = std::move(attrs);
  } else {
    c.op.attrs = NoAttrs{};
  }
  c.arrange(row ? row->operands : "x*");
  return row ? row->read(c) : ok();
}

}  // namespace nngauge::tensorflow
