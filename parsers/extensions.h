// SPDX-License-Identifier: Apache-2.0
// Owns: the table of file name extensions under which models are found, and with which framework. Hints only: content
// decides what a file is.
#pragma once

#include <span>
#include <string_view>

namespace nngauge {

struct ExtensionInfo {
  std::string_view extension;   // lower case: ".tflite"; or the end of a name: "-symbol.json"; or a whole name
  std::string_view frameworks;  // "TFLite, LiteRT"
  std::string_view holds;       // "model", "structure", "weights", "several": what is mostly in it
  // Used for models alone: a file of that name that is none deserves a word. Else the name is anybody's (.bin, .json).
  bool specific;
};

std::span<const ExtensionInfo> known_extensions();
// The longest row that the name ends with, whatever its case; null where there is none.
const ExtensionInfo* find_extension(std::string_view file_name);

}  // namespace nngauge
