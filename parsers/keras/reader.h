// SPDX-License-Identifier: Apache-2.0
// Owns: Keras models: .h5 (HDF5 with the configuration as an attribute) and .keras (a ZIP file with config.json).
#pragma once

#include "parsers/format.h"

namespace nngauge::keras {

Claim sniff(const ModelSource& source);
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::keras
