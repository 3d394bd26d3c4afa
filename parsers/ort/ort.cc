// SPDX-License-Identifier: Apache-2.0
#include "parsers/ort/ort.h"

#include <google/protobuf/arena.h>
#include <onnx/onnx_pb.h>

#include <charconv>

#include "graph/algorithms.h"
#include "parsers/flatbuffer.h"
#include "parsers/onnx/graph_builder.h"
#include "parsers/onnx/versions.h"
#include "parsers/ort/rewriter.h"

namespace nngauge::ort {
namespace {

constexpr std::string_view kIdentifier = "ORTM";
constexpr int kNewestVersion = 6;

constexpr FlatSchema kSchema{
    fb::SessionTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<fb::Session>(nullptr); }};

void describe(const fb::Session& session, const onnx::ModelProto& proto, Model& model) {
  model.format = "ort";
  model.format_version = text_of(session.version());
  model.producer = text_of(session.model()->producer_name());
  if (length(session.model()->producer_version()) > 0)
    model.producer += " " + text_of(session.model()->producer_version());
  model.description = text_of(session.model()->description()).substr(0, onnx_format::kMaxDescription);
  onnx_format::note_versions(proto, model);
  onnx_format::note_metadata(proto, model);
  const std::string& version = model.format_version;
  int number = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
  if (error == std::errc() && end == version.data() + version.size() && number <= kNewestVersion) return;
  model.diagnostics.warn("newer-version", "",
                         version.empty() ? "the file names no version of the format"
                                         : "version " + in_quotes(version) + " of the format is newer than " +
                                               std::to_string(kNewestVersion) + ", the newest known");
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (flat_identifier(source.bytes) != kIdentifier) return {};
  return {has_flat_root(source.bytes) ? Confidence::kCertain : Confidence::kLikely, "the identifier ORTM"};
}

Result<Model> read(const ModelSource& source) {
  const AlignedBytes aligned(source.bytes);
  NNGAUGE_CHECK(check_flat_structure(kSchema, aligned.get(), source.mapping));
  const fb::Session& session = *flatbuffers::GetRoot<fb::Session>(aligned.get().data());
  if (!session.model()) return make_error(ErrorCode::kNotAModel, "the file has no model");
  google::protobuf::Arena arena;
  auto* proto = google::protobuf::Arena::CreateMessage<onnx::ModelProto>(&arena);
  NNGAUGE_TRY(const Rewritten rewritten, rewrite(*session.model(), aligned.get(), *proto));
  Model model;
  model.files.push_back({"", source.bytes.size()});
  describe(session, *proto, model);
  if (rewritten.elsewhere > 0) {
    model.diagnostics.warn("weights-elsewhere", "",
                           "the bytes of " + std::to_string(rewritten.elsewhere) +
                               " constants lie in another file, which this one does not name");
  }
  onnx_format::GraphBuilder builder(source, *proto, rewritten.places, model);
  NNGAUGE_CHECK(builder.build());
  // Operators that the runtime made by fusing stand at the end of its list: it orders them by itself.
  for (Graph& graph : model.graphs) static_cast<void>(order_ops(graph));
  return model;
}

}  // namespace nngauge::ort
