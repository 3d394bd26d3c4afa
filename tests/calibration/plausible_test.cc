// SPDX-License-Identifier: Apache-2.0
#include "calibration/plausible.h"

#include <catch2/catch.hpp>

#include "calibration/fit.h"
#include "data/bundled.h"
#include "tests/support/models.h"

using namespace nngauge;
using test::load_bundled;

namespace {

// Eight runs of a phone, each time multiplied by what `factor` says for its row.
template <class Factor>
RunTable table_of(const Factor& factor) {
  auto all = parse_runs(as_text(*find_bundled("runs/qed_usc.csv")));
  REQUIRE(all.has_value());
  RunTable out;
  for (const Run& run : all->runs) {
    if (run.device != "pixel4" || run.setup != "tflite-cpu-1large-fp32" || out.runs.size() == 8) continue;
    out.runs.push_back(run);
    out.runs.back().line = static_cast<std::int64_t>(out.runs.size()) + 1;
    out.runs.back().latency_ms *= factor(out.runs.size() - 1);
  }
  return out;
}

std::vector<std::string> complaints(const RunTable& table) {
  std::vector<Error> errors;
  std::vector<SampleSet> sets = collect_samples(table, load_bundled, errors);
  REQUIRE(errors.empty());
  std::vector<std::string> out;
  for (const Error& error : drop_implausible(sets)) out.push_back(error.text());
  std::size_t left = 0;
  for (const SampleSet& set : sets) left += set.samples.size();
  out.push_back(std::to_string(left) + " left");
  return out;
}

}  // namespace

TEST_CASE("plausible runs stay") {
  CHECK(complaints(table_of([](std::size_t) { return 1.0; })) == std::vector<std::string>{"8 left"});
}

TEST_CASE("one run in microseconds, and one in seconds, are named; the others are used") {
  const std::vector<std::string> found = complaints(table_of([](std::size_t row) {
    return row == 2 ? 1000.0 : row == 5 ? 0.001 : 1.0;
  }));
  REQUIRE(found.size() == 3);
  CHECK(found[0].starts_with("line 4, column latency_ms: "));
  CHECK(found[0].ends_with(" times as much as the other runs make likely; is it in microseconds? [bad-runs]"));
  CHECK(found[1].starts_with("line 7, column latency_ms: "));
  CHECK(found[1].ends_with(" times as little as the other runs make likely; is it in seconds? [bad-runs]"));
  CHECK(found[2] == "6 left");
}

TEST_CASE("a run that something else disturbed is left out") {
  const std::vector<std::string> found = complaints(table_of([](std::size_t row) { return row == 0 ? 25.0 : 1.0; }));
  REQUIRE(found.size() == 2);
  CHECK(found[0].starts_with("line 2, column latency_ms: "));
  CHECK(found[0].ends_with(" times as much as the other runs make likely; it is left out [bad-runs]"));
  CHECK(found[1] == "7 left");
}

TEST_CASE("a table in another unit is refused as a whole, once") {
  const std::vector<std::string> micro = complaints(table_of([](std::size_t) { return 1000.0; }));
  const std::vector<std::string> seconds = complaints(table_of([](std::size_t) { return 0.001; }));
  REQUIRE(micro.size() == 2);
  CHECK(micro[0].starts_with("line 1, column latency_ms: the runs of pixel4 tflite-cpu-1large-fp32 are "));
  CHECK(micro[0].ends_with(" times as long as on a fast phone; is it in microseconds? [bad-runs]"));
  CHECK(micro[1] == "0 left");
  REQUIRE(seconds.size() == 2);
  CHECK(seconds[0].ends_with(" times as short as on a fast phone; is it in seconds? [bad-runs]"));
}
