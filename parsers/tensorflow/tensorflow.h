// SPDX-License-Identifier: Apache-2.0
// Owns: reading TensorFlow's files: GraphDef, MetaGraphDef and SavedModel, binary or as text.
#pragma once

#include "parsers/format.h"

namespace nngauge::tensorflow {

Claim sniff(const ModelSource& source);
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::tensorflow
