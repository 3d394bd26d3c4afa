// SPDX-License-Identifier: Apache-2.0
#include "tests/support/models.h"

#include <catch2/catch.hpp>

namespace nngauge::test {

Model model_from(std::string_view records) {
  const std::string text = "nngauge-graph 1\n" + std::string(records);
  Result<Model> model = read_model({"", as_bytes(text), nullptr});
  if (!model) FAIL(model.error().text());
  return std::move(*model);
}

Model completed_from(std::string_view records, const Bindings& bindings) {
  Model model = model_from(records);
  const Status status = complete_model(model, bindings);
  if (!status) FAIL(status.error().text());
  return model;
}

std::string completion_error(std::string_view records, const Bindings& bindings) {
  Model model = model_from(records);
  const Status status = complete_model(model, bindings);
  return status ? "" : status.error().text();
}

std::string shape_of(const Model& model, std::string_view tensor) {
  for (const Tensor& candidate : model.main().tensors) {
    if (candidate.name == tensor) return shape_text(candidate.shape, model.symbols);
  }
  return "no tensor of that name";
}

}  // namespace nngauge::test
