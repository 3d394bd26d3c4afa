// SPDX-License-Identifier: Apache-2.0
// Owns: completing a model after reading: open extents are bound, operators ordered, shapes and types inferred,
// small integer arithmetic folded, subgraphs included.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace nngauge {

// What the user says of open extents.
struct Bindings {
  std::map<std::string, std::int64_t> dims;  // --dim NAME=N
  // --input NAME=1,224,224,3: an input, or a result of an operator whose extents data decide.
  std::map<std::string, std::vector<std::int64_t>> inputs;
  std::map<std::string, std::int64_t> trips;  // --trip NAME=N (loop op name)
  bool strict = true;  // a binding that names nothing is an error; else a warning (several models, one command line)
};

// Completes `model` in place. Open batch extents become 1 and are listed in assumed_dims; others stay open, with a
// diagnostic `needs-dim` that names the option. An op without a rule keeps the file's shapes. So does a Reduce or a
// Squeeze whose axes do not fit, if the file states its result: runtimes live with that; a diagnostic tells.
// Errors, with the op's place: kCyclicGraph, kInvalidGraph, kShapeMismatch, kInvalidAttribute, kOverflow;
// kUsage for a binding that names nothing or has the wrong rank.
Status complete_model(Model& model, const Bindings& bindings);

}  // namespace nngauge
