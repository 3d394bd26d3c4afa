// SPDX-License-Identifier: Apache-2.0
#include "cost/kv_cache.h"

#include <algorithm>

#include "base/checked.h"
#include "base/text.h"
#include "graph/algorithms.h"

namespace nngauge {
namespace {

bool named_as_cache(const std::string& name) {
  const std::string text = lower_case(name);
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  // Tables of rotary embeddings are kept too, but do not grow.
  return (has("past") || has("cache") || has("kv")) && !has("cos") && !has("sin");
}

// The only axis along which the extents differ; nullopt where there is none or more than one.
std::optional<std::size_t> only_difference(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked() || a.rank() != b.rank()) return std::nullopt;
  std::optional<std::size_t> out;
  for (std::size_t axis = 0; axis < a.rank(); ++axis) {
    if (a[axis].same_as(b[axis])) continue;
    if (out) return std::nullopt;
    out = axis;
  }
  return out;
}

bool same_extents(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked() || a.rank() != b.rank()) return false;
  for (std::size_t axis = 0; axis < a.rank(); ++axis) {
    if (!a[axis].same_as(b[axis])) return false;
  }
  return true;
}

bool writes_into(OpKind kind) { return kind == OpKind::kDynamicUpdateSlice || kind == OpKind::kScatter; }

// One tensor of the main graph, as a cache.
class Candidate {
 public:
  Candidate(const Model& model, const Uses& uses, TensorId id)
      : graph_(model.main()), tensor_(model.main().tensors[at(id)]), id_(id), readers_(uses.consumers[at(id)]) {}

  [[nodiscard]] bool is_cache() const {
    const Shape& shape = tensor_.shape;
    if (!shape.ranked() || shape.rank() < 3 || shape.rank() > 6) return false;
    if (state_of_attention()) return true;
    if (!named_as_cache(tensor_.name)) return false;
    if (tensor_.is_variable) return true;
    return std::any_of(graph_.outputs.begin(), graph_.outputs.end(), [&](TensorId id) {
      const Tensor& out = graph_.tensors[at(id)];
      return out.dtype == tensor_.dtype && (same_extents(shape, out.shape) || only_difference(shape, out.shape));
    });
  }

  // The axis of the tokens.
  [[nodiscard]] std::optional<std::size_t> token_axis() const {
    for (const OpId reader : readers_) {
      const Op& op = graph_.ops[at(reader)];
      for (const TensorId id : op.outputs) {
        if (id == kNoTensor) continue;
        if (const auto axis = only_difference(tensor_.shape, graph_.tensors[at(id)].shape)) return axis;
      }
      if (!writes_into(op.kind)) continue;
      for (const Operand& operand : op.inputs) {  // of a cache of fixed size: what is written has the new tokens
        if (operand.tensor == kNoTensor || operand.tensor == id_) continue;
        if (const auto axis = only_difference(tensor_.shape, graph_.tensors[at(operand.tensor)].shape)) return axis;
      }
    }
    // Batches are in front; an extent that the file leaves open behind them is what grows.
    std::optional<std::size_t> open;
    const Shape& declared = tensor_.declared;
    for (std::size_t axis = 1; declared.ranked() && axis < declared.rank(); ++axis) {
      if (declared[axis].known()) continue;
      if (open) return std::nullopt;
      open = axis;
    }
    if (open) return open;
    // Attention keeps [..., heads, tokens, extent of a head].
    if (state_of_attention()) return tensor_.shape.rank() - 2;
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool state_of_attention() const {
    return std::any_of(readers_.begin(), readers_.end(), [&](OpId reader) {
      const Op& op = graph_.ops[at(reader)];
      return op.kind == OpKind::kAttention &&
             std::any_of(op.inputs.begin(), op.inputs.end(), [&](const Operand& operand) {
               return operand.tensor == id_ && operand.role == OperandRole::kState;
             });
    });
  }

  const Graph& graph_;
  const Tensor& tensor_;
  TensorId id_;
  const std::vector<OpId>& readers_;
};

// Bytes of the tensor with `axis`, where given, counted as 1; nullopt where an extent is open.
std::optional<Count> bytes_of(const Tensor& tensor, std::optional<std::size_t> axis) {
  Shape shape = tensor.shape;
  if (axis) shape[*axis] = 1;
  const std::optional<Count> elements = shape.elements();
  if (!elements || dtype_bits(tensor.dtype) == 0) return std::nullopt;
  return packed_bytes(tensor.dtype, *elements);
}

// Sums over the caches of a model.
struct Sums {
  std::size_t tensors = 0;
  Count bytes, per_token;
  std::optional<std::int64_t> tokens;
  bool alike = true;  // all have room for the same number of tokens
  std::string reason;

  void add(const Model& model, const Tensor& tensor, std::optional<std::size_t> axis) {
    ++tensors;
    const std::string place = "cache " + in_quotes(tensor.name) + " " + shape_text(tensor.shape, model.symbols);
    if (const auto whole = bytes_of(tensor, std::nullopt)) bytes += *whole;
    const auto one = axis ? bytes_of(tensor, axis) : std::nullopt;
    if (one) per_token += *one;
    else if (reason.empty())
      reason =
          place + (axis ? ": an extent or the type is not known" : ": which axis is that of the tokens is not known");
    if (!axis || !tensor.shape[*axis].known()) return;
    const std::int64_t room = tensor.shape[*axis].value();
    alike = alike && (!tokens || *tokens == room);
    tokens = room;
  }
};

}  // namespace

std::optional<std::uint64_t> KvCache::bytes_for(std::uint64_t context) const {
  if (!bytes_per_token) return std::nullopt;
  const Count out = Count(*bytes_per_token) * Count(context);
  if (out.overflowed()) return std::nullopt;
  return out.value();
}

std::optional<KvCache> find_kv_cache(const Model& model) {
  if (model.graphs.empty()) return std::nullopt;
  const Graph& graph = model.main();
  const Uses uses = find_uses(graph);
  std::vector<TensorId> kept = graph.inputs;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    if (graph.tensors[t].is_variable) kept.push_back(static_cast<TensorId>(t));
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  Sums sums;
  for (const TensorId id : kept) {
    const Candidate candidate(model, uses, id);
    if (candidate.is_cache()) sums.add(model, graph.tensors[at(id)], candidate.token_axis());
  }
  if (sums.tensors == 0) return std::nullopt;
  KvCache out;
  out.tensors = sums.tensors;
  out.reason = sums.reason;
  if (!sums.bytes.overflowed()) out.bytes = sums.bytes.value();
  if (sums.alike) out.tokens = sums.tokens;
  if (out.reason.empty() && sums.per_token.overflowed()) out.reason = "its size does not fit 64 bits";
  if (out.reason.empty()) out.bytes_per_token = sums.per_token.value();
  return out;
}

}  // namespace nngauge
