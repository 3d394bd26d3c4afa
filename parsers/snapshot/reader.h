// SPDX-License-Identifier: Apache-2.0
// Owns: reading nngauge's own weight-free text snapshots (written by graph/snapshot.h, where the form is described).
#pragma once

#include "parsers/format.h"

namespace nngauge::snapshot {

Claim sniff(const ModelSource& source);
// Errors: kDamaged with the line; kUnsupportedVersion.
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::snapshot
