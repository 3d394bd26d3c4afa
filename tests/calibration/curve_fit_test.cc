// SPDX-License-Identifier: Apache-2.0
#include "calibration/curve_fit.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "cost/device_profile.h"

using namespace nngauge;

namespace {

double sine_of_channels(const KernelShape& s) { return 1 + 0.3 * std::sin(std::log2(s.channels)); }

// Kernels of 1x1 convolutions: 20 us, 3 us per million MACs, 40 us per million results; times `extra`.
std::vector<TimedKernel> made_runs(double (*extra)(const KernelShape&)) {
  std::vector<TimedKernel> out;
  for (const double side : {7., 10., 14., 28., 56., 112.}) {
    for (const double in : {8., 16., 24., 48., 96., 192., 384.}) {
      for (const double filters : {8., 32., 64., 256.}) {
        TimedKernel run;
        run.klass = "conv", run.shape = {side * side, in, side * side, 1, 1, filters, 1, 0, 0};
        const double positions = side * side;
        run.latency_us =
            (20 + 3 * positions * in * filters / 1e6 + 40 * positions * filters / 1e6) * (extra ? extra(run.shape) : 1);
        out.push_back(run);
      }
    }
  }
  return out;
}

std::vector<KernelCurve> fitted(const std::vector<TimedKernel>& runs, const KernelShape* without = nullptr) {
  std::vector<const TimedKernel*> seen;
  for (const TimedKernel& run : runs) {
    if (!without || !(run.shape == *without)) seen.push_back(&run);
  }
  return fit_curves(seen);
}

}  // namespace

TEST_CASE("kernels that cost known prices give them back") {
  const std::vector<KernelCurve> curves = fitted(made_runs(nullptr));
  REQUIRE(curves.size() == 1);
  CHECK(curves[0].klass == "conv");
  REQUIRE(curves[0].prices.size() == 7);
  CHECK(curves[0].prices[0] == Approx(20).epsilon(0.02));
  CHECK(curves[0].prices[1] == Approx(3).epsilon(0.02));
  CHECK(curves[0].prices[2] == Approx(40).epsilon(0.02));
  const CurveReader reader(curves[0]);
  const KernelShape unseen{20 * 20, 64, 20 * 20, 1, 1, 128, 1, 0, 0};
  CHECK(reader.microseconds(unseen) == Approx(20 + 3 * 400 * 64 * 128 / 1e6 + 40 * 400 * 128 / 1e6).epsilon(0.01));
}

TEST_CASE("what the roofline does not say is learnt from kernels of similar shape") {
  const std::vector<TimedKernel> runs = made_runs(sine_of_channels);
  double miss = 0;
  for (const std::size_t i : {40U, 77U, 101U, 126U}) {
    const std::vector<KernelCurve> curves = fitted(runs, &runs[i].shape);
    miss += std::abs(CurveReader(curves[0]).microseconds(runs[i].shape) / runs[i].latency_us - 1) / 4;
  }
  CHECK(miss < 0.05);
}

TEST_CASE("a class with few shapes has no curve") {
  std::vector<TimedKernel> runs = made_runs(nullptr);
  runs.resize(kFewestShapes - 1);
  CHECK(fitted(runs).empty());
}

TEST_CASE("a profile with a curve reads back as it was written") {
  DeviceProfile profile;
  profile.id = "phone", profile.gpu = "Adreno 640";
  FittedMetric metric;
  metric.curves = fitted(made_runs(sine_of_channels));
  profile.setups.push_back({"tflite-gpu-fp16", true, "", "", {metric}});
  const std::string text = device_profile_text(profile);
  const auto read = parse_device_profile(text);
  REQUIRE(read.has_value());
  CHECK(read->gpu == "Adreno 640");
  CHECK(device_profile_text(*read) == text);
  const KernelShape shape{400, 64, 400, 1, 1, 128, 1, 0, 0};
  CHECK(CurveReader(read->setups[0].metrics[0].curves[0]).microseconds(shape) ==
        CurveReader(metric.curves[0]).microseconds(shape));
}

TEST_CASE("tables of kernels: what is wrong is named with line and column") {
  const std::string header =
      "model,device,setup,kernel,in,channels,out,taps,stride,filters,groups,links,specials,latency_us\n";
  const auto table = parse_timed_kernels(header +
                                       "m,p,tflite-gpu-fp16,conv,49,8,49,9,1,16,1,0,1,12.5\n"
                                       "m,p,tflite-gpu-fp16,convolution,49,8,49,9,1,16,1,0,0,12.5\n"
                                       "m,p,tflite-gpu-fp16,conv,49,8,49,9,1,16,1,0,0,0\n"
                                       "m,p,tflite-gpu-fp16,conv,49,x,49,9,1,16,1,0,0,3\n");
  REQUIRE(table.has_value());
  REQUIRE(table->runs.size() == 1);
  CHECK(table->runs[0].shape == KernelShape{49, 8, 49, 9, 1, 16, 1, 0, 1});
  CHECK(table->runs[0].latency_us == 12.5);
  REQUIRE(table->errors.size() == 3);
  CHECK(table->errors[0].message == "there is no kernel \"convolution\"");
  CHECK(table->errors[0].where == "line 3, column kernel");
  CHECK(table->errors[1].where == "line 4, column latency_us");
  CHECK(table->errors[2].where == "line 5, column channels");
  CHECK_FALSE(parse_timed_kernels("model,device\nm,p\n").has_value());
}
