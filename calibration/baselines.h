// SPDX-License-Identifier: Apache-2.0
// Owns: what simpler predictors than ours would say, so that validations show what the model is worth. Held out only.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/samples.h"
#include "cost/price.h"

namespace nngauge {

// Work of a model by class of operator; baselines.cc has the columns.
using WorkSums = std::array<double, 6>;

class Baselines {
 public:
  // `load` gives the models of the samples again, each once.
  explicit Baselines(const ModelLoader& load) : load_(load) {}
  // Each sample of a setup predicted by `predictor` (not kOwn) fitted without its model or family; nullopt where
  // nothing is left to fit or the model's work is not known.
  std::vector<std::optional<Price>> predict(const SampleSet& set, Predictor predictor, Split split);

 private:
  const std::optional<WorkSums>& sums_of(const std::string& model);
  const ModelLoader& load_;
  std::map<std::string, std::optional<WorkSums>> sums_;
};

}  // namespace nngauge
