// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cost/conventions.h"
#include "graph/op_table.h"
#include "report/inspect.h"
#include "report/json.h"

namespace nngauge {
namespace {

// {"name", "dtype", "shape"}; where an extent is open, "shape_reason" names it and the option that gives it.
Json tensor_json(const Model& model, const Tensor& tensor) {
  Json out = {{"name", tensor.name}, {"dtype", dtype_name(tensor.dtype)}, {"shape", json_shape(tensor.shape)}};
  if (!tensor.shape.is_static()) {
    out["shape_reason"] = "open extents: " + shape_text(tensor.shape, model.symbols) + "; pass --dim or --input";
  }
  return out;
}

Json tensors_json(const Model& model, const std::vector<TensorId>& ids) {
  Json out = Json::array();
  for (const TensorId id : ids) {
    if (id != kNoTensor) out.push_back(tensor_json(model, model.main().tensors[at(id)]));
  }
  return out;
}

Json totals_json(const Totals& totals) {
  return {{"ops", totals.ops},
          {"macs", json_number(totals.macs)},
          {"flops", json_number(totals.flops)},
          {"special", json_number(totals.special)},
          {"params", json_number(totals.params)},
          {"weight_bytes", json_number(totals.weight_bytes)},
          {"read_bytes", json_number(totals.read_bytes)},
          {"write_bytes", json_number(totals.write_bytes)}};
}

Json kv_cache_json(const KvCache& cache) {
  Json by_context = Json::array();
  for (const std::uint64_t tokens : kContexts) {
    if (const auto bytes = cache.bytes_for(tokens)) by_context.push_back({{"tokens", tokens}, {"bytes", *bytes}});
  }
  Json out = {{"tensors", cache.tensors},
              {"bytes", cache.bytes},
              {"tokens", cache.tokens ? Json(*cache.tokens) : Json(nullptr)},
              {"bytes_per_token", json_number(cache.bytes_per_token)},
              {"by_context", by_context}};
  if (!cache.bytes_per_token) out["reason"] = cache.reason;
  return out;
}

Json memory_json(const ModelResult& result) {
  const Memory& memory = result.memory;
  Json arenas = Json::object();
  for (const auto& [planner, bytes] : memory.arena_bytes) arenas[planner] = bytes;
  Json out = {{"weight_bytes", json_number(result.analysis.totals.weight_bytes)},
              {"peak_activation_bytes", json_number(memory.peak_activation_bytes)},
              {"arena_bytes", arenas}};
  if (!memory.peak_activation_bytes) out["reason"] = memory.reason;
  if (memory.peak_op >= 0) out["peak_op"] = memory.peak_op;
  if (result.kv_cache) out["kv_cache"] = kv_cache_json(*result.kv_cache);
  return out;
}

Json coverage_json(const ModelResult& result) {
  const Coverage& coverage = result.analysis.coverage;
  Json unknown_ops = Json::array();
  for (const UnknownOp& op : coverage.unknown_ops) {
    unknown_ops.push_back({{"op", op.op}, {"count", op.count}, {"reason", op.reason}});
  }
  Json assumed = Json::array();
  for (const AssumedDim& dim : result.model.assumed_dims) {
    assumed.push_back({{"name", dim.name}, {"value", dim.value}});
  }
  return {{"ops", json_number(coverage.ops)},
          {"exact", coverage.exact},
          {"lower_bound", coverage.lower_bound},
          {"unknown_ops", unknown_ops},
          {"assumed_dims", assumed}};
}

Json histogram_json(const Analysis& analysis) {
  Json out = Json::array();
  for (const KindCount& row : analysis.histogram) {
    out.push_back({{"op", row.op},
                   {"count", row.count},
                   {"macs", json_number(row.macs)},
                   {"flops", json_number(row.flops)},
                   {"params", json_number(row.params)}});
  }
  return out;
}

Json by_type_json(const std::vector<std::pair<DType, std::uint64_t>>& bytes) {
  Json out = Json::object();
  for (const auto& [dtype, size] : bytes) out[std::string(dtype_name(dtype))] = size;
  return out;
}

Json diagnostics_json(const Diagnostics& diagnostics) {
  Json out = Json::array();
  for (const Diagnostic& item : diagnostics.items()) {
    out.push_back({{"severity", item.severity == Severity::kWarning ? "warning" : "note"},
                   {"code", item.code},
                   {"where", item.where},
                   {"message", item.message}});
  }
  if (diagnostics.dropped() > 0) {
    out.push_back({{"severity", "note"},
                   {"code", "more"},
                   {"where", ""},
                   {"message", std::to_string(diagnostics.dropped()) + " more diagnostics were left out"}});
  }
  return out;
}

Json subgraphs_json(const Model& model, const Analysis& analysis) {
  Json out = Json::array();
  for (const SubgraphCost& row : analysis.subgraphs) {
    const std::string& name = model.graphs[static_cast<std::size_t>(row.graph)].name;
    out.push_back({{"op", row.op},
                   {"graph", row.graph},
                   {"name", name},
                   {"role", row.role},
                   {"trips", row.trips},
                   {"in_total", row.chosen},
                   {"totals", totals_json(row.totals)}});
  }
  return out;
}

Json layer_json(const Model& model, const OpCost& cost, const Op& op, std::size_t index) {
  const Graph& graph = model.main();
  Json inputs = Json::array();
  for (const Operand& operand : op.inputs) {
    inputs.push_back(operand.tensor == kNoTensor ? Json(nullptr) : json_shape(graph.tensors[at(operand.tensor)].shape));
  }
  Json outputs = Json::array();
  for (const TensorId id : op.outputs) {
    outputs.push_back(id == kNoTensor ? Json(nullptr) : json_shape(graph.tensors[at(id)].shape));
  }
  Json out = {{"index", index},
              {"op", std::string(op_info(op.kind).name)},
              {"source_op", op.source_op},
              {"source_index", op.source.index >= 0 ? Json(op.source.index) : Json(nullptr)},
              {"name", op.name},
              {"inputs", inputs},
              {"outputs", outputs},
              {"macs", json_number(cost.macs)},
              {"flops", json_number(cost.flops)},
              {"special", json_number(cost.special)},
              {"params", json_number(cost.params)},
              {"weight_bytes", json_number(cost.weight_bytes)},
              {"read_bytes", json_number(cost.read_bytes)},
              {"write_bytes", json_number(cost.write_bytes)},
              {"status", cost_status_name(cost.status)}};
  if (cost.status != CostStatus::kExact) out["reason"] = cost.reason;
  return out;
}

Json convention_json(const Convention& convention, const ModelResult& result) {
  Json totals = Json::object();
  for (const ConventionTotal& total : convention_totals(convention, result.model, result.analysis)) {
    totals[total.name] = json_number(total.value);
  }
  return {{"name", std::string(convention.name)}, {"means", std::string(convention.meaning)}, {"totals", totals}};
}

}  // namespace

Json inspect_json(const ModelResult& result, const InspectOptions& options) {
  const Model& model = result.model;
  const Analysis& analysis = result.analysis;
  Json out = {{"path", result.path},
              {"member", json_or_null(result.member)},
              {"format", model.format},
              {"format_version", model.format_version},
              {"identified", {{"confidence", result.confidence}, {"by", result.identified_by}}},
              {"size_bytes", result.size_bytes},
              {"md5", json_or_null(result.md5)},
              {"sha256", json_or_null(result.sha256)},
              {"name", model.name},
              {"producer", model.producer},
              {"inputs", tensors_json(model, model.main().inputs)},
              {"outputs", tensors_json(model, model.main().outputs)},
              {"totals", totals_json(analysis.totals)},
              {"memory", memory_json(result)},
              {"coverage", coverage_json(result)},
              {"histogram", histogram_json(analysis)},
              {"precision",
               {{"weights", by_type_json(analysis.precision.weight_bytes)},
                {"activations", by_type_json(analysis.precision.activation_bytes)},
                {"class", analysis.precision.klass}}},
              {"diagnostics", diagnostics_json(model.diagnostics)}};
  if (!analysis.subgraphs.empty()) out["subgraphs"] = subgraphs_json(model, analysis);
  if (options.convention) out["convention_totals"] = convention_json(*options.convention, result);
  if (options.layers) {
    Json layers = Json::array();
    for (std::size_t i = 0; i < model.main().ops.size(); ++i) {
      layers.push_back(layer_json(model, analysis.ops[i], model.main().ops[i], i));
    }
    out["layers"] = std::move(layers);
  }
  return out;
}

std::string inspect_json_text(const ModelResult& result, const InspectOptions& options, int level) {
  return json_text(inspect_json(result, options), level);
}

}  // namespace nngauge
