// SPDX-License-Identifier: Apache-2.0
#include "calibration/fit.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "calibration/suggest.h"
#include "calibration/validate.h"
#include "cost/predict.h"
#include "data/bundled.h"
#include "tests/support/models.h"

namespace nngauge {
namespace {

using test::load_bundled;

RunTable bundled_runs(const std::string& device, const std::string& setup) {
  auto table = parse_runs(as_text(*find_bundled("runs/qed_usc.csv")));
  REQUIRE(table.has_value());
  std::erase_if(table->runs, [&](const Run& run) { return run.device != device || run.setup != setup; });
  return std::move(table).value();
}

const std::string kFp32 = "tflite-cpu-1large-fp32", kInt8 = "tflite-cpu-1large-int8";

TEST_CASE("a profile written and read back is the same") {
  CalibrateOptions options;
  options.identity.id = "phone", options.identity.description = "a \"phone\"", options.identity.source = "me";
  const auto first = calibrate(bundled_runs("pixel4", kFp32), load_bundled, options);
  REQUIRE(first.has_value());
  CHECK(first->errors.empty());
  const std::string text = device_profile_text(first->profile);
  const auto read = parse_device_profile(text);
  REQUIRE(read.has_value());
  CHECK(device_profile_text(*read) == text);
  const auto again = calibrate(bundled_runs("pixel4", kFp32), load_bundled, options);
  REQUIRE(again.has_value());
  CHECK(device_profile_text(again->profile) == text);
}

TEST_CASE("fitting and predicting price a model alike") {
  const RunTable runs = bundled_runs("pixel4", kInt8);
  const auto fitted = calibrate(runs, load_bundled, {});
  REQUIRE(fitted.has_value());
  const auto read = parse_device_profile(device_profile_text(fitted->profile));
  REQUIRE(read.has_value());
  ValidateOptions options;
  options.split = Split::kNone;
  const auto scored = validate(runs, {&*read, 1}, load_bundled, options);
  REQUIRE(scored.has_value());
  REQUIRE(scored->runs.size() == runs.runs.size());
  CHECK(scored->results[0].scores.mape == Approx(fitted->fits[0].seen_mape).epsilon(1e-4));
  for (const ScoredRun& run : scored->runs) {
    const auto model = load_bundled(run.model);
    REQUIRE(model.has_value());
    const auto prediction = predict(**model, *read, read->setups[0]);
    REQUIRE(prediction.has_value());
    REQUIRE(prediction->latency_ms.has_value());
    CHECK(prediction->latency_ms->value == Approx(run.predicted));
    CHECK(prediction->latency_ms->p5 == Approx(run.p5));
    double sum = 0;
    for (const LayerPrediction& layer : prediction->layers) sum += layer.latency_ms.value_or(0);
    CHECK(sum == Approx(prediction->latency_ms->value));
    CHECK(prediction->what_if == "int8");  // the bundled graphs are float
  }
}

TEST_CASE("held-out error and interval coverage of the bundled runs stay where they are") {
  const struct {
    std::string setup;
    double seen, family;
  } cases[] = {{kFp32, 0.024, 0.072}, {kInt8, 0.036, 0.097}};
  for (const auto& c : cases) {
    const RunTable runs = bundled_runs("pixel4", c.setup);
    for (const Split split : {Split::kModel, Split::kFamily}) {
      ValidateOptions options;
      options.split = split;
      const auto scored = validate(runs, {}, load_bundled, options);
      REQUIRE(scored.has_value());
      REQUIRE(scored->results.size() == 1);
      const Scores& s = scored->results[0].scores;
      CHECK(s.n == 70);
      CHECK(s.mape < (split == Split::kFamily ? c.family : c.seen * 1.5));
      CHECK(s.interval_coverage >= 0.80);
      CHECK(s.interval_coverage <= 1.0);
      CHECK(s.kendall_tau.value_or(0) > 0.9);
    }
  }
}

TEST_CASE("held-out error of GPU setups, from kernels measured one by one") {
  const struct {
    const char* device;
    double family;
  } cases[] = {{"pixel4", 0.06}, {"iphone7", 0.045}};
  for (const auto& c : cases) {
    RunTable runs = bundled_runs(c.device, "tflite-gpu-fp16");
    auto kernels = parse_timed_kernels(as_text(*find_bundled("kernels/qed_usc_tflite.csv")));
    REQUIRE(kernels.has_value());
    CHECK(kernels->errors.empty());
    std::erase_if(kernels->runs, [&](const TimedKernel& run) { return run.device != c.device; });
    add_timed_kernels(runs, *kernels);
    const auto profile = decode_device_profile(*find_bundled(std::string("devices/") + c.device + ".pb"));
    REQUIRE(profile.has_value());
    ValidateOptions options;
    options.split = Split::kFamily;
    const auto scored = validate(runs, {&*profile, 1}, load_bundled, options);
    REQUIRE(scored.has_value());
    REQUIRE(scored->results.size() == 1);
    CHECK(scored->results[0].scores.n == 70);
    CHECK(scored->results[0].scores.mape < c.family);
    CHECK(scored->results[0].scores.interval_coverage >= 0.80);
    CHECK(scored->results[0].scores.kendall_tau.value_or(0) > 0.93);
  }
}

TEST_CASE("one run scales the prior to the device") {
  RunTable runs = bundled_runs("pixel4", kFp32);
  runs.runs.resize(1);
  const auto fitted = calibrate(runs, load_bundled, {});
  REQUIRE(fitted.has_value());
  CHECK(fitted->fits[0].runs == 1);
  CHECK_FALSE(fitted->fits[0].held_out_model_mape.has_value());
  const auto model = load_bundled(runs.runs[0].model);
  const auto prediction = predict(**model, fitted->profile, fitted->profile.setups[0]);
  REQUIRE(prediction.has_value());
  CHECK_FALSE(prediction->in_support);  // one model is not enough to trust any coefficient
  CHECK(prediction->basis == Basis::kRoofline);
  CHECK(prediction->latency_ms->value == Approx(runs.runs[0].latency_ms).epsilon(1e-3));
  CHECK(prediction->latency_ms->p5 < runs.runs[0].latency_ms);
  CHECK(prediction->latency_ms->p95 > runs.runs[0].latency_ms);
}

TEST_CASE("a few runs with similar devices to start from predict the rest, and say that they are few") {
  auto all = parse_runs(as_text(*find_bundled("runs/qed_usc.csv")));
  REQUIRE(all.has_value());
  RunTable others = *all;
  std::erase_if(others.runs, [](const Run& run) {
    return run.device == "mi8se" || !run.setup.starts_with("tflite-cpu-1") || !run.setup.ends_with("fp32");
  });
  CalibrateOptions options;
  for (const char* device : {"pixel4", "s10", "a03s", "iphone7", "iphonexs"}) {
    RunTable one = others;
    std::erase_if(one.runs, [&](const Run& run) { return run.device != device; });
    const auto fitted = calibrate(one, load_bundled, {});
    REQUIRE(fitted.has_value());
    options.like.push_back(fitted->profile);
  }
  RunTable few = bundled_runs("mi8se", kFp32), rest = few;
  const std::vector<std::string> measured = {"resnet18", "mobilenetv2_w1", "regnetx004", "preresnet18_wd2",
                                             "mobilenetv3_small_w1"};
  const auto is_measured = [&](const Run& run) {
    return std::find(measured.begin(), measured.end(), run.model) != measured.end();
  };
  std::erase_if(few.runs, [&](const Run& run) { return !is_measured(run); });
  std::erase_if(rest.runs, is_measured);
  REQUIRE(few.runs.size() == measured.size());
  const auto fitted = calibrate(few, load_bundled, options);
  REQUIRE(fitted.has_value());
  const FittedMetric& metric = fitted->profile.setups[0].metrics[0];
  CHECK(metric.basis == Basis::kTransfer);
  REQUIRE(metric.find_residuals("transfer") != nullptr);
  ValidateOptions validation;
  validation.split = Split::kNone;
  const auto scored = validate(rest, {&fitted->profile, 1}, load_bundled, validation);
  REQUIRE(scored.has_value());
  CHECK(scored->results[0].scores.mape < 0.08);
  CHECK(scored->results[0].scores.interval_coverage > 0.85);

  const std::vector<std::string> candidates = {"resnet18", "squeezenet_v1_1", "resnet10", "resnext26_32x4d"};
  const auto suggested = suggest_models(few, load_bundled, "new", candidates, 2, options.like);
  REQUIRE(suggested.has_value());
  REQUIRE(suggested->size() == 2);
  double before = 1;
  for (const Suggestion& row : *suggested) {
    CHECK(row.model != "resnet18");  // has a run
    CHECK(row.spread_before <= before);
    CHECK(row.spread_after < row.spread_before);
    before = row.spread_after;
  }
}

TEST_CASE("calibrate: rows and setups that cannot be used") {
  RunTable runs = bundled_runs("pixel4", kFp32);
  runs.runs.resize(3);
  runs.runs[0].model = "nothing";
  runs.runs[1].setup = "magic-cpu";
  const auto fitted = calibrate(runs, load_bundled, {});
  REQUIRE(fitted.has_value());
  REQUIRE(fitted->errors.size() == 2);
  CHECK(fitted->errors[0].text() ==
        "line " + std::to_string(runs.runs[0].line) + ": no bundled graph nothing [unreadable]");
  CHECK(fitted->errors[1].text() == "line " + std::to_string(runs.runs[1].line) +
                                        ": setup magic-cpu: its runtime has no cost model [unknown-setup]");
  CHECK(calibrate({}, load_bundled, {}).error().text() == "no row can be used [bad-runs]");
}

}  // namespace
}  // namespace nngauge
