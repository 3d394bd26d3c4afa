// SPDX-License-Identifier: Apache-2.0
// Owns: a .param file as its layers, blobs and keys, read from text (with and without the first line's magic number)
// or from the binary form. Not here: what layers mean (layers.h), their weights (weights.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/file.h"
#include "base/result.h"

namespace nngauge::ncnn {

inline constexpr std::int32_t kMagic = 7767517;
// Stands for "not given" in shapes, slices and scales.
inline constexpr std::int64_t kUnset = -233;

// One number, as integer and as real: the binary form does not say which of them is meant.
struct Number {
  std::int64_t integer = 0;
  double real = 0;
};

struct Param {
  bool is_array = false;
  std::vector<Number> numbers;  // one where it is no array
  std::string text;             // strings
};

struct Layer {
  std::string type, name;
  std::vector<std::int32_t> bottoms, tops;  // indices of blobs
  std::map<int, Param> params;
  std::uint64_t offset = 0;  // of its line or record

  [[nodiscard]] bool has(int key) const { return params.count(key) != 0; }
  [[nodiscard]] std::int64_t integer(int key, std::int64_t fallback = 0) const;
  [[nodiscard]] double real(int key, double fallback) const;
  [[nodiscard]] std::vector<std::int64_t> integers(int key) const;  // empty where absent; a single number counts as one
  [[nodiscard]] const std::string& text(int key) const;             // empty where absent
};

enum class ParamForm { kText, kOldText, kBinary };

struct ParamFile {
  ParamForm form = ParamForm::kText;
  std::vector<Layer> layers;
  std::vector<std::string> blobs;  // names, by index; the binary form has none: "blob7"
};

// The form that the first bytes speak for; nullopt where they are no .param at all.
std::optional<ParamForm> find_param_form(Bytes bytes);

// Errors: kDamaged with the line or byte, kNotAModel for PNNX graphs (same first lines), kTooLarge.
Result<ParamFile> parse_param(Bytes bytes, ParamForm form, Diagnostics& diagnostics);

}  // namespace nngauge::ncnn
