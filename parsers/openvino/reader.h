// SPDX-License-Identifier: Apache-2.0
// Owns: the OpenVINO intermediate representation: structure and shapes in an .xml, weights in the .bin beside it.
#pragma once

#include "parsers/format.h"

namespace nngauge::openvino {

Claim sniff(const ModelSource& source);
// Errors: kDamaged (with the line), kUnsupportedVersion, kInvalidGraph, kInvalidAttribute, kTooLarge.
Result<Model> read(const ModelSource& source);

}  // namespace nngauge::openvino
