// SPDX-License-Identifier: Apache-2.0
#include "calibration/samples.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "calibration/reference.h"

namespace nngauge {
namespace {

constexpr double kPerMilli = 1000;

Result<std::shared_ptr<const ModelKernels>> kernels_of(const Model& model, const std::string& setup,
                                                       const std::string& gpu) {
  NNGAUGE_TRY(const SetupName name, parse_setup_name(setup));
  const FusionRules* rules = find_fusion_rules(name.runtime + "-" + name.processor);
  if (!rules) return make_error(ErrorCode::kUnknownSetup, "setup " + setup + ": its runtime has no cost model");
  auto kernels =
      std::make_shared<ModelKernels>(model_kernels(model, *rules, KernelTarget{kernel_precision(name.precision), gpu}));
  for (const std::string& reason : kernels->reasons) {
    if (!reason.empty()) return make_error(ErrorCode::kBadRuns, "the model has an operator without a cost: " + reason);
  }
  if (kernels->classes.empty()) return make_error(ErrorCode::kBadRuns, "the model has no operator that costs anything");
  return std::shared_ptr<const ModelKernels>(std::move(kernels));
}

}  // namespace

const std::string& split_key(const Sample& sample, Split split) {
  return split == Split::kFamily ? sample.family() : sample.model();
}

std::vector<SampleSet> collect_samples(const RunTable& runs, const ModelLoader& load, std::vector<Error>& errors) {
  std::map<std::string, Result<std::shared_ptr<const Model>>> models;
  std::map<std::pair<std::string, std::string>, Result<std::shared_ptr<const ModelKernels>>>
      kernels;  // model, shape of setup
  std::map<std::tuple<std::string, std::string, Metric>, SampleSet> sets;
  for (const Run& run : runs.runs) {
    const std::string place = run.place();
    auto model = models.find(run.model);
    if (model == models.end()) model = models.emplace(run.model, load(run.model)).first;
    if (!model->second) {
      errors.push_back(model->second.error().at(place));
      continue;
    }
    const Result<SetupName> name = parse_setup_name(run.setup);
    std::string shape = name ? name->runtime + "-" + name->processor + "-" + name->precision : run.setup;
    std::string gpu;
    if (const auto known = runs.gpus.find(run.device); name && name->processor == "gpu" && known != runs.gpus.end()) {
      gpu = known->second, shape += " " + gpu;
    }
    auto found = kernels.find({run.model, shape});
    if (found == kernels.end()) {
      found = kernels.emplace(std::pair(run.model, shape), kernels_of(**model->second, run.setup, gpu)).first;
    }
    if (!found->second) {
      errors.push_back(found->second.error().at(place));
      continue;
    }
    std::shared_ptr<const ModelKernels> shared = *found->second;
    if (run.ops) {
      shared = std::make_shared<const ModelKernels>(part_of(*shared, *run.ops));
      if (shared->classes.empty()) {
        errors.push_back(make_error(ErrorCode::kBadRuns, "the operators of column ops cost nothing").at(place));
        continue;
      }
    }
    const auto add = [&](Metric metric, double measured) {
      SampleSet& set = sets[{run.device, run.setup, metric}];
      set.device = run.device, set.setup = run.setup, set.metric = metric;
      set.samples.push_back({&run, shared, measured * kPerMilli});
    };
    add(Metric::kLatencyMs, run.latency_ms);
    if (run.energy_mj) add(Metric::kEnergyMj, *run.energy_mj);
  }
  for (const TimedKernel& run : runs.timed_kernels) {
    const auto set = sets.find({run.device, run.setup, Metric::kLatencyMs});
    if (set != sets.end()) set->second.timed_kernels.push_back(&run);
  }
  std::vector<SampleSet> out;
  for (auto& [key, set] : sets) out.push_back(std::move(set));
  return out;
}

std::vector<std::vector<std::size_t>> populations_of(std::span<const SampleSet> sets) {
  // A setup of few runs says little about what all have in common, and less of a runtime that was measured widely.
  constexpr std::size_t kManySamples = 30;
  // Where most rows are of single operators, prices are those of kernels alone: a population of their own.
  enum class Rows : std::uint8_t { kMany, kFew, kParts };
  std::map<std::tuple<std::string, bool, Rows, Metric>, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const Result<SetupName> name = parse_setup_name(sets[i].setup);
    // Whose delegate compiled a graph for a neural processor changes little of what the processor takes.
    const bool npu = library_of(sets[i]) == KernelLibrary::kNpu;
    const std::string runtime =
        name ? (npu ? "" : name->runtime + "-") + name->processor + "-" + name->precision : sets[i].setup;
    const bool few = library_of(sets[i]) == KernelLibrary::kTflite && sets[i].samples.size() < kManySamples;
    const auto parts = std::count_if(sets[i].samples.begin(), sets[i].samples.end(),
                                     [](const Sample& sample) { return sample.run->ops.has_value(); });
    const Rows rows = 2 * static_cast<std::size_t>(parts) > sets[i].samples.size() ? Rows::kParts
                      : few                                                        ? Rows::kFew
                                                                                   : Rows::kMany;
    out[{runtime, name && thread_count(*name) > 1, rows, sets[i].metric}].push_back(i);
  }
  std::vector<std::vector<std::size_t>> list;
  for (auto& [key, members] : out) list.push_back(std::move(members));
  return list;
}

bool LeftOut::has(const Sample& sample) const { return split != Split::kNone && split_key(sample, split) == key; }
bool LeftOut::has(const TimedKernel& run) const {
  return split != Split::kNone && (split == Split::kFamily ? run.family : run.model) == key;
}

}  // namespace nngauge
