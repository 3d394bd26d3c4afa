// SPDX-License-Identifier: Apache-2.0
// Owns: recognising and reading SNPE / Qualcomm deep learning containers (DLC): a ZIP file of stored members `model`,
// `model.params`, `dlc.metadata` and compiled blobs, or a bare `model`.
#pragma once

#include "parsers/format.h"

namespace nngauge::dlc {

Claim sniff(const ModelSource& source);
// Errors: kDamaged, kEncrypted, kUnsupportedVersion, kInvalidGraph, kNotAModel (no model inside).
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::dlc
