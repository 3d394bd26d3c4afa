// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/net.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "caffe.pb.h"

namespace nngauge::caffe_format {
namespace {

constexpr std::int32_t kTrain = 0, kTest = 1;

struct State {
  std::int32_t phase = kTest;
  std::int32_t level = 0;
  std::set<std::string> stages;
};

template <class Message>
std::int32_t phase_of(const Message& message, std::int32_t otherwise) {
  if (message.has_phase_word()) return message.phase_word() == "TRAIN" ? kTrain : kTest;
  return message.has_phase() ? message.phase() : otherwise;
}

// A rule matches if all that it states does.
bool matches(const caffe::NetStateRule& rule, const State& state) {
  if (phase_of(rule, state.phase) != state.phase) return false;
  if (rule.has_min_level() && state.level < rule.min_level()) return false;
  if (rule.has_max_level() && state.level > rule.max_level()) return false;
  const auto has = [&](const std::string& stage) { return state.stages.contains(stage); };
  return std::all_of(rule.stage().begin(), rule.stage().end(), has) &&
         std::none_of(rule.not_stage().begin(), rule.not_stage().end(), has);
}

bool is_kept(const caffe::LayerParameter& layer, const State& state) {
  const auto matching = [&](const caffe::NetStateRule& rule) { return matches(rule, state); };
  if (layer.include_size() > 0) return std::any_of(layer.include().begin(), layer.include().end(), matching);
  return std::none_of(layer.exclude().begin(), layer.exclude().end(), matching);
}

bool any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string state_text(const State& state) {
  std::string out = state.phase == kTrain ? "TRAIN" : "TEST";
  for (const std::string& stage : state.stages) out += ", stage " + printable(stage);
  return out;
}

Selection select(const caffe::NetParameter& net, const State& state, bool deploy_view) {
  Selection out;
  out.state = state_text(state);
  std::set<std::string_view> made(net.input().begin(), net.input().end());
  std::set<std::string_view> undefined;
  out.has_sources = net.input_size() > 0;
  for (int i = 0; i < net.layer_size(); ++i) {
    const caffe::LayerParameter& layer = net.layer(i);
    if (!is_kept(layer, state)) continue;
    const bool dropped = deploy_view && (is_loss(layer) || is_evaluation(layer.type()));
    if (dropped && layer.type() != "Silence") out.dropped.push_back(layer.type());
    for (const std::string& bottom : layer.bottom()) {
      if (!dropped && !made.contains(bottom) && undefined.insert(bottom).second) out.undefined.push_back(bottom);
    }
    made.insert(layer.top().begin(), layer.top().end());
    out.has_sources = out.has_sources || is_source(layer);
    if (!dropped || layer.type() == "Silence") out.layers.push_back({&layer, i});
  }
  return out;
}

// What a file may be made for besides plain TEST: the stages that its rules name, deploy first, then training.
std::vector<State> other_states(const caffe::NetParameter& net, const State& usual) {
  std::set<std::string> named;
  for (const auto& layer : net.layer()) {
    for (const auto& rule : layer.include()) named.insert(rule.stage().begin(), rule.stage().end());
  }
  std::vector<std::string> stages(named.begin(), named.end());
  std::stable_partition(stages.begin(), stages.end(), [](const std::string& stage) { return stage == "deploy"; });
  constexpr std::size_t kMaxStages = 16;
  if (stages.size() > kMaxStages) stages.resize(kMaxStages);
  std::vector<State> out;
  for (const std::int32_t phase : {kTest, kTrain}) {
    State state = usual;
    state.phase = phase;
    if (phase == kTrain) out.push_back(state);
    for (const std::string& stage : stages) {
      state.stages = usual.stages;
      if (state.stages.insert(stage).second) out.push_back(state);
    }
  }
  return out;
}

bool is_complete(const Selection& selection) { return selection.undefined.empty() && selection.has_sources; }

}  // namespace

bool is_source(const caffe::LayerParameter& layer) {
  if (layer.bottom_size() > 0 || layer.top_size() == 0) return false;
  return !any_of(layer.type(), {"Parameter", "RandVec"});
}

// By its name, in the spelling of any fork; a layer in Python by the weight that it gives its result.
bool is_loss(const caffe::LayerParameter& layer) {
  const std::string type = lower_case(layer.type());
  return type.ends_with("loss") || (type == "python" && layer.loss_weight_size() > 0 && layer.loss_weight(0) > 0);
}

bool is_evaluation(std::string_view type) {
  return type.find("Accuracy") != std::string_view::npos || type.find("ACCURACY") != std::string_view::npos ||
         any_of(type, {"Silence", "HDF5Output", "DetectionEvaluate", "ConfusionMatrix"});
}

Selection select_layers(const caffe::NetParameter& net, Phase phase, Diagnostics& diagnostics) {
  State usual;
  usual.level = net.state().level();
  usual.stages.insert(net.state().stage().begin(), net.state().stage().end());
  usual.phase = phase == Phase::kTrain ? kTrain : kTest;
  Selection best = select(net, usual, phase != Phase::kTrain);
  if (phase == Phase::kDefault && !is_complete(best)) {
    for (const State& state : other_states(net, usual)) {
      Selection other = select(net, state, true);
      if (other.layers.empty() || !other.has_sources ||
          other.undefined.size() >= best.undefined.size() + (best.has_sources ? 0 : 1))
        continue;
      best = std::move(other);
      if (is_complete(best)) break;
    }
    if (best.state != state_text(usual)) {
      diagnostics.note(
          "phase", "",
          fmt::format("the file has no complete network for phase {}; read for {}", state_text(usual), best.state));
    }
  }
  if (!best.dropped.empty()) {
    std::sort(best.dropped.begin(), best.dropped.end());
    best.dropped.erase(std::unique(best.dropped.begin(), best.dropped.end()), best.dropped.end());
    for (std::string& type : best.dropped) type = printable(type);
    diagnostics.note("deploy-view", "",
                     "layers that compare results with labels are left out: " + join(best.dropped, ", ") +
                         "; --phase TRAIN keeps them");
  }
  return best;
}

}  // namespace nngauge::caffe_format
