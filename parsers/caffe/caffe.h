// SPDX-License-Identifier: Apache-2.0
// Owns: the Caffe format: prototxt (V0, V1, V2), caffemodel, or both as one model.
#pragma once

#include "parsers/format.h"

namespace nngauge {

Claim sniff_caffe(const ModelSource& source);

// A prototxt finds the caffemodel of the same name beside it, and the other way round: the prototxt gives the
// structure, the caffemodel the weights, matched by names of layers. A prototxt alone gives weights by shape. Errors:
// kDamaged (with line or byte), kInvalidGraph, kInvalidAttribute, kShapeMismatch, kTooLarge, kNotAModel.
Result<Model> read_caffe(const ModelSource& source);

}  // namespace nngauge
