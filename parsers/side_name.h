// SPDX-License-Identifier: Apache-2.0
// Owns: the names that side files of a model go by.
#pragma once

#include <string>
#include <string_view>

namespace nngauge {

// The name behind the folders and containers of a path.
std::string file_name_of(std::string_view path);

// The file name of `path` with `other` in place of its extension `own`, in capitals where that is ("NET.PARAM" ->
// "NET.BIN"); "" where the name does not end in `own`, whatever its case.
std::string side_name(std::string_view path, std::string_view own, std::string_view other);

}  // namespace nngauge
