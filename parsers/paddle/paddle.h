// SPDX-License-Identifier: Apache-2.0
// Owns: reading PaddlePaddle's programs (.pdmodel, __model__) with the parameters beside them, and telling the files of
// Paddle-Lite (.nb).
#pragma once

#include "parsers/format.h"

namespace nngauge::paddle {

Claim sniff(const ModelSource& source);
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::paddle
