// SPDX-License-Identifier: Apache-2.0
#include "calibration/baselines.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "calibration/nnls.h"
#include "cost/analysis.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"own", "flops", "class-sums"};

// Columns of the class sums: millions of MACs or of bytes, and counts.
enum Column : std::size_t { kConvMacs, kDepthwiseMacs, kProductMacs, kMovedBytes, kOperators, kOne, kColumns };
static_assert(std::tuple_size_v<WorkSums> == kColumns);

// All others with MACs are products.
Column macs_column(OpKind kind) {
  switch (kind) {
    case OpKind::kDepthwiseConv1D:
    case OpKind::kDepthwiseConv2D:
    case OpKind::kDepthwiseConv3D:
      return kDepthwiseMacs;
    case OpKind::kConv1D:
    case OpKind::kConv2D:
    case OpKind::kConv3D:
    case OpKind::kConvTranspose1D:
    case OpKind::kConvTranspose2D:
    case OpKind::kConvTranspose3D:
      return kConvMacs;
    default:
      return kProductMacs;
  }
}

std::optional<WorkSums> work_of(const Model& model) {
  const auto analysis = analyse(model);
  if (!analysis) return std::nullopt;
  WorkSums out{};
  out[kOne] = 1;
  for (std::size_t i = 0; i < analysis->ops.size(); ++i) {
    const OpCost& cost = analysis->ops[i];
    out[macs_column(model.main().ops[i].kind)] += static_cast<double>(cost.macs.value_or(0)) * 1e-6;
    out[kMovedBytes] += static_cast<double>(cost.read_bytes.value_or(0) + cost.write_bytes.value_or(0)) * 1e-6;
    out[kOperators] += 1;
  }
  return out;
}

double macs_of(const WorkSums& sums) { return sums[kConvMacs] + sums[kDepthwiseMacs] + sums[kProductMacs]; }

// What is fitted on some samples and predicts others.
class Baseline {
 public:
  Baseline(Predictor predictor, const SampleSet& set, const std::vector<std::optional<WorkSums>>& sums)
      : predictor_(predictor), set_(set), sums_(sums) {}

  // False where nothing is left to fit.
  bool fit(const LeftOut& without) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < set_.samples.size(); ++i) {
      if (sums_[i] && !without.has(set_.samples[i])) rows.push_back(i);
    }
    if (rows.empty()) return false;
    predictor_ == Predictor::kFlops ? fit_factor(rows) : fit_columns(rows);
    return true;
  }
  [[nodiscard]] double predict(const WorkSums& sums) const {
    if (predictor_ == Predictor::kFlops) return factor_ * macs_of(sums);
    double out = 0;
    for (std::size_t c = 0; c < kColumns; ++c) out += prices_[c] * sums[c];
    return out;
  }

 private:
  // The median of time per MAC.
  void fit_factor(const std::vector<std::size_t>& rows) {
    std::vector<double> ratios;
    for (const std::size_t i : rows) {
      if (const double macs = macs_of(*sums_[i]); macs > 0) ratios.push_back(set_.samples[i].measured / macs);
    }
    std::sort(ratios.begin(), ratios.end());
    factor_ = ratios.empty() ? 0 : ratios[ratios.size() / 2];
  }
  // Relative errors: each row divided by what was measured.
  void fit_columns(const std::vector<std::size_t>& rows) {
    std::vector<std::vector<double>> a;
    for (const std::size_t i : rows) {
      std::vector<double>& row = a.emplace_back();
      for (const double column : *sums_[i]) row.push_back(column / set_.samples[i].measured);
    }
    const std::vector<double> found = solve_nnls(a, std::vector<double>(rows.size(), 1.0));
    std::copy(found.begin(), found.end(), prices_.begin());
  }

  Predictor predictor_;
  const SampleSet& set_;
  const std::vector<std::optional<WorkSums>>& sums_;
  double factor_ = 0;
  WorkSums prices_{};
};

}  // namespace

std::string_view predictor_name(Predictor predictor) { return kNames[static_cast<std::size_t>(predictor)]; }

std::optional<Predictor> find_predictor(std::string_view name) {
  for (const Predictor predictor : {Predictor::kOwn, Predictor::kFlops, Predictor::kClassSums}) {
    if (predictor_name(predictor) == name) return predictor;
  }
  return std::nullopt;
}

const std::optional<WorkSums>& Baselines::sums_of(const std::string& name) {
  auto found = sums_.find(name);
  if (found == sums_.end()) {
    const auto model = load_(name);
    found = sums_.emplace(name, model ? work_of(**model) : std::nullopt).first;
  }
  return found->second;
}

std::vector<std::optional<Price>> Baselines::predict(const SampleSet& set, Predictor predictor, Split split) {
  std::vector<std::optional<WorkSums>> sums;
  for (const Sample& sample : set.samples) sums.push_back(sums_of(sample.model()));
  std::vector<std::optional<Price>> out(set.samples.size());
  std::set<std::string> done;
  Baseline baseline(predictor, set, sums);
  for (const Sample& first : set.samples) {
    const LeftOut without{split, split_key(first, split)};
    if (!done.insert(without.key).second || !baseline.fit(without)) continue;
    for (std::size_t i = 0; i < set.samples.size(); ++i) {
      if (sums[i] && without.has(set.samples[i])) out[i] = Price{baseline.predict(*sums[i]), 0};
    }
  }
  return out;
}

}  // namespace nngauge
