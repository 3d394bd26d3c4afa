// SPDX-License-Identifier: Apache-2.0
// Owns: the ncnn format: .param as text or binary, with or without the .bin that holds its weights.
#pragma once

#include "parsers/format.h"

namespace nngauge::ncnn {

Claim sniff(const ModelSource& source);
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::ncnn
