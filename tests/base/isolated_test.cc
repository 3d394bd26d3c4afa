// SPDX-License-Identifier: Apache-2.0
#include "base/isolated.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

using namespace nngauge;

TEST_CASE("isolated: the answer comes whole, what the work changes does not") {
  int changed = 0;
  const auto answer = run_isolated([&] {
    changed = 1;
    return std::string(300'000, 'a') + '\0';
  });
  REQUIRE(answer);
  CHECK(*answer == std::string(300'000, 'a') + '\0');
  CHECK(changed == 0);
  CHECK(*run_isolated([] { return std::string(); }) == "");
}

TEST_CASE("isolated: work that breaks off is an error") {
  const auto error_of = [](const std::function<std::string()>& work) { return run_isolated(work).error().text(); };
  const std::string broken = "the work breaks off [damaged]";
  CHECK(error_of([]() -> std::string { std::raise(SIGSEGV), std::abort(); }) == broken);
  CHECK(error_of([]() -> std::string { std::abort(); }) == broken);
  CHECK(error_of([]() -> std::string { std::_Exit(0); }) == broken);
  CHECK(error_of([]() -> std::string { throw std::runtime_error("x"); }) == broken);
}

TEST_CASE("isolated: a copy that stands still is made anew") {
  const std::size_t size = sizeof(std::atomic<int>);
  void* const page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  auto* const copies = new (page) std::atomic<int>(0);  // shared with the copies
  const auto answer = run_isolated([&] {
    if (++*copies == 1) pause();
    return std::string("done");
  });
  REQUIRE(answer);
  CHECK(*answer == "done");
  CHECK(*copies == 2);
  munmap(page, size);
}
