// SPDX-License-Identifier: Apache-2.0
#include "parsers/flatbuffer_walk.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "flatbuffers/flatbuffers.h"

namespace nngauge {
namespace {

using flatbuffers::TypeTable;
using Fault = std::optional<Error>;

constexpr int kMostDepth = 64;
// Vectors up to this length are brought in whole: they may be small constants, which readers decode.
constexpr std::size_t kSmallVector = 4096;
constexpr std::size_t kPage = 4096;

std::string text(std::size_t number) { return std::to_string(number); }

std::string hex(std::size_t number) {
  char digits[2 * sizeof number + 3];
  std::snprintf(digits, sizeof digits, "0x%zx", number);
  return digits;
}

std::size_t scalar_bytes(flatbuffers::ElementaryType type) {
  switch (type) {
    case flatbuffers::ET_UTYPE:
    case flatbuffers::ET_BOOL:
    case flatbuffers::ET_CHAR:
    case flatbuffers::ET_UCHAR:
      return 1;
    case flatbuffers::ET_SHORT:
    case flatbuffers::ET_USHORT:
      return 2;
    case flatbuffers::ET_LONG:
    case flatbuffers::ET_ULONG:
    case flatbuffers::ET_DOUBLE:
      return 8;
    default:
      return 4;  // numbers of four bytes, and offsets to strings, vectors, tables
  }
}

class Walker {
 public:
  explicit Walker(const FlatWalk& walk)
      : bytes_(walk.bytes),
        file_bytes_(walk.file_bytes),
        tables_left_(walk.most_tables),
        mapping_(walk.bring_in_from),
        present_(mapping_ ? bytes_.size() / kPage + 1 : 0, false) {}

  Fault walk_root(const TypeTable* type) {
    if (bytes_.size() < 16) return fault(0, "the file has " + text(file_bytes_) + " bytes, too few for a root table");
    std::size_t root = 0;
    if (Fault found = follow(0, "the root table", root)) return found;
    return walk_table(type, root, 0);
  }

 private:
  // One step down from the root: a field's name, or a place in a vector.
  struct Step {
    const char* name;
    std::size_t index;
  };

  template <class T>
  T read(std::size_t at) {
    bring_in(at, sizeof(T));
    T out;
    std::memcpy(&out, bytes_.data() + at, sizeof out);
    return out;
  }
  [[nodiscard]] bool inside(std::size_t at, std::size_t length) const {
    return at <= bytes_.size() && length <= bytes_.size() - at;
  }
  // What lies inside the bytes; consecutive pages that are not there yet are asked for together.
  void bring_in(std::size_t at, std::size_t length) {
    if (!mapping_ || length == 0) return;
    const std::size_t last = (at + length - 1) / kPage;
    for (std::size_t page = at / kPage; page <= last; ++page) {
      if (present_[page]) continue;
      const std::size_t first = page;
      while (page <= last && !present_[page]) present_[page++] = true;
      const std::size_t begin = first * kPage;
      mapping_->bring_in(bytes_.subspan(begin, std::min(page * kPage, bytes_.size()) - begin));
    }
  }

  [[nodiscard]] std::string path() const {
    std::string out;
    for (const Step& step : steps_) {
      if (step.name) out += (out.empty() ? "" : ".") + std::string(step.name);
      else out += "[" + text(step.index) + "]";
    }
    return out;
  }
  Fault fault(std::size_t at, std::string message) const {
    Error error = make_error(ErrorCode::kDamaged, std::move(message));
    error.where = (steps_.empty() ? "" : path() + " ") + "(byte " + hex(at) + ")";
    return error;
  }
  Fault past_end(std::size_t at, const std::string& what) const {
    return fault(at, what + " runs past the end of the file at " + text(file_bytes_) + " bytes");
  }

  [[nodiscard]] Fault misaligned(std::size_t at, std::size_t alignment) const {
    if (at % alignment == 0) return std::nullopt;
    return fault(at, "lies at a byte that is no multiple of " + text(alignment));
  }

  // Reads the offset at `at`; `target` is the place that it points to.
  Fault follow(std::size_t at, const std::string& what, std::size_t& target) {
    if (!inside(at, 4)) return past_end(at, "the offset of " + what);
    if (Fault found = misaligned(at, 4)) return found;
    const auto offset = read<flatbuffers::uoffset_t>(at);
    target = at + offset;
    if (offset == 0) return fault(at, "the offset of " + what + " is 0");
    if (offset > 0x7FFFFFFF || !inside(target, 4)) {
      return fault(at, what + " would lie at byte " + text(target) + ", the file has " + text(file_bytes_));
    }
    return std::nullopt;
  }

  Fault walk_table(const TypeTable* type, std::size_t table, int depth) {
    if (depth > kMostDepth) return fault(table, "tables are nested more than " + text(kMostDepth) + " deep");
    if (tables_left_ == 0) {
      Error error = make_error(ErrorCode::kTooLarge, "has more tables than a file of its size can hold");
      error.where = path();
      return error;
    }
    --tables_left_;
    if (!inside(table, 4)) return past_end(table, "the table");
    if (Fault found = misaligned(table, 4)) return found;
    const std::int64_t vtable = static_cast<std::int64_t>(table) - read<flatbuffers::soffset_t>(table);
    if (vtable < 0 || !inside(static_cast<std::size_t>(vtable), 4)) {
      return fault(table,
                   "its vtable would lie at byte " + std::to_string(vtable) + ", the file has " + text(file_bytes_));
    }
    const auto vtable_at = static_cast<std::size_t>(vtable);
    if (Fault found = misaligned(vtable_at, 2)) return found;
    const auto vtable_bytes = read<flatbuffers::voffset_t>(vtable_at);
    if (vtable_bytes < 4 || vtable_bytes % 2 != 0) {
      return fault(vtable_at, "the vtable has " + text(vtable_bytes) + " bytes, not an even number above 2");
    }
    if (!inside(vtable_at, vtable_bytes)) return past_end(vtable_at, "the vtable");
    const std::size_t fields = (vtable_bytes - 4u) / 2u;
    for (std::size_t i = 0; i < type->num_elems && i < fields; ++i) {
      const auto offset = read<flatbuffers::voffset_t>(vtable_at + 4 + 2 * i);
      if (offset == 0) continue;
      steps_.push_back({type->names[i], 0});
      if (Fault found = walk_field(type, i, table, table + offset, vtable_at, fields, depth)) return found;
      steps_.pop_back();
    }
    return std::nullopt;
  }

  Fault walk_field(const TypeTable* type, std::size_t index, std::size_t table, std::size_t at, std::size_t vtable,
                   std::size_t fields, int depth) {
    const flatbuffers::TypeCode code = type->type_codes[index];
    const auto base = static_cast<flatbuffers::ElementaryType>(code.base_type);
    const TypeTable* inner = code.sequence_ref >= 0 ? type->type_refs[code.sequence_ref]() : nullptr;
    if (code.is_repeating) return walk_vector(base, inner, at, depth);
    if (base == flatbuffers::ET_STRING) return walk_string(at);
    if (base != flatbuffers::ET_SEQUENCE) {
      if (!inside(at, scalar_bytes(base))) return past_end(at, "the field");
      return misaligned(at, scalar_bytes(base));
    }
    if (inner->st == flatbuffers::ST_UNION) {
      // The member's type stands in the field before it.
      if (index == 0 || index > fields) return std::nullopt;
      const auto type_offset = read<flatbuffers::voffset_t>(vtable + 4 + 2 * (index - 1));
      if (type_offset == 0) return std::nullopt;
      if (!inside(table + type_offset, 1)) return past_end(table + type_offset, "the type of the union");
      const auto member = read<std::uint8_t>(table + type_offset);
      if (member == 0 || member >= inner->num_elems) return std::nullopt;
      inner = inner->type_refs[inner->type_codes[member].sequence_ref]();
    }
    std::size_t target = 0;
    if (Fault found = follow(at, "the table", target)) return found;
    return walk_table(inner, target, depth + 1);
  }

  Fault walk_string(std::size_t at) {
    std::size_t target = 0;
    if (Fault found = follow(at, "the string", target)) return found;
    if (Fault found = misaligned(target, 4)) return found;
    const std::size_t length = read<flatbuffers::uoffset_t>(target);
    if (!inside(target + 4, length + 1)) return past_end(target, "a string of " + text(length) + " bytes");
    bring_in(target, length + 5);
    if (bytes_[target + 4 + length] != 0) return fault(target + 4 + length, "the string does not end in a zero byte");
    return std::nullopt;
  }

  Fault walk_strings(std::size_t vector, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      steps_.push_back({nullptr, i});
      if (Fault found = walk_string(vector + 4 + 4 * i)) return found;
      steps_.pop_back();
    }
    return std::nullopt;
  }

  Fault walk_vector(flatbuffers::ElementaryType base, const TypeTable* inner, std::size_t at, int depth) {
    std::size_t target = 0;
    if (Fault found = follow(at, "the vector", target)) return found;
    if (Fault found = misaligned(target, 4)) return found;
    const std::size_t count = read<flatbuffers::uoffset_t>(target);
    std::size_t each = scalar_bytes(base);
    if (base == flatbuffers::ET_SEQUENCE && inner->st == flatbuffers::ST_STRUCT) {
      each = static_cast<std::size_t>(inner->values[inner->num_elems]);
    }
    if (!inside(target + 4, count * each)) {
      return past_end(target, "a vector of " + text(count) + " elements of " + text(each) + " bytes");
    }
    const bool of_offsets =
        base == flatbuffers::ET_STRING || (base == flatbuffers::ET_SEQUENCE && inner->st == flatbuffers::ST_TABLE);
    if (of_offsets || count * each <= kSmallVector) bring_in(target, 4 + count * each);
    if (base == flatbuffers::ET_STRING) return walk_strings(target, count);
    if (base != flatbuffers::ET_SEQUENCE || inner->st != flatbuffers::ST_TABLE) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      steps_.push_back({nullptr, i});
      std::size_t table = 0;
      if (Fault found = follow(target + 4 + 4 * i, "the table", table)) return found;
      if (Fault found = walk_table(inner, table, depth + 1)) return found;
      steps_.pop_back();
    }
    return std::nullopt;
  }

  Bytes bytes_;
  std::size_t file_bytes_;
  std::size_t tables_left_;
  const MappedFile* mapping_;
  std::vector<bool> present_;  // by page: asked for
  std::vector<Step> steps_;
};

}  // namespace

std::optional<Error> find_flat_fault(const FlatWalk& walk) { return Walker(walk).walk_root(walk.root); }

}  // namespace nngauge
