// SPDX-License-Identifier: Apache-2.0
// Owns: graphs of ML programs: names become tensors, constants are located in the model's file or in weight files,
// blocks of control flow become inner graphs.
//
// A weight file begins with a header of 64 bytes (u32 number of blobs, u32 version 2). A blob has a header of 64 bytes:
// u32 0xDEADBEEF, u32 type of the elements, u64 bytes of the data, u64 where they begin.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/features.h"
#include "parsers/coreml/mil.h"
#include "parsers/coreml/network.h"
#include "parsers/format.h"

namespace nngauge::coreml {

class MilView;

// What a name stands for: a tensor, or a constant that becomes one where an operator takes it.
struct MilEntry {
  TensorId id = kNoTensor;
  std::shared_ptr<const MilValue> constant;
};

struct MilScope {
  GraphId graph = 0;
  MilScope* outer = nullptr;
  std::unordered_map<std::string, MilEntry> names;
};

class MilBuilder {
 public:
  MilBuilder(const ModelSource& source, Model& model) : source_(source), model_(model) {}

  // Adds function `function` of the program to graph 0, its results to `features`; further functions become graphs and
  // signatures of their own. Errors, with the operation's place: kInvalidGraph, kInvalidAttribute, kShapeMismatch,
  // kDamaged (a blob that does not fit its file or its type), kUnsafePath, kTooLarge.
  Status build(const MilProgram& program, const std::string& function, const FeatureList& interface, Features& features,
               bool is_main);

  // For readers of operations (mil_ops.h).
  Result<GraphId> build_block(const MilBlock& block, MilScope& outer);
  // nullptr where the name is never defined.
  MilEntry* resolve(const std::string& name, MilScope& scope);
  // The tensor of an entry; a constant is located when it is first asked for. Errors: kDamaged, kUnsafePath.
  Result<TensorId> tensor_of(MilEntry& entry, const std::string& name, MilScope& scope);
  Result<Tensor> constant(const MilValue& value);
  void define(const std::string& name, MilEntry entry, MilScope& scope) { scope.names[name] = std::move(entry); }
  [[nodiscard]] Model& model() { return model_; }
  [[nodiscard]] Graph& graph(GraphId id) { return model_.graphs[static_cast<std::size_t>(id)]; }

 private:
  Status build_function(const MilFunction& function, const FeatureList& interface, MilScope& scope, Features* features);
  Status build_ops(const MilBlock& block, MilScope& scope);
  Status build_op(const MilOp& op, std::int32_t index, MilScope& scope);
  Status emit(MilView& view, MilScope& scope);
  void check_stated(const Op& op, const Shape& inferred, const Shape& stated);
  Status locate_blob(const MilValue& value, Tensor& tensor);

  struct WeightFile {
    std::int32_t file = -1;  // index into Model::files
    std::shared_ptr<const MappedFile> content;
  };
  Result<WeightFile> weight_file(const std::string& name);

  const ModelSource& source_;
  Model& model_;
  std::map<std::string, WeightFile> files_;
};

}  // namespace nngauge::coreml
