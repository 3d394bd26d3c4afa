// SPDX-License-Identifier: Apache-2.0
// Owns: what tests of the ONNX reader share: models written as text, read models as text.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <string>
#include <string_view>

#include "graph/graph.h"
#include "parsers/format.h"

namespace nngauge::test {

// Protobuf text of a ModelProto -> the binary form. Throws std::runtime_error where the text is wrong.
onnx::ModelProto parse_model(std::string_view text);
std::string encode(std::string_view text);

// Side files of a model in memory: name -> size.
class FakeCompanions final : public Companions {
 public:
  explicit FakeCompanions(std::map<std::string, std::uint64_t> sizes) : sizes_(std::move(sizes)) {}
  Result<std::uint64_t> size_bytes(const std::string& name) const override;
  Result<std::shared_ptr<const MappedFile>> open(const std::string& name) const override;

 private:
  std::map<std::string, std::uint64_t> sizes_;
};

Result<Model> read_bytes(std::string_view bytes, const Companions& companions = no_companions());
// Reads protobuf text of a ModelProto.
Result<Model> read_text(std::string_view text, const Companions& companions = no_companions());

// One node with its operands. `values` lists what exists before it, separated by spaces: `x:float[1,3,8,8]` is an
// input, `W:float[8,3,3,3]!` a constant without bytes, `s:int64[2]=4,5` a constant. `node` is text of a NodeProto.
std::string node_model(std::int64_t opset, std::string_view values, std::string_view node);

// `Conv2D (x, W:weight, -) -> (y) conv strides=[2,2]`, one line an op.
std::string op_text(const Model& model, const Graph& graph, const Op& op);
std::string graph_text(const Model& model, const Graph& graph);

}  // namespace nngauge::test
