// SPDX-License-Identifier: Apache-2.0
// Owns: reading TFLite / LiteRT models.
#pragma once

#include "parsers/format.h"

namespace nngauge::tflite {

// Certain with the identifier TFL1, TFL2 or TFL3; likely where the tables hold together as a TFLite model without it.
Claim sniff(const ModelSource& source);
// Errors: kUnsupportedVersion (before version 3 buffers lay in tensors), kDamaged with the table and byte,
// kInvalidGraph, kTooLarge, kUnsafePath (a side file outside the model's folder).
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::tflite
