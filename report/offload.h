// SPDX-License-Identifier: Apache-2.0
// Owns: what `nngauge offload PATH` prints.
#pragma once

#include <string>

#include "cost/offload.h"
#include "graph/graph.h"
#include "report/format.h"

namespace nngauge {

struct OffloadReport {
  const std::string& path;
  std::string device;  // device and setup, or the preset
  bool preset = false;
  const OffloadQuestion& question;
  const OffloadAnswer& answer;
  const Model& model;
};

// One sentence: which way to go.
std::string offload_advice(const OffloadAnswer& answer);
std::string offload_text(const OffloadReport& report, const Style& style);
std::string offload_document(const OffloadReport& report);
std::string offload_ndjson(const OffloadReport& report);

}  // namespace nngauge
