// SPDX-License-Identifier: Apache-2.0
// Owns: the types of model that a file may hold, and what each becomes: one table, pipelines included.
#pragma once

#include <string_view>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/features.h"
#include "parsers/coreml/message.h"
#include "parsers/coreml/network.h"
#include "parsers/format.h"

namespace nngauge::coreml {

class ModelReader {
 public:
  ModelReader(const ModelSource& source, Model& model) : source_(source), model_(model), features_(model) {}

  // Adds what `proto` (a Model) holds to the model, with its inputs and results.
  Status read(const Message& proto);

  // The parts, for the table of types.
  Status read_model(const Message& proto, int depth);
  Status read_network(const Message& content, const FeatureList& interface);
  Status read_program(const Message& content, const Message& description, const FeatureList& interface, int depth);
  Status read_pipeline(const Message& pipeline, int depth);
  Status read_linear(const Message& content, const FeatureList& interface, std::string_view name);
  // One operator that no rule counts.
  Status read_opaque(const Message& content, const FeatureList& interface, std::string_view name, OpKind kind);

 private:
  const ModelSource& source_;
  Model& model_;
  Features features_;
  std::size_t models_ = 0;
};

struct ModelType {
  std::uint32_t number;   // of the field of Model
  std::string_view name;  // as the format calls it
  enum class Sort : std::uint8_t { kNetwork, kPipeline, kPipelineOf, kLinear, kClassical, kSystem, kProgram } sort;
};
const ModelType* find_model_type(std::uint32_t number);

}  // namespace nngauge::coreml
