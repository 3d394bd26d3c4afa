// SPDX-License-Identifier: Apache-2.0
// Layers whose weights were packed for a backend: quantised ones, and those that optimize_for_mobile prepares for
// XNNPACK, Vulkan and Metal.
#include <algorithm>
#include <array>
#include <cmath>

#include "parsers/torchscript/layers.h"

namespace nngauge::torchscript {
namespace {

using Made = Result<PyValue>;

// What an object keeps, by its place; -1: not at all. The first row is what code that quantises makes when it runs, the
// others are objects of torch.classes.{xnnpack,vulkan,metal}.
struct ContextRow {
  std::string_view name;  // the end of the class's
  int stride, padding, dilation, groups, output_padding, transposed, least, most;
};
constexpr std::string_view kQuantised = "quantised layer";  // a name that no class has
constexpr std::array kContexts = {
    ContextRow{kQuantised, 2, 3, 4, 5, -1, -1, -1, -1},
    ContextRow{"TransposeConv2dOpContext", 2, 3, 5, 6, 4, -1, 7, 8},
    ContextRow{"Conv2dOpContext", 2, 3, 4, 5, -1, -1, 6, 7},
    ContextRow{"Conv2dPackedContext", 2, 3, 4, 8, 7, 5, 9, 10},
    ContextRow{"LinearOpContext", -1, -1, -1, -1, -1, -1, 2, 3},
    ContextRow{"LinearPackedContext", -1, -1, -1, -1, -1, -1, -1, -1},
};

struct Packed {
  PyValue weight, bias;
  ConvArguments geometry;
  bool known_geometry = false;
  FusedActivation activation = FusedActivation::kNone;
};

std::vector<std::int64_t> list_of(const PyValue& value) {
  std::vector<std::int64_t> out;
  if (!value.is_sequence()) return out;
  for (const PyValue& element : *value.items) out.push_back(element.integer);
  return out;
}

FusedActivation between(const PyValue& least, const PyValue& most) {
  const bool below = least.is_number() && std::isfinite(least.number());
  const bool above = most.is_number() && std::isfinite(most.number());
  if (!below && !above) return FusedActivation::kNone;
  const auto is = [](const PyValue& value, double bound) { return std::fabs(value.number() - bound) <= 0; };
  if (below && !above) return is(least, 0) ? FusedActivation::kRelu : FusedActivation::kOther;
  if (below && is(least, 0) && is(most, 6)) return FusedActivation::kRelu6;
  if (below && is(least, 0) && is(most, 1)) return FusedActivation::kRelu0To1;
  if (below && is(least, -1) && is(most, 1)) return FusedActivation::kReluN1To1;
  return FusedActivation::kOther;
}

// Of an object whose class has a row.
std::optional<Packed> listed(const PyValue& value) {
  if (value.kind != Kind::kObject || !value.object->state.is_sequence()) return std::nullopt;
  const Items& state = *value.object->state.items;
  const auto row = std::find_if(kContexts.begin(), kContexts.end(),
                                [&](const ContextRow& one) { return value.object->class_name.ends_with(one.name); });
  if (row == kContexts.end()) return std::nullopt;
  const auto at_place = [&](int place) {
    return place >= 0 && static_cast<std::size_t>(place) < state.size() ? state[static_cast<std::size_t>(place)]
                                                                        : PyValue::none();
  };
  Packed out;
  out.weight = at_place(0);
  out.bias = at_place(1);
  out.geometry.stride = list_of(at_place(row->stride));
  out.geometry.padding = list_of(at_place(row->padding));
  out.geometry.dilation = list_of(at_place(row->dilation));
  out.geometry.output_padding = list_of(at_place(row->output_padding));
  if (at_place(row->groups).kind == Kind::kInt) out.geometry.groups = at_place(row->groups).integer;
  out.geometry.transposed =
      row->transposed >= 0 ? truth(at_place(row->transposed)).value_or(false) : row->output_padding >= 0;
  out.known_geometry = at_place(row->stride).is_sequence();
  out.activation = between(at_place(row->least), at_place(row->most));
  return out.weight.is_tensor() ? std::optional(out) : std::nullopt;
}

// The first tensors that an object holds, in the order in which a walk through its state meets them.
void collect_tensors(const PyValue& value, int depth, Items& out) {
  if (depth > 8 || out.size() > 8) return;
  if (value.is_tensor()) out.push_back(value);
  if (value.is_sequence()) {
    for (const PyValue& element : *value.items) collect_tensors(element, depth + 1, out);
  }
  if (value.kind == Kind::kObject) collect_tensors(value.object->state, depth + 1, out);
}

// The same of other objects: a filter and what follows it.
std::optional<Packed> found(const PyValue& value) {
  if (value.kind != Kind::kObject) return std::nullopt;
  Items tensors;
  collect_tensors(value.object->state, 0, tensors);
  const auto is_weight = [](const PyValue& v) { return v.kind == Kind::kStored && v.stored->sizes.size() > 1; };
  const auto weight = std::find_if(tensors.begin(), tensors.end(), is_weight);
  if (weight == tensors.end()) return std::nullopt;
  Packed out;
  out.weight = *weight;
  if (weight + 1 != tensors.end()) out.bias = *(weight + 1);
  return out;
}

bool is_quantised(const PyValue& value) {
  return value.kind == Kind::kObject && value.object->class_name == kQuantised;
}

// Quantised layers, whose objects are of many classes.
std::optional<Packed> unpack(const PyValue& value) { return is_quantised(value) ? listed(value) : found(value); }

Made run_layer(Call& c, const Packed& layer, FusedActivation activation, Made (*run)(Call&, const Packed&)) {
  Arguments arguments;
  arguments.positional = {c.get(0), layer.weight, layer.bias};
  Call plain(c.interpreter(), c.name(), arguments);
  plain.op.activation = activation;
  return run(plain, layer);
}

Made run_linear(Call& c, const Packed&) { return linear(c); }
Made run_convolution(Call& c, const Packed& layer) { return convolve(c, layer.geometry); }

FusedActivation named_activation(const Call& c) {
  return c.name().find("relu") != std::string::npos ? FusedActivation::kRelu : FusedActivation::kNone;
}

// x, packed weights, …
Made quantized_linear(Call& c) {
  const auto layer = unpack(c.get(1));
  return layer ? run_layer(c, *layer, named_activation(c), run_linear) : c.opaque();
}

Made quantized_conv(Call& c) {
  const auto layer = unpack(c.get(1));
  if (!layer || !layer->known_geometry) return c.opaque();
  return run_layer(c, *layer, named_activation(c), run_convolution);
}

// x, a context
Made run_prepared(Call& c) {
  const auto layer = listed(c.get(1));
  if (!layer) return c.opaque();
  return run_layer(c, *layer, layer->activation, layer->geometry.stride.empty() ? run_linear : run_convolution);
}

// The arguments of code that packs a layer when it runs are what the object keeps.
Made prepack(Call& c) {
  PyValue out = PyValue::of(Kind::kObject);
  out.object = c.interpreter().arena().object();
  const std::string& name = c.name();
  out.object->class_name = name.starts_with("quantized.")                ? kQuantised
                           : name.find("transpose") != std::string::npos ? "TransposeConv2dOpContext"
                           : name.find("conv2d") != std::string::npos    ? "Conv2dOpContext"
                                                                         : "LinearOpContext";
  out.object->state = c.interpreter().arena().sequence(Kind::kTuple, c.arguments().positional);
  return out;
}

constexpr std::array kRows = {
    OperatorRow{"quantized.linear_prepack", prepack},
    OperatorRow{"quantized.conv1d_prepack", prepack},
    OperatorRow{"quantized.conv2d_prepack", prepack},
    OperatorRow{"quantized.conv3d_prepack", prepack},
    OperatorRow{"quantized.linear", quantized_linear},
    OperatorRow{"quantized.linear_relu", quantized_linear},
    OperatorRow{"quantized.linear_dynamic", quantized_linear},
    OperatorRow{"quantized.linear_relu_dynamic", quantized_linear},
    OperatorRow{"quantized.linear_dynamic_fp16", quantized_linear},
    OperatorRow{"quantized.conv1d", quantized_conv},
    OperatorRow{"quantized.conv1d_relu", quantized_conv},
    OperatorRow{"quantized.conv2d", quantized_conv},
    OperatorRow{"quantized.conv2d_relu", quantized_conv},
    OperatorRow{"quantized.conv3d", quantized_conv},
    OperatorRow{"prepacked.conv2d_clamp_prepack", prepack},
    OperatorRow{"prepacked.conv2d_transpose_clamp_prepack", prepack},
    OperatorRow{"prepacked.linear_clamp_prepack", prepack},
    OperatorRow{"prepacked.conv2d_clamp_run", run_prepared},
    OperatorRow{"prepacked.conv2d_transpose_clamp_run", run_prepared},
    OperatorRow{"prepacked.linear_clamp_run", run_prepared},
    OperatorRow{"vulkan_prepack.conv2d_clamp_prepack", prepack},
    OperatorRow{"vulkan_prepack.conv2d_clamp_run", run_prepared},
    OperatorRow{"vulkan_prepack.conv2d_transpose_clamp_run", run_prepared},
    OperatorRow{"vulkan_prepack.linear_prepack", prepack},
    OperatorRow{"vulkan_prepack.linear_run", run_prepared},
    OperatorRow{"vulkan_prepack.run_conv2d_context", run_prepared},
    OperatorRow{"vulkan_prepack.run_tconv2d_context", run_prepared},
    OperatorRow{"vulkan_prepack.run_linear_context", run_prepared},
    OperatorRow{"metal_prepack.conv2d_prepack", prepack},
    OperatorRow{"metal_prepack.conv2d_run", run_prepared},
    OperatorRow{"metal_prepack.linear_prepack", prepack},
    OperatorRow{"metal_prepack.linear_run", run_prepared},
};

}  // namespace

std::span<const OperatorRow> packed_operators() { return kRows; }

}  // namespace nngauge::torchscript
