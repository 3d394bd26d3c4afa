// SPDX-License-Identifier: Apache-2.0
#include "report/plots.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace nngauge;

namespace {

ScoredRun run(double measured, double predicted, double factor, const std::string& device = "phone") {
  ScoredRun out;
  out.device = device, out.measured = measured, out.predicted = predicted;
  out.p5 = predicted / factor, out.p95 = predicted * factor;
  return out;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("plots: intervals of another level follow from the 90 % interval") {
  // log(1.2) is the half width at 90 %, which is z = 1.6449; at 50 % z = 0.6745, so the half width is 0.410 of it.
  const double half = std::log(1.2) * 0.6745 / 1.6449;
  const std::vector<ScoredRun> runs = {run(std::exp(half * 0.99), 1, 1.2), run(std::exp(half * 1.01), 1, 1.2),
                                       run(1.19, 1, 1.2), run(1.21, 1, 1.2)};
  for (const IntervalLevel& level : interval_levels(runs)) {
    INFO(level.nominal);
    if (level.nominal == 0.1) CHECK(level.observed == 0);
    if (level.nominal == 0.5) CHECK(level.observed == 0.25);
    if (level.nominal == 0.9) CHECK(level.observed == 0.75);
    if (level.nominal == 0.99) CHECK(level.observed == 1);
  }
  CHECK(interval_levels({}).empty());
}

TEST_CASE("plots: one point a run, the axes are whole decades, names are escaped") {
  const std::vector<ScoredRun> runs = {run(2, 3, 1.1), run(50, 40, 1.1, "a<b"), run(0, 1, 1.1)};
  const std::string svg = predicted_plot_svg(runs);
  CHECK(count(svg, "h0") == 2);       // the run without a measurement cannot be drawn
  CHECK(count(svg, "r=\"4\"") == 2);  // devices
  CHECK(svg.find("a&lt;b") != std::string::npos);
  for (const char* decade : {">1</text>", ">10</text>", ">100</text>"}) CHECK(count(svg, decade) == 2);
  CHECK(svg.starts_with("<svg xmlns"));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(predicted_plot_svg({}).ends_with("</svg>\n"));
  CHECK(count(interval_plot_svg(runs), "h0") == 8);
}

TEST_CASE("plots: the terminal has a row for each tenth") {
  const std::vector<ScoredRun> runs = {run(1, 1.02, 1.1), run(1, 0.97, 1.1), run(1, 1.22, 1.1), run(1, 9, 1.1)};
  const std::string text = validation_plot_text(runs, Style(false));
  CHECK(text.find("     1.0        2  " + std::string(50, '#') + "\n") != std::string::npos);
  CHECK(text.find("     1.2        1  " + std::string(25, '#') + "\n") != std::string::npos);
  CHECK(text.find("  >= 1.5        1  " + std::string(25, '#') + "\n") != std::string::npos);
  CHECK(text.find("  <= 0.5        0\n") != std::string::npos);
  CHECK(text.find(" 90 -> 50 %") != std::string::npos);
}
