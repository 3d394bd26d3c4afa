// SPDX-License-Identifier: Apache-2.0
#include "calibration/log_runs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "base/text.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

// What a row says little about: shorter than the clocks of such logs are exact for.
constexpr double kLeastMs = 0.02;
// Of the time of a log that must go with operators.
constexpr double kLeastMatched = 0.6;

// Letters and digits alone, small: "CONV_2D" and "Conv2D" are one.
std::string plain(std::string_view text) {
  std::string out;
  for (const char ch : text) {
    if (std::isalnum(static_cast<unsigned char>(ch)) != 0) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
    }
  }
  return out;
}

struct Alias {
  std::string_view start;                      // of the row's kind, plain
  std::array<std::string_view, 8> kinds = {};  // of ours, plain
};
// Names of XNNPACK's operators, TFLite's and ncnn's layers that are not those of our table. The first that fits counts.
constexpr std::array kAliases = {
    Alias{"convolutiondepthwise", {"depthwiseconv2d", "conv2d"}},
    Alias{"convolution", {"conv2d", "depthwiseconv2d"}},
    Alias{"deconvolution", {"convtranspose2d"}},
    Alias{"transposeconv", {"convtranspose2d"}},
    Alias{"depthwiseconv", {"depthwiseconv2d", "conv2d"}},
    Alias{"conv2d", {"conv2d", "depthwiseconv2d"}},
    Alias{"innerproduct", {"dense", "matmul"}},
    Alias{"fullyconnected", {"dense", "matmul"}},
    Alias{"batchmatmul", {"matmul", "batchmatmul"}},
    Alias{"batchmatrixmultiply", {"matmul", "batchmatmul"}},
    Alias{"pooling", {"maxpool", "averagepool", "globalaveragepool", "globalmaxpool"}},
    Alias{"maxpool", {"maxpool", "globalmaxpool"}},
    Alias{"averagepool", {"averagepool", "globalaveragepool", "reducemean"}},
    Alias{"globalaveragepool", {"globalaveragepool", "averagepool", "reducemean"}},
    Alias{"mean", {"reducemean", "globalaveragepool", "averagepool"}},
    Alias{"eltwise", {"add", "mul", "maximum", "sub", "addn"}},
    Alias{"binaryop", {"add", "mul", "sub", "div", "maximum", "minimum", "pow"}},
    Alias{"clamp", {"clip", "relu6", "relu", "relu0to1"}},
    Alias{"relu", {"relu", "relu6", "leakyrelu", "prelu", "clip"}},
    Alias{"logistic", {"sigmoid"}},
    Alias{"swish", {"swish", "hardswish"}},
    Alias{"concat", {"concat"}},
    Alias{"interp", {"resize", "resizebilinear", "resizenearest", "upsample"}},
    Alias{"resize", {"resize", "resizebilinear", "resizenearest", "upsample"}},
    Alias{"scale", {"batchnorm", "mul"}},
    Alias{"shufflechannel", {"channelshuffle", "shufflechannel"}},
    Alias{"softmax", {"softmax"}},
    Alias{"add", {"add"}},
    Alias{"multiply", {"mul"}},
    Alias{"mul", {"mul"}},
    Alias{"pad", {"pad"}},
    Alias{"constantpad", {"pad"}},
};

bool goes_with(const std::string& row, const std::string& source, const std::string& kind) {
  if (row == source || row == kind) return true;
  for (const Alias& alias : kAliases) {
    if (!row.starts_with(alias.start)) continue;
    return std::any_of(alias.kinds.begin(), alias.kinds.end(),
                       [&](std::string_view one) { return !one.empty() && kind == one; });
  }
  return false;
}

// The operator of each row, -1 where none goes with it.
class Matcher {
 public:
  Matcher(const OpLog& log, const Graph& graph) : log_(log), graph_(graph) {
    for (const LoggedOp& row : log.ops) rows_.push_back(plain(row.kind));
    for (const Op& op : graph.ops) {
      sources_.push_back(plain(op.source_op));
      kinds_.push_back(plain(op_info(op.kind).name));
    }
  }

  std::vector<OpId> run() const {
    std::vector<OpId> by_place = places();
    const std::vector<OpId> by_order = order();
    const auto matched = [](const std::vector<OpId>& ids) {
      return std::count_if(ids.begin(), ids.end(), [](OpId id) { return id >= 0; });
    };
    return matched(by_place) >= matched(by_order) ? by_place : by_order;
  }

 private:
  bool fits(std::size_t row, std::size_t op) const { return goes_with(rows_[row], sources_[op], kinds_[op]); }

  // By the place that the log states.
  std::vector<OpId> places() const {
    std::vector<OpId> out(rows_.size(), -1);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const std::optional<std::int64_t> index = log_.ops[r].index;
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= kinds_.size()) continue;
      if (fits(r, static_cast<std::size_t>(*index))) out[r] = static_cast<OpId>(*index);
    }
    return out;
  }

  // The longest common subsequence of rows and operators (Hirschberg 1975 names it; here by the plain table).
  std::vector<OpId> order() const {
    constexpr std::size_t kMostCells = 16'000'000;
    std::vector<OpId> out(rows_.size(), -1);
    const std::size_t n = rows_.size(), m = kinds_.size();
    if (n == 0 || m == 0 || n > kMostCells / m) return out;
    std::map<std::string, std::vector<bool>> fitting;  // per kind of row
    for (std::size_t r = 0; r < n; ++r) {
      std::vector<bool>& row = fitting[rows_[r]];
      if (!row.empty()) continue;
      for (std::size_t o = 0; o < m; ++o) row.push_back(fits(r, o));
    }
    std::vector<std::uint32_t> best((n + 1) * (m + 1), 0);
    const auto cell = [&](std::size_t r, std::size_t o) -> std::uint32_t& { return best[r * (m + 1) + o]; };
    for (std::size_t r = n; r-- > 0;) {
      const std::vector<bool>& row = fitting[rows_[r]];
      for (std::size_t o = m; o-- > 0;) {
        cell(r, o) = std::max({cell(r + 1, o), cell(r, o + 1), row[o] ? cell(r + 1, o + 1) + 1 : 0});
      }
    }
    for (std::size_t r = 0, o = 0; r < n && o < m;) {
      if (fitting[rows_[r]][o] && cell(r, o) == cell(r + 1, o + 1) + 1) out[r++] = static_cast<OpId>(o++);
      else if (cell(r + 1, o) >= cell(r, o + 1)) ++r;
      else ++o;
    }
    return out;
  }

  const OpLog& log_;
  const Graph& graph_;
  std::vector<std::string> rows_, sources_, kinds_;
};

Run whole_run(const OpLog& log, Run base) {
  base.line = log.whole->line, base.latency_ms = log.whole->mean_ms, base.latency_std_ms = log.whole->std_ms;
  base.ops.reset();
  return base;
}

}  // namespace

LogRuns runs_of_log(const OpLog& log, const Model& model, const FusionRules& rules, const Run& base) {
  LogRuns out;
  const Graph& graph = model.main();
  const std::vector<OpId> ops = Matcher(log, graph).run();
  const FusionPlan plan = plan_fusion(graph, rules);
  double all = 0, matched = 0;
  for (std::size_t r = 0; r < ops.size(); ++r) {
    all += log.ops[r].ms;
    if (ops[r] >= 0) matched += log.ops[r].ms;
  }
  if (!log.ops.empty() && matched < kLeastMatched * all) {
    out.errors.push_back(make_error(ErrorCode::kBadRuns, fixed(100 * (1 - matched / all), 0) +
                                                             " % of the time goes with no operator of " +
                                                             in_quotes(base.model) +
                                                             ": the log is of another network, or "
                                                             "a delegate ran it")
                             .at("line " + std::to_string(log.ops.front().line) + ", column op"));
  } else if (all > 0) {
    std::map<std::int32_t, Run> kernels;
    for (std::size_t r = 0; r < ops.size(); ++r) {
      if (ops[r] < 0) continue;
      const std::int32_t group = plan.group_of[static_cast<std::size_t>(ops[r])];
      const KernelGroup& kernel = plan.groups[static_cast<std::size_t>(group)];
      if (kernel.free) continue;
      const auto [place, fresh] = kernels.emplace(group, base);
      Run& run = place->second;
      if (fresh) run.line = log.ops[r].line, run.latency_ms = 0, run.ops = OpRange{kernel.anchor, kernel.anchor};
      run.latency_ms += log.ops[r].ms;
    }
    for (const auto& [group, run] : kernels) {
      if (run.latency_ms >= kLeastMs) out.runs.push_back(run);
    }
  }
  if (log.whole) out.runs.push_back(whole_run(log, base));
  return out;
}

}  // namespace nngauge
