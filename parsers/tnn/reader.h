// SPDX-License-Identifier: Apache-2.0
// Owns: the TNN format: structure as text (.tnnproto), weights in a file of their own (.tnnmodel).
#pragma once

#include "parsers/format.h"

namespace nngauge::tnn {

Claim sniff(const ModelSource& source);
// Weights by shape where the .tnnmodel of the same name is not there.
// Errors: kDamaged (with line or byte), kInvalidAttribute, kShapeMismatch, kTooLarge, kNotAModel (a .tnnmodel alone).
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::tnn
