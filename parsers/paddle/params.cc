// SPDX-License-Identifier: Apache-2.0
#include "parsers/paddle/params.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "parsers/protobuf_wire.h"

namespace nngauge::paddle {
namespace {

// Reads little-endian numbers one after the other; `failed` once the end is passed.
struct Cursor {
  Bytes file;
  std::uint64_t at = 0;
  bool failed = false;

  std::uint64_t take(std::size_t size) {
    if (failed || size > file.size() - at) {
      failed = true;
      return 0;
    }
    std::uint64_t out = 0;
    for (std::size_t i = size; i > 0; --i) out = (out << 8U) | file[static_cast<std::size_t>(at) + i - 1];
    at += size;
    return out;
  }
  void skip(std::uint64_t size) {
    if (failed || size > file.size() - at) failed = true;
    else at += size;
  }
};

struct Stored {
  DType dtype = DType::kUnknown;
  Shape shape;
};

// TensorDesc: 1 data_type, 2 dims, packed or not.
bool read_desc(Bytes file, std::uint64_t begin, std::uint64_t end, Stored& out) {
  WireReader reader(file, begin, end);
  WireField field;
  std::vector<Dim> dims;
  while (reader.next(field)) {
    if (field.number == 1 && field.type == WireType::kVarint)
      out.dtype = dtype_of(static_cast<std::int64_t>(field.value));
    if (field.number != 2) continue;
    if (field.type == WireType::kVarint) dims.emplace_back(static_cast<std::int64_t>(field.value));
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (std::uint64_t at = field.payload; field.type == WireType::kBytes && at < field.end(); ++at) {
      const std::uint8_t byte = file[static_cast<std::size_t>(at)];
      if (shift < 64) value |= std::uint64_t{byte & 0x7FU} << shift;
      shift += 7;
      if (byte & 0x80U) continue;
      dims.emplace_back(static_cast<std::int64_t>(value));
      value = 0, shift = 0;
    }
  }
  for (const Dim dim : dims) {
    if (dim.value() < 0) return false;
  }
  out.shape = Shape(std::move(dims));
  return !reader.failed();
}

// Header of one tensor: version, levels of detail with their offsets, version again, description.
Status read_tensor(Cursor& cursor, std::int32_t file_id, ProgramVar& var) {
  constexpr std::uint64_t kMostLevels = 64, kMostDesc = 4096;
  const std::uint64_t start = cursor.at;
  const auto broken = [&] {
    return damaged_at(start, "the header of parameter " + in_quotes(var.name) + " is broken");
  };
  if (cursor.take(4) != 0) return broken();
  const std::uint64_t levels = cursor.take(8);
  if (cursor.failed || levels > kMostLevels) return broken();
  for (std::uint64_t i = 0; i < levels; ++i) cursor.skip(cursor.take(8));
  if (cursor.take(4) != 0) return broken();
  const std::uint64_t size = cursor.take(4);
  const std::uint64_t desc = cursor.at;
  cursor.skip(size);
  Stored stored;
  if (cursor.failed || size > kMostDesc || !read_desc(cursor.file, desc, desc + size, stored)) return broken();
  if (var.shape.is_static() && !(var.shape == stored.shape)) {
    const SymbolTable none;
    return make_error(ErrorCode::kShapeMismatch,
                      fmt::format("parameter {} is {} in the program, {} in its file", in_quotes(var.name),
                                  shape_text(var.shape, none), shape_text(stored.shape, none)));
  }
  var.shape = stored.shape;
  var.dtype = stored.dtype;
  const std::optional<Count> elements = var.shape.elements();
  const Count bytes = packed_bytes(var.dtype, *elements);
  if (elements->overflowed() || bytes.overflowed() || dtype_bits(var.dtype) == 0) return broken();
  var.data = {file_id, cursor.at, bytes.value()};
  cursor.skip(bytes.value());
  if (cursor.failed)
    return damaged_at(
        start, fmt::format("parameter {} takes {} bytes, the file ends before", in_quotes(var.name), bytes.value()));
  return ok();
}

}  // namespace

Error damaged_at(std::uint64_t at, std::string message) {
  return make_error(ErrorCode::kDamaged, std::move(message)).at("byte " + std::to_string(at));
}

Status locate_combined(Bytes file, std::int32_t file_id, Program& program) {
  std::vector<ProgramVar*> vars;
  for (ProgramVar& var : program.vars) {
    if (var.persistable && var.is_tensor) vars.push_back(&var);
  }
  std::sort(vars.begin(), vars.end(), [](const ProgramVar* a, const ProgramVar* b) { return a->name < b->name; });
  Cursor cursor{file};
  for (ProgramVar* var : vars) NNGAUGE_CHECK(read_tensor(cursor, file_id, *var));
  if (cursor.at != file.size())
    return damaged_at(cursor.at, fmt::format("{} bytes follow the last parameter", file.size() - cursor.at));
  return ok();
}

}  // namespace nngauge::paddle
