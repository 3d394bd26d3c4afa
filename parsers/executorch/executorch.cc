// SPDX-License-Identifier: Apache-2.0
#include "parsers/executorch/executorch.h"

#include "base/text.h"
#include "parsers/executorch/plan.h"
#include "parsers/flatbuffer.h"

namespace nngauge::executorch {
namespace {

constexpr FlatSchema kSchema{
    fb::ProgramTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<fb::Program>(nullptr); }};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void add_signature(const Graph& graph, std::size_t id, Model& model) {
  Signature out;
  out.key = graph.name;
  out.graph = static_cast<GraphId>(id);
  for (const auto& [ids, ends] : {std::pair(&graph.inputs, &out.inputs), std::pair(&graph.outputs, &out.outputs)}) {
    for (const TensorId tensor : *ids) ends->emplace_back(graph.tensors[static_cast<std::size_t>(tensor)].name, tensor);
  }
  model.signatures.push_back(std::move(out));
}

// The method that an app runs: `forward`, else the first one.
std::size_t main_method(const fb::Program& program) {
  for (std::size_t i = 0; i < length(program.plans()); ++i) {
    if (text_of(get(program.plans(), i).name()) == "forward") return i;
  }
  return 0;
}

}  // namespace

Claim sniff(const ModelSource& source) {
  const std::string_view id = flat_identifier(source.bytes);
  if (id.size() != 4 || !id.starts_with("ET") || !is_digit(id[2]) || !is_digit(id[3])) return {};
  return {has_flat_root(source.bytes) ? Confidence::kCertain : Confidence::kLikely,
          "the identifier of a program (ET and two digits)"};
}

Result<Model> read(const ModelSource& source) {
  const AlignedBytes aligned(source.bytes);
  NNGAUGE_CHECK(check_flat_structure(kSchema, aligned.get(), source.mapping));
  Model model;
  model.format = "executorch";
  model.format_version = std::string(flat_identifier(source.bytes).substr(2));
  model.files.push_back({"", source.bytes.size()});
  model.order_is_binding = true;
  Program program(source, aligned.get(), model);
  const std::size_t methods = length(program.tables().plans());
  if (methods == 0) return make_error(ErrorCode::kInvalidGraph, "the program has no methods");
  const std::size_t first = main_method(program.tables());
  for (std::size_t i = 0; i < methods; ++i) {
    const fb::ExecutionPlan& plan = get(program.tables().plans(), i == 0 ? first : i <= first ? i - 1 : i);
    Result<Graph> graph = Plan(program, plan).read();
    if (!graph) return graph.error().at("method " + in_quotes(text_of(plan.name())));
    if (methods > 1) add_signature(*graph, i, model);
    model.graphs.push_back(*std::move(graph));
  }
  model.name = model.main().name;
  return model;
}

}  // namespace nngauge::executorch
