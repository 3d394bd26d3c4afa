// SPDX-License-Identifier: Apache-2.0
// Owns: writing a model as a weight-free text snapshot. parsers/snapshot reads it.
//
// One record a line, fields separated by blanks, strings in double quotes:
//   nngauge-graph 1
//   model name="…" format="tflite" format_version="3" producer="…"
//   graph 0 name="main" parent=-1
//   tensor 0 name="…" dtype=float32 shape=[1,224,224,3] [const] [variable] [stored=N] [quant=… axis=… block=…]
//          [ints=[…]] [reals=[…]]
//   op Conv2D name="…" source="CONV_2D" index=0 in=0,1:weight,2:bias out=3 [act=relu6] attrs=conv strides=[2,2] …
//   capture inner outer
//   inputs 0 …
//   outputs 3 …
// Shapes are the inferred ones; an open extent is ? or its name. An absent operand is -.
#pragma once

#include <string>

#include "graph/graph.h"

namespace nngauge {

std::string snapshot_text(const Model& model);

// A string in double quotes with \" \\ and \xNN for control characters; and its inverse (text without the quotes).
std::string snapshot_quote(std::string_view text);

}  // namespace nngauge
