// SPDX-License-Identifier: Apache-2.0
// Owns: the attributes of a serialised TensorFlow NodeDef, as Flex operators carry it.
// Fields: NodeDef 5 attr {1 key, 2 AttrValue}; AttrValue 1 list {3 i*}, 2 s, 3 i, 5 b.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "graph/attributes.h"

namespace nngauge::tflite {

class NodeDef {
 public:
  // Bytes that are no NodeDef have no attributes.
  explicit NodeDef(Bytes bytes) : bytes_(bytes) {}

  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] Ints integers(std::string_view key) const;

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };
  [[nodiscard]] std::optional<Range> find(std::string_view key) const;  // an AttrValue
  Bytes bytes_;
};

}  // namespace nngauge::tflite
