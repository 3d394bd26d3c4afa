// SPDX-License-Identifier: Apache-2.0
#include "cost/memory.h"

#include <catch2/catch.hpp>
#include <random>

#include "cost/memory_planner.h"
#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// x -> a -> b, then x + b: x must wait while a and b are made.
constexpr const char* kSkip =
    "graph 0\n"
    "tensor 0 name=\"x\" dtype=float32 shape=[100]\n"
    "tensor 1 name=\"a\" dtype=float32\n"
    "tensor 2 name=\"b\" dtype=float32\n"
    "tensor 3 name=\"y\" dtype=float32\n"
    "tensor 4 name=\"state\" dtype=float32 shape=[5000] variable\n"
    "op Relu name=\"ra\" source=\"Relu\" index=0 in=0 out=1 attrs=none\n"
    "op Relu name=\"rb\" source=\"Relu\" index=1 in=1 out=2 attrs=none\n"
    "op Add name=\"sum\" source=\"Add\" index=2 in=0,2 out=3 attrs=none\n"
    "inputs 0\noutputs 3\n";

// No two lifetimes that overlap in time may overlap in the arena.
void check_plan(const MemoryPlan& plan, const std::vector<Lifetime>& lifetimes, std::uint64_t alignment) {
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    CHECK(plan.offsets[i] % alignment == 0);
    CHECK(plan.offsets[i] + lifetimes[i].bytes <= plan.arena_bytes);
    for (std::size_t j = 0; j < i; ++j) {
      const bool together = lifetimes[i].first <= lifetimes[j].last && lifetimes[j].first <= lifetimes[i].last;
      const bool apart = plan.offsets[i] + lifetimes[i].bytes <= plan.offsets[j] ||
                         plan.offsets[j] + lifetimes[j].bytes <= plan.offsets[i];
      CHECK((!together || apart));
    }
  }
}

}  // namespace

TEST_CASE("memory: the peak is the largest sum of live activations") {
  const Memory memory = measure_memory(completed_from(kSkip));
  CHECK(memory.peak_activation_bytes == 3 * 100 * 4);
  CHECK(memory.peak_op == 1);
  CHECK(memory.peak_tensors.size() == 3);
}

TEST_CASE("memory: an open extent leaves the peak unknown, with the reason") {
  const Memory memory = measure_memory(completed_from("graph 0\ntensor 0 name=\"x\" dtype=float32 shape=[1,\"seq\"]\n"
                                                      "tensor 1 name=\"y\" dtype=float32\n"
                                                      "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\n"
                                                      "inputs 0\noutputs 1\n"));
  CHECK_FALSE(memory.peak_activation_bytes);
  CHECK(memory.reason == "the size of activation \"x\" [1,seq] is not known");
  CHECK(memory.arena_bytes.empty());
}

TEST_CASE("memory: plans hold what they promise on random lifetimes") {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<Lifetime> lifetimes;
    const int ops = 1 + static_cast<int>(random() % 30);
    for (int i = 0; i < ops + 5; ++i) {
      const auto first = static_cast<std::int64_t>(random() % static_cast<unsigned>(ops));
      const auto last = first + static_cast<std::int64_t>(random() % static_cast<unsigned>(ops - first));
      lifetimes.push_back({i, first, last, 1 + random() % 1000});
    }
    const std::uint64_t bound = plan_memory("lower-bound", lifetimes)->arena_bytes;
    std::uint64_t live_peak = 0;
    for (std::int64_t op = 0; op < ops; ++op) {
      std::uint64_t live = 0;
      for (const Lifetime& life : lifetimes) live += life.first <= op && op <= life.last ? life.bytes : 0;
      live_peak = std::max(live_peak, live);
    }
    CHECK(bound == live_peak);
    for (const std::string_view planner : {"greedy-by-size", "greedy-by-breadth", "first-fit"}) {
      const auto plan = plan_memory(planner, lifetimes, 16);
      REQUIRE(plan);
      CHECK(plan->arena_bytes >= bound);
      check_plan(*plan, lifetimes, 16);
    }
  }
}

TEST_CASE("memory: greedy by size finds the tight layout of a chain") {
  // Two buffers are enough for a chain: the largest neighbours set the arena.
  const std::vector<Lifetime> chain = {{0, 0, 1, 64}, {1, 1, 2, 640}, {2, 2, 3, 128}, {3, 3, 4, 640}};
  CHECK(plan_memory("greedy-by-size", chain)->arena_bytes == 640 + 128);
  CHECK(plan_memory("lower-bound", chain)->arena_bytes == 640 + 128);
}
