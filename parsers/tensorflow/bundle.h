// SPDX-License-Identifier: Apache-2.0
// Owns: the table of a checkpoint (variables.index): which tensor lies where in which data file. A sorted string table
// as LevelDB writes it: blocks of key-value pairs with shared key prefixes, an index block, a footer of 48 bytes.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "graph/shape.h"

namespace nngauge::tensorflow {

struct BundleEntry {
  DType dtype = DType::kUnknown;
  Shape shape;
  std::int32_t shard = 0;
  std::uint64_t offset = 0, size_bytes = 0;
};

struct Bundle {
  std::int32_t shards = 1;
  std::unordered_map<std::string, BundleEntry> entries;  // by key
};

// Whether the file ends as such a table does.
bool is_bundle_index(Bytes file);

// Errors: kDamaged with the byte where the structure breaks, kUnsupportedVersion (compressed blocks, big-endian data).
Result<Bundle> read_bundle(Bytes file);

// "variables.data-00000-of-00001" of the prefix "variables".
std::string shard_name(const std::string& prefix, std::int32_t shard, std::int32_t shards);

// Keys by variable name, from the serialised object graph that TensorFlow 2 stores as a string tensor in the data
// file: `stored` are the bytes of that tensor. Empty where they cannot be read.
std::unordered_map<std::string, std::string> read_object_graph(Bytes stored);

}  // namespace nngauge::tensorflow
