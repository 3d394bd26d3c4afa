// SPDX-License-Identifier: Apache-2.0
// Owns: walking a pickle with a small stack machine. Nothing is imported and nothing is called: a few names that
// build tensors and lists are understood, all others become opaque objects.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "parsers/torchscript/value.h"

namespace nngauge::torchscript {

// `storage_folder`: where the pickle's tensors lie ("data" for data.pkl).
// Errors: kDamaged with the byte, kTooLarge.
Result<PyValue> walk_pickle(std::string_view bytes, const std::string& storage_folder, Arena& arena);

}  // namespace nngauge::torchscript
