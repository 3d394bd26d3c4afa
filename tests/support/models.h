// SPDX-License-Identifier: Apache-2.0
// Owns: models for tests, written as snapshot text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "graph/shape_inference.h"
#include "parsers/format.h"

namespace nngauge::test {

// Reads snapshot records (without the header line). Fails the running test where they are not understood.
Model model_from(std::string_view records);
// model_from() and complete_model().
Model completed_from(std::string_view records, const Bindings& bindings = {});
// The error of complete_model(), as text; "" where it passes.
std::string completion_error(std::string_view records, const Bindings& bindings = {});
// Shape of the tensor of that name in the main graph, as text.
std::string shape_of(const Model& model, std::string_view tensor);

// A bundled graph, read and completed: loads the models of tables of runs. Errors: kUnreadable and the reader's.
Result<std::shared_ptr<const Model>> load_bundled(const std::string& id);

}  // namespace nngauge::test
