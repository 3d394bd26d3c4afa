// SPDX-License-Identifier: Apache-2.0
#include "parsers/tnn/graph_builder.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "base/text.h"
#include "graph/op_table.h"
#include "graph/rule.h"

namespace nngauge::tnn {

TensorId GraphBuilder::add_tensor(std::string name, DType dtype, Shape declared) {
  Tensor out;
  out.name = std::move(name);
  out.dtype = dtype;
  out.declared = declared;
  out.shape = std::move(declared);
  model_.main().tensors.push_back(std::move(out));
  return static_cast<TensorId>(model_.main().tensors.size() - 1);
}

Shape GraphBuilder::in(std::size_t i) const {
  return i < inputs_.size() ? model_.main().tensors[static_cast<std::size_t>(inputs_[i])].shape : Shape();
}

DType GraphBuilder::bias_type() const {
  const bool whole = !inputs_.empty() && is_integer(model_.main().tensors[static_cast<std::size_t>(inputs_[0])].dtype);
  return whole ? DType::kInt32 : DType::kFloat32;
}

void GraphBuilder::all_inputs() {
  for (std::size_t i = 0; i < inputs_.size(); ++i) input(i);
}

void GraphBuilder::warn(const std::string& code, const std::string& message) {
  model_.diagnostics.warn(code, in_quotes(layer_->name), message);
}

std::uint64_t GraphBuilder::stored_elements(std::size_t index) const {
  const auto found = weights_.find(layer_->name);
  return found == weights_.end() || index >= found->second.size() ? 0 : found->second[index].elements();
}

Status GraphBuilder::weight(std::size_t index, const char* suffix, Shape expected, OperandRole role, DType otherwise) {
  const auto found = weights_.find(layer_->name);
  const Raw* raw = found == weights_.end() || index >= found->second.size() ? nullptr : &found->second[index];
  if (raw != nullptr && expected.is_static() && expected.elements() != Count(raw->elements())) {
    return make_error(ErrorCode::kShapeMismatch, fmt::format("{} takes {}, the stored block holds {} elements", suffix,
                                                             shape_text(expected, model_.symbols), raw->elements()));
  }
  if (raw != nullptr && expected.ranked() && expected.rank() == 1 && !expected[0].known())
    expected = {static_cast<std::int64_t>(raw->elements())};
  const TensorId id =
      add_tensor(layer_->name + "/" + suffix, raw == nullptr ? otherwise : raw->dtype, std::move(expected));
  tensor(id).is_constant = true;
  if (raw != nullptr) tensor(id).data = raw->data;
  op_.inputs.push_back({id, role});
  return ok();
}

// A network of quantised layers is given numbers of their type.
void GraphBuilder::declare_inputs() {
  std::set<std::string_view> quantised;
  for (const Layer& layer : structure_.layers) {
    if (layer.quantised) quantised.insert(layer.inputs.begin(), layer.inputs.end());
  }
  for (const Input& input : structure_.inputs) {
    Shape shape(input.dims);
    if (bindings_ != nullptr) {
      const auto bound = bindings_->inputs.find(input.name);
      if (bound != bindings_->inputs.end() && bound->second.size() == shape.rank())
        shape = Shape(std::vector<Dim>(bound->second.begin(), bound->second.end()));
    }
    const TensorId id =
        add_tensor(input.name, quantised.contains(input.name) ? DType::kInt8 : input.dtype, std::move(shape));
    model_.main().inputs.push_back(id);
    blobs_[input.name] = id;
  }
}

// Defects are found again, with their place, when the model is completed.
void GraphBuilder::infer() {
  const Result<std::vector<TensorInfo>> infos = op_info(op_.kind).shape(RuleContext(model_, model_.main(), op_));
  for (std::size_t i = 0; infos && i < op_.outputs.size() && i < infos->size(); ++i)
    tensor(op_.outputs[i]).shape = (*infos)[i].shape;
}

Status GraphBuilder::add_layer(std::size_t index) {
  op_ = Op();
  op_.name = layer_->name;
  op_.source_op = layer_->source_type;
  op_.source.index = static_cast<std::int32_t>(index);
  inputs_.clear();
  for (const std::string& name : layer_->inputs) {
    const auto found = blobs_.find(name);
    if (found == blobs_.end())
      return make_error(ErrorCode::kInvalidGraph, fmt::format("no layer makes the blob {}", in_quotes(name)));
    inputs_.push_back(found->second);
  }
  NNGAUGE_CHECK(read_layer(*this));
  for (const std::string& name : layer_->outputs) {
    const TensorId id = add_tensor(name, layer_->quantised ? DType::kInt8 : DType::kFloat32, {});
    op_.outputs.push_back(id);
  }
  for (std::size_t i = 0; i < op_.outputs.size(); ++i) blobs_[layer_->outputs[i]] = op_.outputs[i];
  infer();
  model_.main().ops.push_back(std::move(op_));
  return ok();
}

Status GraphBuilder::build() {
  declare_inputs();
  for (std::size_t i = 0; i < structure_.layers.size(); ++i) {
    layer_ = &structure_.layers[i];
    if (Status status = add_layer(i); !status)
      return status.error().at(
          fmt::format("layer #{} {} {}", i, printable(layer_->source_type), in_quotes(layer_->name)));
  }
  for (const std::string& name : structure_.outputs) {
    const auto found = blobs_.find(name);
    if (found == blobs_.end())
      return make_error(ErrorCode::kInvalidGraph, fmt::format("no layer makes the output {}", in_quotes(name)));
    model_.main().outputs.push_back(found->second);
  }
  return ok();
}

}  // namespace nngauge::tnn
