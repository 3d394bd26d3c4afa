// SPDX-License-Identifier: Apache-2.0
// Owns: saying what a file is that no format claims.
#pragma once

#include <string>

#include "base/file.h"

namespace nngauge {

// One sentence without a full stop: "the file is empty", "a Git LFS pointer stands in place of the model …".
std::string describe_stranger(Bytes bytes);

}  // namespace nngauge
