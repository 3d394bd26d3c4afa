// SPDX-License-Identifier: Apache-2.0
// Owns: `nngauge offload PATH`: an inference on the device against one in the cloud, and the bundled networks.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/commands.h"
#include "cost/model_choice.h"

namespace nngauge {

// Errors: kUsage with the near ones.
Result<NetworkProfile> find_bundled_network(const std::string& id);

Result<int> run_offload_stages(const Session& session);

}  // namespace nngauge
