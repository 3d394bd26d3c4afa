// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/node_view.h"

#include <onnx/onnx_pb.h>

namespace nngauge::onnx_format {

int attribute_type(const onnx::AttributeProto& attribute) {
  using A = onnx::AttributeProto;
  if (attribute.type() != A::UNDEFINED) return attribute.type();
  if (attribute.has_t()) return A::TENSOR;
  if (attribute.has_g()) return A::GRAPH;
  if (attribute.has_sparse_tensor()) return A::SPARSE_TENSOR;
  if (attribute.ints_size() > 0) return A::INTS;
  if (attribute.floats_size() > 0) return A::FLOATS;
  if (attribute.strings_size() > 0) return A::STRINGS;
  if (attribute.tensors_size() > 0) return A::TENSORS;
  if (attribute.graphs_size() > 0) return A::GRAPHS;
  if (attribute.has_i()) return A::INT;
  if (attribute.has_f()) return A::FLOAT;
  if (attribute.has_s()) return A::STRING;
  return A::UNDEFINED;
}

const onnx::AttributeProto* NodeView::resolve(const onnx::AttributeProto& attribute) const {
  if (attribute.ref_attr_name().empty()) return &attribute;
  if (bindings_ == nullptr) return nullptr;
  const auto bound = bindings_->find(attribute.ref_attr_name());
  return bound == bindings_->end() ? nullptr : bound->second;
}

const onnx::AttributeProto* NodeView::find(std::string_view name) const {
  for (const auto& attribute : proto_.attribute()) {
    if (attribute.name() == name) return resolve(attribute);
  }
  return nullptr;
}

}  // namespace nngauge::onnx_format
