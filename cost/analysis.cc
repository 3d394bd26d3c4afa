// SPDX-License-Identifier: Apache-2.0
#include "cost/analysis.h"

#include <algorithm>
#include <map>
#include <memory>

#include "cost/constants.h"
#include "cost/precision.h"
#include "cost/sums.h"
#include "graph/op_table.h"
#include "graph/trip_count.h"

namespace nngauge {
namespace {

// The sums of a graph, or of one operator with the graphs it runs.
struct Sums {
  PartialSum macs, flops, special, params, weight_bytes, read_bytes, write_bytes;

  void add(const Sums& other, std::uint64_t times) {
    macs.add(other.macs, times), flops.add(other.flops, times), special.add(other.special, times);
    read_bytes.add(other.read_bytes, times), write_bytes.add(other.write_bytes, times);
    params.add(other.params, 1), weight_bytes.add(other.weight_bytes, 1);  // stored once, however often they are used
  }
  [[nodiscard]] bool overflowed() const {
    return macs.overflowed() || flops.overflowed() || special.overflowed() || params.overflowed() ||
           weight_bytes.overflowed() || read_bytes.overflowed() || write_bytes.overflowed();
  }
};

struct GraphCost {
  std::vector<OpCost> ops;
  Sums sums;
  std::uint64_t op_count = 0, known_ops = 0;  // of this graph and the graphs it runs
};

// Element-wise kind that an activation fused into an operator stands for.
std::optional<OpKind> activation_kind(FusedActivation activation) {
  switch (activation) {
    case FusedActivation::kNone:
      return std::nullopt;
    case FusedActivation::kRelu:
      return OpKind::kRelu;
    case FusedActivation::kReluN1To1:
      return OpKind::kReluN1To1;
    case FusedActivation::kRelu0To1:
      return OpKind::kRelu0To1;
    case FusedActivation::kRelu6:
      return OpKind::kRelu6;
    case FusedActivation::kTanh:
      return OpKind::kTanh;
    case FusedActivation::kSigmoid:
      return OpKind::kSigmoid;
    case FusedActivation::kSign:
      return OpKind::kSign;
    case FusedActivation::kOther:
      return OpKind::kClip;
  }
  return std::nullopt;
}

// Kinds whose unknown work leaves the MACs of the model unknown; of the others it is certain that they have none.
bool may_have_macs(OpKind kind) {
  switch (op_info(kind).category) {
    case OpCategory::kConvolution:
    case OpCategory::kProduct:
    case OpCategory::kRecurrent:
    case OpCategory::kControlFlow:
    case OpCategory::kOpaque:
      return true;
    default:
      return false;
  }
}

MaybeCount known(Count count) { return count.overflowed() ? std::nullopt : MaybeCount(count.value()); }

// Bytes of one operand or result as it lies in memory; constants as stored.
std::optional<Count> moved_bytes(const ConstantTracer& tracer, GraphId graph, const Tensor& tensor, TensorId id) {
  const TensorKey key = tracer.origin({graph, id});
  if (key.tensor != kNoTensor) {
    const Count bytes = stored_bytes(tracer.tensor(key));
    return bytes.overflowed() ? std::nullopt : std::optional(bytes);
  }
  const std::optional<Count> elements = tensor.shape.elements();
  if (!elements || (dtype_bits(tensor.dtype) == 0 && elements->value() > 0)) return std::nullopt;
  return packed_bytes(tensor.dtype, *elements);
}

class Counter {
 public:
  explicit Counter(const Model& model) : model_(model), tracer_(model), graphs_(model.graphs.size()) {}

  // Counts a graph once; `names` collects what is unknown.
  Result<const GraphCost*> count_graph(GraphId id) {
    auto& slot = graphs_[at(id)];
    if (slot) return slot.get();
    slot = std::make_unique<GraphCost>();
    const Graph& graph = model_.graphs[at(id)];
    slot->ops.reserve(graph.ops.size());
    for (std::size_t i = 0; i < graph.ops.size(); ++i) {
      Status status = count_op(id, static_cast<OpId>(i), *slot);
      if (!status) return status.error().at(op_place(graph.ops[i], static_cast<OpId>(i)));
    }
    return slot.get();
  }

  [[nodiscard]] const ConstantTracer& tracer() const { return tracer_; }
  [[nodiscard]] std::vector<SubgraphCost>& subgraphs() { return subgraphs_; }
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, std::uint64_t>& unknown() const { return unknown_; }

 private:
  Status count_op(GraphId graph_id, OpId op_id, GraphCost& total) {
    const Graph& graph = model_.graphs[at(graph_id)];
    const Op& op = graph.ops[at(op_id)];
    OpCost cost;
    Sums sums;
    count_constants(graph_id, op, cost, sums);
    count_traffic(graph_id, op, cost, sums);
    const auto* control = std::get_if<ControlAttrs>(&op.attrs);
    if (control) {
      NNGAUGE_CHECK(count_control(graph_id, op_id, *control, cost, sums, total));
    } else {
      NNGAUGE_CHECK(count_work(graph, graph_id, op, cost, sums));
    }
    if (sums.overflowed()) return make_error(ErrorCode::kOverflow, "a count of this operator does not fit 64 bits");
    cost.params = sums.params.value(), cost.weight_bytes = sums.weight_bytes.value();
    cost.read_bytes = sums.read_bytes.value(), cost.write_bytes = sums.write_bytes.value();
    if (cost.status == CostStatus::kUnknown) ++unknown_[{unknown_name(op), cost.reason}];
    total.sums.add(sums, 1);
    if (total.sums.overflowed()) return make_error(ErrorCode::kOverflow, "a total does not fit 64 bits from here on");
    ++total.op_count;
    if (cost.status != CostStatus::kUnknown) ++total.known_ops;
    total.ops.push_back(std::move(cost));
    return ok();
  }

  static std::string unknown_name(const Op& op) {
    if (op.kind == OpKind::kCustom) return "CUSTOM:" + op.source_op;
    const std::string name(op_info(op.kind).name);
    if (op_info(op.kind).opaque_reason.empty()) return name;
    return name + ":" + op.source_op;
  }

  // Work of an operator by its rule, with the activation fused into it.
  Status count_work(const Graph& graph, GraphId graph_id, const Op& op, OpCost& cost, Sums& sums) const {
    if (tracer_.is_constant_op(graph_id, op)) {  // done once at load
      cost.macs = cost.flops = cost.special = 0;
      sums.macs.add(0), sums.flops.add(0), sums.special.add(0);
      return ok();
    }
    const RuleContext context(model_, graph, op);
    Result<Work> result = op_info(op.kind).work(context);
    if (!result && result.error().code != ErrorCode::kUnknown) return result.error();
    if (!result) {
      cost.status = CostStatus::kUnknown;
      cost.reason = result.error().message;
      if (may_have_macs(op.kind)) sums.macs.add_missing();
      else cost.macs = 0;
      sums.flops.add_missing(), sums.special.add_missing();
      return ok();
    }
    NNGAUGE_CHECK(add_activation(context, op, *result));
    const Work& work = *result;
    cost.macs = known(work.macs), cost.flops = known(work.flops), cost.special = known(work.special);
    if (work.lower_bound) {
      cost.status = CostStatus::kLowerBound;
      cost.reason = work.reason;
      if (may_have_macs(op.kind)) sums.macs.add_lower_bound(work.macs);
      sums.flops.add_lower_bound(work.flops), sums.special.add_lower_bound(work.special);
    } else {
      sums.macs.add(work.macs), sums.flops.add(work.flops), sums.special.add(work.special);
    }
    return ok();
  }

  static Status add_activation(const RuleContext& context, const Op& op, Work& work) {
    const std::optional<OpKind> kind = activation_kind(op.activation);
    if (!kind) return ok();
    const Result<Count> elements = context.out_elements(0);
    if (!elements) {
      work.lower_bound = true;
      work.reason = "the fused activation: " + elements.error().message;
      return ok();
    }
    work.flops += *elements * op_info(*kind).element_flops;
    work.special += *elements * op_info(*kind).element_special;
    return ok();
  }

  void count_constants(GraphId graph_id, const Op& op, OpCost& /*cost*/, Sums& sums) {
    sums.params.add(0), sums.weight_bytes.add(0);
    for (const TensorKey& key : tracer_.learned(graph_id, op)) {
      std::int64_t logical = 0;
      // Packed blocks say nothing about elements; the attributes do.
      if (const auto* packed = std::get_if<PackedMatMulAttrs>(&op.attrs); packed && op.inputs.size() > 1) {
        if (tracer_.origin({graph_id, op.inputs[1].tensor}) == key && packed->k > 0 && packed->n > 0) {
          const Count product = Count::from_signed(packed->k) * Count::from_signed(packed->n);
          if (!product.overflowed()) logical = static_cast<std::int64_t>(product.value());
        }
      }
      const ConstantClaims::Claim claim = claims_.claim(tracer_, key, logical);
      if (!claim.known) {
        sums.params.add_missing(), sums.weight_bytes.add_missing();
        continue;
      }
      sums.params.add(claim.params), sums.weight_bytes.add(claim.bytes);
    }
  }

  void count_traffic(GraphId graph_id, const Op& op, OpCost& /*cost*/, Sums& sums) const {
    sums.read_bytes.add(0), sums.write_bytes.add(0);
    if (op_info(op.kind).is_view || tracer_.is_constant_op(graph_id, op)) return;
    const Graph& graph = model_.graphs[at(graph_id)];
    const auto add = [&](PartialSum& sum, TensorId id) {
      if (id == kNoTensor) return;
      const std::optional<Count> bytes = moved_bytes(tracer_, graph_id, graph.tensors[at(id)], id);
      if (bytes) sum.add(*bytes);
      else sum.add_missing();
    };
    for (const Operand& operand : op.inputs) {
      if (operand.role != OperandRole::kCapture) add(sums.read_bytes, operand.tensor);
    }
    for (const TensorId id : op.outputs) add(sums.write_bytes, id);
  }

  // --- control flow -------------------------------------------------------------------------------------------------

  Status count_control(GraphId graph_id, OpId op_id, const ControlAttrs& control, OpCost& cost, Sums& sums,
                       GraphCost& total) {
    const Op& op = model_.graphs[at(graph_id)].ops[at(op_id)];
    Sums inner;
    std::string reason;
    if (op.kind == OpKind::kIf || op.kind == OpKind::kCase) {
      Ints branches = op.kind == OpKind::kIf ? Ints{control.then_graph, control.else_graph} : control.branches;
      NNGAUGE_CHECK(count_branches(op, op_id, branches, inner, total));
    } else {
      NNGAUGE_CHECK(count_calls(graph_id, op_id, control, inner, reason, total));
    }
    if (!reason.empty()) {  // trips unknown: counted once
      cost.status = CostStatus::kLowerBound;
      cost.reason = reason;
      inner.macs.add_missing(), inner.flops.add_missing(), inner.special.add_missing();
      inner.read_bytes.add_missing(), inner.write_bytes.add_missing();
    }
    if (cost.status == CostStatus::kExact && (inner.macs.is_lower_bound() || inner.flops.is_lower_bound())) {
      cost.status = CostStatus::kLowerBound;
      cost.reason = "operators inside are not fully known";
    }
    cost.macs = inner.macs.value(), cost.flops = inner.flops.value(), cost.special = inner.special.value();
    sums.add(inner, 1);
    return ok();
  }

  Result<const GraphCost*> enter(std::int64_t id, GraphCost& total) {
    const bool first_time = !graphs_[at(id)];
    NNGAUGE_TRY(const GraphCost* cost, count_graph(static_cast<GraphId>(id)));
    if (first_time) {
      total.op_count += cost->op_count;
      total.known_ops += cost->known_ops;
    }
    return cost;
  }

  void note_subgraph(OpId op, std::int64_t graph, std::string role, std::uint64_t trips, const Sums& sums) {
    SubgraphCost out;
    out.op = op, out.graph = static_cast<GraphId>(graph), out.role = std::move(role), out.trips = trips;
    out.totals = totals(sums, model_.graphs[at(graph)].ops.size());
    subgraphs_.push_back(std::move(out));
  }

 public:
  static Totals totals(const Sums& sums, std::size_t ops) {
    return {ops,
            sums.macs.value(),
            sums.flops.value(),
            sums.special.value(),
            sums.params.value(),
            sums.weight_bytes.value(),
            sums.read_bytes.value(),
            sums.write_bytes.value()};
  }

 private:
  // The dearer branch counts, by MACs, then by arithmetic; weights of all branches are stored.
  Status count_branches(const Op& op, OpId op_id, const Ints& branches, Sums& inner, GraphCost& total) {
    const Sums* dearest = nullptr;
    std::size_t chosen = 0;
    const auto cost_of = [](const Sums& s) {
      return std::pair(s.macs.value().value_or(0), s.flops.value().value_or(0));
    };
    for (std::size_t i = 0; i < branches.size(); ++i) {
      if (branches[i] < 0) continue;
      NNGAUGE_TRY(const GraphCost* branch, enter(branches[i], total));
      const std::string role = op.kind == OpKind::kIf ? (i == 0 ? "then" : "else") : "branch " + std::to_string(i);
      note_subgraph(op_id, branches[i], role, 1, branch->sums);
      subgraphs_.back().chosen = false;
      inner.params.add(branch->sums.params, 1), inner.weight_bytes.add(branch->sums.weight_bytes, 1);
      if (dearest && cost_of(branch->sums) <= cost_of(*dearest)) continue;
      dearest = &branch->sums;
      chosen = subgraphs_.size() - 1;
    }
    if (!dearest) return ok();
    subgraphs_[chosen].chosen = true;
    inner.macs.add(dearest->macs, 1), inner.flops.add(dearest->flops, 1), inner.special.add(dearest->special, 1);
    inner.read_bytes.add(dearest->read_bytes, 1), inner.write_bytes.add(dearest->write_bytes, 1);
    return ok();
  }

  Status count_calls(GraphId graph_id, OpId op_id, const ControlAttrs& control, Sums& inner, std::string& reason,
                     GraphCost& total) {
    const Graph& graph = model_.graphs[at(graph_id)];
    const Op& op = graph.ops[at(op_id)];
    if (op.kind == OpKind::kCallOnce) return ok();  // initialisation, not inference
    std::uint64_t trips = 1;
    if (control.body_graph >= 0) {
      const std::optional<std::int64_t> found = find_trip_count(model_, graph, op);
      if (found) trips = static_cast<std::uint64_t>(std::max<std::int64_t>(*found, 0));
      else reason = "the number of trips depends on data; counted once, bind it with --trip " + op.name + "=N";
    }
    const auto add = [&](std::int64_t id, const char* role, std::uint64_t times) -> Status {
      if (id < 0) return ok();
      NNGAUGE_TRY(const GraphCost* cost, enter(id, total));
      inner.add(cost->sums, times);
      note_subgraph(op_id, id, role, times, cost->sums);
      return ok();
    };
    NNGAUGE_CHECK(add(control.then_graph, "call", 1));
    NNGAUGE_CHECK(add(control.cond_graph, "cond", trips + 1));
    return add(control.body_graph, "body", trips);
  }

  const Model& model_;
  ConstantTracer tracer_;
  ConstantClaims claims_;
  std::vector<std::unique_ptr<GraphCost>> graphs_;
  std::vector<SubgraphCost> subgraphs_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> unknown_;  // (op, reason) -> count
};

std::vector<KindCount> histogram(const Graph& graph, const std::vector<OpCost>& costs) {
  struct Entry {
    std::uint64_t count = 0;
    PartialSum macs, flops, params;
  };
  std::map<std::string_view, Entry> by_name;
  const auto add = [](PartialSum& sum, const MaybeCount& count, CostStatus status) {
    if (!count) sum.add_missing();
    else if (status == CostStatus::kLowerBound) sum.add_lower_bound(*count);
    else sum.add(*count);
  };
  for (std::size_t i = 0; i < costs.size(); ++i) {
    Entry& entry = by_name[op_info(graph.ops[i].kind).name];
    ++entry.count;
    add(entry.macs, costs[i].macs, costs[i].status);
    add(entry.flops, costs[i].flops, costs[i].status);
    add(entry.params, costs[i].params, CostStatus::kExact);
  }
  std::vector<KindCount> out;
  for (const auto& [name, entry] : by_name) {
    out.push_back({std::string(name), entry.count, entry.macs.value(), entry.flops.value(), entry.params.value()});
  }
  std::stable_sort(out.begin(), out.end(), [](const KindCount& a, const KindCount& b) { return a.count > b.count; });
  return out;
}

Coverage coverage_of(const GraphCost& cost, const Counter& counter) {
  Coverage out;
  if (cost.op_count > 0) out.ops = static_cast<double>(cost.known_ops) / static_cast<double>(cost.op_count);
  const Sums& sums = cost.sums;
  const std::pair<const char*, const PartialSum*> named[] = {{"macs", &sums.macs},
                                                             {"flops", &sums.flops},
                                                             {"special", &sums.special},
                                                             {"params", &sums.params},
                                                             {"weight_bytes", &sums.weight_bytes},
                                                             {"read_bytes", &sums.read_bytes},
                                                             {"write_bytes", &sums.write_bytes}};
  for (const auto& [name, sum] : named) {
    if (sum->is_lower_bound()) out.lower_bound.emplace_back(name);
  }
  out.exact = out.lower_bound.empty();
  for (const auto& [key, count] : counter.unknown()) out.unknown_ops.push_back({key.first, count, key.second});
  return out;
}

}  // namespace

std::string_view cost_status_name(CostStatus status) {
  switch (status) {
    case CostStatus::kExact:
      return "exact";
    case CostStatus::kLowerBound:
      return "lower-bound";
    case CostStatus::kUnknown:
      return "unknown";
  }
  return "?";
}

Result<Analysis> analyse(const Model& model) {
  Counter counter(model);
  NNGAUGE_TRY(const GraphCost* cost, counter.count_graph(0));
  Analysis out;
  out.totals = Counter::totals(cost->sums, model.main().ops.size());
  out.coverage = coverage_of(*cost, counter);
  out.histogram = histogram(model.main(), cost->ops);
  out.precision = find_precision(model, counter.tracer());
  out.subgraphs = std::move(counter.subgraphs());
  out.ops = cost->ops;
  return out;
}

}  // namespace nngauge
