// SPDX-License-Identifier: Apache-2.0
// Owns: putting numbers in the place of a model's open extents before shape inference.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "graph/shape_inference.h"

namespace nngauge {

// A shape that the user gives to a result of the main graph, because data decide it.
struct GivenShape {
  TensorId tensor = kNoTensor;
  Shape shape;
};

struct AppliedBindings {
  bool overridden = false;  // a stored extent was replaced: the file's own shapes may no longer be believed
  std::vector<GivenShape> given;
  bool strict = true;  // as in Bindings
};

// Applies --input and --dim, and marks the trip counts of named loops. Errors: kUsage where strict, see Bindings.
Result<AppliedBindings> apply_bindings(Model& model, const Bindings& bindings);

// Extents as they were before something was assumed about them.
struct AssumedExtent {
  GraphId graph = 0;
  TensorId tensor = kNoTensor;
  std::size_t axis = 0;
  Dim before;
};

// Assumes 1 for open batch extents and lists them in model.assumed_dims. Returns what changed.
std::vector<AssumedExtent> assume_batch(Model& model);
// Takes the assumptions back.
void restore_extents(Model& model, const std::vector<AssumedExtent>& extents);

// "x=1,N,N,3": how to give the open extents of a tensor with --input; "x=N,…" where its rank is open.
std::string input_option(const std::string& name, const Shape& shape);

// A diagnostic `needs-dim` for each extent of the main graph's inputs that is still open.
void report_open_dims(Model& model);

}  // namespace nngauge
