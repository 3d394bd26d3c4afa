// SPDX-License-Identifier: Apache-2.0
// Owns: what all commands on models share: inputs are worked on in parallel, results and errors printed in input order,
// the JSON frame around them, the exit code.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/load_model.h"

namespace nngauge {

struct ModelRun {
  std::string_view command;  // for the document's schema
  LoadOptions load;
  std::string csv_header;
  // One model in the format of the session: a text block, CSV lines, or a JSON object (json: at kItemLevel).
  // The number orders the models as they are printed. Runs on any thread.
  std::function<Result<std::string>(const ModelResult&, std::size_t)> render;
  // Text that follows all models (a comparison); may be empty. Runs last.
  std::function<std::string()> text_ending;
};

Result<int> run_models(const Session& session, const ModelRun& run);

// The level to print JSON at in the session's format.
int json_level(const Session& session);

}  // namespace nngauge
