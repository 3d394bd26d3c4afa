// SPDX-License-Identifier: Apache-2.0
#include "tests/support/models.h"

#include <catch2/catch.hpp>

#include "data/bundled.h"

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

Result<std::shared_ptr<const Model>> load_bundled(const std::string& id) {
  const auto bytes = find_bundled("graphs/" + id + ".graph");
  if (!bytes) return make_error(ErrorCode::kUnreadable, "no bundled graph " + id);
  NNGAUGE_TRY(Model model, read_model({id, *bytes, &no_companions()}));
  NNGAUGE_CHECK(complete_model(model, {}));
  return std::make_shared<const Model>(std::move(model));
}

std::string shape_of(const Model& model, std::string_view tensor) {
  for (const Tensor& candidate : model.main().tensors) {
    if (candidate.name == tensor) return shape_text(candidate.shape, model.symbols);
  }
  return "no tensor of that name";
}

}  // namespace nngauge::test
