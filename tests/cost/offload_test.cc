// SPDX-License-Identifier: Apache-2.0
#include "cost/offload.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "cli/load_model.h"
#include "cost/scenario.h"
#include "graph/algorithms.h"
#include "tests/cli/run_binary.h"

using namespace nngauge;

TEST_CASE("minimum cut: the cheapest edges between source and sink", "[offload]") {
  // 0 -> 2 -> 3 -> 1, the middle is cheapest; a way round it costs more.
  const std::vector<FlowEdge> edges = {{0, 2, 9}, {2, 3, 4}, {3, 1, 7}, {2, 1, 2}};
  const MinCut cut = find_min_cut(4, edges, 0, 1);
  CHECK(cut.cost == 4 + 2);
  CHECK(cut.source_side == std::vector<bool>{true, false, true, false});
  const MinCut none = find_min_cut(3, {}, 0, 1);
  CHECK(none.cost == 0);
  CHECK(none.source_side == std::vector<bool>{true, false, false});
}

TEST_CASE("minimum cut: equals the best of all subsets on small networks", "[offload]") {
  std::uint32_t state = 1;
  const auto next = [&](std::uint32_t below) { return (state = state * 1664525 + 1013904223, state >> 16) % below; };
  for (int round = 0; round < 50; ++round) {
    const std::size_t nodes = 3 + next(5);
    std::vector<FlowEdge> edges;
    for (std::size_t i = 0; i < 2 * nodes; ++i) {
      const auto from = static_cast<std::int32_t>(next(static_cast<std::uint32_t>(nodes)));
      const auto to = static_cast<std::int32_t>(next(static_cast<std::uint32_t>(nodes)));
      if (from != to) edges.push_back({from, to, next(20)});
    }
    std::int64_t best = INT64_MAX;
    for (std::uint32_t subset = 0; subset < (1U << nodes); ++subset) {
      if ((subset & 1) == 0 || (subset & 2) != 0) continue;  // node 0 on the source's side, node 1 not
      std::int64_t cost = 0;
      for (const FlowEdge& e : edges) cost += (subset >> e.from & 1) && !(subset >> e.to & 1) ? e.capacity : 0;
      best = std::min(best, cost);
    }
    CHECK(find_min_cut(nodes, edges, 0, 1).cost == best);
  }
}

namespace {

StageConstant constant(std::string id, double value) { return {"", std::move(id), "", "assumed", "", value}; }

OffloadQuestion question() {
  OffloadQuestion out;
  out.network = {.id = "n", .upload_mean_ms = 120, .upload_sd_ms = 30, .upload_kb = 100, .round_trip_ms = 20};
  out.radio.active_mw = 1000, out.radio.tail_mw = 500, out.radio.tail_ms = 2000;
  out.server.ms_per_gmac = 1e6;  // a millisecond for a thousand
  out.constants = {constant("picture", 1), constant("encode", 10), constant("decode", 8), constant("cpu", 900),
                   constant("idle", 100)};
  return out;
}

Model tiny() {
  auto result = load_model(test::source_path("tests/golden/models/tiny.graph"), {});
  REQUIRE(result);
  return std::move(result->model);
}

}  // namespace

TEST_CASE("offload: totals are the sums of their stages", "[offload]") {
  const Model model = tiny();
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  OnDevice device;
  device.load_ms = 400, device.compute_ms = {70, 60, 90}, device.compute_mj = 90;
  device.op_ms.assign(model.main().ops.size(), 10);
  OffloadQuestion q = question();
  q.deadline_ms = 300;
  const OffloadAnswer answer = price_offload(model, *analysis, device, q);
  CHECK(answer.upload_mbps == Approx(100 * 8 / (120.0 - 20)));
  CHECK(answer.device_warm_ms == Approx(8 + 70));
  CHECK(answer.device_cold_ms == Approx(400 + 8 + 70));
  const double server = 75010.0 / 1e9 * 1e6;
  const auto macs = static_cast<double>(*analysis->totals.macs);
  CHECK(answer.cloud_ms == Approx(10 + 100 + 20 + macs / 1e9 * 1e6));
  CHECK(server == Approx(macs / 1e9 * 1e6).epsilon(0.01));
  // encode at 1 W, 100 ms of sending at 1 W + 0.1 W, waiting at the same, tail 0.5 W x 2 s.
  CHECK(answer.cloud_mj == Approx(10 + 110 + 1.1 * (20 + macs / 1e9 * 1e6) + 1000));
  CHECK(*answer.meets_on_device == Approx(1));
  CHECK(*answer.meets_in_cloud > 0.99);
  CHECK_FALSE(answer.break_even_mbps);
  CHECK(answer.break_even_reason == "the device is faster at any bandwidth");
}

TEST_CASE("offload: splits are listed fastest first, whole networks among them", "[offload]") {
  const Model model = tiny();
  const auto analysis = analyse(model);
  REQUIRE(analysis);
  OnDevice device;
  device.op_ms.assign(model.main().ops.size(), 0.5);
  device.op_ms.back() = 4000;  // the last operator is dear on the device
  device.compute_ms = {4003, 4000, 4006};
  const OffloadAnswer answer = price_offload(model, *analysis, device, question());
  REQUIRE(answer.splits.size() >= 3);
  CHECK(std::is_sorted(answer.splits.begin(), answer.splits.end(),
                       [](const Cut& a, const Cut& b) { return a.latency_ms < b.latency_ms; }));
  CHECK(answer.splits.front().best);
  CHECK(answer.splits.front().device_ops == model.main().ops.size() - 1);
  CHECK(answer.splits.front().latency_ms < answer.cloud_ms);
  CHECK(std::any_of(answer.splits.begin(), answer.splits.end(), [](const Cut& s) { return s.device_ops == 0; }));
  CHECK(std::any_of(answer.splits.begin(), answer.splits.end(),
                    [](const Cut& s) { return s.device_ops == s.ops && s.crossing.empty(); }));
  device.op_ms.clear();
  CHECK(price_offload(model, *analysis, device, question()).split_reason == "the time of each operator is not known");
}

TEST_CASE("warmth: what three watts can hold never throttles", "[scenario]") {
  const ThermalModel model;
  CHECK_FALSE(price_warmth(model, 2999, 1e9, 10.0, 1).throttles_after_s);
  const ThermalCost hot = price_warmth(model, 6000, 3600, 10.0, 99);
  CHECK(*hot.throttles_after_s == Approx(-400 * std::log(1 - 0.5)));
  CHECK(hot.speed == Approx(std::pow(0.5, 0.85 / 1.6)));
  CHECK(*hot.latency_ms == Approx(10 / hot.speed));
  CHECK_FALSE(*hot.sustainable);                                           // 99 a second of 10 ms each: only when cold
  CHECK_FALSE(price_warmth(model, 6000, 100, 10.0, 1).throttles_after_s);  // over before it is warm
}
