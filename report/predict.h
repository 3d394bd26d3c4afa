// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge predict` prints: estimates per setup, and tables that compare several models.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cost/predict.h"
#include "report/format.h"
#include "report/model_result.h"

namespace nngauge {

struct PredictOptions {
  bool layers = false;  // what each operator costs
  std::size_t top = 5;  // text: how many of the costliest kernel groups of the first setup
};

std::string predict_text(const ModelResult& result, std::span<const Prediction> predictions,
                         const PredictOptions& options, const Style& style);
// The inspect object with predictions[].
std::string predict_json_text(const ModelResult& result, std::span<const Prediction> predictions,
                              const PredictOptions& options, int level);
// A line per prediction; with `layers` a line per operator and prediction.
std::string predict_csv_header(const PredictOptions& options);
std::string predict_csv(const ModelResult& result, std::span<const Prediction> predictions,
                        const PredictOptions& options);

// One model of a comparison.
struct ComparedModel {
  std::string name;
  MaybeCount macs, params;
  std::vector<Prediction> predictions;  // all models have the same setups in the same order
};
// Latencies of all models on all setups: a row per setup and columns of models, or a row per model where the setups are
// few and the models many.
std::string comparison_text(std::span<const ComparedModel> models, const Style& style);

}  // namespace nngauge
