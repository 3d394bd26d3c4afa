// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge inspect` prints of one model, as text, JSON and CSV.
#pragma once

#include <cstddef>
#include <string>

#include "report/format.h"
#include "report/json_fwd.h"
#include "report/model_result.h"

namespace nngauge {

struct Convention;  // cost/conventions.h

struct InspectOptions {
  bool layers = false;                     // every operator of the main graph
  std::size_t top = 5;                     // text: how many of the largest operators
  const Convention* convention = nullptr;  // how another tool would count, too
};

std::string inspect_text(const ModelResult& result, const InspectOptions& options, const Style& style);
Json inspect_json(const ModelResult& result, const InspectOptions& options);
// The same printed: at the level of a document's items, or compact (level -1).
std::string inspect_json_text(const ModelResult& result, const InspectOptions& options, int level);

// A line per model; with `layers` a line per operator.
std::string inspect_csv_header(const InspectOptions& options);
std::string inspect_csv(const ModelResult& result, const InspectOptions& options);

// Our name of the operator's kind, with the file's name where we know no more of it: "CUSTOM:Foo".
std::string op_display_name(const Op& op);
// The operator's shapes as text: "[1,224,224,3] -> [1,112,112,32]"; constants left out.
std::string op_shapes_text(const Model& model, const Op& op);

}  // namespace nngauge
