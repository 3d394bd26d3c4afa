// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/model_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/coreml/mil_builder.h"

namespace nngauge::coreml {
namespace {

using S = ModelType::Sort;

constexpr std::size_t kMostModels = 10'000;
constexpr int kMostNesting = 16;

// clang-format off
// Number of the field of Model, the format's name, what it becomes.
constexpr std::array kTypes = {
    ModelType{200, "pipelineClassifier", S::kPipelineOf},
    ModelType{201, "pipelineRegressor", S::kPipelineOf},
    ModelType{202, "pipeline", S::kPipeline},
    ModelType{300, "glmRegressor", S::kLinear},
    ModelType{301, "supportVectorRegressor", S::kClassical},
    ModelType{302, "treeEnsembleRegressor", S::kClassical},
    ModelType{303, "neuralNetworkRegressor", S::kNetwork},
    ModelType{304, "bayesianProbitRegressor", S::kClassical},
    ModelType{400, "glmClassifier", S::kLinear},
    ModelType{401, "supportVectorClassifier", S::kClassical},
    ModelType{402, "treeEnsembleClassifier", S::kClassical},
    ModelType{403, "neuralNetworkClassifier", S::kNetwork},
    ModelType{404, "kNearestNeighborsClassifier", S::kClassical},
    ModelType{500, "neuralNetwork", S::kNetwork},
    ModelType{501, "itemSimilarityRecommender", S::kClassical},
    ModelType{502, "mlProgram", S::kProgram},
    ModelType{555, "customModel", S::kSystem},
    ModelType{556, "linkedModel", S::kSystem},
    ModelType{560, "classConfidenceThresholding", S::kClassical},
    ModelType{600, "oneHotEncoder", S::kClassical},
    ModelType{601, "imputer", S::kClassical},
    ModelType{602, "featureVectorizer", S::kClassical},
    ModelType{603, "dictVectorizer", S::kClassical},
    ModelType{604, "scaler", S::kClassical},
    ModelType{606, "categoricalMapping", S::kClassical},
    ModelType{607, "normalizer", S::kClassical},
    ModelType{609, "arrayFeatureExtractor", S::kClassical},
    ModelType{610, "nonMaximumSuppression", S::kClassical},
    ModelType{900, "identity", S::kClassical},
    ModelType{2000, "textClassifier", S::kSystem},
    ModelType{2001, "wordTagger", S::kSystem},
    ModelType{2002, "visionFeaturePrint", S::kSystem},
    ModelType{2003, "soundAnalysisPreprocessing", S::kSystem},
    ModelType{2004, "gazetteer", S::kSystem},
    ModelType{2005, "wordEmbedding", S::kSystem},
    ModelType{2006, "audioFeaturePrint", S::kSystem},
    ModelType{3000, "serializedModel", S::kSystem},
};
// clang-format on

enum ModelField : std::uint32_t { kDescription = 2, kFirstType = 200 };
enum DescriptionField : std::uint32_t { kDefaultFunction = 21 };

struct Content {
  const ModelType* type = nullptr;
  Message message;
  std::uint32_t number = 0;
};

// The type field that is there; the last one counts.
Content content_of(const Message& proto) {
  Content out;
  WireReader reader = proto.fields();
  for (WireField field; reader.next(field);) {
    if (field.number < kFirstType || field.type != WireType::kBytes) continue;
    out.type = find_model_type(field.number);
    out.number = field.number;
    out.message = proto.of(field);
  }
  return out;
}

// What the model takes and gives; of one with several functions, what its default one does.
Result<FeatureList> interface_of(const Message& description) {
  NNGAUGE_TRY(FeatureList own, read_features(description));
  if (!own.inputs.empty() || !own.outputs.empty()) return own;
  const std::string function = readable(description.text(kDefaultFunction));
  return read_features(description, function.empty() ? "main" : function);
}

Tensor feature_tensor(const Feature& feature) {
  Tensor tensor;
  tensor.name = feature.name;
  tensor.dtype = feature.dtype;
  tensor.declared = tensor.shape = feature.shape;
  return tensor;
}

}  // namespace

const ModelType* find_model_type(std::uint32_t number) {
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) { return t.number == number; });
  return found == kTypes.end() ? nullptr : found;
}

Status ModelReader::read(const Message& proto) {
  NNGAUGE_TRY(const FeatureList interface, interface_of(proto.child(kDescription)));
  remark_on_flexible(interface.inputs, model_.diagnostics);
  NNGAUGE_CHECK(read_model(proto, 0));
  NNGAUGE_CHECK(proto.file().damage);
  Graph& graph = model_.main();
  for (const Feature& output : interface.outputs) {
    if (const Blob* blob = features_.find(output.name)) graph.outputs.push_back(blob->id);
  }
  if (graph.ops.empty() && graph.outputs.empty())
    return make_error(ErrorCode::kInvalidGraph, "the model has neither operators nor results");
  // What no result names but the last operator makes (a classifier's probabilities).
  if (graph.outputs.empty() && !graph.ops.empty()) graph.outputs = graph.ops.back().outputs;
  return ok();
}

Status ModelReader::read_model(const Message& proto, int depth) {
  if (++models_ > kMostModels || depth > kMostNesting)
    return make_error(ErrorCode::kTooLarge, "the pipeline has too many models or levels");
  const Content content = content_of(proto);
  NNGAUGE_CHECK(proto.file().damage);
  if (content.number == 0) return make_error(ErrorCode::kInvalidGraph, "the file describes a model but holds none");
  if (content.type == nullptr)
    return make_error(ErrorCode::kUnsupportedVersion,
                      fmt::format("the type of the model has the number {}, which is not known", content.number));
  NNGAUGE_TRY(const FeatureList interface, interface_of(proto.child(kDescription)));
  if (depth == 0) model_.metadata.emplace_back("type", std::string(content.type->name));
  switch (content.type->sort) {
    case S::kNetwork:
      return read_network(content.message, interface);
    case S::kPipeline:
      return read_pipeline(content.message, depth);
    case S::kPipelineOf:
      return read_pipeline(content.message.child(1), depth);
    case S::kLinear:
      return read_linear(content.message, interface, content.type->name);
    case S::kClassical:
      return read_opaque(content.message, interface, content.type->name, OpKind::kClassicalMl);
    case S::kSystem:
      return read_opaque(content.message, interface, content.type->name, OpKind::kCustom);
    case S::kProgram:
      return read_program(content.message, proto.child(kDescription), interface, depth);
  }
  return ok();
}

Status ModelReader::read_network(const Message& content, const FeatureList& interface) {
  return NetworkBuilder(model_).build(content, interface, features_);
}

Status ModelReader::read_program(const Message& content, const Message& description, const FeatureList& interface,
                                 int depth) {
  const bool draft = is_draft_mil(content);
  NNGAUGE_TRY(const MilProgram program, draft ? read_draft_mil(content) : read_mil(content));
  if (draft) model_.diagnostics.note("draft", "", "the program has the form of a draft from before Core ML 5");
  const std::string function = readable(description.text(kDefaultFunction));
  return MilBuilder(source_, model_).build(program, function, interface, features_, depth == 0);
}

Status ModelReader::read_pipeline(const Message& pipeline, int depth) {
  WireReader reader = pipeline.fields();
  std::size_t index = 0;
  for (WireField field; reader.next(field);) {
    if (field.number != 1 || field.type != WireType::kBytes) continue;
    const Message inner = pipeline.of(field);
    if (auto status = read_model(inner, depth + 1); !status)
      return status.error().at(fmt::format("model #{} of the pipeline", index));
    ++index;
  }
  if (index == 0) return make_error(ErrorCode::kInvalidGraph, "the pipeline has no models");
  return ok();
}

// A row of weights for each result over all inputs together, stored as doubles.
Status ModelReader::read_linear(const Message& content, const FeatureList& interface, std::string_view name) {
  std::uint64_t rows = 0, columns = 0, offset = 0, bytes = 0;
  bool even = true;
  content.each(1, [&](const WireField& field) {
    const Message row = content.of(field);
    std::uint64_t held = 0;
    WireReader reader = row.fields();
    for (WireField part; reader.next(part);) {
      if (part.number != 1) continue;
      held += part.size / 8;
      if (bytes == 0) offset = part.payload;
      bytes += part.size;
    }
    if (rows++ == 0) columns = held;
    even = even && held == columns;
  });
  NNGAUGE_CHECK(content.file().damage);
  const bool one_array = interface.inputs.size() == 1 && interface.inputs[0].shape.ranked();
  const auto elements = one_array ? interface.inputs[0].shape.elements() : std::optional<Count>();
  if (rows == 0 || columns == 0 || !even || !elements || elements->value() != columns || elements->overflowed())
    return read_opaque(content, interface, name, OpKind::kClassicalMl);
  GraphWriter writer(model_);
  Op op;
  op.kind = OpKind::kDense;
  op.name = op.source_op = name;
  op.source.byte_offset = content.offset();
  NNGAUGE_TRY(const Blob x, features_.take(interface.inputs[0], true, interface.inputs[0].dtype));
  op.inputs.push_back({x.id, OperandRole::kData});
  const auto extent = [](std::uint64_t value) { return Dim(static_cast<std::int64_t>(value)); };
  DataRef data{0, offset, bytes, 0};
  op.inputs.push_back(
      {writer.add_constant(std::string(name) + ".weights", DType::kFloat64, {extent(rows), extent(columns)}, data),
       OperandRole::kWeight});
  if (const auto shift = content.find(2); shift && shift->size == rows * 8) {
    op.inputs.push_back({writer.add_constant(std::string(name) + ".offset", DType::kFloat64, {extent(rows)},
                                             {0, shift->payload, shift->size, 0}),
                         OperandRole::kBias});
  }
  DenseAttrs attrs;
  attrs.transpose_b = true;
  op.attrs = attrs;
  NNGAUGE_TRY(const TensorId y, writer.emit(std::move(op)));
  if (!interface.outputs.empty()) writer.tensor(y).name = interface.outputs[0].name;
  for (const Feature& output : interface.outputs) {
    if (features_.find(output.name) == nullptr) features_.put(output.name, {y, true});
  }
  return ok();
}

Status ModelReader::read_opaque(const Message& content, const FeatureList& interface, std::string_view name,
                                OpKind kind) {
  Op op;
  op.kind = kind;
  op.name = op.source_op = name;
  op.source.byte_offset = content.offset();
  for (const Feature& input : interface.inputs) {
    NNGAUGE_TRY(const Blob x, features_.take(input, true, input.dtype));
    op.inputs.push_back({x.id, OperandRole::kData});
  }
  Graph& graph = model_.main();
  for (const Feature& output : interface.outputs) {
    graph.tensors.push_back(feature_tensor(output));
    const auto id = static_cast<TensorId>(graph.tensors.size() - 1);
    op.outputs.push_back(id);
    features_.put(output.name, {id, true});
  }
  CustomAttrs attrs;
  attrs.name = name;
  op.attrs = attrs;
  graph.ops.push_back(std::move(op));
  return ok();
}

}  // namespace nngauge::coreml
