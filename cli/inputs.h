// SPDX-License-Identifier: Apache-2.0
// Owns: from the paths on the command line to the list of files to read. Folders are walked in sorted order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace nngauge {

struct InputFile {
  std::string path;
  std::optional<std::string> member;  // inside a container
  std::optional<std::string> folder;  // the operand that it was found under; such a file may be no model
  std::optional<Error> error;         // the path cannot be used at all
};

// In the order of the operands; files of a folder (and of the folders below it) sorted by path. Symbolic links to
// folders are not followed, so that a walk ends; a folder that may not be read is an error of its own.
std::vector<InputFile> list_inputs(const std::vector<std::string>& operands);

}  // namespace nngauge
