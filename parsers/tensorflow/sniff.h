// SPDX-License-Identifier: Apache-2.0
// Owns: telling by structure which of TensorFlow's messages a file holds. Protocol buffers have no magic number: what
// the first nodes look like decides.
#pragma once

#include <optional>

#include "base/file.h"

namespace nngauge::tensorflow {

enum class Container { kGraph, kMetaGraph, kSavedModel };

struct Identity {
  Container container = Container::kGraph;
  bool text = false;
  bool whole = true;  // false: the structure breaks somewhere
};

std::optional<Identity> identify(Bytes file);

}  // namespace nngauge::tensorflow
