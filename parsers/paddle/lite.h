// SPDX-License-Identifier: Apache-2.0
// Owns: Paddle-Lite's models (.nb): telling their layouts, and reading the program and the parameters of layout 2.
#pragma once

#include <optional>

#include "parsers/format.h"
#include "parsers/paddle/program.h"

namespace nngauge::paddle {

// The layout of a Paddle-Lite model: 2 and up with its number in front, 0 and 1 as a dump of structures.
std::optional<int> lite_layout(Bytes file);

// Fills `program`, with the places of its parameters in files[0] of `model`, and the version of the model.
// Errors: kUnsupportedVersion (another layout than 2), kDamaged with the byte, kTooLarge, kNotAModel (no operators).
Status read_lite(const ModelSource& source, Program& program, Model& model);

}  // namespace nngauge::paddle
