// SPDX-License-Identifier: Apache-2.0
// Owns: reading the programs that Paddle writes since version 3: JSON with every result's type, parameters beside it as
// ever. Turned into the same Program as the older ones.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "parsers/paddle/program.h"

namespace nngauge::paddle {

// Whether the bytes begin as such a program does.
bool is_pir(Bytes file);

// `version` is the one that the file states. Errors: kDamaged (no JSON, or cut off), kInvalidGraph, kTooLarge.
Result<Program> read_pir(Bytes file, std::string& version);

}  // namespace nngauge::paddle
