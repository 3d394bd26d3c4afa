// SPDX-License-Identifier: Apache-2.0
#include "parsers/onnx/onnx.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <onnx/onnx_pb.h>

#include <algorithm>

#include "base/text.h"
#include "parsers/onnx/graph_builder.h"
#include "parsers/onnx/schema.h"
#include "parsers/onnx/types.h"
#include "parsers/onnx/versions.h"
#include "parsers/side_name.h"

namespace nngauge {
namespace {

using namespace onnx_format;

constexpr std::uint32_t kIrVersion = 1;
constexpr std::uint32_t kGraphField = 7;
constexpr std::uint32_t kNodeField = 1;
constexpr std::uint32_t kOpTypeField = 4;
constexpr std::uint32_t kLastModelField = 40;  // beyond the newest schema's 26

// Wire type of each field of ModelProto; -1 where the schema has none.
int model_wire_type(std::uint32_t number) {
  switch (number) {
    case kIrVersion:
    case 5:
      return 0;
    case 2:
    case 3:
    case 4:
    case 6:
    case kGraphField:
    case 8:
    case 14:
    case 20:
    case 25:
    case 26:
      return 2;
    default:
      return -1;
  }
}

// Looks at the nodes of a graph that may be cut short: none contradicts a NodeProto, and how many were seen.
struct NodeEvidence {
  bool plausible = true;
  int nodes = 0;
};

NodeEvidence look_at_nodes(Bytes file, std::uint64_t begin, std::uint64_t end) {
  NodeEvidence out;
  WireReader graph(file, begin, end);
  WireField field;
  constexpr int kEnough = 8;
  constexpr int kMostFields = 32;  // weights may come before nodes: walking over all of them would touch much memory
  for (int fields = 0; fields < kMostFields && out.nodes < kEnough && graph.next(field); ++fields) {
    if (field.number > 100 || field.type != WireType::kBytes) return {false, 0};
    if (field.number != kNodeField) continue;
    WireReader node(file, field.payload, field.end());
    WireField part;
    bool has_type = false;
    while (node.next(part)) {
      if (part.type != WireType::kBytes) return {false, 0};
      if (part.number != kOpTypeField) continue;
      const std::string_view name = as_text(file.subspan(part.payload, part.size));
      if (name.empty() || name.size() > 200 || !is_valid_utf8(name)) return {false, 0};
      has_type = true;
    }
    if (!has_type && !node.failed()) return {false, 0};
    if (has_type) ++out.nodes;
  }
  return out;
}

// Where a graph begins that runs past the end of the file.
std::optional<std::uint64_t> cut_graph(Bytes file, std::uint64_t at) {
  if (at >= file.size() || file[at] != ((kGraphField << 3U) | 2U)) return std::nullopt;
  while (++at < file.size()) {
    if ((file[at] & 0x80U) == 0) return at + 1;
  }
  return std::nullopt;
}

void describe(const onnx::ModelProto& proto, Model& model) {
  model.format = "onnx";
  model.name = readable(proto.graph().name());
  model.producer = readable(proto.producer_name());
  if (!proto.producer_version().empty()) model.producer += " " + readable(proto.producer_version());
  model.description = readable(proto.doc_string().substr(0, kMaxDescription));
  model.format_version = proto.has_ir_version() ? std::to_string(proto.ir_version()) : "";
  note_versions(proto, model);
  note_metadata(proto, model);
}

// libprotobuf's parser, told to keep silent: what it could say is said by us with a place.
bool parse(const std::string& bytes, onnx::ModelProto& proto) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  return proto.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

}  // namespace

Claim sniff_onnx(const ModelSource& source) {
  WireReader model(source.bytes, 0, source.bytes.size());
  WireField field;
  std::uint64_t at = 0;
  std::optional<NodeEvidence> graph;
  int known = 0;          // fields of ModelProto
  bool described = true;  // texts are texts
  // Other messages begin with a number and a text too: here the name decides.
  const auto begins = [&] {
    const bool is_one = known >= 2 && described && !side_name(source.path, ".onnx", "").empty();
    return is_one ? Claim{Confidence::kPossible, "the first fields of a ModelProto, and its name"} : Claim{};
  };
  while (model.next(field)) {
    const int expected = model_wire_type(field.number);
    if (field.number > kLastModelField || (expected >= 0 && expected != static_cast<int>(field.type))) return begins();
    if (expected >= 0) ++known;
    if (field.number == kIrVersion && field.value > 10'000) return {};
    if (field.number >= 2 && field.number <= 4)
      described &= is_valid_utf8(as_text(source.bytes.subspan(field.payload, field.size)));
    if (field.number == kGraphField) graph = look_at_nodes(source.bytes, field.payload, field.end());
    at = field.end();
  }
  // Damaged inside: still ONNX if enough of the outermost message says so.
  const Claim by_frame =
      known >= 2 && described ? Claim{Confidence::kPossible, "outermost fields as a ModelProto's"} : Claim{};
  if (!graph) {
    const auto begin = cut_graph(source.bytes, at);
    if (!model.failed() || !begin || known == 0) return begins();
    graph = look_at_nodes(source.bytes, *begin, source.bytes.size());
    if (!graph->plausible || graph->nodes == 0) return by_frame;
    return {Confidence::kLikely, "the beginning of a ModelProto's graph"};
  }
  if (!graph->plausible || graph->nodes == 0) return by_frame;
  if (model.failed()) return {Confidence::kLikely, "a ModelProto's graph, and then no message"};
  return {Confidence::kCertain, "a ModelProto whose graph has operators"};
}

Result<Model> read_onnx(const ModelSource& source) {
  NNGAUGE_TRY(const Reduction reduction, reduce_message(source.bytes, schema(), kModelMessage, source.mapping));
  google::protobuf::Arena arena;
  auto* proto = google::protobuf::Arena::CreateMessage<onnx::ModelProto>(&arena);
  if (!parse(reduction.message, *proto)) {
    NNGAUGE_CHECK(check_message(source.bytes, schema(), kModelMessage));
    return make_error(ErrorCode::kDamaged, "the protobuf message cannot be read");
  }
  if (!proto->has_graph()) return make_error(ErrorCode::kNotAModel, "the file has no graph");
  Model model;
  model.files.push_back({"", source.bytes.size()});
  describe(*proto, model);
  GraphBuilder builder(source, *proto, reduction, model);
  NNGAUGE_CHECK(builder.build());
  return model;
}

}  // namespace nngauge
