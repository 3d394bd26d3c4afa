// SPDX-License-Identifier: Apache-2.0
// Owns: recognising and reading ExecuTorch programs (.pte): FlatBuffers with an identifier ET and a version, then
// segments with constants and compiled subgraphs.
#pragma once

#include "parsers/format.h"

namespace nngauge::executorch {

Claim sniff(const ModelSource& source);
// Errors: kDamaged, kInvalidGraph, kTooLarge.
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::executorch
