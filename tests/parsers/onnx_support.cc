// SPDX-License-Identifier: Apache-2.0
#include "tests/parsers/onnx_support.h"

#include <google/protobuf/text_format.h>

#include <sstream>
#include <stdexcept>

#include "base/text.h"
#include "graph/attribute_text.h"
#include "graph/op_table.h"

namespace nngauge::test {
namespace {

template <class Message>
Message parse(std::string_view text) {
  Message out;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text), &out)) {
    throw std::runtime_error("not the text of a " + out.GetTypeName() + ": " + std::string(text));
  }
  return out;
}

onnx::TensorProto::DataType data_type(const std::string& name) {
  std::string upper = name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  onnx::TensorProto::DataType out = onnx::TensorProto::UNDEFINED;
  if (!onnx::TensorProto::DataType_Parse(upper, &out)) throw std::runtime_error("no element type: " + name);
  return out;
}

// `x:float[1,?,n]`, `W:float[3]!`, `s:int64[2]=4,5`
void add_value(onnx::GraphProto& graph, const std::string& text) {
  const std::size_t colon = text.find(':'), open = text.find('['), close = text.find(']');
  const std::string name = text.substr(0, colon), type = text.substr(colon + 1, open - colon - 1);
  const std::string tail = text.substr(close + 1), inside = text.substr(open + 1, close - open - 1);
  const std::vector<std::string> dims = inside.empty() ? std::vector<std::string>{} : split(inside, ',');
  if (!tail.empty()) {
    auto* tensor = graph.add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(data_type(type));
    for (const std::string& dim : dims) tensor->add_dims(std::stoll(dim));
    if (tail[0] != '=') return;
    for (const std::string& element : split(tail.substr(1), ',')) {
      if (type == "int64") tensor->add_int64_data(std::stoll(element));
      else if (type == "float") tensor->add_float_data(std::stof(element));
      else tensor->add_int32_data(std::stoi(element));
    }
    return;
  }
  auto* input = graph.add_input();
  input->set_name(name);
  auto* tensor_type = input->mutable_type()->mutable_tensor_type();
  tensor_type->set_elem_type(data_type(type));
  tensor_type->mutable_shape();
  for (const std::string& dim : dims) {
    auto* out = tensor_type->mutable_shape()->add_dim();
    if (dim == "?") continue;
    if (std::isdigit(static_cast<unsigned char>(dim[0])) != 0) out->set_dim_value(std::stoll(dim));
    else out->set_dim_param(dim);
  }
}

std::string tensor_name(const Graph& graph, TensorId id) {
  return id == kNoTensor ? "-" : graph.tensors[static_cast<std::size_t>(id)].name;
}

}  // namespace

onnx::ModelProto parse_model(std::string_view text) { return parse<onnx::ModelProto>(text); }

std::string encode(std::string_view text) { return parse_model(text).SerializeAsString(); }

Result<std::uint64_t> FakeCompanions::size_bytes(const std::string& name) const {
  const auto found = sizes_.find(name);
  if (found == sizes_.end()) return make_error(ErrorCode::kUnreadable, "missing");
  return found->second;
}

Result<std::shared_ptr<const MappedFile>> FakeCompanions::open(const std::string& name) const {
  throw std::runtime_error("a reader opened " + name);
}

Result<Model> read_bytes(std::string_view bytes, const Companions& companions) {
  return read_model({"m.onnx", as_bytes(bytes), &companions});
}

Result<Model> read_text(std::string_view text, const Companions& companions) {
  return read_bytes(encode(text), companions);
}

std::string node_model(std::int64_t opset, std::string_view values, std::string_view node) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  auto* import = model.add_opset_import();
  import->set_version(opset);
  auto* graph = model.mutable_graph();
  graph->set_name("g");
  std::istringstream words{std::string(values)};
  for (std::string word; words >> word;) add_value(*graph, word);
  *graph->add_node() = parse<onnx::NodeProto>(node);
  for (const std::string& output : graph->node(0).output()) {
    if (!output.empty()) graph->add_output()->set_name(output);
  }
  return model.SerializeAsString();
}

std::string op_text(const Model& model, const Graph& graph, const Op& op) {
  static_cast<void>(model);
  std::string out(op_info(op.kind).name);
  std::vector<std::string> words;
  for (const Operand& operand : op.inputs) {
    words.push_back(tensor_name(graph, operand.tensor));
    if (operand.tensor != kNoTensor && operand.role != OperandRole::kData)
      words.back() += ":" + std::string(operand_role_name(operand.role));
  }
  out += " (" + join(words, ", ") + ") -> (";
  words.clear();
  for (const TensorId id : op.outputs) words.push_back(tensor_name(graph, id));
  out += join(words, ", ") + ")";
  if (attribute_type_name(op.attrs) != "none") out += " " + std::string(attribute_type_name(op.attrs));
  for (const auto& [name, value] : attribute_fields(op.attrs)) out += " " + name + "=" + value;
  if (op.activation != FusedActivation::kNone) out += " act=" + std::string(fused_activation_name(op.activation));
  return out;
}

std::string graph_text(const Model& model, const Graph& graph) {
  std::string out;
  for (const Op& op : graph.ops) out += op_text(model, graph, op) + "\n";
  return out;
}

}  // namespace nngauge::test
