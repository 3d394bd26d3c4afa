// SPDX-License-Identifier: Apache-2.0
// Recurrent layers: one operator runs several of them, each in one direction or both.
#include <utility>

#include "parsers/paddle/readers.h"

namespace nngauge::paddle {
namespace {

using K = OpKind;

std::size_t arguments_of(const ProgramOp& op, std::string_view parameter) {
  const auto found = op.inputs.find(parameter);
  return found == op.inputs.end() ? 0 : found->second.size();
}

}  // namespace

// Weights of all layers, of each the input's and the recurrent one for each direction; then biases in the same order.
// Operands x [steps, batch, in], the weights, first states [layers x directions, batch, units].
Status read_rnn(OpContext& c) {
  constexpr std::int64_t kMostLayers = 1024;
  const std::string mode = c.source.text("mode");
  const std::int64_t layers = c.source.integer("num_layers", 1), directions = c.source.flag("is_bidirec") ? 2 : 1;
  const std::size_t stored = arguments_of(c.source, "WeightList");
  c.op.kind = mode == "LSTM" ? K::kLSTM : mode == "GRU" ? K::kGRU : K::kRNN;
  if (layers < 1 || layers > kMostLayers || c.op.inputs.size() < 1 + stored) {
    c.give_up("its layers do not fit its weights");
    return ok();
  }
  const auto per_layer = static_cast<std::size_t>(2 * directions);
  const std::size_t matrices = per_layer * static_cast<std::size_t>(layers);
  if (stored != matrices && stored != 2 * matrices) {
    c.give_up(std::to_string(stored) + " weights for " + std::to_string(layers) + " layers");
    return ok();
  }
  RecurrentAttrs attrs;
  attrs.hidden_size = c.source.integer("hidden_size", 0);
  attrs.directions = directions;
  attrs.time_major = true;
  const std::vector<Operand> given = std::move(c.op.inputs);
  Operand x = given[0];
  for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
    std::vector<Operand> inputs = {x};
    for (std::size_t i = 0; i < per_layer; ++i)
      inputs.push_back({given[1 + layer * per_layer + i].tensor, OperandRole::kWeight});
    for (std::size_t i = 0; i < per_layer && stored > matrices; ++i)
      inputs.push_back({given[1 + matrices + layer * per_layer + i].tensor, OperandRole::kBias});
    for (std::size_t i = 1 + stored; i < given.size() && layer == 0; ++i)
      inputs.push_back({given[i].tensor, OperandRole::kState});
    if (layer + 1 == static_cast<std::size_t>(layers)) c.op.inputs = std::move(inputs);
    else x = {c.step(c.op.kind, attrs, std::move(inputs)), OperandRole::kData};
  }
  c.op.attrs = attrs;
  return ok();
}

}  // namespace nngauge::paddle
