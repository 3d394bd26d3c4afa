// SPDX-License-Identifier: Apache-2.0
#include <onnx/onnx_pb.h>

#include <fstream>
#include <string>

#include "bench/synthetic.h"

namespace nngauge::bench {
namespace {

void set_type(onnx::ValueInfoProto& info, const std::string& name, std::int64_t width) {
  info.set_name(name);
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  type->mutable_shape()->add_dim()->set_dim_value(1);
  type->mutable_shape()->add_dim()->set_dim_value(width);
}

onnx::ModelProto chain_model(std::int64_t width, int ops) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("nngauge benchmark");
  model.add_opset_import()->set_version(17);
  auto* graph = model.mutable_graph();
  graph->set_name("chain");
  set_type(*graph->add_input(), "t0", width);
  set_type(*graph->add_output(), "t" + std::to_string(ops), width);
  return model;
}

void write(const onnx::ModelProto& model, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  model.SerializeToOstream(&out);
}

}  // namespace

void write_onnx_dense_chain(const std::string& path, int layers, std::int64_t width) {
  onnx::ModelProto model = chain_model(width, layers);
  auto* graph = model.mutable_graph();
  for (int i = 0; i < layers; ++i) {
    const std::string weight = "w" + std::to_string(i);
    auto* node = graph->add_node();
    node->set_op_type("MatMul");
    node->add_input("t" + std::to_string(i));
    node->add_input(weight);
    node->add_output("t" + std::to_string(i + 1));
    auto* tensor = graph->add_initializer();
    tensor->set_name(weight);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    tensor->add_dims(width);
    tensor->add_dims(width);
    tensor->set_raw_data(std::string(static_cast<std::size_t>(width * width) * sizeof(float), '\x11'));
  }
  write(model, path);
}

void write_onnx_long_chain(const std::string& path, int ops) {
  onnx::ModelProto model = chain_model(64, ops);
  for (int i = 0; i < ops; ++i) {
    auto* node = model.mutable_graph()->add_node();
    node->set_op_type(i % 2 == 0 ? "Relu" : "Sigmoid");
    node->set_name("op" + std::to_string(i));
    node->add_input("t" + std::to_string(i));
    node->add_output("t" + std::to_string(i + 1));
  }
  write(model, path);
}

}  // namespace nngauge::bench
