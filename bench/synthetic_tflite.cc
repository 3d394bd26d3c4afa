// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "bench/synthetic.h"
#include "tflite_generated.h"

namespace nngauge::bench {
namespace {

namespace fb = nngauge::tflite::fb;

// Numbers between 1/64 and 1/32 of both signs: like trained weights, they hardly pack.
void fill(std::uint8_t* content, std::size_t bytes) {
  std::uint64_t state = bytes + 1;
  for (std::size_t i = 0; i + sizeof(float) <= bytes; i += sizeof(float)) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto value = static_cast<std::uint32_t>((state >> 32U) & 0x807fffffU) | 0x3c800000U;
    std::memcpy(content + i, &value, sizeof(float));
  }
}

// Collects the tables of one subgraph and writes the file.
class ModelWriter {
 public:
  ModelWriter() {
    flatbuffers_.ForceDefaults(false);
    buffers_.push_back(fb::CreateBuffer(flatbuffers_));
  }

  int add_constant(const std::string& name, const std::vector<int>& shape, std::size_t bytes) {
    std::uint8_t* content = nullptr;
    flatbuffers_.ForceVectorAlignment(bytes, 1, 16);
    const auto data = flatbuffers_.CreateUninitializedVector<std::uint8_t>(bytes, &content);
    fill(content, bytes);
    buffers_.push_back(fb::CreateBuffer(flatbuffers_, data));
    return add_tensor(name, shape, static_cast<std::uint32_t>(buffers_.size() - 1));
  }

  int add_tensor(const std::string& name, const std::vector<int>& shape, std::uint32_t buffer = 0) {
    const auto name_offset = flatbuffers_.CreateString(name);
    const auto shape_offset = flatbuffers_.CreateVector(shape);
    fb::TensorBuilder tensor(flatbuffers_);
    tensor.add_shape(shape_offset);
    tensor.add_name(name_offset);
    tensor.add_buffer(buffer);
    tensors_.push_back(tensor.Finish());
    return static_cast<int>(tensors_.size() - 1);
  }

  void add_op(std::uint32_t opcode_index, const std::vector<int>& inputs, int output) {
    const auto inputs_offset = flatbuffers_.CreateVector(inputs);
    const auto outputs_offset = flatbuffers_.CreateVector(std::vector<int>{output});
    fb::OperatorBuilder op(flatbuffers_);
    op.add_opcode_index(opcode_index);
    op.add_inputs(inputs_offset);
    op.add_outputs(outputs_offset);
    ops_.push_back(op.Finish());
  }

  void write(const std::string& path, const std::vector<fb::BuiltinOperator>& codes, int input, int output) {
    std::vector<flatbuffers::Offset<fb::OperatorCode>> opcodes;
    for (const fb::BuiltinOperator code : codes) {
      opcodes.push_back(fb::CreateOperatorCode(flatbuffers_, static_cast<std::int8_t>(code), 0, 1, code));
    }
    const std::vector<int> inputs = {input}, outputs = {output};
    const auto subgraph = fb::CreateSubGraphDirect(flatbuffers_, &tensors_, &inputs, &outputs, &ops_, "main");
    const std::vector<flatbuffers::Offset<fb::SubGraph>> subgraphs = {subgraph};
    const auto model = fb::CreateModelDirect(flatbuffers_, 3, &opcodes, &subgraphs, "nngauge benchmark", &buffers_);
    flatbuffers_.Finish(model, "TFL3");
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(flatbuffers_.GetBufferPointer()), flatbuffers_.GetSize());
  }

 private:
  flatbuffers::FlatBufferBuilder flatbuffers_;
  std::vector<flatbuffers::Offset<fb::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<fb::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<fb::Operator>> ops_;
};

}  // namespace

void write_tflite_dense_chain(const std::string& path, int layers, int width) {
  ModelWriter writer;
  const int input = writer.add_tensor("t0", {1, width});
  int last = input;
  for (int i = 0; i < layers; ++i) {
    const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(width) * sizeof(float);
    const int weight = writer.add_constant("w" + std::to_string(i), {width, width}, bytes);
    const int next = writer.add_tensor("t" + std::to_string(i + 1), {1, width});
    writer.add_op(0, {last, weight, -1}, next);
    last = next;
  }
  writer.write(path, {fb::BuiltinOperator_FULLY_CONNECTED}, input, last);
}

void write_tflite_long_chain(const std::string& path, int ops) {
  ModelWriter writer;
  const int input = writer.add_tensor("t0", {1, 64});
  int last = input;
  for (int i = 0; i < ops; ++i) {
    const int next = writer.add_tensor("t" + std::to_string(i + 1), {1, 64});
    writer.add_op(static_cast<std::uint32_t>(i % 2), {last}, next);
    last = next;
  }
  writer.write(path, {fb::BuiltinOperator_RELU, fb::BuiltinOperator_LOGISTIC}, input, last);
}

}  // namespace nngauge::bench
