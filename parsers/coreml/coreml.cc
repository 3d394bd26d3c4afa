// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/coreml.h"

#include <fmt/format.h>

#include "base/text.h"
#include "parsers/coreml/features.h"
#include "parsers/coreml/message.h"
#include "parsers/coreml/model_types.h"

namespace nngauge::coreml {
namespace {

// Field numbers of Model, ModelDescription and Metadata.
enum ModelField : std::uint32_t { kVersion = 1, kDescription = 2, kUpdatable = 10, kFirstType = 200, kLastType = 9999 };
enum DescriptionField : std::uint32_t { kInput = 1, kOutput = 10, kLabel = 11, kMetadata = 100 };
enum MetadataField : std::uint32_t { kShort = 1, kVersionText = 2, kAuthor = 3, kLicense = 4, kUser = 100 };

constexpr std::int64_t kNewestVersion = 10;
constexpr std::uint64_t kMostDescriptionBytes = 64 << 20;
constexpr std::size_t kMostText = 4096;

// A description: features with names under 1 and 10, texts under 11 and 12, and so on.
bool is_description(Bytes file, std::uint64_t begin, std::uint64_t end, bool& whole) {
  WireReader reader(file, begin, std::min<std::uint64_t>(end, file.size()));
  int features = 0;
  for (WireField field; features < 8 && reader.next(field);) {
    const bool known = field.number == kInput || (field.number >= kOutput && field.number <= 13) ||
                       field.number == 20 || field.number == 21 || field.number == 50 || field.number == kMetadata;
    if (!known || field.type != WireType::kBytes) return false;
    if (field.number != kInput && field.number != kOutput) continue;
    WireReader feature(file, field.payload, field.end());
    bool named = false;
    for (WireField part; feature.next(part);) {
      if (part.number > 3 || part.type != WireType::kBytes) return false;
      named = named || part.number == 1;
    }
    if (!named) return false;
    ++features;
  }
  whole = !reader.failed();
  return features > 0 || whole;
}

// Length and place of a field of bytes whose content may run past the end of the file.
std::optional<WireField> cut_field(Bytes file, std::uint64_t at) {
  const auto varint = [&](std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && at < file.size(); shift += 7) {
      const std::uint8_t byte = file[static_cast<std::size_t>(at++)];
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return true;
    }
    return false;
  };
  std::uint64_t tag = 0, size = 0;
  if (!varint(tag) || (tag & 7U) != 2 || !varint(size)) return std::nullopt;
  WireField out;
  out.number = static_cast<std::uint32_t>(tag >> 3U);
  out.type = WireType::kBytes;
  out.payload = at;
  out.size = size;
  return out;
}

struct Evidence {
  bool plausible = true;
  bool described = false, typed = false, known_type = false;
  bool whole = true;
};

Evidence look(Bytes file) {
  Evidence out;
  WireReader reader(file, 0, file.size());
  std::uint64_t at = 0;
  const auto judge = [&](const WireField& field) {
    const bool bytes = field.type == WireType::kBytes;
    if (field.number == kDescription && bytes) {
      bool whole = true;
      out.described = is_description(file, field.payload, field.payload + field.size, whole);
      out.plausible = out.plausible && out.described;
    } else if (field.number >= kFirstType && field.number <= kLastType && bytes) {
      out.typed = true;
      out.known_type = out.known_type || find_model_type(field.number) != nullptr;
    } else if ((field.number != kVersion && field.number != kUpdatable) || bytes) {
      out.plausible = false;
    }
  };
  bool first = true;
  for (WireField field; out.plausible && reader.next(field); at = field.end(), first = false) {
    judge(field);
    if (first) out.plausible = out.plausible && field.number == kVersion && field.value > 0 && field.value < 1000;
  }
  if (!reader.failed() || !out.plausible) return out;
  out.whole = false;
  if (const auto cut = cut_field(file, at)) judge(*cut);
  else out.plausible = out.plausible && out.described;
  return out;
}

void describe(const Message& proto, Model& model) {
  const std::int64_t version = proto.integer(kVersion);
  model.format_version = std::to_string(version);
  if (version > kNewestVersion) {
    model.diagnostics.warn(
        "newer-version", "",
        fmt::format("specification version {} is newer than {}, the newest known", version, kNewestVersion));
  }
  const Message metadata = proto.child(kDescription).child(kMetadata);
  const auto text = [](std::string_view value) { return readable(value.substr(0, kMostText)); };
  model.description = text(metadata.text(kShort));
  for (const auto& [number, key] :
       {std::pair{kVersionText, "version"}, std::pair{kAuthor, "author"}, std::pair{kLicense, "license"}}) {
    if (metadata.has(number)) model.metadata.emplace_back(key, text(metadata.text(number)));
  }
  std::size_t count = 0;
  metadata.each(kUser, [&](const WireField& field) {
    constexpr std::size_t kMostEntries = 256;
    if (++count > kMostEntries) return;
    const Message entry = metadata.of(field);
    const std::string key = text(entry.text(1));
    if (key == "com.github.apple.coremltools.version") model.producer = "coremltools " + text(entry.text(2));
    model.metadata.emplace_back(key, text(entry.text(2)));
  });
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (const Claim compiled = sniff_compiled(source); compiled.confidence != Confidence::kNone) return compiled;
  if (source.bytes.size() < 4 || source.bytes[0] != 0x08) return {};
  const Evidence evidence = look(source.bytes);
  if (!evidence.plausible || !(evidence.described || evidence.typed)) return {};
  if (!evidence.typed) {
    if (evidence.whole) return {};
    return {Confidence::kPossible, "the beginning of a Model message, up to its description"};
  }
  if (!evidence.described) {
    if (!evidence.known_type) return {};
    return {Confidence::kPossible, "a Model message of a known type, without a description"};
  }
  if (evidence.known_type && evidence.whole)
    return {Confidence::kCertain, "a Model message of a known type with its description"};
  return {Confidence::kLikely, "a Model message with its description"};
}

Result<Model> read(const ModelSource& source) {
  if (sniff_compiled(source).confidence != Confidence::kNone) return read_compiled(source);
  WireFile file{source.bytes, ok()};
  const Message proto(file, 0, source.bytes.size());
  NNGAUGE_CHECK(file.damage);
  if (proto.child(kDescription).size() > kMostDescriptionBytes)
    return make_error(ErrorCode::kTooLarge, "the description of inputs and results takes more than 64 MB");
  Model model;
  model.format = "coreml";
  model.files.push_back({"", source.bytes.size()});
  model.graphs.emplace_back();
  describe(proto, model);
  ModelReader reader(source, model);
  NNGAUGE_CHECK(reader.read(proto));
  NNGAUGE_CHECK(file.damage);
  return model;
}

}  // namespace nngauge::coreml
