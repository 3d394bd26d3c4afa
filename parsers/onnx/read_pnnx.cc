// SPDX-License-Identifier: Apache-2.0
// Torch modules as pnnx writes them into ONNX messages: parameters are attributes without a type, weights are operands
// in alphabetical order (bias before weight), and nodes stand for the inputs and outputs of the graph.
#include <charconv>

#include "parsers/onnx/readers.h"

namespace nngauge::onnx_format {
namespace {

// Bias and weight change places; without a bias the weight is operand 1 already.
ConvAttrs module_attrs(OpReader& r) {
  ConvAttrs attrs;
  attrs.kernel = r.ints("kernel_size");
  attrs.strides = r.ints("stride");
  attrs.dilations = r.ints("dilation");
  attrs.groups = r.integer("groups", 1);
  if (r.input_count() > 2) r.arrange({0, 2, 1});
  r.role(1, OperandRole::kWeight);
  r.role(2, OperandRole::kBias);
  return attrs;
}

// The same on both sides.
Ints both_sides(const Ints& padding) {
  Ints out = padding;
  out.insert(out.end(), padding.begin(), padding.end());
  return out;
}

bool is_depthwise(OpReader& r, const ConvAttrs& attrs) {
  const Tensor* weight = r.input(1);
  return attrs.groups > 1 && weight != nullptr && weight->declared.ranked() && weight->declared.at(1).is(1);
}

}  // namespace

// `padding` is a list, or the word same or valid.
void read_pnnx_conv(OpReader& r) {
  ConvAttrs attrs = module_attrs(r);
  const Ints padding = r.ints("padding");
  const std::string word = padding.empty() ? r.text("padding") : std::string();
  if (word == "same") attrs.padding = PaddingMode::kSameUpper;
  else if (word == "valid") attrs.padding = PaddingMode::kValid;
  attrs.pads = both_sides(padding);
  if (is_depthwise(r, attrs)) {
    const OpKind kind = r.op().kind;
    r.op().kind = kind == OpKind::kConv1D   ? OpKind::kDepthwiseConv1D
                  : kind == OpKind::kConv2D ? OpKind::kDepthwiseConv2D
                                            : OpKind::kDepthwiseConv3D;
  }
  r.op().attrs = std::move(attrs);
}

void read_pnnx_conv_transpose(OpReader& r) {
  ConvAttrs attrs = module_attrs(r);
  attrs.filter_layout = FilterLayout::kInOutSpatial;
  attrs.pads = both_sides(r.ints("padding"));
  attrs.output_padding = r.ints("output_padding");
  r.op().attrs = std::move(attrs);
}

// A number as text is a constant; formulas of tensors stay custom.
void read_pnnx_expression(OpReader& r) {
  const std::string text = r.text("expr");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || r.input_count() > 0) return;
  FillAttrs attrs;
  attrs.has_shape = true;
  attrs.dtype = text.find_first_of(".e") == std::string::npos ? DType::kInt64 : DType::kFloat32;
  attrs.value = value;
  attrs.has_value = true;
  r.op().kind = OpKind::kFill;
  r.op().attrs = std::move(attrs);
}

}  // namespace nngauge::onnx_format
