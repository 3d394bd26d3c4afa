// SPDX-License-Identifier: Apache-2.0
// Owns: what an HDF5 file in memory holds: its datasets with type, extents and place, and text attributes of its root.
// The HDF5 library reads the structure, in a process of its own; the elements are not touched.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "graph/dtype.h"

namespace nngauge::keras {

struct Dataset {
  DType dtype = DType::kUnknown;
  std::vector<std::int64_t> extents;
  std::uint64_t offset = 0;  // in the file; of the first piece where it is stored in pieces
  std::uint64_t size_bytes = 0;
  bool located = false;  // in one piece, uncompressed
};

struct Store {
  std::map<std::string, Dataset> datasets;        // by path: "model_weights/conv/conv/kernel:0"
  std::map<std::string, std::string> attributes;  // of the root: "model_config"
};

bool is_hdf5(Bytes bytes);
// Errors: kDamaged, kTooLarge.
Result<Store> read_store(Bytes bytes);

}  // namespace nngauge::keras
