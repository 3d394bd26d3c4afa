// SPDX-License-Identifier: Apache-2.0
#include "report/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"

namespace nngauge {
namespace {

constexpr double kSize = 480, kLeft = 70, kTop = 40, kBelow = 60, kRight = 150;

// z with P(|Z| < z) = share, of the normal distribution: by bisection on erf.
double two_sided_quantile(double share) {
  double low = 0, high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle / std::sqrt(2.0)) < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

// A square field of points, whose axes are the caller's.
class Plot {
 public:
  Plot(double low, double high) : low_(low), high_(high) {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n"
        "<rect x=\"{2}\" y=\"{3}\" width=\"{4}\" height=\"{4}\" fill=\"none\" stroke=\"#888\"/>\n",
        kLeft + kSize + kRight, kTop + kSize + kBelow, kLeft, kTop, kSize);
  }
  void line(double x1, double y1, double x2, double y2, std::string_view style) {
    out_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x(x1), y(y1), x(x2),
                        y(y2), style);
  }
  // One path for the points of a colour keeps files of ten thousand runs small; a dot is a line of no length.
  void points(const std::set<std::pair<int, int>>& places, std::string_view colour) {
    out_ += "<path d=\"";
    for (const auto& [at_x, at_y] : places) out_ += fmt::format("M{} {}h0", at_x, at_y);
    out_ +=
        fmt::format("\" stroke=\"{}\" stroke-width=\"4\" stroke-linecap=\"round\" stroke-opacity=\"0.6\"/>\n", colour);
  }
  [[nodiscard]] std::pair<int, int> place(double at_x, double at_y) const {
    return {static_cast<int>(std::lround(x(at_x))), static_cast<int>(std::lround(y(at_y)))};
  }
  void tick(double at, const std::string& label) {
    line(at, low_, at, high_, "stroke=\"#eee\""), line(low_, at, high_, at, "stroke=\"#eee\"");
    text(x(at), kTop + kSize + 18, "middle", label);
    text(kLeft - 6, y(at) + 4, "end", label);
  }
  void titles(std::string_view title, std::string_view below, std::string_view beside) {
    text(kLeft, kTop - 14, "start", title);
    text(kLeft + kSize / 2, kTop + kSize + 42, "middle", below);
    out_ += fmt::format("<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                        kTop + kSize / 2, escaped(beside));
  }
  void legend(std::size_t row, std::string_view colour, std::string_view label) {
    const double at = kTop + 12 + 16 * static_cast<double>(row);
    out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{}\"/>\n", kLeft + kSize + 14, at - 4, colour);
    text(kLeft + kSize + 24, at, "start", label);
  }
  std::string take() { return std::move(out_) + "</svg>\n"; }

 private:
  [[nodiscard]] double x(double value) const { return kLeft + kSize * (value - low_) / (high_ - low_); }
  [[nodiscard]] double y(double value) const { return kTop + kSize * (1 - (value - low_) / (high_ - low_)); }
  void text(double at_x, double at_y, std::string_view anchor, std::string_view content) {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", at_x, at_y, anchor,
                        escaped(content));
  }

  double low_, high_;
  std::string out_;
};

bool is_drawable(const ScoredRun& run) { return run.predicted > 0 && run.measured > 0; }

// Colours of equal lightness; devices beyond them begin anew.
constexpr std::array<std::string_view, 8> kColours = {"#4477aa", "#ee6677", "#228833", "#ccbb44",
                                                      "#66ccee", "#aa3377", "#ee8866", "#777777"};

constexpr double kMostStep = 0.5;  // predicted / measured beyond 1 ± this share one row
constexpr int kRows = 11;
constexpr std::size_t kBar = 50;

// What has a colour of its own: a device, or a setup where there is one device.
std::function<std::string(const ScoredRun&)> series_of(std::span<const ScoredRun> runs) {
  const bool one_device =
      std::all_of(runs.begin(), runs.end(), [&](const ScoredRun& run) { return run.device == runs.front().device; });
  return [one_device](const ScoredRun& run) { return one_device ? run.setup : run.device; };
}

}  // namespace

std::vector<IntervalLevel> interval_levels(std::span<const ScoredRun> runs) {
  constexpr std::array kLevels = {0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99};
  constexpr double kStated = 0.9;
  std::vector<IntervalLevel> out;
  for (const double nominal : kLevels) {
    const double scale = two_sided_quantile(nominal) / two_sided_quantile(kStated);
    std::size_t inside = 0, all = 0;
    for (const ScoredRun& run : runs) {
      if (!is_drawable(run) || run.p5 <= 0 || run.p95 <= run.p5) continue;
      const double middle = (std::log(run.p5) + std::log(run.p95)) / 2,
                   half = (std::log(run.p95) - std::log(run.p5)) / 2;
      inside += std::abs(std::log(run.measured) - middle) <= scale * half ? 1 : 0;
      ++all;
    }
    if (all > 0) out.push_back({nominal, static_cast<double>(inside) / static_cast<double>(all)});
  }
  return out;
}

std::string predicted_plot_svg(std::span<const ScoredRun> runs) {
  double low = 1e300, high = -1e300;
  const auto series = series_of(runs);
  std::map<std::string, std::size_t> names;
  for (const ScoredRun& run : runs) {
    if (!is_drawable(run)) continue;
    for (const double value : {run.predicted, run.measured}) {
      low = std::min(low, std::floor(std::log10(value))), high = std::max(high, std::ceil(std::log10(value)));
    }
    names.emplace(series(run), names.size());
  }
  if (names.empty()) low = 0, high = 1;
  if (low == high) high += 1;
  Plot plot(low, high);
  const std::string unit = runs.empty() || runs.front().metric == Metric::kLatencyMs ? "ms" : "mJ";
  plot.titles(fmt::format("{} runs; dashed: 10 % beside", with_thousands(runs.size())), "measured, " + unit,
              "predicted, " + unit);
  for (double decade = low; decade <= high; decade += 1) plot.tick(decade, fmt::format("{:g}", std::pow(10, decade)));
  plot.line(low, low, high, high, "stroke=\"#444\"");
  const double beside = std::log10(1.1);
  plot.line(low, low + beside, high - beside, high, "stroke=\"#444\" stroke-dasharray=\"4 4\"");
  plot.line(low + beside, low, high, high - beside, "stroke=\"#444\" stroke-dasharray=\"4 4\"");
  std::map<std::size_t, std::set<std::pair<int, int>>> places;  // by colour
  for (const ScoredRun& run : runs) {
    if (!is_drawable(run)) continue;
    places[names[series(run)] % kColours.size()].insert(
        plot.place(std::log10(run.measured), std::log10(run.predicted)));
  }
  for (const auto& [colour, dots] : places) plot.points(dots, kColours[colour]);
  constexpr std::size_t kMostNamed = 28;
  for (const auto& [name, place] : names) {
    if (place < kMostNamed) plot.legend(place, kColours[place % kColours.size()], printable(name));
  }
  return plot.take();
}

std::string interval_plot_svg(std::span<const ScoredRun> runs) {
  Plot plot(0, 100);
  plot.titles("how often intervals hold", "nominal, %", "observed, %");
  for (const double level : {0, 20, 40, 60, 80, 100}) plot.tick(level, fmt::format("{:g}", level));
  plot.line(0, 0, 100, 100, "stroke=\"#444\"");
  double x = 0, y = 0;
  std::set<std::pair<int, int>> places;
  for (const IntervalLevel& level : interval_levels(runs)) {
    plot.line(x, y, 100 * level.nominal, 100 * level.observed, "stroke=\"#4477aa\"");
    x = 100 * level.nominal, y = 100 * level.observed;
    places.insert(plot.place(x, y));
  }
  plot.points(places, kColours[0]);
  return plot.take();
}

std::string validation_plot_text(std::span<const ScoredRun> runs, const Style& style) {
  std::array<std::size_t, kRows> counts{};
  constexpr double kStep = 2 * kMostStep / (kRows - 1);
  for (const ScoredRun& run : runs) {
    if (!is_drawable(run)) continue;
    const double place = std::round((run.predicted / run.measured - 1 + kMostStep) / kStep);
    ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, double{kRows - 1}))];
  }
  const std::size_t most = std::max<std::size_t>(1, *std::max_element(counts.begin(), counts.end()));
  std::string out = "  " + style.bold("predicted / measured") + "\n";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double middle = 1 - kMostStep + kStep * static_cast<double>(i);
    const char* sign = i == 0 ? "<=" : i + 1 == counts.size() ? ">=" : "  ";
    const std::string bar((counts[i] * kBar + most - 1) / most, '#');
    out +=
        fmt::format("  {} {:.1f}  {:>7}{}{}\n", sign, middle, with_thousands(counts[i]), bar.empty() ? "" : "  ", bar);
  }
  out += "\n  " + style.bold("intervals") + "  nominal -> observed:";
  for (const IntervalLevel& level : interval_levels(runs))
    out += fmt::format(" {:.0f} -> {:.0f} %", 100 * level.nominal, 100 * level.observed);
  return out + "\n";
}

}  // namespace nngauge
