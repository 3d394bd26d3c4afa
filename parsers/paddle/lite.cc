// SPDX-License-Identifier: Apache-2.0
// Layout 2: u16 2, 16 bytes with the version of the tool, u64 size of the program, the program, then a list of
// parameters: u16 version, u16 size of its metadata, u16 size of its header, u16 count, u32 largest; each parameter is
// u32 size, u32 offset of its table from there, the table.
#include "parsers/paddle/lite.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "lite_generated.h"
#include "parsers/copy_budget.h"
#include "parsers/flatbuffer.h"
#include "parsers/flatbuffer_fields.h"
#include "parsers/flatbuffer_walk.h"
#include "parsers/paddle/params.h"

namespace nngauge::paddle {
namespace {

constexpr std::size_t kToolVersion = 2, kToolVersionBytes = 16, kProgramSize = 18, kProgram = 26;
constexpr std::size_t kListHeader = 6;  // before what `size of its header` speaks of

constexpr FlatSchema kProgramSchema{
    fb::ProgramTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<fb::Program>(nullptr); }};

// Structures one after the other: u64 blocks, then of the first block its number 0, its parent's -1, u64 variables, and
// the first one's name behind its length.
bool is_dump(Bytes file) {
  constexpr std::uint64_t kMostBlocks = 4096, kMostVars = 1'000'000, kLongestName = 512;
  if (file.size() < 40) return false;
  const auto blocks = number_at<std::uint64_t>(file, 0), vars = number_at<std::uint64_t>(file, 16);
  const auto length = number_at<std::uint64_t>(file, 24);
  if (blocks == 0 || blocks > kMostBlocks || vars == 0 || vars > kMostVars) return false;
  if (number_at<std::int32_t>(file, 8) != 0 || number_at<std::int32_t>(file, 12) != -1) return false;
  if (length == 0 || length > kLongestName || length > file.size() - 32) return false;
  const std::string_view name = as_text(file.subspan(32, static_cast<std::size_t>(length)));
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// --- the program ---

class ProgramReader {
 public:
  explicit ProgramReader(std::uint64_t file_bytes) : budget_(file_bytes, 8) {}

  Status read(const fb::Program& source, Program& out) {
    out.blocks = length(source.blocks());
    if (out.blocks == 0) return make_error(ErrorCode::kNotAModel, "the program has no blocks");
    const fb::Block& block = get(source.blocks(), 0);
    for (std::size_t i = 0; i < length(block.vars()); ++i) NNGAUGE_CHECK(read_var(get(block.vars(), i), out));
    for (std::size_t i = 0; i < length(block.ops()); ++i) {
      ProgramOp op;
      Status status = read_op(get(block.ops(), i), op);
      if (!status) return status.error().at("op #" + std::to_string(i));
      op.result = result_type(op.text("__@kernel_type_attr@__"));
      out.ops.push_back(std::move(op));
    }
    forget_reused(out);
    return ok();
  }

 private:
  // The kernel that was chosen names the type that it makes: "conv2d/int8_out/4/2/1", "calib/fp32_to_int8/4/2/1".
  static DType result_type(std::string_view kernel) {
    const auto has = [&](std::string_view word) { return kernel.find(word) != std::string_view::npos; };
    if (has("fp32_out") || has("fp32out") || has("int8_to_fp32")) return DType::kFloat32;
    if (has("int8_out") || has("int8out") || has("fp32_to_int8")) return DType::kInt8;
    return DType::kUnknown;
  }

  // The optimiser lets results share variables: what such a variable says of itself was true of one of them only.
  static void forget_reused(Program& program) {
    std::unordered_map<std::string_view, std::size_t> writers;
    for (const ProgramOp& op : program.ops) {
      for (const auto& [parameter, names] : op.outputs) {
        for (const std::string& name : names) ++writers[name];
      }
    }
    for (ProgramVar& var : program.vars) {
      if (var.persistable || writers[var.name] < 2) continue;
      var.dtype = DType::kUnknown;
      var.shape = Shape();
    }
  }

  Result<std::string> text(const flatbuffers::String* string) {
    NNGAUGE_CHECK(budget_.spend(16 + length(string)));
    return text_of(string);
  }

  Status read_var(const fb::Var& source, Program& out) {
    constexpr int kDenseTensor = 7;
    ProgramVar var;
    NNGAUGE_TRY(var.name, text(source.name()));
    var.persistable = source.persistable();
    var.is_tensor = source.type() && source.type()->type() == kDenseTensor;
    const fb::DenseTensorDesc* dense = source.type() ? source.type()->dense_tensor() : nullptr;
    if (dense && dense->tensor()) {
      NNGAUGE_CHECK(budget_.spend(length(dense->tensor()->dims())));
      var.dtype = dtype_of(dense->tensor()->type());
      std::vector<Dim> dims;
      for (const std::int64_t dim : ints_of(dense->tensor()->dims()))
        dims.push_back(dim < 0 ? Dim::unknown() : Dim(dim));
      // Passes of the optimiser leave the extents of what they add empty.
      if (!dims.empty()) var.shape = Shape(std::move(dims));
    }
    out.vars.push_back(std::move(var));
    return ok();
  }

  Status read_op(const fb::Op& source, ProgramOp& out) {
    NNGAUGE_TRY(out.type, text(source.type()));
    for (const bool inputs : {true, false}) {
      const auto* lists = inputs ? source.inputs() : source.outputs();
      for (std::size_t i = 0; i < length(lists); ++i) {
        NNGAUGE_TRY(const std::string parameter, text(get(lists, i).parameter()));
        auto& names = (inputs ? out.inputs : out.outputs)[parameter];
        for (std::size_t k = 0; k < length(get(lists, i).arguments()); ++k) {
          NNGAUGE_TRY(std::string name, text(&get(get(lists, i).arguments(), k)));
          names.push_back(std::move(name));
        }
      }
    }
    for (std::size_t i = 0; i < length(source.attrs()); ++i) {
      const fb::Attr& attr = get(source.attrs(), i);
      NNGAUGE_TRY(const std::string name, text(attr.name()));
      NNGAUGE_TRY(out.attrs[name], read_attr(attr));
    }
    return ok();
  }

  Result<Attr> read_attr(const fb::Attr& source) {
    constexpr int kFlag = 6, kBlock = 8, kLong = 9, kLongs = 11;
    Attr out;
    const int type = source.type();
    out.integer = type == kFlag    ? source.b()
                  : type == kBlock ? source.block()
                  : type == kLong  ? source.l()
                                   : source.i();
    out.real = static_cast<double>(source.f());
    NNGAUGE_TRY(out.text, text(source.s()));
    NNGAUGE_CHECK(budget_.spend(length(source.ints()) + length(source.longs()) + length(source.floats())));
    out.ints = type == kLongs ? ints_of(source.longs()) : ints_of(source.ints());
    if (source.floats()) out.reals.assign(source.floats()->begin(), source.floats()->end());
    return out;
  }

  CopyBudget budget_;
};

// --- parameters ---

// A field of a table whose bytes may lie at any address, and whose structure was checked; 0: absent.
std::uint64_t field(Bytes bytes, std::uint64_t table, std::size_t slot) {
  const auto vtable =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(table) - number_at<std::int32_t>(bytes, table));
  const std::size_t at = 4 + 2 * slot;
  if (at + 2 > number_at<std::uint16_t>(bytes, vtable)) return 0;
  const auto offset = number_at<std::uint16_t>(bytes, vtable + at);
  return offset == 0 ? 0 : table + offset;
}
std::uint64_t follow(Bytes bytes, std::uint64_t at) { return at + number_at<std::uint32_t>(bytes, at); }

struct Param {
  std::string name;
  DType dtype = DType::kUnknown;
  Shape shape;
  std::uint64_t data = 0, data_bytes = 0;  // inside the table's bytes
};

// Weights are most of a parameter: its table is read where it lies.
Result<Param> read_param(Bytes bytes) {
  constexpr std::size_t kName = 1, kContentType = 2, kContent = 3, kDims = 2, kType = 3, kData = 4;
  FlatWalk walk;
  walk.bytes = bytes;
  walk.file_bytes = bytes.size();
  walk.root = fb::ParamTypeTable();
  walk.most_tables = 16;
  if (const std::optional<Error> fault = find_flat_fault(walk)) return *fault;
  const std::uint64_t root = follow(bytes, 0);
  Param out;
  if (const std::uint64_t at = field(bytes, root, kName)) {
    const std::uint64_t text = follow(bytes, at);
    const std::string_view name = as_text(bytes.subspan(text + 4, number_at<std::uint32_t>(bytes, text)));
    out.name = is_valid_utf8(name) ? std::string(name) : printable(name);
  }
  const std::uint64_t kind = field(bytes, root, kContentType), content = field(bytes, root, kContent);
  if (kind == 0 || content == 0 || bytes[kind] != fb::Content_Tensor)
    return make_error(ErrorCode::kDamaged, "the parameter " + in_quotes(out.name) + " holds no tensor");
  const std::uint64_t tensor = follow(bytes, content);
  std::vector<Dim> dims;
  if (const std::uint64_t at = field(bytes, tensor, kDims)) {
    const std::uint64_t list = follow(bytes, at);
    for (std::uint64_t i = 0; i < number_at<std::uint32_t>(bytes, list); ++i) {
      const auto extent = number_at<std::int64_t>(bytes, list + 4 + 8 * i);
      if (extent < 0) {
        return make_error(ErrorCode::kDamaged,
                          "the parameter " + in_quotes(out.name) + " has the extent " + std::to_string(extent));
      }
      dims.emplace_back(extent);
    }
  }
  out.shape = Shape(std::move(dims));
  const std::uint64_t type = field(bytes, tensor, kType);
  out.dtype = dtype_of(type == 0 ? 0 : number_at<std::int32_t>(bytes, type));
  if (const std::uint64_t at = field(bytes, tensor, kData)) {
    const std::uint64_t list = follow(bytes, at);
    out.data = list + 4;
    out.data_bytes = number_at<std::uint32_t>(bytes, list);
  }
  const Count elements = *out.shape.elements(), needed = packed_bytes(out.dtype, elements);
  if (elements.overflowed() || needed.overflowed() || needed.value() != out.data_bytes || dtype_bits(out.dtype) == 0) {
    return make_error(ErrorCode::kDamaged, "the parameter " + in_quotes(out.name) + " is " +
                                               std::string(dtype_name(out.dtype)) + " " +
                                               shape_text(out.shape, SymbolTable()) + " and holds " +
                                               std::to_string(out.data_bytes) + " bytes");
  }
  return out;
}

void place_param(Param param, std::uint64_t begin, std::unordered_map<std::string, std::size_t>& places,
                 Program& program) {
  const auto [place, added] = places.emplace(param.name, program.vars.size());
  if (added) program.vars.emplace_back();
  ProgramVar& var = program.vars[place->second];
  var.name = param.name;
  var.is_tensor = var.persistable = true;
  var.dtype = param.dtype;
  var.shape = std::move(param.shape);
  var.data = {0, begin + param.data, param.data_bytes};
}

Status read_params(Bytes file, std::uint64_t at, Program& program) {
  const std::uint64_t list = at;
  if (file.size() - at < kListHeader + 6) return damaged_at(at, "the list of parameters is missing");
  const std::uint64_t header = number_at<std::uint16_t>(file, at + 4), count = number_at<std::uint16_t>(file, at + 6);
  at += kListHeader + header;
  if (header < 6 || at > file.size()) return damaged_at(list, "the header of the parameters is broken");
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < program.vars.size(); ++i) places.emplace(program.vars[i].name, i);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string where = "parameter #" + std::to_string(i);
    if (file.size() - at < 8) return damaged_at(at, "the file ends before " + where + " of " + std::to_string(count));
    const std::uint64_t size = number_at<std::uint32_t>(file, at), offset = number_at<std::uint32_t>(file, at + 4);
    at += 4;
    if (size > file.size() - at) {
      return damaged_at(at, where + " takes " + std::to_string(size) + " bytes, the file has " +
                                std::to_string(file.size() - at) + " more");
    }
    if (offset < 4 || offset > size) return damaged_at(at, where + " begins outside its own bytes");
    Result<Param> param = read_param(file.subspan(at + offset, size - offset));
    if (!param) return param.error().at(where + " (byte " + std::to_string(at + offset) + ")");
    place_param(*std::move(param), at + offset, places, program);
    at += size;
  }
  if (at != file.size()) return damaged_at(at, std::to_string(file.size() - at) + " bytes follow the last parameter");
  return ok();
}

}  // namespace

std::optional<int> lite_layout(Bytes file) {
  if (is_dump(file)) return 1;
  if (file.size() < kProgram) return std::nullopt;
  const int layout = number_at<std::uint16_t>(file, 0);
  const Bytes tool = file.subspan(kToolVersion, kToolVersionBytes);
  const bool zeros = std::all_of(tool.begin(), tool.end(), [](std::uint8_t byte) { return byte == 0; });
  const bool version = tool[0] == 'v' && tool[1] >= '0' && tool[1] <= '9';
  if (layout >= 2 && layout < 16 && version) return layout;
  if (layout > 1 || !zeros) return std::nullopt;
  const auto size = number_at<std::uint64_t>(file, kProgramSize);
  if (size == 0 || size > file.size()) return std::nullopt;
  return layout;
}

Status read_lite(const ModelSource& source, Program& program, Model& model) {
  const Bytes file = source.bytes;
  const int layout = lite_layout(file).value_or(0);
  if (layout < 2) {
    return make_error(ErrorCode::kUnsupportedVersion,
                      "a Paddle-Lite model (.nb) of a layout before 2, whose weights and extents lie in another file; "
                      "optimise the .pdmodel again with version 2.3 or newer");
  }
  if (layout > 2) {
    return make_error(ErrorCode::kUnsupportedVersion,
                      "a Paddle-Lite model (.nb) of layout " + std::to_string(layout) + "; 2 can be read");
  }
  const auto size = number_at<std::uint64_t>(file, kProgramSize);
  if (size > file.size() - kProgram) {
    return damaged_at(kProgramSize, "the program takes " + std::to_string(size) + " bytes, the file has " +
                                        std::to_string(file.size() - kProgram) + " more");
  }
  const AlignedBytes tables(file.subspan(kProgram, size));
  if (const Status status = check_flat_structure(kProgramSchema, tables.get()); !status)
    return status.error().at("the program");
  NNGAUGE_CHECK(ProgramReader(size).read(*flatbuffers::GetRoot<fb::Program>(tables.get().data()), program));
  NNGAUGE_CHECK(read_params(file, kProgram + size, program));
  const std::string_view tool = as_text(file.subspan(kToolVersion, kToolVersionBytes));
  model.format_version = "lite " + std::to_string(layout);
  model.producer = "Paddle-Lite " + printable(tool.substr(0, std::min(tool.find('\0'), tool.size())));
  return ok();
}

}  // namespace nngauge::paddle
