// SPDX-License-Identifier: Apache-2.0
// Owns: caffemodel to NetParameter without its weights, and where the weights lie.
// Not here: what a layer does with its blobs (layer_reader.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/caffe/net.h"
#include "parsers/protobuf_reduce.h"

namespace nngauge::caffe_format {

// One stored blob.
struct Blob {
  DType dtype = DType::kFloat32;
  Shape shape;   // as stored; of rank 4 in old files
  DataRef data;  // file -1 where the file holds only the shape
};

// A caffemodel.
struct Caffemodel {
  std::string generation;
  NetPtr net;
  Reduction reduction;
};

// Evidence that bytes are a serialised NetParameter, or another message of Caffe's.
enum class BinaryKind { kOther, kNet, kDamagedNet };
BinaryKind look_at_binary(Bytes bytes);

// Errors: kDamaged with the byte, kTooLarge.
Result<Caffemodel> parse_binary(Bytes bytes, const MappedFile* mapping);

// The blobs of every layer that has some, by layer name. `file` is the index that their DataRef shall have.
// Errors, with the layer: kDamaged where shape and stored elements differ.
Result<std::map<std::string, std::vector<Blob>>> locate_blobs(const Caffemodel& model, std::int32_t file);

// Byte of the file where layer `index` begins; 0 where that is not known.
std::uint64_t layer_offset(const caffe::LayerParameter& layer, const Reduction& reduction);

}  // namespace nngauge::caffe_format
