// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "parsers/coreml/mil_ops.h"
#include "parsers/graph_writer.h"

namespace nngauge::coreml {

const MilValue* MilView::value(std::string_view key) const {
  const MilArgument* argument = source.find(key);
  if (argument == nullptr || argument->bindings.empty()) return nullptr;
  const MilBinding& binding = argument->bindings[0];
  if (binding.value) return binding.value.get();
  const MilEntry* entry = builder_.resolve(binding.name, scope_);
  return entry != nullptr ? entry->constant.get() : nullptr;
}

std::optional<Ints> MilView::ints(std::string_view key) const {
  const MilArgument* argument = source.find(key);
  const MilValue* found = value(key);
  if (found != nullptr && found->elements) return found->elements->known_ints();
  // Longer lists stand in the weight file, the few numbers of a rank-5 padding too.
  if (found != nullptr && found->blob_offset) {
    const auto stored = builder_.constant(*found);
    return stored && stored->value ? stored->value->known_ints() : std::nullopt;
  }
  if (argument == nullptr || argument->bindings.empty() || argument->bindings[0].value) return std::nullopt;
  // Computed, but perhaps folded.
  const MilEntry* entry = builder_.resolve(argument->bindings[0].name, scope_);
  if (entry == nullptr || entry->id == kNoTensor) return std::nullopt;
  const auto& folded = builder_.graph(scope_.graph).tensors[static_cast<std::size_t>(entry->id)].value;
  return folded ? folded->known_ints() : std::nullopt;
}

std::int64_t MilView::integer(std::string_view key, std::int64_t fallback) const {
  const auto found = ints(key);
  return found && !found->empty() ? found->front() : fallback;
}

std::vector<double> MilView::reals(std::string_view key) const {
  const MilValue* found = value(key);
  if (found == nullptr || !found->elements) return {};
  if (found->elements->real) return found->elements->reals;
  std::vector<double> out;
  for (const Dim dim : found->elements->ints) out.push_back(static_cast<double>(dim.value()));
  return out;
}

double MilView::real(std::string_view key, double fallback) const {
  const std::vector<double> found = reals(key);
  return found.empty() ? fallback : found.front();
}

std::string MilView::text(std::string_view key) const {
  const MilValue* found = value(key);
  return found != nullptr && !found->texts.empty() ? found->texts.front() : std::string();
}

Status MilView::operand(std::string_view key, OperandRole role, bool keep_place) {
  const MilArgument* argument = source.find(key);
  if (argument == nullptr || argument->bindings.empty()) {
    if (keep_place) op.inputs.push_back({kNoTensor, role});
    return ok();
  }
  for (const MilBinding& binding : argument->bindings) {
    TensorId id = kNoTensor;
    if (binding.value) {
      NNGAUGE_TRY(Tensor tensor, builder_.constant(*binding.value));
      tensor.name = op.name + "." + std::string(key);
      id = GraphWriter(builder_.model(), scope_.graph).add(std::move(tensor));
    } else {
      MilEntry* entry = builder_.resolve(binding.name, scope_);
      if (entry == nullptr)
        return make_error(ErrorCode::kInvalidGraph,
                          fmt::format("{} {} is never defined", key, in_quotes(binding.name)));
      NNGAUGE_TRY(id, builder_.tensor_of(*entry, binding.name, scope_));
    }
    op.inputs.push_back({id, role});
  }
  return ok();
}

TensorId MilView::integers(const Ints& values) {
  return GraphWriter(builder_.model(), scope_.graph).add_integers(values);
}

TensorId MilView::scalar(double value) { return GraphWriter(builder_.model(), scope_.graph).add_scalar(value); }

Op& MilView::then(OpKind kind) {
  tails.emplace_back();
  tails.back().kind = kind;
  return tails.back();
}

const Tensor* MilView::input(std::size_t i) const {
  return i < op.inputs.size() && op.inputs[i].tensor != kNoTensor
             ? &builder_.graph(scope_.graph).tensors[static_cast<std::size_t>(op.inputs[i].tensor)]
             : nullptr;
}

const Shape& MilView::shape(std::size_t i) const {
  static const Shape none;
  return input(i) != nullptr ? input(i)->shape : none;
}

const MilType& MilView::stated(std::size_t i) const {
  static const MilType none;
  return i < source.outputs.size() ? source.outputs[i].type : none;
}

void MilView::give_up() {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.name = source.type;
  op.attrs = attrs;
}

}  // namespace nngauge::coreml
