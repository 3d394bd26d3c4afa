// SPDX-License-Identifier: Apache-2.0
#include "parsers/tensorflow/sniff.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/protobuf_wire.h"

namespace nngauge::tensorflow {
namespace {

constexpr std::size_t kTextSample = 64 << 10;

std::string_view text_of(Bytes file, const WireField& field) {
  return as_text(file.subspan(static_cast<std::size_t>(field.payload), static_cast<std::size_t>(field.size)));
}

bool is_op_name(std::string_view name) {
  return !name.empty() && name.size() < 256 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '>' ||
           c == '.' || c == '-' || c == ':' || c == '/';
  });
}

bool is_plain_text(std::string_view text) {
  return is_valid_utf8(text) &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

struct Evidence {
  bool contradicted = false;
  bool broken = false;  // the structure runs past its end
  int nodes = 0;
};

// A NodeDef: name and operator as texts, operands as texts, attributes as pairs under field 5.
bool is_node(Bytes file, const WireField& field, bool& broken) {
  WireReader reader(file, field.payload, field.end());
  WireField part;
  bool named = false, typed = false;
  while (reader.next(part)) {
    if (part.type != WireType::kBytes || part.number > 7) return false;
    if (part.number <= 4 && !is_plain_text(text_of(file, part))) return false;
    if (part.number == 1) named = part.size > 0;
    if (part.number == 2) {
      if (!is_op_name(text_of(file, part))) return false;
      typed = true;
    }
  }
  broken = broken || reader.failed();
  return typed && named;
}

// A GraphDef: 1 nodes, 2 library, 3 version, 4 versions, 5 debug information.
Evidence look_at_graph(Bytes file, std::uint64_t begin, std::uint64_t end) {
  constexpr int kEnough = 8;
  constexpr std::array kTypes = {WireType::kBytes, WireType::kBytes, WireType::kVarint, WireType::kBytes,
                                 WireType::kBytes};
  Evidence out;
  WireReader reader(file, begin, end);
  WireField field;
  bool other = false;
  while (reader.next(field)) {
    if (field.number < 1 || field.number > kTypes.size() || field.type != kTypes[field.number - 1]) {
      out.contradicted = true;
      return out;
    }
    other = other || field.number == 2 || field.number == 4;
    if (field.number != 1 || out.nodes >= kEnough) continue;
    if (!is_node(file, field, out.broken)) {
      out.contradicted = true;
      return out;
    }
    ++out.nodes;
  }
  out.broken = out.broken || reader.failed();
  out.contradicted = out.nodes == 0 && !other;
  return out;
}

// A MetaGraphDef has its graph under field 2.
Evidence look_at_meta_graph(Bytes file, std::uint64_t begin, std::uint64_t end) {
  Evidence out;
  out.contradicted = true;
  WireReader reader(file, begin, end);
  WireField field;
  while (reader.next(field)) {
    if (field.type != WireType::kBytes || field.number > 20) {
      out.contradicted = true;
      return out;
    }
    if (field.number != 2) continue;
    out = look_at_graph(file, field.payload, field.end());
    if (out.contradicted) return out;
  }
  out.broken = out.broken || reader.failed();
  return out;
}

// First words of the text, comments and white space apart.
std::string_view skip_comments(std::string_view text) {
  while (true) {
    text = trim(text);
    if (!text.starts_with('#')) return text;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end);
  }
}

bool opens(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text = trim(text.substr(word.size()));
  return text.starts_with('{') || text.starts_with(':');
}

std::optional<Identity> identify_text(std::string_view whole) {
  const std::string_view text = skip_comments(whole.substr(0, kTextSample));
  if (opens(text, "saved_model_schema_version")) return Identity{Container::kSavedModel, true, true};
  if (opens(text, "meta_graphs")) return Identity{Container::kSavedModel, true, true};
  if (opens(text, "meta_info_def") || opens(text, "graph_def")) return Identity{Container::kMetaGraph, true, true};
  const bool graph = opens(text, "node") || opens(text, "library") || opens(text, "versions");
  if (!graph || text.find("calculator:") != std::string_view::npos) return std::nullopt;
  if (text.find("op:") == std::string_view::npos && !opens(text, "library")) return std::nullopt;
  return Identity{Container::kGraph, true, true};
}

std::optional<Identity> identity_of(Container container, const Evidence& evidence) {
  if (evidence.contradicted || evidence.nodes == 0) return std::nullopt;
  return Identity{container, false, !evidence.broken};
}

}  // namespace

std::optional<Identity> identify(Bytes file) {
  if (file.empty()) return std::nullopt;
  const std::string_view start = as_text(file.first(std::min<std::size_t>(file.size(), 256)));
  const bool text = std::all_of(start.begin(), start.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
  if (text) {
    if (auto found = identify_text(as_text(file))) return found;
  }
  // A SavedModel begins with its version, 1, before its graphs.
  WireReader reader(file, 0, file.size());
  WireField first;
  if (!reader.next(first)) return std::nullopt;
  if (first.number == 1 && first.type == WireType::kVarint) {
    WireField field;
    while (reader.next(field)) {
      if (field.number != 2 || field.type != WireType::kBytes) return std::nullopt;
      Evidence evidence = look_at_meta_graph(file, field.payload, field.end());
      evidence.broken = evidence.broken || reader.failed();
      if (const auto found = identity_of(Container::kSavedModel, evidence)) return found;
    }
    return std::nullopt;
  }
  if (const auto found = identity_of(Container::kGraph, look_at_graph(file, 0, file.size()))) return found;
  return identity_of(Container::kMetaGraph, look_at_meta_graph(file, 0, file.size()));
}

}  // namespace nngauge::tensorflow
