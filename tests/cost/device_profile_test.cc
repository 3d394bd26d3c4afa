// SPDX-License-Identifier: Apache-2.0
#include "cost/device_profile.h"

#include <catch2/catch.hpp>

namespace nngauge {
namespace {

TEST_CASE("threads of a placement") {
  const struct {
    const char* placement;
    std::int64_t threads;
  } cases[] = {{"", 1},
               {"1large", 1},
               {"1large1med", 2},
               {"1large2med", 3},
               {"4threads", 4},
               {"big", 1},
               {"99999999999999999999x", 1024}};
  for (const auto& c : cases) CHECK(thread_count({"tflite", "cpu", c.placement, ""}) == c.threads);
}

TEST_CASE("setup names") {
  const struct {
    const char* id;
    const char* runtime;
    const char* processor;
    const char* placement;
    const char* precision;
  } cases[] = {{"tflite-cpu-1large1med-fp32", "tflite", "cpu", "1large1med", "fp32"},
               {"tflite-gpu-fp16", "tflite", "gpu", "", "fp16"},
               {"ncnn-cpu-4all", "ncnn", "cpu", "4all", ""},
               {"ncnn-gpu", "ncnn", "gpu", "", ""}};
  for (const auto& c : cases) {
    const auto name = parse_setup_name(c.id);
    REQUIRE(name.has_value());
    CHECK(name->runtime == c.runtime);
    CHECK(name->processor == c.processor);
    CHECK(name->placement == c.placement);
    CHECK(name->precision == c.precision);
  }
  CHECK(parse_setup_name("cpu").error().text() ==
        "setup \"cpu\" is not of the form <runtime>-<processor>[-<placement>][-<precision>] [usage]");
  CHECK_FALSE(parse_setup_name("a--b").has_value());
}

TEST_CASE("profiles that cannot be read say where") {
  CHECK(parse_device_profile("version: 1\nid: \"x\"\nwhat: 3\n").error().text().starts_with("line 3, column 5: "));
  CHECK(parse_device_profile("version: 2 id: \"x\"").error().text() ==
        "version 2 of the profile is not known; this is version 1 [bad-profile]");
  CHECK(parse_device_profile("version: 1").error().text() == "the profile has no id [bad-profile]");
  const std::string head =
      "version: 1 id: \"x\" setup { id: \"tflite-cpu-fp32\" fitted { metric: \"latency_ms\" basis: \"regression\" ";
  CHECK(parse_device_profile(head + "term { feature: \"magic\" } } }").error().text() ==
        "setup tflite-cpu-fp32: feature \"magic\" is not known [bad-profile]");
  CHECK(parse_device_profile(head + "term { feature: \"calls\" value: -1 } } }").error().text() ==
        "setup tflite-cpu-fp32: feature \"calls\": value and prior must be finite and not negative [bad-profile]");
}

TEST_CASE("corrections by measured networks read back as they were written, tables of networks once") {
  const MeasuredNetworks networks{{Feature::kConv1x1Macs, Feature::kCalls}, {{0.6, 0.8}, {1, 0}}};
  DeviceProfile profile;
  profile.id = "x";
  for (const char* const id : {"tflite-cpu-1large-fp32", "tflite-cpu-1small-fp32", "torch-cpu-1small-fp32"}) {
    SetupProfile setup{id, false, "", "", {FittedMetric{}}, nullptr, nullptr};
    setup.metrics[0].correction = {std::make_shared<const MeasuredNetworks>(networks), {0.25, -0.5}};
    profile.setups.push_back(setup);
  }
  MeasuredNetworks others = networks;
  others.roots[1] = {0, 1};
  profile.setups[2].metrics[0].correction.networks = std::make_shared<const MeasuredNetworks>(others);
  const std::string text = device_profile_text(profile);
  const auto read = parse_device_profile(text);
  REQUIRE(read.has_value());
  const auto correction = [&](std::size_t i) { return read->setups[i].metrics[0].correction; };
  REQUIRE(correction(0).networks);
  CHECK(*correction(0).networks == networks);
  CHECK(correction(0).weights == std::vector<double>{0.25, -0.5});
  CHECK(correction(1).networks == correction(0).networks);  // the same table, not a copy
  CHECK(*correction(2).networks == others);
  CHECK(device_profile_text(*read) == text);
}

TEST_CASE("corrections that do not fit their networks are refused") {
  const auto error = [](const std::string& networks, const std::string& correction) {
    return parse_device_profile("version: 1 id: \"x\" networks { " + networks +
                                " } setup { id: \"tflite-cpu-fp32\" fitted { metric: \"latency_ms\" "
                                "basis: \"regression\" correction { " +
                                correction + " } } }")
        .error()
        .text();
  };
  const std::string two = "feature: \"calls\" feature: \"add.out\" network { root: [600, 800] }";
  CHECK(error("feature: \"magic\"", "") == "feature \"magic\" is not known [bad-profile]");
  CHECK(error("feature: \"calls\" network { root: [1, 2] }", "") ==
        "a measured network has 2 shares of 1 features [bad-profile]");
  CHECK(error(two, "networks: 1 weight: 1") ==
        "setup tflite-cpu-fp32: the correction names measured networks that the profile has not [bad-profile]");
  CHECK(error(two, "networks: 0 weight: [1, 2]") ==
        "setup tflite-cpu-fp32: the correction has 2 weights of 1 measured networks [bad-profile]");
  CHECK(error(two, "networks: 0 weight: inf") ==
        "setup tflite-cpu-fp32: weights of a correction must be finite [bad-profile]");
}

TEST_CASE("devices and setups by name, with the near ones") {
  // Field 1: 1; field 2: the id; field 8, twice: a setup with field 1, its id, and field 2, the default.
  const std::string encoded =
      "\x08\x01\x12\x06pixel4\x42\x18\x0a\x16tflite-cpu-1large-fp32"
      "\x42\x1a\x0a\x16tflite-cpu-1large-int8\x10\x01";
  const BundledProfile bundled[] = {{"pixel4", as_bytes(encoded)}, {"s10", as_bytes(encoded).first(20)}};
  CHECK(find_device("s10", bundled).error().text() == "the encoded profile is damaged [bad-profile]");
  const auto device = find_device("pixel4", bundled);
  REQUIRE(device.has_value());
  CHECK(device->default_setup()->id == "tflite-cpu-1large-int8");
  CHECK(find_device("pixel5", bundled).error().text() == "no device \"pixel5\"; near ones: pixel4 [unknown-device]");
  CHECK(select_setups(*device, {}).value().size() == 1);
  CHECK(select_setups(*device, {"all", "tflite-cpu-1large-fp32"}).value().size() == 2);
  CHECK(select_setups(*device, {"tflite-cpu-1large-fp16"}).error().text() ==
        "device pixel4 has no setup \"tflite-cpu-1large-fp16\"; near ones: tflite-cpu-1large-fp32, "
        "tflite-cpu-1large-int8 [unknown-setup]");
}

}  // namespace
}  // namespace nngauge
