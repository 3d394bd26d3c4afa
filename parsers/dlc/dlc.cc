// SPDX-License-Identifier: Apache-2.0
#include "parsers/dlc/dlc.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "parsers/containers/zip.h"
#include "parsers/dlc/net.h"
#include "parsers/flatbuffer.h"

namespace nngauge::dlc {
namespace {

constexpr std::size_t kHeaderBytes = 8;

std::uint16_t number_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | (bytes[at + 1] << 8));
}

// D5 0A, u16 major, u16 minor, u16 0.
bool has_record_header(Bytes bytes) {
  return bytes.size() >= kHeaderBytes && bytes[0] == 0xD5 && bytes[1] == 0x0A && number_at(bytes, 6) == 0;
}
bool has_net_identifier(Bytes bytes) { return flat_identifier(bytes) == "NETD" && has_flat_root(bytes); }

const ArchiveMember* find_member(const std::vector<ArchiveMember>& members, std::string_view name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const ArchiveMember& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

// The member's bytes as they are stored. Errors: kDamaged.
Result<Part> stored_part(Bytes file, const ArchiveMember& member) {
  NNGAUGE_TRY(const std::uint64_t offset, zip::content_offset(file, member));
  return Part{file.subspan(offset, member.packed_bytes), offset};
}

// A subgraph that was compiled for an accelerator ahead of time.
bool is_compiled(std::string_view name) {
  return name.starts_with("htp") || name.starts_with("hta") || name.starts_with("runtime") || name.ends_with(".qnn") ||
         name.ends_with(".bin") || name.find(".htp") != std::string_view::npos ||
         name.find(".hta") != std::string_view::npos || name.starts_with("dsp") ||
         name.find("cache") != std::string_view::npos;
}

// Bits a byte of the first megabyte: 8 for what is encrypted (or compressed).
double entropy(Bytes bytes) {
  bytes = bytes.first(std::min<std::size_t>(bytes.size(), 1U << 20));
  std::array<std::size_t, 256> counts{};
  for (const std::uint8_t byte : bytes) ++counts[byte];
  double sum = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(bytes.size());
    sum -= share * std::log2(share);
  }
  return sum;
}

// Why the bytes are no record.
Error no_record(Bytes bytes) {
  constexpr std::size_t kEnough = 16384;  // bytes from which random ones come near 8 bits
  constexpr double kRandom = 7.98;
  if (bytes.size() >= kEnough && entropy(bytes) >= kRandom)
    return make_error(ErrorCode::kEncrypted, "the record has no header and its bytes look random: it is encrypted");
  return make_error(ErrorCode::kDamaged, "the record does not begin with the bytes D5 0A of a DLC record");
}

struct Record {
  int version = 0;
  std::string version_text;
  Part body;
};

Result<Record> open_record(const Part& part) {
  Record out;
  if (!has_record_header(part.bytes)) {
    if (flat_identifier(part.bytes).starts_with("N") && has_flat_root(part.bytes)) {
      return Record{3, "3", part};
    }
    return no_record(part.bytes);
  }
  out.version = number_at(part.bytes, 2);
  out.version_text = std::to_string(out.version) + "." + std::to_string(number_at(part.bytes, 4));
  out.body = {part.bytes.subspan(kHeaderBytes), part.offset + kHeaderBytes};
  if (out.version < 2 || out.version > 4) {
    return make_error(ErrorCode::kUnsupportedVersion,
                      "DLC record version " + out.version_text + "; versions 2 to 4 can be read");
  }
  return out;
}

Status add_graphs(const ModelSource& source, const Part& model_part, const std::optional<Part>& params_part,
                  Model& model) {
  Result<Record> record = open_record(model_part);
  if (!record) return record.error().at("member model");
  std::optional<Part> params;
  if (params_part) {
    Result<Record> opened = open_record(*params_part);
    if (!opened) return opened.error().at("member model.params");
    params = opened->body;
  }
  model.format_version = record->version_text;
  if (record->version == 2) {
    NNGAUGE_TRY(Net net, read_record_2(record->body, source.bytes));
    return build_graph(std::move(net), model);
  }
  if (record->version == 3) {
    NNGAUGE_TRY(Net net, read_record_3(record->body, params));
    return build_graph(std::move(net), model);
  }
  NNGAUGE_TRY(std::vector<Net> nets, read_record_4(record->body, params));
  for (Net& net : nets) NNGAUGE_CHECK(build_graph(std::move(net), model));
  return ok();
}

// Lines key=value. "N/A" says nothing.
void read_metadata(std::string_view text, Model& model) {
  for (const std::string& line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || model.metadata.size() > 64) continue;
    const std::string key = printable(trim(std::string_view(line).substr(0, equals)));
    const std::string value = printable(trim(std::string_view(line).substr(equals + 1)));
    if (value == "N/A" || value.empty()) continue;
    if (key == "converter-version") model.producer = "SNPE " + value;
    model.metadata.emplace_back(key, value);
  }
}

// Nothing but compiled blobs: one operator for each. Errors: kDamaged.
Status add_blob_graph(Bytes file, const std::vector<const ArchiveMember*>& blobs, Model& model) {
  Graph graph;
  for (const ArchiveMember* blob : blobs) {
    NNGAUGE_TRY(const Part part, stored_part(file, *blob));
    Op op;
    op.kind = OpKind::kDelegateBlob;
    op.name = op.source_op = printable(blob->name);
    Tensor content;
    content.name = op.name;
    content.is_constant = true;
    content.dtype = DType::kUInt8;
    content.declared = content.shape = Shape{static_cast<std::int64_t>(part.bytes.size())};
    content.data = {0, part.offset, part.bytes.size()};
    op.inputs.push_back({static_cast<TensorId>(graph.tensors.size()), OperandRole::kConfig});
    graph.tensors.push_back(std::move(content));
    graph.ops.push_back(std::move(op));
  }
  model.graphs.push_back(std::move(graph));
  return ok();
}

Status check_member(const ArchiveMember& member) {
  const std::string place = "ZIP member " + in_quotes(member.name);
  if (member.encrypted) return make_error(ErrorCode::kEncrypted, place + " is encrypted");
  if (member.method != 0) {
    return make_error(ErrorCode::kUnsupportedVersion, place + " is compressed (method " +
                                                          std::to_string(member.method) +
                                                          "); DLC files store their members as they are");
  }
  return ok();
}

Status read_archive(const ModelSource& source, Model& model) {
  NNGAUGE_TRY(const std::vector<ArchiveMember> members, zip::read_directory(source.bytes, ContainerLimits{}.members));
  const ArchiveMember* record = find_member(members, "model");
  const ArchiveMember* weights = find_member(members, "model.params");
  std::vector<const ArchiveMember*> blobs;
  for (const ArchiveMember& member : members) {
    if (member.name == "dlc.metadata" && member.method == 0 && !member.encrypted) {
      NNGAUGE_TRY(const Part metadata, stored_part(source.bytes, member));
      read_metadata(as_text(metadata.bytes), model);
    } else if (is_compiled(member.name)) {
      blobs.push_back(&member);
      model.diagnostics.note("compiled-blob", "",
                             in_quotes(member.name) + " of " + std::to_string(member.packed_bytes) +
                                 " bytes is compiled for an accelerator and not looked into");
    }
  }
  if (!record) {
    if (blobs.empty()) return make_error(ErrorCode::kNotAModel, "a DLC archive without a member \"model\"");
    return add_blob_graph(source.bytes, blobs, model);
  }
  NNGAUGE_CHECK(check_member(*record));
  NNGAUGE_TRY(const Part model_part, stored_part(source.bytes, *record));
  std::optional<Part> params_part;
  if (weights) {
    NNGAUGE_CHECK(check_member(*weights));
    NNGAUGE_TRY(params_part, stored_part(source.bytes, *weights));
  }
  return add_graphs(source, model_part, params_part, model);
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (has_record_header(source.bytes)) return {Confidence::kCertain, "the header D5 0A of a record"};
  if (has_net_identifier(source.bytes)) return {Confidence::kLikely, "the identifier NETD"};
  // Of use where the directory is cut off.
  constexpr Claim kByMetadata = {Confidence::kCertain, "a ZIP archive with dlc.metadata"};
  if (zip::first_member_name(source.bytes) == "dlc.metadata") return kByMetadata;
  if (!source.archive) return {};
  if (source.archive->find("dlc.metadata")) return kByMetadata;
  const ArchiveMember* record = source.archive->find("model");
  if (!record) return {};
  const auto part = stored_part(source.bytes, *record);
  if (!part || !(has_record_header(part->bytes) || has_net_identifier(part->bytes))) return {};
  return {Confidence::kCertain, "a ZIP archive whose member model is a record"};
}

Result<Model> read(const ModelSource& source) {
  Model model;
  model.format = "dlc";
  model.files.push_back({"", source.bytes.size()});
  const bool archive = zip::starts_as_zip(source.bytes);
  NNGAUGE_CHECK(archive ? read_archive(source, model) : add_graphs(source, {source.bytes, 0}, std::nullopt, model));
  if (model.name.empty()) model.name = model.main().name;
  return model;
}

}  // namespace nngauge::dlc
