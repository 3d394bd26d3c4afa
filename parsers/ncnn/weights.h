// SPDX-License-Identifier: Apache-2.0
// Owns: which blobs of weights each layer type has, in the order of the .bin file, and where they lie there.
// Not here: their shapes as operands (lower_*.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/diagnostics.h"
#include "base/file.h"
#include "base/result.h"
#include "graph/graph.h"
#include "parsers/ncnn/param.h"

namespace nngauge::ncnn {

// What a blob is to its layer.
enum class Part : std::uint8_t {
  kWeight,
  kBias,
  kWeightScale,  // of int8 weights
  kInputScale,
  kOutputScale,
  kScale,  // of normalisations
  kShift,
  kMean,
  kVariance,
  kLeft,  // of Gemm
  kRight,
  kAddend,
  kLeftScale,
  kRightScale,
  kRecurrentWeight,
  kProjection,
  kQuery,  // of attention
  kQueryBias,
  kKey,
  kKeyBias,
  kValue,
  kValueBias,
  kResult,
  kResultBias,
  kData,  // of MemoryData
};

struct WeightBlob {
  Part part = Part::kWeight;
  std::uint64_t elements = 0;
  bool tagged = true;               // stored behind a tag that tells its type
  DType assumed = DType::kFloat32;  // without a .bin
  DType dtype = DType::kFloat32;
  DataRef data;  // file -1 where there is no .bin
};

// The blobs of one layer, not located yet; nullopt for types whose blobs are not known.
// Errors: kInvalidAttribute, kOverflow.
Result<std::optional<std::vector<WeightBlob>>> list_weights(const Layer& layer);

// The blobs of all layers, by layer. With the bytes of a .bin they are located in file `file`, and its end is checked.
// Errors: those of list_weights and kDamaged, with the layer.
Result<std::vector<std::vector<WeightBlob>>> locate_weights(const ParamFile& param, std::optional<Bytes> bin,
                                                            std::int32_t file, Diagnostics& diagnostics);

// Extent of the keys of a MultiHeadAttention. Before key 3 said so it marked int8 weights.
std::int64_t attention_key_extent(const Layer& layer);

// `layer #17 Convolution "conv1"`.
std::string layer_place(const Layer& layer, std::size_t index);

}  // namespace nngauge::ncnn
