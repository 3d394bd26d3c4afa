// SPDX-License-Identifier: Apache-2.0
#include "tests/parsers/ort_support.h"

#include <set>

#include "ort_generated.h"

namespace nngauge::test {
namespace {

namespace fb = ort::fb;
using Strings = std::vector<flatbuffers::Offset<flatbuffers::String>>;

class Writer {
 public:
  explicit Writer(const OrtOptions& options) : options_(options) {}

  std::string write(const onnx::ModelProto& model) {
    std::vector<flatbuffers::Offset<fb::OperatorSet>> sets;
    for (const auto& set : model.opset_import())
      sets.push_back(fb::CreateOperatorSetDirect(fbb_, set.domain().c_str(), set.version()));
    std::vector<flatbuffers::Offset<fb::TextEntry>> metadata;
    for (const auto& entry : model.metadata_props())
      metadata.push_back(fb::CreateTextEntryDirect(fbb_, entry.key().c_str(), entry.value().c_str()));
    const auto graph = write(model.graph());
    const auto root =
        fb::CreateModelDirect(fbb_, model.ir_version(), &sets, model.producer_name().c_str(),
                              model.producer_version().c_str(), "", 0, model.doc_string().c_str(), graph, 0, &metadata);
    fbb_.Finish(fb::CreateSessionDirect(fbb_, options_.version.c_str(), root), "ORTM");
    return {reinterpret_cast<const char*>(fbb_.GetBufferPointer()), fbb_.GetSize()};
  }

 private:
  template <class Names>
  Strings strings(const Names& names) {
    Strings out;
    for (const auto& name : names) out.push_back(fbb_.CreateString(name));
    return out;
  }

  template <class T>
  static void append(std::vector<std::uint8_t>& bytes, T value) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(&value);
    bytes.insert(bytes.end(), begin, begin + sizeof value);
  }

  // Elements stand as raw bytes, whatever field of ONNX they stood in.
  flatbuffers::Offset<fb::Tensor> write(const onnx::TensorProto& tensor) {
    const std::vector<std::int64_t> dims(tensor.dims().begin(), tensor.dims().end());
    std::vector<std::uint8_t> raw(tensor.raw_data().begin(), tensor.raw_data().end());
    for (const float value : tensor.float_data()) append(raw, value);
    for (const std::int64_t value : tensor.int64_data()) append(raw, value);
    for (const std::int32_t value : tensor.int32_data()) append(raw, static_cast<std::int8_t>(value));
    const Strings text = strings(tensor.string_data());
    const bool elsewhere = options_.weights_elsewhere && !raw.empty();
    return fb::CreateTensorDirect(fbb_, tensor.name().c_str(), 0, &dims, tensor.data_type(),
                                  elsewhere || raw.empty() ? nullptr : &raw, text.empty() ? nullptr : &text,
                                  elsewhere ? 64 : -1);
  }

  flatbuffers::Offset<fb::ValueInfo> write(const onnx::ValueInfoProto& value) {
    flatbuffers::Offset<fb::TypeInfo> type;
    if (value.has_type() && value.type().has_tensor_type()) {
      std::vector<flatbuffers::Offset<fb::Dimension>> dims;
      for (const auto& dim : value.type().tensor_type().shape().dim()) {
        const bool number = dim.has_dim_value();
        dims.push_back(fb::CreateDimension(
            fbb_, fb::CreateDimensionValueDirect(fbb_,
                                                 static_cast<std::int8_t>(number                ? 1
                                                                          : dim.has_dim_param() ? 2
                                                                                                : 0),
                                                 dim.dim_value(), number ? nullptr : dim.dim_param().c_str())));
      }
      const auto shape = value.type().tensor_type().has_shape() ? fb::CreateShapeDirect(fbb_, &dims) : 0;
      const auto tensor = fb::CreateTensorType(fbb_, value.type().tensor_type().elem_type(), shape);
      type = fb::CreateTypeInfo(fbb_, 0, fb::TypeValue_TensorType, tensor.Union());
    } else if (value.has_type() && value.type().has_sequence_type()) {
      type = fb::CreateTypeInfo(fbb_, 0, fb::TypeValue_SequenceType, fb::CreateSequenceType(fbb_).Union());
    }
    return fb::CreateValueInfoDirect(fbb_, value.name().c_str(), 0, type);
  }

  flatbuffers::Offset<fb::Attribute> write(const onnx::AttributeProto& attribute) {
    const std::vector<float> floats(attribute.floats().begin(), attribute.floats().end());
    const std::vector<std::int64_t> ints(attribute.ints().begin(), attribute.ints().end());
    const Strings text = strings(attribute.strings());
    const auto tensor = attribute.has_t() ? write(attribute.t()) : 0;
    const auto graph = attribute.has_g() ? write(attribute.g()) : 0;
    return fb::CreateAttributeDirect(fbb_, attribute.name().c_str(), 0, attribute.type(), attribute.f(), attribute.i(),
                                     attribute.s().c_str(), tensor, graph, &floats, &ints, &text);
  }

  flatbuffers::Offset<fb::Node> write(const onnx::NodeProto& node) {
    const Strings inputs = strings(node.input()), outputs = strings(node.output());
    std::vector<flatbuffers::Offset<fb::Attribute>> attributes;
    for (const auto& attribute : node.attribute()) attributes.push_back(write(attribute));
    return fb::CreateNodeDirect(fbb_, node.name().c_str(), 0, node.domain().c_str(), 1, index_++,
                                node.op_type().c_str(), 0, 0, &inputs, &outputs, &attributes);
  }

  // Constant nodes become constants, every value is named once with its type.
  flatbuffers::Offset<fb::Graph> write(const onnx::GraphProto& graph) {
    std::vector<flatbuffers::Offset<fb::Tensor>> constants;
    std::vector<flatbuffers::Offset<fb::Node>> nodes;
    std::vector<flatbuffers::Offset<fb::ValueInfo>> values;
    Strings inputs, outputs;
    std::set<std::string> named;
    for (const auto& tensor : graph.initializer()) constants.push_back(write(tensor));
    for (const auto& node : graph.node()) {
      if (node.op_type() != "Constant") {
        nodes.push_back(write(node));
        continue;
      }
      onnx::TensorProto tensor = node.attribute(0).t();
      tensor.set_name(node.output(0));
      constants.push_back(write(tensor));
    }
    const auto add = [&](const auto& infos) {
      for (const auto& value : infos)
        if (named.insert(value.name()).second) values.push_back(write(value));
    };
    add(graph.input());
    add(graph.value_info());
    add(graph.output());
    for (const auto& value : graph.input()) inputs.push_back(fbb_.CreateString(value.name()));
    for (const auto& value : graph.output()) outputs.push_back(fbb_.CreateString(value.name()));
    std::vector<flatbuffers::Offset<fb::SparseTensor>> sparse;
    for (const auto& entry : graph.sparse_initializer()) {
      const std::vector<std::int64_t> dims(entry.dims().begin(), entry.dims().end());
      const auto stored = write(entry.values()), indices = write(entry.indices());
      sparse.push_back(fb::CreateSparseTensorDirect(fbb_, stored, indices, &dims));
    }
    return fb::CreateGraphDirect(fbb_, &constants, &values, &nodes, 0, 0, &inputs, &outputs, &sparse);
  }

  const OrtOptions& options_;
  flatbuffers::FlatBufferBuilder fbb_;
  std::uint32_t index_ = 0;
};

}  // namespace

std::string encode_ort(const onnx::ModelProto& model, const OrtOptions& options) {
  return Writer(options).write(model);
}

}  // namespace nngauge::test
