// SPDX-License-Identifier: Apache-2.0
// Owns: putting numbers in the place of a model's open extents before shape inference.
#pragma once

#include "base/result.h"
#include "graph/shape_inference.h"

namespace nngauge {

// Applies --input and --dim, assumes 1 for open batch extents (listed in model.assumed_dims) and marks the trip counts
// of named loops. Returns whether the file's own shapes may no longer be believed (a stored extent was overridden).
// Errors: kUsage where strict, see Bindings.
Result<bool> apply_bindings(Model& model, const Bindings& bindings);

// A diagnostic `needs-dim` for each extent of the main graph's inputs that is still open.
void report_open_dims(Model& model);

}  // namespace nngauge
