// SPDX-License-Identifier: Apache-2.0
// Owns: what a model says of itself, for all formats that carry ONNX graphs: versions of operator sets, free text.
#pragma once

#include "graph/graph.h"
#include "parsers/onnx/forward.h"

namespace nngauge::onnx_format {

inline constexpr std::size_t kMaxDescription = 4096;  // bytes of a text that are kept

// Operator sets into the metadata; a diagnostic where a version is absent, or newer than what is known here.
void note_versions(const onnx::ModelProto& proto, Model& model);
void note_metadata(const onnx::ModelProto& proto, Model& model);

}  // namespace nngauge::onnx_format
