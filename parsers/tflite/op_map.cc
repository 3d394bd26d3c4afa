// SPDX-License-Identifier: Apache-2.0
#include "parsers/tflite/op_map.h"

#include <array>

#include "parsers/operand_pattern.h"

namespace nngauge::tflite {
namespace {

using K = OpKind;

// clang-format off
// One row per BuiltinOperator, in its order. Columns: code (for the reader of this table), kind, operands, options.
// Layouts of operands and weights: the LiteRT operator reference; TFLite convolutions are channels last.
struct CodedRow { fb::BuiltinOperator code; OperatorRow row; };
constexpr CodedRow kRows[] = {
    {fb::BuiltinOperator_ADD,                          {K::kAdd, "xx", read_activation_only}},
    {fb::BuiltinOperator_AVERAGE_POOL_2D,              {K::kAveragePool, "x", read_pool_2d}},
    {fb::BuiltinOperator_CONCATENATION,                {K::kConcat, "x*", read_concatenation}},
    {fb::BuiltinOperator_CONV_2D,                      {K::kConv2D, "xwb", read_conv_2d}},
    {fb::BuiltinOperator_DEPTHWISE_CONV_2D,            {K::kDepthwiseConv2D, "xwb", read_depthwise_conv_2d}},
    {fb::BuiltinOperator_DEPTH_TO_SPACE,               {K::kDepthToSpace, "x", read_space_depth}},
    {fb::BuiltinOperator_DEQUANTIZE,                   {K::kDequantize, "x", read_quantize}},
    {fb::BuiltinOperator_EMBEDDING_LOOKUP,             {K::kEmbeddingLookup, "xw", read_nothing}},
    {fb::BuiltinOperator_FLOOR,                        {K::kFloor, "x", read_nothing}},
    {fb::BuiltinOperator_FULLY_CONNECTED,              {K::kDense, "xwb", read_fully_connected}},
    {fb::BuiltinOperator_HASHTABLE_LOOKUP,             {K::kHashtableLookup, "xcx", read_nothing}},
    {fb::BuiltinOperator_L2_NORMALIZATION,             {K::kL2Norm, "x", read_l2_norm}},
    {fb::BuiltinOperator_L2_POOL_2D,                   {K::kLpPool, "x", read_pool_2d}},
    {fb::BuiltinOperator_LOCAL_RESPONSE_NORMALIZATION, {K::kLocalResponseNorm, "x", read_local_response_norm}},
    {fb::BuiltinOperator_LOGISTIC,                     {K::kSigmoid, "x", read_nothing}},
    {fb::BuiltinOperator_LSH_PROJECTION,               {K::kLshProjection, "wxx", read_nothing}},
    {fb::BuiltinOperator_LSTM,                         {K::kLSTM, "xwwwwwwwwwwwbbbbwbssnnnn", read_lstm}},
    {fb::BuiltinOperator_MAX_POOL_2D,                  {K::kMaxPool, "x", read_pool_2d}},
    {fb::BuiltinOperator_MUL,                          {K::kMul, "xx", read_activation_only}},
    {fb::BuiltinOperator_RELU,                         {K::kRelu, "x", read_nothing}},
    {fb::BuiltinOperator_RELU_N1_TO_1,                 {K::kReluN1To1, "x", read_nothing}},
    {fb::BuiltinOperator_RELU6,                        {K::kRelu6, "x", read_nothing}},
    {fb::BuiltinOperator_RESHAPE,                      {K::kReshape, "xc", read_reshape}},
    {fb::BuiltinOperator_RESIZE_BILINEAR,              {K::kResizeBilinear, "x__1c", read_resize}},
    {fb::BuiltinOperator_RNN,                          {K::kRNN, "xwwbs", read_rnn}},
    {fb::BuiltinOperator_SOFTMAX,                      {K::kSoftmax, "x", read_softmax}},
    {fb::BuiltinOperator_SPACE_TO_DEPTH,               {K::kSpaceToDepth, "x", read_space_depth}},
    {fb::BuiltinOperator_SVDF,                         {K::kSVDF, "xwwbs", read_svdf}},
    {fb::BuiltinOperator_TANH,                         {K::kTanh, "x", read_nothing}},
    {fb::BuiltinOperator_CONCAT_EMBEDDINGS,            {K::kCustom, "x*", read_nothing}},
    {fb::BuiltinOperator_SKIP_GRAM,                    {K::kSkipGram, "x", read_nothing}},
    {fb::BuiltinOperator_CALL,                         {K::kCall, "x*", read_call}},
    {fb::BuiltinOperator_CUSTOM,                       {K::kCustom, "x*", read_nothing}},
    {fb::BuiltinOperator_EMBEDDING_LOOKUP_SPARSE,      {K::kEmbeddingLookupSparse, "xcxxw", read_nothing}},
    {fb::BuiltinOperator_PAD,                          {K::kPad, "xc", read_pad}},
    {fb::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_RNN,  {K::kRNN, "xwwbs", read_unidirectional_rnn}},
    {fb::BuiltinOperator_GATHER,                       {K::kGather, "xc", read_gather}},
    {fb::BuiltinOperator_BATCH_TO_SPACE_ND,            {K::kBatchToSpace, "xcc", read_nothing}},
    {fb::BuiltinOperator_SPACE_TO_BATCH_ND,            {K::kSpaceToBatch, "xcc", read_nothing}},
    {fb::BuiltinOperator_TRANSPOSE,                    {K::kTranspose, "xc", read_transpose}},
    {fb::BuiltinOperator_MEAN,                         {K::kReduceMean, "xc", read_reducer}},
    {fb::BuiltinOperator_SUB,                          {K::kSub, "xx", read_activation_only}},
    {fb::BuiltinOperator_DIV,                          {K::kDiv, "xx", read_activation_only}},
    {fb::BuiltinOperator_SQUEEZE,                      {K::kSqueeze, "x", read_squeeze}},
    {fb::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM, {K::kLSTM, "xwwwwwwwwwwwbbbbwbssnnnn", read_unidirectional_lstm}},
    {fb::BuiltinOperator_STRIDED_SLICE,                {K::kStridedSlice, "xccc", read_strided_slice}},
    {fb::BuiltinOperator_BIDIRECTIONAL_SEQUENCE_RNN,   {K::kRNN, "xwwbswwbsxww", read_bidirectional_rnn}},
    {fb::BuiltinOperator_EXP,                          {K::kExp, "x", read_nothing}},
    {fb::BuiltinOperator_TOPK_V2,                      {K::kTopK, "xc", read_top_k}},
    {fb::BuiltinOperator_SPLIT,                        {K::kSplit, "1x0-", read_split}},
    {fb::BuiltinOperator_LOG_SOFTMAX,                  {K::kLogSoftmax, "x", read_softmax}},
    {fb::BuiltinOperator_DELEGATE,                     {K::kDelegateBlob, "x*", read_nothing}},
    {fb::BuiltinOperator_BIDIRECTIONAL_SEQUENCE_LSTM,  {K::kLSTM, "xwwwwwwwwwwwbbbbwbwwwwwwwwwwwbbbbwbssssxwwwwwwww", read_bidirectional_lstm}},
    {fb::BuiltinOperator_CAST,                         {K::kCast, "x", read_cast}},
    {fb::BuiltinOperator_PRELU,                        {K::kPRelu, "xw", read_nothing}},
    {fb::BuiltinOperator_MAXIMUM,                      {K::kMaximum, "xx", read_nothing}},
    {fb::BuiltinOperator_ARG_MAX,                      {K::kArgMax, "xc", read_arg_reduce}},
    {fb::BuiltinOperator_MINIMUM,                      {K::kMinimum, "xx", read_nothing}},
    {fb::BuiltinOperator_LESS,                         {K::kLess, "xx", read_nothing}},
    {fb::BuiltinOperator_NEG,                          {K::kNeg, "x", read_nothing}},
    {fb::BuiltinOperator_PADV2,                        {K::kPad, "xcc", read_pad}},
    {fb::BuiltinOperator_GREATER,                      {K::kGreater, "xx", read_nothing}},
    {fb::BuiltinOperator_GREATER_EQUAL,                {K::kGreaterEqual, "xx", read_nothing}},
    {fb::BuiltinOperator_LESS_EQUAL,                   {K::kLessEqual, "xx", read_nothing}},
    {fb::BuiltinOperator_SELECT,                       {K::kSelect, "xxx", read_nothing}},
    {fb::BuiltinOperator_SLICE,                        {K::kSlice, "xcc", read_slice}},
    {fb::BuiltinOperator_SIN,                          {K::kSin, "x", read_nothing}},
    {fb::BuiltinOperator_TRANSPOSE_CONV,               {K::kConvTranspose2D, "2x1w3b0c", read_transpose_conv}},
    {fb::BuiltinOperator_SPARSE_TO_DENSE,              {K::kSparseToDense, "ccxc", read_nothing}},
    {fb::BuiltinOperator_TILE,                         {K::kTile, "xc", read_nothing}},
    {fb::BuiltinOperator_EXPAND_DIMS,                  {K::kUnsqueeze, "xc", read_operand_axes}},
    {fb::BuiltinOperator_EQUAL,                        {K::kEqual, "xx", read_nothing}},
    {fb::BuiltinOperator_NOT_EQUAL,                    {K::kNotEqual, "xx", read_nothing}},
    {fb::BuiltinOperator_LOG,                          {K::kLog, "x", read_nothing}},
    {fb::BuiltinOperator_SUM,                          {K::kReduceSum, "xc", read_reducer}},
    {fb::BuiltinOperator_SQRT,                         {K::kSqrt, "x", read_nothing}},
    {fb::BuiltinOperator_RSQRT,                        {K::kRsqrt, "x", read_nothing}},
    {fb::BuiltinOperator_SHAPE,                        {K::kShape, "x", read_shape_output}},
    {fb::BuiltinOperator_POW,                          {K::kPow, "xx", read_nothing}},
    {fb::BuiltinOperator_ARG_MIN,                      {K::kArgMin, "xc", read_arg_reduce}},
    {fb::BuiltinOperator_FAKE_QUANT,                   {K::kFakeQuant, "x", read_fake_quant}},
    {fb::BuiltinOperator_REDUCE_PROD,                  {K::kReduceProd, "xc", read_reducer}},
    {fb::BuiltinOperator_REDUCE_MAX,                   {K::kReduceMax, "xc", read_reducer}},
    {fb::BuiltinOperator_PACK,                         {K::kStack, "x*", read_pack}},
    {fb::BuiltinOperator_LOGICAL_OR,                   {K::kLogicalOr, "xx", read_nothing}},
    {fb::BuiltinOperator_ONE_HOT,                      {K::kOneHot, "xccc", read_one_hot}},
    {fb::BuiltinOperator_LOGICAL_AND,                  {K::kLogicalAnd, "xx", read_nothing}},
    {fb::BuiltinOperator_LOGICAL_NOT,                  {K::kLogicalNot, "x", read_nothing}},
    {fb::BuiltinOperator_UNPACK,                       {K::kUnstack, "x", read_unpack}},
    {fb::BuiltinOperator_REDUCE_MIN,                   {K::kReduceMin, "xc", read_reducer}},
    {fb::BuiltinOperator_FLOOR_DIV,                    {K::kFloorDiv, "xx", read_nothing}},
    {fb::BuiltinOperator_REDUCE_ANY,                   {K::kReduceAny, "xc", read_reducer}},
    {fb::BuiltinOperator_SQUARE,                       {K::kSquare, "x", read_nothing}},
    {fb::BuiltinOperator_ZEROS_LIKE,                   {K::kZerosLike, "x", read_zeros_like}},
    {fb::BuiltinOperator_FILL,                         {K::kFill, "cc", read_fill}},
    {fb::BuiltinOperator_FLOOR_MOD,                    {K::kFloorMod, "xx", read_nothing}},
    {fb::BuiltinOperator_RANGE,                        {K::kRange, "ccc", read_nothing}},
    {fb::BuiltinOperator_RESIZE_NEAREST_NEIGHBOR,      {K::kResizeNearest, "x__1c", read_resize}},
    {fb::BuiltinOperator_LEAKY_RELU,                   {K::kLeakyRelu, "x", read_scalars}},
    {fb::BuiltinOperator_SQUARED_DIFFERENCE,           {K::kSquaredDifference, "xx", read_nothing}},
    {fb::BuiltinOperator_MIRROR_PAD,                   {K::kPad, "xc", read_mirror_pad}},
    {fb::BuiltinOperator_ABS,                          {K::kAbs, "x", read_nothing}},
    {fb::BuiltinOperator_SPLIT_V,                      {K::kSplit, "xc-", read_split_v}},
    {fb::BuiltinOperator_UNIQUE,                       {K::kUnique, "x", read_nothing}},
    {fb::BuiltinOperator_CEIL,                         {K::kCeil, "x", read_nothing}},
    {fb::BuiltinOperator_REVERSE_V2,                   {K::kReverse, "xc", read_operand_axes}},
    {fb::BuiltinOperator_ADD_N,                        {K::kAddN, "x*", read_nothing}},
    {fb::BuiltinOperator_GATHER_ND,                    {K::kGatherND, "xc", read_gather_nd}},
    {fb::BuiltinOperator_COS,                          {K::kCos, "x", read_nothing}},
    {fb::BuiltinOperator_WHERE,                        {K::kNonZero, "x", read_where}},
    {fb::BuiltinOperator_RANK,                         {K::kRank, "x", read_nothing}},
    {fb::BuiltinOperator_ELU,                          {K::kElu, "x", read_nothing}},
    {fb::BuiltinOperator_REVERSE_SEQUENCE,             {K::kReverseSequence, "xc", read_reverse_sequence}},
    {fb::BuiltinOperator_MATRIX_DIAG,                  {K::kMatrixDiag, "x", read_nothing}},
    {fb::BuiltinOperator_QUANTIZE,                     {K::kQuantize, "x", read_quantize}},
    {fb::BuiltinOperator_MATRIX_SET_DIAG,              {K::kMatrixSetDiag, "xx", read_nothing}},
    {fb::BuiltinOperator_ROUND,                        {K::kRound, "x", read_nothing}},
    {fb::BuiltinOperator_HARD_SWISH,                   {K::kHardSwish, "x", read_nothing}},
    {fb::BuiltinOperator_IF,                           {K::kIf, "x*", read_if}},
    {fb::BuiltinOperator_WHILE,                        {K::kWhile, "x*", read_while}},
    {fb::BuiltinOperator_NON_MAX_SUPPRESSION_V4,       {K::kNonMaxSuppression, "xxccc", read_non_max_suppression}},
    {fb::BuiltinOperator_NON_MAX_SUPPRESSION_V5,       {K::kNonMaxSuppression, "xxcccc", read_non_max_suppression}},
    {fb::BuiltinOperator_SCATTER_ND,                   {K::kScatterND, "2c0c1x", read_nothing}},
    {fb::BuiltinOperator_SELECT_V2,                    {K::kSelect, "xxx", read_nothing}},
    {fb::BuiltinOperator_DENSIFY,                      {K::kDensify, "x", read_nothing}},
    {fb::BuiltinOperator_SEGMENT_SUM,                  {K::kSegmentSum, "xc", read_nothing}},
    {fb::BuiltinOperator_BATCH_MATMUL,                 {K::kMatMul, "xx", read_batch_matmul}},
    {fb::BuiltinOperator_PLACEHOLDER_FOR_GREATER_OP_CODES, {K::kCustom, "x*", nullptr}},
    {fb::BuiltinOperator_CUMSUM,                       {K::kCumSum, "xc", read_cumsum}},
    {fb::BuiltinOperator_CALL_ONCE,                    {K::kCallOnce, "x*", read_call_once}},
    {fb::BuiltinOperator_BROADCAST_TO,                 {K::kExpand, "xc", read_nothing}},
    {fb::BuiltinOperator_RFFT2D,                       {K::kDft, "xc", read_rfft2d}},
    {fb::BuiltinOperator_CONV_3D,                      {K::kConv3D, "xwb", read_conv_3d}},
    {fb::BuiltinOperator_IMAG,                         {K::kImag, "x", read_nothing}},
    {fb::BuiltinOperator_REAL,                         {K::kReal, "x", read_nothing}},
    {fb::BuiltinOperator_COMPLEX_ABS,                  {K::kComplexAbs, "x", read_nothing}},
    {fb::BuiltinOperator_HASHTABLE,                    {K::kHashtable, "", read_nothing}},
    {fb::BuiltinOperator_HASHTABLE_FIND,               {K::kHashtableFind, "xxc", read_nothing}},
    {fb::BuiltinOperator_HASHTABLE_IMPORT,             {K::kHashtableImport, "xcc", read_nothing}},
    {fb::BuiltinOperator_HASHTABLE_SIZE,               {K::kHashtableSize, "x", read_nothing}},
    {fb::BuiltinOperator_REDUCE_ALL,                   {K::kReduceAll, "xc", read_reducer}},
    {fb::BuiltinOperator_CONV_3D_TRANSPOSE,            {K::kConvTranspose3D, "2x1w3b0c", read_conv_3d}},
    {fb::BuiltinOperator_VAR_HANDLE,                   {K::kVarHandle, "", read_nothing}},
    {fb::BuiltinOperator_READ_VARIABLE,                {K::kReadVariable, "x", read_nothing}},
    {fb::BuiltinOperator_ASSIGN_VARIABLE,              {K::kAssignVariable, "xx", read_nothing}},
    {fb::BuiltinOperator_BROADCAST_ARGS,               {K::kBroadcastArgs, "cc", read_nothing}},
    {fb::BuiltinOperator_RANDOM_STANDARD_NORMAL,       {K::kRandomNormal, "c", read_random}},
    {fb::BuiltinOperator_BUCKETIZE,                    {K::kBucketize, "x", read_bucketize}},
    {fb::BuiltinOperator_RANDOM_UNIFORM,               {K::kRandomUniform, "c", read_random}},
    {fb::BuiltinOperator_MULTINOMIAL,                  {K::kMultinomial, "xc", read_nothing}},
    {fb::BuiltinOperator_GELU,                         {K::kGelu, "x", read_scalars}},
    {fb::BuiltinOperator_DYNAMIC_UPDATE_SLICE,         {K::kDynamicUpdateSlice, "xxc", read_nothing}},
    {fb::BuiltinOperator_RELU_0_TO_1,                  {K::kRelu0To1, "x", read_nothing}},
    {fb::BuiltinOperator_UNSORTED_SEGMENT_PROD,        {K::kUnsortedSegment, "xcc", read_nothing}},
    {fb::BuiltinOperator_UNSORTED_SEGMENT_MAX,         {K::kUnsortedSegment, "xcc", read_nothing}},
    {fb::BuiltinOperator_UNSORTED_SEGMENT_SUM,         {K::kUnsortedSegment, "xcc", read_nothing}},
    {fb::BuiltinOperator_ATAN2,                        {K::kAtan2, "xx", read_nothing}},
    {fb::BuiltinOperator_UNSORTED_SEGMENT_MIN,         {K::kUnsortedSegment, "xcc", read_nothing}},
    {fb::BuiltinOperator_SIGN,                         {K::kSign, "x", read_nothing}},
    {fb::BuiltinOperator_BITCAST,                      {K::kBitcast, "x", read_cast}},
    {fb::BuiltinOperator_BITWISE_XOR,                  {K::kBitwiseXor, "xx", read_nothing}},
    {fb::BuiltinOperator_RIGHT_SHIFT,                  {K::kBitShift, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_LOGISTIC,           {K::kSigmoid, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_ADD,                {K::kAdd, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_DIVIDE,             {K::kDiv, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_MULTIPLY,           {K::kMul, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_MAXIMUM,            {K::kMaximum, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_RESHAPE,            {K::kReshape, "x", read_hlo_reshape}},
    {fb::BuiltinOperator_STABLEHLO_CLAMP,              {K::kClip, "1x0c2c", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_CONCATENATE,        {K::kConcat, "x*", read_hlo_concatenate}},
    {fb::BuiltinOperator_STABLEHLO_BROADCAST_IN_DIM,   {K::kExpand, "x", read_hlo_broadcast_in_dim}},
    {fb::BuiltinOperator_STABLEHLO_CONVOLUTION,        {K::kConvGeneral, "xw", read_hlo_convolution}},
    {fb::BuiltinOperator_STABLEHLO_SLICE,              {K::kSlice, "x", read_hlo_slice}},
    {fb::BuiltinOperator_STABLEHLO_CUSTOM_CALL,        {K::kCustom, "x*", read_hlo_custom_call}},
    {fb::BuiltinOperator_STABLEHLO_REDUCE,             {K::kReduceGeneral, "x*", read_hlo_reduce}},
    {fb::BuiltinOperator_STABLEHLO_ABS,                {K::kAbs, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_AND,                {K::kLogicalAnd, "xx", read_hlo_logic}},
    {fb::BuiltinOperator_STABLEHLO_COSINE,             {K::kCos, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_EXPONENTIAL,        {K::kExp, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_FLOOR,              {K::kFloor, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_LOG,                {K::kLog, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_MINIMUM,            {K::kMinimum, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_NEGATE,             {K::kNeg, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_OR,                 {K::kLogicalOr, "xx", read_hlo_logic}},
    {fb::BuiltinOperator_STABLEHLO_POWER,              {K::kPow, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_REMAINDER,          {K::kMod, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_RSQRT,              {K::kRsqrt, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_SELECT,             {K::kSelect, "xxx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_SUBTRACT,           {K::kSub, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_TANH,               {K::kTanh, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_SCATTER,            {K::kScatter, "xcx", read_hlo_scatter}},
    {fb::BuiltinOperator_STABLEHLO_COMPARE,            {K::kEqual, "xx", read_hlo_compare}},
    {fb::BuiltinOperator_STABLEHLO_CONVERT,            {K::kCast, "x", read_hlo_convert}},
    {fb::BuiltinOperator_STABLEHLO_DYNAMIC_SLICE,      {K::kDynamicSlice, "xc*", read_hlo_dynamic_slice}},
    {fb::BuiltinOperator_STABLEHLO_DYNAMIC_UPDATE_SLICE, {K::kDynamicUpdateSlice, "xxc*", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_PAD,                {K::kPad, "x_1c", read_hlo_pad}},
    {fb::BuiltinOperator_STABLEHLO_IOTA,               {K::kRange, "", read_hlo_iota}},
    {fb::BuiltinOperator_STABLEHLO_DOT_GENERAL,        {K::kDotGeneral, "xx", read_hlo_dot_general}},
    {fb::BuiltinOperator_STABLEHLO_REDUCE_WINDOW,      {K::kReduceWindow, "xc*", read_hlo_reduce_window}},
    {fb::BuiltinOperator_STABLEHLO_SORT,               {K::kSort, "x*", read_hlo_sort}},
    {fb::BuiltinOperator_STABLEHLO_WHILE,              {K::kWhile, "x*", read_hlo_while}},
    {fb::BuiltinOperator_STABLEHLO_GATHER,             {K::kGatherGeneral, "xc", read_hlo_gather}},
    {fb::BuiltinOperator_STABLEHLO_TRANSPOSE,          {K::kTranspose, "x", read_hlo_transpose}},
    {fb::BuiltinOperator_DILATE,                       {K::kDilate, "xcc", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_RNG_BIT_GENERATOR,  {K::kRandomBits, "s", read_hlo_random}},
    {fb::BuiltinOperator_REDUCE_WINDOW,                {K::kReduceWindow, "xccccc", read_reduce_window}},
    {fb::BuiltinOperator_STABLEHLO_COMPOSITE,          {K::kComposite, "x*", read_hlo_composite}},
    {fb::BuiltinOperator_STABLEHLO_SHIFT_LEFT,         {K::kBitShift, "xx", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_CBRT,               {K::kCbrt, "x", read_nothing}},
    {fb::BuiltinOperator_STABLEHLO_CASE,               {K::kCase, "x*", read_hlo_case}},
};
// clang-format on

constexpr bool in_code_order() {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return std::size(kRows) == static_cast<std::size_t>(fb::BuiltinOperator_MAX) + 1;
}
static_assert(in_code_order(), "one row per built-in operator, in the order of their codes");

}  // namespace

const OperatorRow* find_operator(std::int32_t builtin_code) {
  if (builtin_code < 0 || builtin_code > fb::BuiltinOperator_MAX) return nullptr;
  const OperatorRow& row = kRows[static_cast<std::size_t>(builtin_code)].row;
  return row.read ? &row : nullptr;
}

std::string operator_name(std::int32_t builtin_code) {
  if (!find_operator(builtin_code)) return "BUILTIN_" + std::to_string(builtin_code);
  return fb::EnumNameBuiltinOperator(static_cast<fb::BuiltinOperator>(builtin_code));
}

const void* OpContext::empty_table() {
  // A vtable without fields, and the table four bytes behind it.
  alignas(4) static constexpr std::uint16_t kEmpty[] = {4, 4, 4, 0};
  return kEmpty + 2;
}

void OpContext::arrange(std::string_view pattern) const { op.inputs = arrange_operands(inputs, pattern); }

void OpContext::give_up(std::string_view code, const std::string& reason) const {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.name = op.source_op;
  op.attrs = attrs;
  arrange("x*");
  file.model->diagnostics.warn(std::string(code), op_place(op, op.source.index), reason);
}

}  // namespace nngauge::tflite
