// SPDX-License-Identifier: Apache-2.0
// Owns: TorchScript archives (.pt, .ptl): a ZIP file with code, a pickled module and its storages.
#pragma once

#include "parsers/format.h"

namespace nngauge::torchscript {

Claim sniff(const ModelSource& source);
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::torchscript
