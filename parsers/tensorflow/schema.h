// SPDX-License-Identifier: Apache-2.0
// Owns: which fields of TensorFlow's messages hold weights, for parsers/protobuf_reduce.h.
#pragma once

#include <span>

#include "parsers/protobuf_reduce.h"

namespace nngauge::tensorflow {

// Roots for reduce_message.
inline constexpr std::uint8_t kGraphMessage = 0, kMetaGraphMessage = 1, kSavedModelMessage = 2;

std::span<const SchemaMessage> schema();

}  // namespace nngauge::tensorflow
