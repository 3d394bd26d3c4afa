// SPDX-License-Identifier: Apache-2.0
// Owns: recognising and reading MNN networks (.mnn): FlatBuffers without an identifier, told by their tables.
#pragma once

#include "parsers/format.h"

namespace nngauge::mnn {

Claim sniff(const ModelSource& source);
// Errors: kDamaged, kUnsupportedVersion (the layout before version 1.0), kInvalidGraph, kTooLarge.
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::mnn
