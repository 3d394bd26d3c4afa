// SPDX-License-Identifier: Apache-2.0
#include "report/predict.h"

#include <limits>
#include <map>
#include <mutex>

#include "cli/bundled_devices.h"
#include "cli/commands.h"
#include "cli/model_run.h"
#include "cli/predict_sweep.h"
#include "cost/kernel_cache.h"

namespace nngauge {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--device", "-d", "D", "a bundled device, a profile file, or all", ValueKind::kDevice, "", true},
    {"--setup", "-s", "S", "a setup of the device, or all (default: the profile's own)", ValueKind::kSetup, "", true},
    {"--layers", "", "", "what each operator costs"},
    {"--top", "", "N", "how many of the costliest kernels to show as text (default 5)", ValueKind::kText},
    {"--freq-mhz", "", "F", "clock of the processor (default: the highest)", ValueKind::kText},
    {"--host-freq-mhz", "", "F", "clock of the cores that feed a GPU or NPU (default: the highest)", ValueKind::kText},
    {"--sweep", "", "WHAT", "a table over freq (clocks: time and energy) or threads", ValueKind::kWord, "freq threads"},
    {"--batch", "", "N,N…", "a table over batches: time, pictures a second, memory", ValueKind::kText},
    {"--compare", "", "", "text: one table for all models instead of a part for each"},
};

// A setup with the device that it belongs to.
struct Target {
  const DeviceProfile* device;
  const SetupProfile* setup;
};

// With several devices a setup may be one of some of them only: it must be one of at least one.
Result<std::vector<Target>> select_targets(const std::vector<DeviceProfile>& devices,
                                           const std::vector<std::string>& setups) {
  std::vector<Target> out;
  std::optional<Error> first_error;
  for (const DeviceProfile& device : devices) {
    const auto selected = select_setups(device, setups);
    if (!selected) {
      if (!first_error) first_error = selected.error();
      continue;
    }
    for (const SetupProfile* setup : *selected) out.push_back({&device, setup});
  }
  if (out.empty() && first_error) return *first_error;
  if (out.empty()) return make_error(ErrorCode::kUnknownSetup, "the device has no setup");
  return out;
}

// A setup that cannot price the model is a prediction without numbers; other errors are the model's.
Result<std::vector<Prediction>> predict_all(const Model& model, const std::vector<Target>& targets,
                                            const OperatingPoint& point) {
  std::vector<Prediction> out;
  const ModelFacts facts = facts_of(model);
  KernelCache kernels(model);
  for (const Target& target : targets) {
    auto prediction = predict(model, *target.device, *target.setup, {point, &facts, &kernels});
    if (!prediction && prediction.error().code != ErrorCode::kUnknown) return prediction.error();
    if (prediction) {
      out.push_back(std::move(*prediction));
      continue;
    }
    Prediction none;
    none.device = target.device->id;
    none.setup = target.setup->id;
    none.point = point;
    none.latency_reason = none.energy_reason = none.load_reason = prediction.error().message;
    out.push_back(std::move(none));
  }
  return out;
}

// What the comparison needs of each model, by its place among the inputs. Filled from several threads.
class Comparison {
 public:
  void add(std::size_t index, const ModelResult& result, std::vector<Prediction> predictions) {
    for (Prediction& prediction : predictions) prediction.layers.clear();
    const Totals& totals = result.analysis.totals;
    const std::lock_guard lock(mutex_);
    const std::string file = result.member.value_or(result.path);
    models_[index] = {file.substr(file.rfind('/') + 1), totals.macs, totals.params, std::move(predictions)};
  }
  std::string text(const Style& style) const {
    std::vector<ComparedModel> models;
    for (const auto& [index, model] : models_) models.push_back(model);
    return comparison_text(models, style);
  }

 private:
  std::mutex mutex_;
  std::map<std::size_t, ComparedModel> models_;
};

Result<std::optional<double>> clock_of(const Arguments& arguments, const std::string& option) {
  NNGAUGE_TRY(const auto value, arguments.number(option, 0));
  if (value && *value <= 0) return make_error(ErrorCode::kUsage, "option " + option + " takes a number above 0");
  return value;
}

}  // namespace

const CommandSpec kPredictSpec{
    .name = "predict",
    .summary = "what models will cost on phones that others have measured: latency, energy, intervals",
    .operands = "--device D PATH...",
    .description =
        "Each estimate has a 90 % interval for the mean of a new series of runs, and says on what it rests. A setup "
        "of\n"
        "another precision than the model's prices the model as if converted (\"as if int8\"). `nngauge devices` "
        "lists\n"
        "devices; a profile file that `nngauge calibrate` wrote is given by its path (./NEW.textproto).",
    .options = kOptions,
    .reads_models = true,
    .examples =
        "  nngauge predict --device pixel4 model.tflite\n"
        "  nngauge predict --device pixel4 --setup all --format json model.onnx\n"
        "  nngauge predict --device all --setup all --compare a.tflite b.tflite",
    .least_operands = 1,
    .operand_name = "the path of a model",
};

Result<int> run_predict(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (!arguments.has("--device")) {
    return make_error(ErrorCode::kUsage, "option --device is missing; `nngauge devices` lists the devices");
  }
  const auto devices = select_devices(arguments.values("--device"), session.common.threads);
  if (!devices) return devices.error();
  const auto targets = select_targets(*devices, arguments.values("--setup"));
  if (!targets) return targets.error();
  const auto top = arguments.integer("--top", 0, std::numeric_limits<std::int32_t>::max());
  if (!top) return top.error();
  const PredictOptions options{arguments.has("--layers"), static_cast<std::size_t>(top->value_or(5))};
  const bool compare = arguments.has("--compare");
  OperatingPoint point;
  NNGAUGE_TRY(point.freq_mhz, clock_of(arguments, "--freq-mhz"));
  NNGAUGE_TRY(point.host_freq_mhz, clock_of(arguments, "--host-freq-mhz"));
  if (arguments.has("--sweep") || arguments.has("--batch")) return run_sweep(session, *devices, point);

  Comparison comparison;
  ModelRun run{.command = "predict", .load = {session.common.bindings, session.common.phase, false}};
  run.csv_header = predict_csv_header(options);
  run.render = [&](const ModelResult& result, std::size_t index) -> Result<std::string> {
    NNGAUGE_TRY(std::vector<Prediction> predictions, predict_all(result.model, *targets, point));
    switch (session.common.format) {
      case OutputFormat::kText: {
        if (!compare) return predict_text(result, predictions, options, session.console.style());
        comparison.add(index, result, std::move(predictions));
        return std::string();
      }
      case OutputFormat::kCsv:
        return predict_csv(result, predictions, options);
      default:
        return predict_json_text(result, predictions, options, json_level(session));
    }
  };
  if (compare) run.text_ending = [&] { return comparison.text(session.console.style()); };
  return run_models(session, run);
}

}  // namespace nngauge
