// SPDX-License-Identifier: Apache-2.0
#include "cli/parallel.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

using namespace nngauge;

TEST_CASE("parallel: results come in order whatever the jobs' durations") {
  for (const int threads : {1, 2, 4, 16}) {
    std::vector<std::size_t> order;
    run_in_order<std::size_t>(
        50, threads,
        [](std::size_t i) {
          std::this_thread::sleep_for(std::chrono::microseconds((i * 37) % 11 * 50));
          return i * i;
        },
        [&](std::size_t i, std::size_t square) {
          CHECK(square == i * i);
          order.push_back(i);
          return true;
        });
    REQUIRE(order.size() == 50);
    CHECK(std::is_sorted(order.begin(), order.end()));
  }
}

TEST_CASE("parallel: stopping leaves later jobs undone") {
  for (const int threads : {1, 4}) {
    std::atomic<std::size_t> started = 0;
    run_in_order(
        1000, threads, [&](std::size_t) { ++started; }, [](std::size_t i) { return i < 2; });
    CHECK(started >= 3);
    CHECK(started <= 3 + 4 * 4 + 4);
  }
}

TEST_CASE("parallel: no more than a few results wait") {
  std::atomic<std::size_t> finished = 0;
  std::size_t delivered = 0;
  bool bounded = true;
  run_in_order(
      200, 2, [&](std::size_t) { ++finished; },
      [&](std::size_t) {
        ++delivered;
        bounded = bounded && finished <= delivered + 2 * 4;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        return true;
      });
  CHECK(delivered == 200);
  CHECK(bounded);
}
