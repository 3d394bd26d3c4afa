// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/versions.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "parsers/onnx/types.h"

namespace nngauge::onnx_format {
namespace {

constexpr std::int64_t kNewestIrVersion = 14;
constexpr std::int64_t kNewestOpset = 24;

}  // namespace

void note_versions(const onnx::ModelProto& proto, Model& model) {
  for (const auto& import : proto.opset_import()) {
    const std::string domain = import.domain().empty() ? "ai.onnx" : readable(import.domain());
    model.metadata.emplace_back("opset " + domain, std::to_string(import.version()));
    if (domain == "ai.onnx" && import.version() > kNewestOpset) {
      model.diagnostics.warn(
          "newer-opset", "",
          fmt::format("opset {} is newer than {}, the newest known", import.version(), kNewestOpset));
    }
  }
  if (proto.opset_import_size() == 0)
    model.diagnostics.note("opset-missing", "", "the file names no opset; 1 is assumed");
  if (proto.ir_version() > kNewestIrVersion) {
    model.diagnostics.warn(
        "newer-ir", "",
        fmt::format("IR version {} is newer than {}, the newest known", proto.ir_version(), kNewestIrVersion));
  }
}

void note_metadata(const onnx::ModelProto& proto, Model& model) {
  for (const auto& entry : proto.metadata_props())
    model.metadata.emplace_back(readable(entry.key()), readable(entry.value().substr(0, kMaxDescription)));
}

}  // namespace nngauge::onnx_format
