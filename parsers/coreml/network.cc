// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/network.h"

#include <fmt/format.h>

#include "base/text.h"
#include "parsers/coreml/layer.h"
#include "parsers/coreml/layer_map.h"

namespace nngauge::coreml {
namespace {

constexpr std::size_t kMostLayers = 150'000;
constexpr int kMostNesting = 48;
// Larger values are not copied into graphs that capture them.
constexpr std::size_t kMostCapturedElements = 64;

// NeuralNetwork, NeuralNetworkClassifier, NeuralNetworkRegressor.
enum NetworkField : std::uint32_t { kLayers = 1, kArrayMapping = 5, kImageMapping = 6, kProbabilityLayer = 200 };
enum LayerField : std::uint32_t { kName = 1, kInput = 2, kOutput = 3, kOutputTensor = 5, kFirstKind = 100 };

Op reshape_op(const std::string& name, std::string_view source, TensorId x, Ints shape) {
  Op op;
  op.kind = OpKind::kReshape;
  op.name = name;
  op.source_op = source;
  op.inputs = {{x, OperandRole::kData}};
  ReshapeAttrs attrs;
  attrs.has_shape = true;
  attrs.zero_copies = true;
  attrs.shape = std::move(shape);
  op.attrs = std::move(attrs);
  return op;
}

}  // namespace

Shape folded_shape(const Shape& own) {
  if (!own.ranked()) return own;
  switch (own.rank()) {
    case 1:
      return {1, own[0], 1, 1};
    case 2:  // not a form of the format; some writers mean steps and channels
      return {own[0], own[1], 1, 1};
    case 3:
      return {1, own[0], own[1], own[2]};
    case 4:
      return own;
    case 5:
      return {own[0].is(1) ? own[1] : own[0], own[2], own[3], own[4]};
    default:
      return Shape::unknown_rank();
  }
}

const Blob* Features::find(const std::string& name) const {
  const auto found = blobs_.find(name);
  return found == blobs_.end() ? nullptr : &found->second;
}

Result<Blob> Features::take(const Feature& feature, bool exact, DType dtype) {
  GraphWriter writer(model_);
  if (const auto known = blobs_.find(feature.name); known != blobs_.end()) {
    Blob& blob = known->second;
    if (blob.exact == exact) return blob;
    const Shape wanted = exact ? feature.shape : folded_shape(feature.shape);
    if (!wanted.is_static() || wanted == writer.shape(blob.id)) return Blob{blob.id, exact};
    Ints target;
    for (const Dim dim : wanted.dims()) target.push_back(dim.value());
    NNGAUGE_TRY(const TensorId id, writer.emit(reshape_op(feature.name, "feature", blob.id, std::move(target))));
    return Blob{id, exact};
  }
  const Shape shape = exact ? feature.shape : folded_shape(feature.shape);
  const Blob blob{writer.add_input(feature.name, dtype, shape), exact};
  blobs_.emplace(feature.name, blob);
  return blob;
}

const Blob* NetworkBuilder::resolve(std::string_view name, Scope& scope) {
  if (const auto own = scope.blobs.find(name); own != scope.blobs.end()) return &own->second;
  if (scope.outer == nullptr) return nullptr;
  const Blob* outer = resolve(name, *scope.outer);
  if (outer == nullptr) return nullptr;
  // A stand-in: a stored constant stays with the graph around.
  Tensor inner = model_.graphs[at(scope.outer->graph)].tensors[at(outer->id)];
  inner.is_constant = false;
  inner.data = {};
  if (inner.value && inner.value->size() > kMostCapturedElements) inner.value.reset();
  Graph& graph = model_.graphs[at(scope.graph)];
  graph.tensors.push_back(std::move(inner));
  const auto id = static_cast<TensorId>(graph.tensors.size() - 1);
  graph.captures.push_back({id, outer->id});
  return &scope.blobs.emplace(std::string(name), Blob{id, outer->exact}).first->second;
}

Scope NetworkBuilder::inner_scope(Scope& outer) {
  Scope scope;
  scope.graph = static_cast<GraphId>(model_.graphs.size());
  scope.outer = &outer;
  model_.graphs.emplace_back();
  model_.graphs.back().parent = outer.graph;
  return scope;
}

Status NetworkBuilder::set_outputs(Scope& scope, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const Blob* blob = resolve(name, scope);
    if (blob == nullptr)
      return make_error(ErrorCode::kInvalidGraph,
                        "result " + in_quotes(name) + " of an inner network is never defined");
    model_.graphs[at(scope.graph)].outputs.push_back(blob->id);
  }
  return ok();
}

Status NetworkBuilder::build(const Message& network, const FeatureList& interface, Features& features) {
  exact_arrays_ = network.integer(kArrayMapping) == 1;
  exact_images_ = network.integer(kImageMapping) == 1;
  Scope scope;
  for (const Feature& input : interface.inputs) {
    const bool image = input.kind == FeatureKind::kImage;
    if (!image && input.kind != FeatureKind::kArray && input.kind != FeatureKind::kNumber) continue;
    Feature wanted = input;
    const bool exact = image ? exact_images_ : exact_arrays_;
    if (image && exact) wanted.shape.dims().insert(wanted.shape.dims().begin(), Dim(1));
    NNGAUGE_TRY(const Blob blob, features.take(wanted, exact, DType::kFloat32));
    scope.blobs[input.name] = blob;
  }
  if (!exact_arrays_) model_.implicit_batch = true;
  NNGAUGE_CHECK(build_layers(network, scope, 0));
  return publish(network, interface, scope, features);
}

// Results by name; the dictionary of a classifier holds the blob that its own field names, else the last one.
Status NetworkBuilder::publish(const Message& network, const FeatureList& interface, Scope& scope, Features& features) {
  for (const Feature& output : interface.outputs) {
    const Blob* blob = resolve(output.name, scope);
    if (blob == nullptr && output.kind == FeatureKind::kDictionary) {
      const std::string named = readable(network.text(kProbabilityLayer));
      blob = resolve(named.empty() ? last_output_ : named, scope);
    }
    if (blob != nullptr) {
      features.put(output.name, *blob);
      continue;
    }
    const bool label = output.kind == FeatureKind::kText || output.kind == FeatureKind::kNumber ||
                       output.kind == FeatureKind::kNone || output.kind == FeatureKind::kDictionary;
    if (!label) return make_error(ErrorCode::kInvalidGraph, "output " + in_quotes(output.name) + " is never defined");
  }
  return ok();
}

Status NetworkBuilder::build_layers(const Message& network, Scope& scope, int depth) {
  if (depth > kMostNesting)
    return make_error(ErrorCode::kTooLarge, fmt::format("networks are nested deeper than {} levels", kMostNesting));
  WireReader reader = network.fields();
  std::int32_t index = 0;
  for (WireField field; reader.next(field);) {
    if (field.number != kLayers || field.type != WireType::kBytes) continue;
    if (++layers_ > kMostLayers)
      return make_error(ErrorCode::kTooLarge, fmt::format("the network has more than {} layers", kMostLayers));
    const Message layer = network.of(field);
    NNGAUGE_CHECK(build_layer(layer, index++, scope, depth));
    NNGAUGE_CHECK(network.file().damage);
  }
  return ok();
}

Status NetworkBuilder::build_layer(const Message& layer, std::int32_t index, Scope& scope, int depth) {
  // The kind is the field above 100 that is there; the last one counts.
  WireField kind;
  WireReader reader = layer.fields();
  for (WireField field; reader.next(field);) {
    if (field.number >= kFirstKind && field.type == WireType::kBytes) kind = field;
  }
  LayerView view(*this, scope, layer, kind.number == 0 ? Message() : layer.of(kind), depth);
  const LayerRow* row = find_layer_row(kind.number);
  view.op.kind = row != nullptr ? row->kind : OpKind::kCustom;
  view.op.source_op = row != nullptr     ? std::string(row->name)
                      : kind.number == 0 ? "layer"
                                         : fmt::format("layer kind {}", kind.number);
  view.op.name = readable(layer.text(kName));
  view.op.source = {index, layer.offset()};
  const std::string place = op_place(view.op, index);
  const auto placed = [&](const Error& error) { return error.where.empty() ? error.at(place) : error; };
  if (kind.number == 0) return make_error(ErrorCode::kInvalidGraph, "the layer has no kind").at(place);
  NNGAUGE_CHECK(layer.file().damage);
  if (auto status = view.find_operands(kInput, kOutput, kOutputTensor); !status) return placed(status.error());
  const Status status = row != nullptr ? row->read(view) : read_unknown_layer(view);
  if (!status) return placed(status.error());
  if (!view.output_names.empty()) last_output_ = view.output_names.front();
  return ok();
}

}  // namespace nngauge::coreml
