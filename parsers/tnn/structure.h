// SPDX-License-Identifier: Apache-2.0
// Owns: the text of a .tnnproto as lists of words. Not here: what the layers mean (layers.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace nngauge::tnn {

// Marks of versions, in the first line and at the start of a .tnnmodel.
inline constexpr std::uint32_t kMagic = 0xFABC0002;
inline constexpr std::uint32_t kTypedMagic = 0xFABC0004;

struct Input {
  std::string name;
  std::vector<Dim> dims;
  DType dtype = DType::kFloat32;
};

struct Layer {
  std::string type;  // without "Quantized"
  std::string source_type, name;
  bool quantised = false;
  std::vector<std::string> inputs, outputs;
  std::vector<std::string> parameters;

  [[nodiscard]] std::int64_t integer(std::size_t i, std::int64_t otherwise) const;
  [[nodiscard]] double real(std::size_t i, double otherwise) const;
};

struct Structure {
  std::string version;  // "1", "0xfabc0002", …
  std::vector<Input> inputs;
  std::vector<std::string> outputs;
  std::vector<Layer> layers;
};

// Whether the first line is one of a .tnnproto: `"1 58 1 ,"`.
bool has_header(std::string_view text);

// Errors: kDamaged with the line, kTooLarge.
Result<Structure> parse_structure(std::string_view text);

}  // namespace nngauge::tnn
