// SPDX-License-Identifier: Apache-2.0
#include "calibration/disturbed.h"

#include <catch2/catch.hpp>

#include "calibration/fit.h"
#include "data/bundled.h"
#include "tests/support/models.h"

using namespace nngauge;
using test::load_bundled;

namespace {

// Every third run of one setup of a phone, each time multiplied by what `factor` says for its row: 24 runs.
template <class Factor>
RunTable table_of(const Factor& factor) {
  auto all = parse_runs(as_text(*find_bundled("runs/qed_usc.csv")));
  REQUIRE(all.has_value());
  RunTable out;
  std::size_t row = 0;
  for (const Run& run : all->runs) {
    if (run.device != "mi8se" || run.setup != "tflite-cpu-1large-fp32" || row++ % 3 != 0) continue;
    out.runs.push_back(run);
    out.runs.back().line = static_cast<std::int64_t>(out.runs.size()) + 1;
    out.runs.back().latency_ms *= factor(out.runs.size() - 1);
  }
  REQUIRE(out.runs.size() == 24);
  return out;
}

// The lines that are complained of, the last complaint, and how many runs are left.
struct Found {
  std::vector<std::int64_t> lines;
  std::string last;
  std::size_t left = 0;
};

Found found_in(const RunTable& table) {
  std::vector<Error> errors;
  std::vector<SampleSet> sets = collect_samples(table, load_bundled, errors);
  REQUIRE(errors.empty());
  Found out;
  for (const Error& error : drop_disturbed(sets, {})) {
    out.last = error.text();
    REQUIRE(out.last.starts_with("line "));
    out.lines.push_back(std::stoll(out.last.substr(5)));
  }
  for (const SampleSet& set : sets) out.left += set.samples.size();
  return out;
}

std::vector<std::int64_t> lines(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> out;
  for (std::int64_t line = first; line <= last; ++line) out.push_back(line);
  return out;
}

}  // namespace

TEST_CASE("runs that go with each other stay, in any order") {
  CHECK(found_in(table_of([](std::size_t) { return 1.0; })).lines.empty());
  RunTable turned = table_of([](std::size_t) { return 1.0; });
  std::reverse(turned.runs.begin(), turned.runs.end());
  CHECK(found_in(turned).lines.empty());
  // A phone that is slower throughout is a slower phone.
  CHECK(found_in(table_of([](std::size_t) { return 1.7; })).lines.empty());
  // Noise of five per cent.
  CHECK(found_in(table_of([](std::size_t row) { return row % 2 == 0 ? 0.95 : 1.05; })).lines.empty());
}

TEST_CASE("a device that gets slower in the course of a table is named, from where it did") {
  const Found step = found_in(table_of([](std::size_t row) { return row < 14 ? 1.0 : 1.4; }));
  CHECK(step.lines == lines(16, 25));
  CHECK(
      step.last.ends_with(" times as much as the 14 runs before line 16 make likely, and so are those around it: the "
                          "device throttled; it is left out [bad-runs]"));
  CHECK(step.left == 14);
  const Found ramp =
      found_in(table_of([](std::size_t row) { return row < 12 ? 1.0 : 1.0 + 0.06 * (static_cast<double>(row) - 11); }));
  REQUIRE_FALSE(ramp.lines.empty());
  CHECK(ramp.lines.front() >= 14);
  CHECK(ramp.lines.front() <= 19);
  CHECK(ramp.lines.back() == 25);
}

TEST_CASE("single runs that are off are named") {
  const Found slow = found_in(table_of([](std::size_t row) { return row == 7 ? 3.0 : 1.0; }));
  CHECK(slow.lines == lines(9, 9));
  CHECK(slow.last.find(" times as much as the other runs make likely; it is left out [bad-runs]") != std::string::npos);
  CHECK(slow.left == 23);
  const Found fast = found_in(table_of([](std::size_t row) { return row == 20 ? 0.3 : 1.0; }));
  CHECK(fast.lines == lines(22, 22));
  CHECK(fast.last.find(" times as little as ") != std::string::npos);
}
