// SPDX-License-Identifier: Apache-2.0
#include "parsers/protobuf_reduce.h"

#include <algorithm>

namespace nngauge {
namespace {

constexpr int kMaxNesting = 100;  // libprotobuf's own limit
constexpr std::size_t kMaxReducedBytes = 0x7fffffff;
constexpr std::uint64_t kReleaseBytes = 4 << 20;
constexpr std::size_t kLengthBytes = 5;  // lengths are patched in afterwards, so they take their full width

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
  out.push_back(static_cast<char>(value));
}

void append_tag(std::string& out, std::uint32_t number, WireType type) {
  append_varint(out, (std::uint64_t{number} << 3U) | static_cast<std::uint64_t>(type));
}

class Reducer {
 public:
  Reducer(Bytes file, std::span<const SchemaMessage> schema, bool checking, const MappedFile* mapping = nullptr)
      : file_(file), schema_(schema), checking_(checking), mapping_(mapping) {}

  Status reduce(std::uint8_t type, std::uint64_t begin, std::uint64_t end, int depth);
  Reduction take() { return std::move(out_); }

 private:
  static constexpr std::size_t kNoPlace = static_cast<std::size_t>(-1);

  const SchemaField* find_field(const SchemaMessage& message, std::uint32_t number) const {
    for (const SchemaField& field : message.fields) {
      if (field.number == number) return &field;
    }
    return nullptr;
  }
  void copy(std::uint64_t begin, std::uint64_t end) {
    if (begin < end && !checking_) out_.message.append(as_text(file_.subspan(begin, end - begin)));
  }
  // Gives back the pages before `position` from time to time.
  void pass(std::uint64_t position) {
    if (mapping_ == nullptr || position - released_ < kReleaseBytes) return;
    mapping_->release(file_.subspan(released_, position - released_));
    released_ = position;
  }
  // Notes a located field; true if it is to be left out of the copy.
  bool locate(std::size_t place, const WireField& field, FieldUse use);
  Status reduce_child(const SchemaField& use, const WireField& field, int depth);

  Bytes file_;
  std::span<const SchemaMessage> schema_;
  bool checking_;
  const MappedFile* mapping_;
  std::uint64_t released_ = 0;
  Reduction out_;
};

bool Reducer::locate(std::size_t place, const WireField& field, FieldUse use) {
  auto& fields = out_.places[place].fields;
  auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.number == field.number; });
  if (found == fields.end()) {
    fields.push_back({field.number, false, field.payload, 0, 0});
    found = fields.end() - 1;
  }
  found->size_bytes += field.size;
  found->occurrences += 1;
  if (use == FieldUse::kLocate || field.size > kBulkBytes || found->occurrences > kBulkOccurrences)
    found->removed = true;
  return found->removed;
}

Status Reducer::reduce_child(const SchemaField& use, const WireField& field, int depth) {
  if (checking_) return reduce(use.child, field.payload, field.end(), depth + 1);
  append_tag(out_.message, field.number, WireType::kBytes);
  const std::size_t length_at = out_.message.size();
  out_.message.append(kLengthBytes, '\0');
  NNGAUGE_CHECK(reduce(use.child, field.payload, field.end(), depth + 1));
  std::uint64_t length = out_.message.size() - length_at - kLengthBytes;
  for (std::size_t i = 0; i < kLengthBytes; ++i, length >>= 7U) {
    out_.message[length_at + i] = static_cast<char>((length & 0x7fU) | (i + 1 < kLengthBytes ? 0x80U : 0U));
  }
  return ok();
}

Status Reducer::reduce(std::uint8_t type, std::uint64_t begin, std::uint64_t end, int depth) {
  const SchemaMessage& message = schema_[type];
  if (depth > kMaxNesting) {
    return make_error(ErrorCode::kTooLarge, "messages are nested deeper than 100 levels").at(byte_place(begin));
  }
  std::size_t place = kNoPlace;
  if (message.marked && !checking_) {
    place = out_.places.size();
    out_.places.push_back({begin, {}});
    append_tag(out_.message, kMarkField, WireType::kVarint);
    append_varint(out_.message, place);
  }
  WireReader reader(file_, begin, end);
  WireField field;
  std::uint64_t copied = begin;  // everything before is copied or left out
  while (reader.next(field)) {
    pass(field.offset);
    if (field.number == kMarkField) {
      copy(copied, field.offset);
      copied = field.end();
      continue;
    }
    const SchemaField* use = find_field(message, field.number);
    if (use == nullptr || (use->use == FieldUse::kCheck && !checking_)) continue;
    const bool descends = use->use == FieldUse::kMessage || use->use == FieldUse::kCheck;
    if (descends) {
      if (field.type != WireType::kBytes) continue;  // of another type than the schema says: an unknown field
      copy(copied, field.offset);
      NNGAUGE_CHECK(reduce_child(*use, field, depth));
      copied = field.end();
    } else if (use->use == FieldUse::kSkip || (place != kNoPlace && locate(place, field, use->use))) {
      copy(copied, field.offset);
      copied = field.end();
    }
    if (out_.message.size() > kMaxReducedBytes) break;
  }
  if (auto status = reader.status(); !status) return status.error().at(message.name);
  copy(copied, end);
  if (out_.message.size() > kMaxReducedBytes) {
    return make_error(ErrorCode::kTooLarge, "the structure of the file, without its weights, takes more than 2 GB");
  }
  return ok();
}

}  // namespace

const LocatedField* LocatedMessage::find(std::uint32_t number) const {
  for (const LocatedField& field : fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

Result<Reduction> reduce_message(Bytes file, std::span<const SchemaMessage> schema, std::uint8_t root,
                                 const MappedFile* mapping) {
  Reducer reducer(file, schema, false, mapping);
  NNGAUGE_CHECK(reducer.reduce(root, 0, file.size(), 0));
  return reducer.take();
}

Status check_message(Bytes file, std::span<const SchemaMessage> schema, std::uint8_t root) {
  return Reducer(file, schema, true).reduce(root, 0, file.size(), 0);
}

}  // namespace nngauge
