// SPDX-License-Identifier: Apache-2.0
// Owns: making a small message from a large one: bulk fields (weights) are located in the file and left out, the rest
// is copied, so that generated protobuf classes read the structure without touching or holding the weights.
// What is left out is found again by a mark: a varint field of number kMarkField that the reduced message carries.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "parsers/protobuf_wire.h"

namespace nngauge {

enum class FieldUse : std::uint8_t {
  kMessage,  // a message of another (or the same) type of the schema: descended into
  kCheck,    // a message that is copied whole; descended into only to find where a damaged file breaks
  kBulk,     // located; left out where large
  kLocate,   // located, never copied
  kSkip,     // of no use to us: not copied
};

struct SchemaField {
  std::uint32_t number;
  FieldUse use;
  std::uint8_t child = 0;  // kMessage, kCheck: index of the message type
};

// What the reduction must know of a message type; fields that are not listed are copied as they are.
struct SchemaMessage {
  std::string_view name;  // for error messages
  bool marked;            // carries a mark and has an entry in Reduction::places
  std::span<const SchemaField> fields;
};

// One field of a marked message. Repeated occurrences (unpacked numbers, strings) are summed.
struct LocatedField {
  std::uint32_t number = 0;
  bool removed = false;          // not in the reduced message
  std::uint64_t offset = 0;      // of the first occurrence's content
  std::uint64_t size_bytes = 0;  // of the content of all occurrences
  std::uint64_t occurrences = 0;
};

struct LocatedMessage {
  std::uint64_t offset = 0;  // of its first byte after the length
  std::vector<LocatedField> fields;
  [[nodiscard]] const LocatedField* find(std::uint32_t number) const;
};

struct Reduction {
  std::string message;                 // the message without its bulk
  std::vector<LocatedMessage> places;  // by mark
};

inline constexpr std::uint32_t kMarkField = 0x1fabcde;  // in no schema that we read
// Fields larger than this are left out: a copy of less costs nothing, and small constants are read from the copy.
inline constexpr std::uint64_t kBulkBytes = 8192;
// Unpacked numbers beyond this many are left out.
inline constexpr std::uint64_t kBulkOccurrences = 4096;

// Reduces the message of type `schema[root]` that fills `file`. Errors: kDamaged with the byte where the structure
// breaks, kTooLarge (nesting beyond 100 levels, or more than 2 GB left after the reduction).
// Pages of `mapping`, if given, are released as they are passed, so that a file of any size takes a few MB.
Result<Reduction> reduce_message(Bytes file, std::span<const SchemaMessage> schema, std::uint8_t root,
                                 const MappedFile* mapping = nullptr);

// Walks every message of the schema, those that reduce_message copies whole too, and tells where the file breaks.
Status check_message(Bytes file, std::span<const SchemaMessage> schema, std::uint8_t root);

}  // namespace nngauge
