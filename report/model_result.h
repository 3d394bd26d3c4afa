// SPDX-License-Identifier: Apache-2.0
// Owns: ModelResult, all that is known of one model file once it has been read, completed and counted.
// Reports are functions of it; the command line fills it (cli/load_model.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cost/analysis.h"
#include "cost/kv_cache.h"
#include "cost/memory.h"
#include "graph/graph.h"

namespace nngauge {

struct ModelResult {
  std::string path;                   // as the user gave it
  std::optional<std::string> member;  // inside a container: "assets/x.tflite"
  std::uint64_t size_bytes = 0;
  std::optional<std::string> md5, sha256;  // only where asked for
  std::string confidence, identified_by;   // of the format: "certain", "the identifier TFL3"
  Model model;
  Analysis analysis;
  Memory memory;
  std::optional<KvCache> kv_cache;  // of language models
};

}  // namespace nngauge
