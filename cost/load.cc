// SPDX-License-Identifier: Apache-2.0
#include "cost/load.h"

#include <algorithm>
#include <cmath>

#include "base/csv.h"
#include "cost/memory.h"
#include "graph/op_table.h"
#include "graph/ops/conv_geometry.h"

namespace nngauge {
namespace {

constexpr double kMega = 1e6;

Estimate spread(double value, double factor) { return {value, value / factor, value * factor}; }

// Scratch and transformed weights of one convolution, elements.
struct ConvExtra {
  double im2col = 0, winograd = 0;
};

ConvExtra extra_of(const Model& model, const Graph& graph, const Op& op) {
  ConvExtra out;
  const RuleContext c(model, graph, op);
  const Result<ConvGeometry> g = conv_geometry(c);
  if (!g || g->transposed || g->depthwise || !g->in_channels.known() || !g->out_channels.known()) return out;
  const double groups = g->groups.known() ? static_cast<double>(std::max<std::int64_t>(g->groups.value(), 1)) : 1;
  double positions = g->batch.known() ? static_cast<double>(g->batch.value()) : 1, taps = 1;
  bool unit_stride = true, three = g->spatial.size() == 2;
  for (const WindowAxis& axis : g->spatial) {
    if (!axis.out.known() || !axis.kernel.known()) return out;
    positions *= static_cast<double>(axis.out.value()), taps *= static_cast<double>(axis.kernel.value());
    unit_stride = unit_stride && axis.stride == 1 && axis.dilation == 1;
    three = three && axis.kernel.value() == 3;
  }
  const double in = static_cast<double>(g->in_channels.value());
  if (taps > 1) out.im2col = positions * taps * in / groups;
  // F(4x4, 3x3): 36 values for 9 (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016).
  if (three && unit_stride && groups == 1 && in >= 16)
    out.winograd = in * static_cast<double>(g->out_channels.value()) * 36;
  return out;
}

// Bytes of an element of what a convolution reads.
double element_bytes(const Graph& graph, const Op& op) {
  if (op.inputs.empty() || op.inputs[0].tensor < 0) return 4;
  const DType dtype = graph.tensors[static_cast<std::size_t>(op.inputs[0].tensor)].dtype;
  return is_float(dtype) ? 4 : 1;
}

}  // namespace

Result<std::vector<LoadRules>> parse_load_rules(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kUsage);
  NNGAUGE_CHECK(table.require({"runtime", "processor", "base_ms", "ms_per_mb", "read_mb_per_s", "base_mb", "spread"}));
  struct Field {
    const char* column;
    double LoadRules::*field;
  };
  constexpr Field kFields[] = {{"base_ms", &LoadRules::base_ms},
                               {"ms_per_mb", &LoadRules::ms_per_mb},
                               {"ms_per_kernel", &LoadRules::ms_per_kernel},
                               {"read_mb_per_s", &LoadRules::read_mb_per_s},
                               {"first_ms", &LoadRules::first_ms},
                               {"first_ms_per_mb", &LoadRules::first_ms_per_mb},
                               {"weight_copies", &LoadRules::weight_copies},
                               {"base_mb", &LoadRules::base_mb},
                               {"spread", &LoadRules::spread}};
  std::vector<LoadRules> out;
  for (const CsvRecord& row : table.rows()) {
    LoadRules rules;
    NNGAUGE_TRY(rules.runtime, table.text(row, "runtime"));
    NNGAUGE_TRY(rules.processor, table.text(row, "processor"));
    for (const Field& field : kFields) {
      NNGAUGE_TRY(const auto value, table.number(row, field.column, true, false));
      rules.*field.field = value.value_or(0);
    }
    if (rules.read_mb_per_s <= 0) return table.error_at(row, "read_mb_per_s", "must be above 0");
    if (rules.spread < 1) return table.error_at(row, "spread", "must be 1 or more");
    rules.winograd = table.field(row, "winograd") == "yes", rules.im2col = table.field(row, "im2col") == "yes";
    rules.basis = table.field(row, "basis"), rules.source = table.field(row, "source");
    out.push_back(std::move(rules));
  }
  return out;
}

const LoadRules* find_load_rules(const std::vector<LoadRules>& rules, const SetupName& setup) {
  for (const LoadRules& row : rules) {
    if (row.runtime == setup.runtime && row.processor == setup.processor) return &row;
  }
  return nullptr;
}

LoadCost price_load(const LoadRules& rules, double weight_mb, std::size_t kernels) {
  LoadCost out;
  out.stages = {{"read", weight_mb / rules.read_mb_per_s * 1000},
                {"open", rules.base_ms},
                {"pack", rules.ms_per_mb * weight_mb},
                {"compile", rules.ms_per_kernel * static_cast<double>(kernels)}};
  for (const LoadStage& stage : out.stages) out.cold_ms += stage.ms;
  out.warm_ms = out.cold_ms - out.stages.front().ms;
  return out;
}

ModelFacts facts_of(const Model& model) {
  ModelFacts out;
  const Result<Analysis> analysis = analyse(model);
  if (!analysis || !analysis->totals.weight_bytes) {
    out.reason = analysis ? "the bytes of the weights are not known" : analysis.error().message;
    return out;
  }
  out.weight_bytes = static_cast<double>(*analysis->totals.weight_bytes);
  const Memory memory = measure_memory(model);
  if (!memory.peak_activation_bytes) {
    out.reason = memory.reason;
    return out;
  }
  out.arena_bytes = static_cast<double>(*memory.peak_activation_bytes);
  for (const auto& [planner, bytes] : memory.arena_bytes) {
    if (planner == "greedy-by-size") out.arena_bytes = static_cast<double>(bytes);
  }
  for (const Op& op : model.main().ops) {
    if (op_info(op.kind).category != OpCategory::kConvolution) continue;
    const ConvExtra extra = extra_of(model, model.main(), op);
    const double bytes = element_bytes(model.main(), op);
    out.im2col_bytes = std::max(out.im2col_bytes, extra.im2col * bytes);
    out.winograd_bytes += extra.winograd * bytes;
  }
  return out;
}

Result<PeakMemory> peak_memory(const ModelFacts& facts, const LoadRules& rules) {
  if (!facts.weight_bytes || !facts.arena_bytes) return unknown(facts.reason);
  PeakMemory out;
  out.arena = *facts.arena_bytes, out.runtime = rules.base_mb * kMega;
  out.weights = *facts.weight_bytes * (1 + rules.weight_copies) + (rules.winograd ? facts.winograd_bytes : 0);
  out.scratch = rules.im2col ? facts.im2col_bytes : 0;
  return out;
}

void add_load(Prediction& out, const Model& model, const ModelKernels& kernels, const LoadRules* rules,
              const ModelFacts* facts, std::optional<double> ram_mb) {
  if (!rules) {
    out.load_reason = "loading was measured on no runtime like this";
    return;
  }
  out.load.basis = rules->basis, out.load.source = rules->source;
  const ModelFacts own = facts ? *facts : facts_of(model);
  const Result<PeakMemory> peak = peak_memory(own, *rules);
  if (!peak) {
    out.load_reason = peak.error().message;
    return;
  }
  out.load.weights_bytes = peak->weights, out.load.arena_bytes = peak->arena;
  out.load.scratch_bytes = peak->scratch, out.load.runtime_bytes = peak->runtime;
  out.peak_memory_bytes = static_cast<std::uint64_t>(std::min(std::round(peak->total()), 1e18));
  if (ram_mb && *ram_mb > 0) out.load.ram_share = peak->total() / (*ram_mb * kMega);
  const double mb = *own.weight_bytes / kMega;
  const auto count =
      std::count_if(kernels.kernels.begin(), kernels.kernels.end(), [](const auto& k) { return k.has_value(); });
  const LoadCost load = price_load(*rules, mb, static_cast<std::size_t>(count));
  for (const LoadStage& stage : load.stages) out.load.stages.emplace_back(stage.stage, stage.ms);
  out.load_ms = spread(load.cold_ms, rules->spread);
  out.load.warm_ms = load.warm_ms;
  if (!out.latency_ms) {
    out.load_reason = "the first inference follows from the latency, which is not known";
    return;
  }
  const double extra = rules->first_ms + rules->first_ms_per_mb * mb;
  out.first_inference_ms = Estimate{out.latency_ms->value + extra, out.latency_ms->p5 + extra / rules->spread,
                                    out.latency_ms->p95 + extra * rules->spread};
  out.load_reason.clear();
}

}  // namespace nngauge
