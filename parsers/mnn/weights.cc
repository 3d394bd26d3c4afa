// SPDX-License-Identifier: Apache-2.0
// Operators that hold weights in their own tables.
#include <algorithm>

#include "base/text.h"
#include "parsers/mnn/file_view.h"

namespace nngauge::mnn {
namespace {

using K = OpKind;

// Where weights lie, in whatever form, and how many elements that makes where the form tells.
struct Stored {
  DType dtype = DType::kFloat32;
  DataRef data;
  std::uint64_t elements = 0;  // 0: not told
  bool packed = false;         // codebook or sparse: fewer bytes than elements
};

Result<Stored> find_weights(OpContext& c, const flatbuffers::Vector<float>* plain, const fb::QuantizedWeight* quant,
                            const flatbuffers::Vector<std::int64_t>* external) {
  Stored out;
  if (length(plain) > 0) {
    out.data = c.file.place(plain);
    out.elements = plain->size();
    return out;
  }
  if (quant) {
    out.dtype = quant->kind() == 3 ? DType::kFloat16 : quant->bits() == 4 ? DType::kInt4 : DType::kInt8;
    out.packed = quant->kind() != 3 && quant->kind() != 4;
    out.data = c.file.place(quant->buffer());
    if (quant->weight_size() > 0) out.elements = static_cast<std::uint64_t>(quant->weight_size());
    else if (quant->kind() == 3) out.elements = out.data.size_bytes / 2;
    else if (quant->kind() == 4 && out.dtype == DType::kInt8) out.elements = out.data.size_bytes;
  }
  if (out.data.size_bytes == 0 && length(external) >= 2) {
    const std::string name = text_of(c.source.external_path());
    NNGAUGE_TRY(out.data, c.file.external(name, external->Get(0), external->Get(1)));
    if (!quant) out.elements = out.data.size_bytes / 4;
  }
  return out;
}

// Adds a weight of these extents; stored in another form than plain numbers, its size says nothing of its extents.
Status add_weight(OpContext& c, const Stored& stored, Ints dims) {
  if (!stored.packed) return c.add_constant("weight", stored.dtype, std::move(dims), stored.data, OperandRole::kWeight);
  NNGAUGE_CHECK(c.add_constant("weight", stored.dtype, std::move(dims), {}, OperandRole::kWeight));
  Tensor& tensor = c.graph.tensors.back();
  tensor.data = stored.data;
  return ok();
}

// A kernel of which the file has neither data nor all extents.
void add_absent_weight(OpContext& c, Shape shape) {
  Tensor weight;
  weight.name = c.op.name + "/weight";
  weight.dtype = DType::kFloat32;
  weight.is_constant = true;
  weight.declared = weight.shape = std::move(shape);
  c.op.inputs.push_back({static_cast<TensorId>(c.graph.tensors.size()), OperandRole::kWeight});
  c.graph.tensors.push_back(std::move(weight));
}

Status add_bias(OpContext& c, const flatbuffers::Vector<float>* bias, std::int64_t count) {
  if (length(bias) > 0)
    return c.add_constant("bias", DType::kFloat32, {static_cast<std::int64_t>(bias->size())}, c.file.place(bias),
                          OperandRole::kBias);
  return c.add_constant("bias", DType::kFloat32, {count}, {}, OperandRole::kBias);
}

bool is_transposed(std::int32_t type) { return type == 17 || type == 18; }
bool is_depthwise(std::int32_t type) { return type == 13 || type == 18 || type == 515; }

}  // namespace

void take_geometry(const fb::Convolution2DCommon& common, ConvAttrs& attrs) {
  attrs.kernel = {common.kernel_y(), common.kernel_x()};
  attrs.strides = {common.stride_y(), common.stride_x()};
  attrs.dilations = {std::max(common.dilate_y(), 1), std::max(common.dilate_x(), 1)};
  const Ints pads = ints_of(common.pads());
  if (common.pad_mode() == 2) attrs.padding = PaddingMode::kSameUpper;
  else if (common.pad_mode() == 1) attrs.padding = PaddingMode::kValid;
  else if (pads.size() == 4) attrs.pads = pads;
  else attrs.pads = {common.pad_y(), common.pad_x(), common.pad_y(), common.pad_x()};
  attrs.output_padding = ints_of(common.out_pads());
}

// Operand order of our kinds: x, filter, bias. Filters [out, in / groups, h, w], transposed [in, out / groups, h, w].
Status read_convolution(OpContext& c) {
  const auto* options = c.options<fb::Convolution2D>();
  if (!options || !options->common()) return make_error(ErrorCode::kInvalidGraph, "has no convolution parameters");
  const fb::Convolution2DCommon& common = *options->common();
  const bool transposed = is_transposed(c.source.type()), depthwise = is_depthwise(c.source.type());
  ConvAttrs attrs;
  take_geometry(common, attrs);
  attrs.filter_layout = transposed ? FilterLayout::kInOutSpatial : FilterLayout::kOutInSpatial;
  c.op.kind = transposed ? K::kConvTranspose2D : depthwise ? K::kDepthwiseConv2D : K::kConv2D;
  c.op.activation = common.relu6()  ? FusedActivation::kRelu6
                    : common.relu() ? FusedActivation::kRelu
                                    : FusedActivation::kNone;
  const std::int64_t outputs = common.outputs(), groups = depthwise ? outputs : std::max(common.group(), 1);
  if (outputs <= 0 || attrs.kernel[0] <= 0 || attrs.kernel[1] <= 0)
    return make_error(ErrorCode::kInvalidAttribute, std::to_string(outputs) + " outputs with a kernel of " +
                                                        std::to_string(attrs.kernel[0]) + " x " +
                                                        std::to_string(attrs.kernel[1]));
  Result<Stored> stored = find_weights(c, options->weight(), options->quant(), options->external());
  if (!stored) return stored.error();
  if (const auto* quant = options->symmetric(); quant && length(quant->weight()) > 0)
    *stored = {DType::kInt8, c.file.place(quant->weight()), quant->weight()->size(), false};
  if (c.op.inputs.size() > 1 && stored->data.size_bytes == 0) {
    // Weights are operands: [out, in / groups, h, w] or its transposed form.
    c.set_role(1, OperandRole::kWeight);
    c.set_role(2, OperandRole::kBias);
    attrs.groups = groups;
    c.op.attrs = std::move(attrs);
    return ok();
  }
  c.op.inputs.resize(1);
  const Count kernel = Count::from_signed(attrs.kernel[0]) * Count::from_signed(attrs.kernel[1]);
  // Input channels of a group (plain), or of all (transposed).
  std::int64_t inputs = depthwise ? (transposed ? groups : 1) : transposed ? common.inputs() : common.inputs() / groups;
  const std::int64_t others = transposed ? outputs / groups : outputs;
  if (inputs <= 0 && stored->elements > 0) {
    const Count each = kernel * Count::from_signed(others);
    if (each.overflowed() || each.value() == 0 || stored->elements % each.value() != 0)
      return make_error(ErrorCode::kShapeMismatch,
                        std::to_string(stored->elements) + " weights do not divide into " + std::to_string(others) +
                            " kernels of " + std::to_string(attrs.kernel[0]) + " x " + std::to_string(attrs.kernel[1]));
    inputs = static_cast<std::int64_t>(stored->elements / each.value());
  }
  attrs.groups = groups;
  if (inputs <= 0) {
    // Nothing tells but the operand.
    add_absent_weight(c, transposed ? Shape{Dim::unknown(), others, attrs.kernel[0], attrs.kernel[1]}
                                    : Shape{outputs, Dim::unknown(), attrs.kernel[0], attrs.kernel[1]});
  } else {
    Ints dims = transposed ? Ints{inputs, others} : Ints{outputs, inputs};
    dims.insert(dims.end(), attrs.kernel.begin(), attrs.kernel.end());
    NNGAUGE_CHECK(add_weight(c, *stored, std::move(dims)));
  }
  c.op.attrs = std::move(attrs);
  if (const auto* quant = options->symmetric(); quant && length(quant->bias()) > 0)
    return c.add_constant("bias", DType::kInt32, {static_cast<std::int64_t>(quant->bias()->size())},
                          c.file.place(quant->bias()), OperandRole::kBias);
  return add_bias(c, options->bias(), outputs);
}

Status read_inner_product(OpContext& c) {
  const auto* options = c.options<fb::InnerProduct>();
  if (!options) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  c.op.kind = K::kDense;
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 1));
  const std::int64_t outputs = options->outputs();
  NNGAUGE_TRY(const Stored stored, find_weights(c, options->weight(), options->quant(), nullptr));
  const auto elements = static_cast<std::int64_t>(
      stored.elements > 0 ? stored.elements : static_cast<std::uint64_t>(std::max(options->weight_size(), 0)));
  if (outputs <= 0 || elements % outputs != 0)
    return make_error(ErrorCode::kShapeMismatch,
                      std::to_string(elements) + " weights for " + std::to_string(outputs) + " outputs");
  DenseAttrs attrs;
  attrs.transpose_b = true;
  attrs.flatten_axis = options->axis() > 0 ? options->axis() : 1;
  if (elements > 0) {
    NNGAUGE_CHECK(add_weight(c, stored, {outputs, elements / outputs}));
  } else {
    add_absent_weight(c, Shape{outputs, Dim::unknown()});
  }
  c.op.attrs = attrs;
  return options->bias_term() != 0 || length(options->bias()) > 0 ? add_bias(c, options->bias(), outputs) : ok();
}

Status read_scale(OpContext& c) {
  const auto* options = c.options<fb::Scale>();
  c.op.kind = K::kBatchNorm;
  if (!options || c.op.inputs.empty()) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  const std::int64_t channels =
      std::max<std::int64_t>(options->channels(), static_cast<std::int64_t>(length(options->scale())));
  NNGAUGE_CHECK(
      c.add_constant("scale", DType::kFloat32, {channels}, c.file.place(options->scale()), OperandRole::kNorm));
  if (length(options->bias()) == 0) return ok();
  return c.add_constant("shift", DType::kFloat32, {channels}, c.file.place(options->bias()), OperandRole::kNorm);
}

Status read_batch_norm(OpContext& c) {
  const auto* options = c.options<fb::BatchNorm>();
  c.op.kind = K::kBatchNorm;
  if (!options || c.op.inputs.empty()) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  const Ints dims = {std::max<std::int64_t>(options->channels(), static_cast<std::int64_t>(length(options->slope())))};
  const auto add = [&](std::string_view name, const flatbuffers::Vector<float>* data) {
    return c.add_constant(name, DType::kFloat32, dims, c.file.place(data), OperandRole::kNorm);
  };
  NNGAUGE_CHECK(add("scale", options->slope()));
  NNGAUGE_CHECK(add("shift", options->bias()));
  NNGAUGE_CHECK(add("mean", options->mean()));
  return add("variance", options->variance());
}

// As BatchNorm's table, without statistics.
Status read_instance_norm(OpContext& c) {
  const auto* options = c.options<fb::BatchNorm>();
  if (!options || c.op.inputs.empty()) return c.give_up("has no parameters");
  c.op.inputs.resize(1);
  const Ints dims = {std::max<std::int64_t>(options->channels(), static_cast<std::int64_t>(length(options->slope())))};
  NNGAUGE_CHECK(c.add_constant("scale", DType::kFloat32, dims, c.file.place(options->slope()), OperandRole::kNorm));
  return c.add_constant("shift", DType::kFloat32, dims, c.file.place(options->bias()), OperandRole::kNorm);
}

Status read_layer_norm(OpContext& c) {
  const auto* options = c.options<fb::LayerNorm>();
  if (!options || c.op.inputs.empty()) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  const bool grouped = options->group() > 1;
  c.op.kind = options->rms() ? K::kRMSNorm : grouped ? K::kGroupNorm : K::kLayerNorm;
  NormAttrs attrs;
  attrs.groups = options->group();
  attrs.axis = -static_cast<std::int64_t>(std::max<std::size_t>(length(options->axes()), 1));
  c.op.attrs = std::move(attrs);
  if (length(options->gamma()) == 0) return ok();
  const Ints dims = {static_cast<std::int64_t>(options->gamma()->size())};
  NNGAUGE_CHECK(c.add_constant("scale", DType::kFloat32, dims, c.file.place(options->gamma()), OperandRole::kNorm));
  if (options->rms() || length(options->beta()) == 0) return ok();
  return c.add_constant("shift", DType::kFloat32, dims, c.file.place(options->beta()), OperandRole::kNorm);
}

Status read_prelu(OpContext& c) {
  const auto* options = c.options<fb::PRelu>();
  c.op.kind = K::kPRelu;
  if (!options || c.op.inputs.empty()) return make_error(ErrorCode::kInvalidGraph, "has no parameters");
  const std::int64_t slopes =
      std::max<std::int64_t>(options->slopes(), static_cast<std::int64_t>(length(options->slope())));
  return c.add_constant("slope", DType::kFloat32, {slopes, 1, 1}, c.file.place(options->slope()), OperandRole::kWeight);
}

// Query, key, value [batch, length, heads, size], mask: to [batch, length, heads x size]. As ours has heads behind the
// length, each gets the axis that packed ones have; that moves nothing.
Status read_attention(OpContext& c) {
  if (c.op.inputs.size() < 3) return c.give_up("has " + std::to_string(c.op.inputs.size()) + " operands");
  for (std::size_t i = 0; i < 3; ++i) {
    Op axis;
    axis.kind = K::kUnsqueeze;
    axis.name = c.op.name;
    axis.source_op = c.op.source_op;
    axis.source = c.op.source;
    AxesAttrs attrs;
    attrs.axes = {3};
    attrs.has_axes = true;
    axis.attrs = std::move(attrs);
    axis.inputs = {{c.op.inputs[i].tensor, OperandRole::kData}};
    Tensor tensor;
    tensor.name = c.op.name + "/operand" + std::to_string(i);
    axis.outputs = {static_cast<TensorId>(c.graph.tensors.size())};
    c.graph.tensors.push_back(std::move(tensor));
    c.op.inputs[i].tensor = axis.outputs[0];
    c.graph.ops.push_back(std::move(axis));
  }
  c.op.inputs.resize(std::min<std::size_t>(c.op.inputs.size(), 4));
  c.set_role(3, OperandRole::kConfig);
  c.op.attrs = AttentionAttrs{};
  return ok();
}

Status read_matmul(OpContext& c) {
  c.op.kind = K::kMatMul;
  MatMulAttrs attrs;
  if (const auto* options = c.options<fb::MatMul>())
    attrs.transpose_a = options->transpose_a(), attrs.transpose_b = options->transpose_b();
  if (const auto* options = c.options<fb::BatchMatMulParam>())
    attrs.transpose_a = options->transpose_a(), attrs.transpose_b = options->transpose_b();
  c.op.attrs = attrs;
  if (const Tensor* right = c.input(1); right && right->is_constant) c.set_role(1, OperandRole::kWeight);
  c.set_role(2, OperandRole::kBias);
  return ok();
}

}  // namespace nngauge::mnn
