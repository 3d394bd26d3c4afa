// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge validate` and `nngauge calibrate` print: scores and fits.
#pragma once

#include <span>
#include <string>

#include "calibration/fit.h"
#include "calibration/suggest.h"
#include "calibration/validate.h"
#include "report/document.h"
#include "report/format.h"
#include "report/table.h"

namespace nngauge {

std::string validation_text(const Validation& validation, const Style& style);
std::string validation_document(const Validation& validation, std::span<const FailedInput> errors);
std::string validation_ndjson(const Validation& validation);  // the results, then the runs
Table validation_table(const Validation& validation);         // the results

std::string calibration_text(const Calibration& calibration, const Style& style);
// Of one device or several; the document names the device where there is one.
std::string calibration_document(std::span<const Calibration> calibrations, std::span<const FailedInput> errors);
Table calibration_table(std::span<const Calibration> calibrations);

std::string suggestions_text(const std::vector<Suggestion>& suggestions, const Style& style);
std::string suggestions_document(const std::vector<Suggestion>& suggestions, std::span<const FailedInput> errors);
Table suggestions_table(const std::vector<Suggestion>& suggestions);

}  // namespace nngauge
