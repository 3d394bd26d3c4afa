// SPDX-License-Identifier: Apache-2.0
// Custom operators, TensorFlow operators run by the Flex delegate, and what delegates leave behind.
#include <algorithm>
#include <cstring>

#include "flatbuffers/flexbuffers.h"
#include "parsers/tflite/op_map.h"

namespace nngauge::tflite {
namespace {

using K = OpKind;

// --- operators of delegates ------------------------------------------------------------------------------------------

// A compiled subgraph takes the place of the operators that it was made from.
constexpr std::string_view kDelegateNames[] = {"DISPATCH_OP", "NPU_OP", "edgetpu-custom-op", "ethos-u", "NPU"};

// --- Flex: TensorFlow operators
// ---------------------------------------------------------------------------------------

struct FlexRow {
  std::string_view name;  // TensorFlow's
  OpKind kind;
  std::string_view operands;
};

// TensorFlow operators whose meaning needs none of their attributes.
constexpr FlexRow kFlex[] = {
    {"Abs", K::kAbs, "x"},
    {"Add", K::kAdd, "xx"},
    {"AddN", K::kAddN, "x*"},
    {"AddV2", K::kAdd, "xx"},
    {"Atan2", K::kAtan2, "xx"},
    {"BiasAdd", K::kBiasAdd, "xb"},
    {"BitwiseAnd", K::kBitwiseAnd, "xx"},
    {"BitwiseOr", K::kBitwiseOr, "xx"},
    {"BitwiseXor", K::kBitwiseXor, "xx"},
    {"BroadcastArgs", K::kBroadcastArgs, "cc"},
    {"BroadcastTo", K::kExpand, "xc"},
    {"Ceil", K::kCeil, "x"},
    {"Cos", K::kCos, "x"},
    {"Cosh", K::kCosh, "x"},
    {"Acos", K::kAcos, "x"},
    {"Acosh", K::kAcosh, "x"},
    {"Asin", K::kAsin, "x"},
    {"Asinh", K::kAsinh, "x"},
    {"Atan", K::kAtan, "x"},
    {"Atanh", K::kAtanh, "x"},
    {"Div", K::kDiv, "xx"},
    {"DivNoNan", K::kDiv, "xx"},
    {"Elu", K::kElu, "x"},
    {"Equal", K::kEqual, "xx"},
    {"Erf", K::kErf, "x"},
    {"Exp", K::kExp, "x"},
    {"ExpandDims", K::kUnsqueeze, "xc"},
    {"Fill", K::kFill, "cc"},
    {"Floor", K::kFloor, "x"},
    {"FloorDiv", K::kFloorDiv, "xx"},
    {"FloorMod", K::kFloorMod, "xx"},
    {"Greater", K::kGreater, "xx"},
    {"GreaterEqual", K::kGreaterEqual, "xx"},
    {"Identity", K::kIdentity, "x"},
    {"IsInf", K::kIsInf, "x"},
    {"IsNan", K::kIsNaN, "x"},
    {"LeakyRelu", K::kLeakyRelu, "x"},
    {"Less", K::kLess, "xx"},
    {"LessEqual", K::kLessEqual, "xx"},
    {"Log", K::kLog, "x"},
    {"LogicalAnd", K::kLogicalAnd, "xx"},
    {"LogicalNot", K::kLogicalNot, "x"},
    {"LogicalOr", K::kLogicalOr, "xx"},
    {"Maximum", K::kMaximum, "xx"},
    {"Minimum", K::kMinimum, "xx"},
    {"Mul", K::kMul, "xx"},
    {"Neg", K::kNeg, "x"},
    {"NotEqual", K::kNotEqual, "xx"},
    {"Pow", K::kPow, "xx"},
    {"Range", K::kRange, "ccc"},
    {"RealDiv", K::kDiv, "xx"},
    {"Reciprocal", K::kReciprocal, "x"},
    {"Relu", K::kRelu, "x"},
    {"Relu6", K::kRelu6, "x"},
    {"Reshape", K::kReshape, "xc"},
    {"Round", K::kRound, "x"},
    {"Rsqrt", K::kRsqrt, "x"},
    {"Select", K::kSelect, "xxx"},
    {"SelectV2", K::kSelect, "xxx"},
    {"Selu", K::kSelu, "x"},
    {"Sigmoid", K::kSigmoid, "x"},
    {"Sign", K::kSign, "x"},
    {"Sin", K::kSin, "x"},
    {"Sinh", K::kSinh, "x"},
    {"Slice", K::kSlice, "xcc"},
    {"Softplus", K::kSoftplus, "x"},
    {"Softsign", K::kSoftsign, "x"},
    {"Sqrt", K::kSqrt, "x"},
    {"Square", K::kSquare, "x"},
    {"SquaredDifference", K::kSquaredDifference, "xx"},
    {"StopGradient", K::kIdentity, "x"},
    {"Sub", K::kSub, "xx"},
    {"Tan", K::kTan, "x"},
    {"Tanh", K::kTanh, "x"},
    {"Tile", K::kTile, "xc"},
    {"Transpose", K::kTranspose, "xc"},
    {"ZerosLike", K::kZerosLike, "x"},
};

// --- custom options
// ---------------------------------------------------------------------------------------------------

// The operator's own bytes; custom options of more than 2 GB lie behind the tables.
Result<Bytes> custom_options(OpContext& c) {
  if (c.source.large_custom_options_offset() > 1) {
    NNGAUGE_CHECK(check_range(c.file, c.source.large_custom_options_offset(), c.source.large_custom_options_size()));
    return c.file.bytes.subspan(static_cast<std::size_t>(c.source.large_custom_options_offset()),
                                static_cast<std::size_t>(c.source.large_custom_options_size()));
  }
  if (length(c.source.custom_options()) == 0) return Bytes();
  return Bytes(c.source.custom_options()->data(), c.source.custom_options()->size());
}

// A whole number of a FlexBuffer map; `fallback` where there is none.
std::int64_t flex_int(Bytes options, const char* key, std::int64_t fallback) {
  constexpr std::size_t kMostBytes = 1U << 20;
  if (options.size() < 3 || options.size() > kMostBytes) return fallback;
  std::vector<std::uint8_t> reuse;
  if (!flexbuffers::VerifyBuffer(options.data(), options.size(), &reuse)) return fallback;
  const flexbuffers::Reference root = flexbuffers::GetRoot(options.data(), options.size());
  if (!root.IsMap()) return fallback;
  const flexbuffers::Reference value = root.AsMap()[key];
  return value.IsIntOrUint() ? value.AsInt64() : fallback;
}

// Options that are a C structure: its 32-bit members from the start.
std::optional<Ints> raw_ints(Bytes options, std::size_t count) {
  if (options.size() < 4 * count) return std::nullopt;
  Ints out;
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t member = 0;
    std::memcpy(&member, options.data() + 4 * i, sizeof member);
    out.push_back(member);
  }
  return out;
}

// TfLitePadding: 1 same, 2 valid.
std::optional<PaddingMode> raw_padding(std::int64_t padding) {
  if (padding == 1) return PaddingMode::kSameUpper;
  if (padding == 2) return PaddingMode::kValid;
  return std::nullopt;
}

// --- custom operators whose meaning is known
// --------------------------------------------------------------------------

Status read_detection_post_process(OpContext& c, Bytes options) {
  c.op.kind = K::kDetectionPostProcess;
  c.arrange("xxc");
  CustomAttrs attrs;
  attrs.name = c.op.source_op;
  attrs.max_detections = flex_int(options, "max_detections", 0);
  attrs.max_classes = flex_int(options, "max_classes_per_detection", 0);
  c.op.attrs = std::move(attrs);
  return ok();
}

// Options: padding, stride_w, stride_h.
Status read_conv_transpose_bias(OpContext& c, Bytes options) {
  const std::optional<Ints> members = raw_ints(options, 3);
  const std::optional<PaddingMode> padding = members ? raw_padding((*members)[0]) : std::nullopt;
  if (!padding) return ok();
  c.op.kind = K::kConvTranspose2D;
  c.arrange("xwb");
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kOutSpatialIn;
  attrs.padding = *padding;
  attrs.strides = {(*members)[2], (*members)[1]};
  c.op.attrs = std::move(attrs);
  return ok();
}

// Options: padding, stride_w, stride_h, filter_w, filter_h, activation, computed padding.
Status read_raw_pool(OpContext& c, Bytes options, OpKind kind, std::string_view operands) {
  const std::optional<Ints> members = raw_ints(options, 5);
  const std::optional<PaddingMode> padding = members ? raw_padding((*members)[0]) : std::nullopt;
  if (!padding) return ok();
  c.op.kind = kind;
  c.arrange(operands);
  PoolAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.padding = *padding;
  attrs.strides = {(*members)[2], (*members)[1]};
  attrs.kernel = {(*members)[4], (*members)[3]};
  c.op.attrs = std::move(attrs);
  return ok();
}

void read_flex(OpContext& c, std::string_view name) {
  c.op.source_op = "Flex:" + std::string(name);
  if (auto* attrs = std::get_if<CustomAttrs>(&c.op.attrs)) {
    attrs->domain = "tensorflow";
    attrs->name = name;
  }
  const auto row = std::find_if(std::begin(kFlex), std::end(kFlex), [&](const FlexRow& r) { return r.name == name; });
  if (row == std::end(kFlex)) return;
  c.op.kind = row->kind;
  c.op.attrs = NoAttrs{};
  c.arrange(row->operands);
}

}  // namespace

Status read_custom(OpContext& c, std::string_view name) {
  CustomAttrs attrs;
  attrs.name = name;
  c.op.attrs = std::move(attrs);
  NNGAUGE_TRY(const Bytes options, custom_options(c));
  if (std::find(std::begin(kDelegateNames), std::end(kDelegateNames), name) != std::end(kDelegateNames)) {
    // Its constants are code and packed weights of the accelerator, not elements that could be counted.
    c.op.kind = K::kDelegateBlob;
    c.arrange("c*");
    return ok();
  }
  if (name.starts_with("Flex") && name.size() > 4) {
    read_flex(c, name.substr(4));
    return ok();
  }
  if (name == "TFLite_Detection_PostProcess") return read_detection_post_process(c, options);
  if (name == "Convolution2DTransposeBias") return read_conv_transpose_bias(c, options);
  if (name == "MaxPoolingWithArgmax2D") return read_raw_pool(c, options, K::kMaxPool, "x");
  if (name == "MaxUnpooling2D" || name == "LiteRtMaxUnpooling2D") {
    return read_raw_pool(c, options, K::kMaxUnpool, "xx");
  }
  return ok();
}

}  // namespace nngauge::tflite
