// SPDX-License-Identifier: Apache-2.0
// Owns: the way from a path to everything known of the model: map, read, complete, count. All commands use it.
#pragma once

#include <string>

#include "base/result.h"
#include "graph/shape_inference.h"
#include "parsers/containers/walk.h"
#include "parsers/format.h"
#include "report/model_result.h"

namespace nngauge {

struct LoadOptions {
  Bindings bindings;
  Phase phase = Phase::kDefault;
  bool hashes = false;
  ContainerLimits limits;
};

// What is known of an opened file. Errors: those of reading (parsers/format.h), completing (graph/shape_inference.h)
// and counting (cost/analysis.h); kInternal where a library threw.
Result<ModelResult> load_model(const OpenedFile& file, const LoadOptions& options);

// The model at a path, which may be a member of a container (`app.apk!/assets/x.tflite`). Errors: as above, those of
// opening; kUsage where a container holds several models.
Result<ModelResult> load_model(const std::string& path, const LoadOptions& options);

}  // namespace nngauge
