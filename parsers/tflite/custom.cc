// SPDX-License-Identifier: Apache-2.0
// Custom operators, and what delegates leave behind. TensorFlow operators run by the Flex delegate: flex.cc.
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

// --- custom options ---

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

// The NodeDef of a Flex operator: the second element of [name, NodeDef].
Bytes flex_node(Bytes options) {
  constexpr std::size_t kMostBytes = 1U << 20;
  if (options.size() < 3 || options.size() > kMostBytes) return {};
  std::vector<std::uint8_t> reuse;
  if (!flexbuffers::VerifyBuffer(options.data(), options.size(), &reuse)) return {};
  const flexbuffers::Reference root = flexbuffers::GetRoot(options.data(), options.size());
  if (!root.IsVector() || root.AsVector().size() < 2 || !root.AsVector()[1].IsString()) return {};
  const flexbuffers::String node = root.AsVector()[1].AsString();
  return as_bytes(std::string_view(node.c_str(), node.size()));
}

// Options that are a C structure: its 32-bit members from the start.
std::optional<Ints> raw_ints(Bytes options, std::size_t count) {
  if (options.size() < 4 * count) return std::nullopt;
  Ints out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(number_at<std::int32_t>(options, 4 * i));
  return out;
}

// TfLitePadding: 1 same, 2 valid.
std::optional<PaddingMode> raw_padding(std::int64_t padding) {
  if (padding == 1) return PaddingMode::kSameUpper;
  if (padding == 2) return PaddingMode::kValid;
  return std::nullopt;
}

// --- custom operators whose meaning is known ---

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

// A convolution whose options are a map with the names and values of the schema's Conv2DOptions.
Status read_mapped_conv(OpContext& c, Bytes options) {
  const std::int64_t padding = flex_int(options, "padding", -1);
  if (padding != 0 && padding != 1) return ok();
  c.op.kind = K::kConv2D;
  c.arrange("xwb");
  ConvAttrs attrs;
  attrs.layout = DataLayout::kChannelsLast;
  attrs.filter_layout = FilterLayout::kOutSpatialIn;
  attrs.padding = padding == 0 ? PaddingMode::kSameUpper : PaddingMode::kValid;
  attrs.strides = {flex_int(options, "stride_h", 1), flex_int(options, "stride_w", 1)};
  attrs.dilations = {flex_int(options, "dilation_h_factor", 1), flex_int(options, "dilation_w_factor", 1)};
  attrs.groups = 0;
  c.op.attrs = std::move(attrs);
  return ok();
}

// --- TensorFlow Lite Micro's signal library: tensorflow/lite/micro/kernels, python/tflite_micro/signal ---

Status read_signal_plain(OpContext& c, Bytes /*options*/) {
  c.op.attrs = NoAttrs{};
  return ok();
}

// The logarithm of fixed-point numbers.
Status read_signal_log(OpContext& c, Bytes options) {
  QuantAttrs attrs;
  attrs.dtype = c.output(0) ? c.output(0)->dtype : DType::kUnknown;
  attrs.bits = flex_int(options, "input_correction_bits", 0);
  c.op.attrs = attrs;
  return ok();
}

Status read_signal_transform(OpContext& c, Bytes options, bool inverse) {
  const std::int64_t length = flex_int(options, "fft_length", 0);
  if (length < 1) {
    c.give_up("no-options", "has no fft_length, so its transform is not known");
    return ok();
  }
  SignalAttrs attrs;
  attrs.onesided = true;
  attrs.interleaved = true;
  attrs.inverse = inverse;
  attrs.fft_length = {length};
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_signal_rfft(OpContext& c, Bytes options) { return read_signal_transform(c, options, false); }
Status read_signal_irfft(OpContext& c, Bytes options) { return read_signal_transform(c, options, true); }

Status read_signal_energy(OpContext& c, Bytes options) {
  SliceAttrs attrs;
  const std::int64_t end = flex_int(options, "end_index", -1);
  if (end >= 0) {
    attrs.starts = {flex_int(options, "start_index", 0)};
    attrs.ends = {end};
  }
  c.op.attrs = std::move(attrs);
  return ok();
}

Status read_signal_filter_bank(OpContext& c, Bytes options) {
  AxisAttrs attrs;
  attrs.axis = -1;
  attrs.count = flex_int(options, "num_channels", 0);
  c.op.attrs = attrs;
  return ok();
}

// Columns: custom code, kind, operands as in op_map.h, reader of options. Windows, banks and gains are tables of the
// features, not learned.
struct SignalRow {
  std::string_view name;
  OpKind kind;
  std::string_view operands;
  Status (*read)(OpContext&, Bytes);
};
constexpr SignalRow kSignal[] = {
    {"SignalDelay", K::kFrameBuffer, "x", read_signal_plain},
    {"SignalEnergy", K::kSpectrumEnergy, "x", read_signal_energy},
    {"SignalFftAutoScale", K::kAutoScale, "x", read_signal_plain},
    {"SignalFilterBank", K::kFilterBank, "xccccc", read_signal_filter_bank},
    {"SignalFilterBankLog", K::kLog, "x", read_signal_log},
    {"SignalFilterBankSpectralSubtraction", K::kSpectralSubtraction, "x", read_signal_plain},
    {"SignalFilterBankSquareRoot", K::kSqrt, "x-", read_signal_plain},
    {"SignalFramer", K::kFrameBuffer, "x", read_signal_plain},
    {"SignalIrfft", K::kDft, "x", read_signal_irfft},
    {"SignalOverlapAdd", K::kFrameBuffer, "x", read_signal_plain},
    {"SignalPCAN", K::kPcan, "xxc", read_signal_plain},
    {"SignalRfft", K::kDft, "x", read_signal_rfft},
    {"SignalStacker", K::kFrameBuffer, "x", read_signal_plain},
    {"SignalWindow", K::kMul, "xc", read_signal_plain},
};

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
    return read_flex(c, name.substr(4), flex_node(options));
  }
  const auto signal =
      std::find_if(std::begin(kSignal), std::end(kSignal), [&](const auto& r) { return r.name == name; });
  if (signal != std::end(kSignal)) {
    c.op.kind = signal->kind;
    c.arrange(signal->operands);
    return signal->read(c, options);
  }
  if (name == "MTKEXT_CONV_2D") return read_mapped_conv(c, options);
  if (name == "tftext:RaggedTensorToTensor") {
    c.op.kind = K::kRagged;
    return ok();
  }
  if (name.starts_with("tftext:")) {
    c.op.kind = K::kStringOp;
    return ok();
  }
  if (name == "TFLite_Detection_PostProcess") return read_detection_post_process(c, options);
  if (name == "Convolution2DTransposeBias") return read_conv_transpose_bias(c, options);
  if (name == "MaxPoolingWithArgmax2D") return read_raw_pool(c, options, K::kMaxPool, "x");
  if (name == "MaxUnpooling2D" || name == "LiteRtMaxUnpooling2D") {
    return read_raw_pool(c, options, K::kMaxUnpool, "xx");
  }
  return read_named_like_tensorflow(c, name);
}

}  // namespace nngauge::tflite
