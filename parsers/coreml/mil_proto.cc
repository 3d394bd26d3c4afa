// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "parsers/coreml/mil.h"
#include "parsers/elements.h"

namespace nngauge::coreml {
namespace {

// clang-format off
struct TypeRow { std::int64_t number; std::string_view name; DType dtype; int bits; };
constexpr std::array kTypes = {
    TypeRow{1, "bool", DType::kBool, 8},          TypeRow{2, "string", DType::kString, 0},
    TypeRow{10, "fp16", DType::kFloat16, 16},     TypeRow{11, "fp32", DType::kFloat32, 32},
    TypeRow{12, "fp64", DType::kFloat64, 64},     TypeRow{13, "bf16", DType::kBFloat16, 16},
    TypeRow{21, "int8", DType::kInt8, 8},         TypeRow{22, "int16", DType::kInt16, 16},
    TypeRow{23, "int32", DType::kInt32, 32},      TypeRow{24, "int64", DType::kInt64, 64},
    TypeRow{25, "int4", DType::kInt4, 4},         TypeRow{31, "uint8", DType::kUInt8, 8},
    TypeRow{32, "uint16", DType::kUInt16, 16},    TypeRow{33, "uint32", DType::kUInt32, 32},
    TypeRow{34, "uint64", DType::kUInt64, 64},    TypeRow{35, "uint4", DType::kUInt4, 4},
    TypeRow{36, "uint2", DType::kUInt2, 2},       TypeRow{37, "uint1", DType::kUInt2, 1},
    TypeRow{38, "uint6", DType::kUInt8, 6},       TypeRow{39, "uint3", DType::kUInt4, 3},
    TypeRow{40, "fp8e4m3fn", DType::kFloat8E4M3FN, 8}, TypeRow{41, "fp8e5m2", DType::kFloat8E5M2, 8},
};
// clang-format on

constexpr std::int64_t kMostRank = 64;
constexpr int kMostValueNesting = 8;

// Field numbers of the messages of MILSpec.
enum Program : std::uint32_t { kFunctions = 2 };
enum Entry : std::uint32_t { kKey = 1, kEntryValue = 2 };  // of any map
enum Function : std::uint32_t { kFunctionInputs = 1, kOpset = 2, kBlocks = 3 };
enum Block : std::uint32_t { kBlockInputs = 1, kBlockOutputs = 2, kOperations = 3 };
enum Operation : std::uint32_t { kType = 1, kInputs = 2, kOutputs = 3, kInnerBlocks = 4, kAttributes = 5 };
enum NamedType : std::uint32_t { kName = 1, kNamedType = 2 };
enum Type : std::uint32_t { kTensor = 1, kList = 2, kTuple = 3, kState = 5 };
enum TensorType : std::uint32_t { kDataType = 1, kRank = 2, kDimensions = 3 };
enum ValueField : std::uint32_t { kValueType = 2, kImmediate = 3, kBlob = 5 };
enum Immediate : std::uint32_t { kTensorValue = 1, kTupleValue = 2, kListValue = 3 };
enum TensorValue : std::uint32_t {
  kFloats = 1,
  kInts = 2,
  kBools = 3,
  kStrings = 4,
  kLongs = 5,
  kDoubles = 6,
  kBytes = 7
};

std::string text_of(const Message& message, std::uint32_t number) { return readable(message.text(number)); }

MilType read_type(const Message& type, int depth = 0) {
  constexpr int kMostNesting = 8;
  MilType out;
  if (depth > kMostNesting) return out;
  if (type.has(kState)) {
    out = read_type(type.child(kState).child(1), depth + 1);
    out.is_state = true;
    return out;
  }
  if (!type.has(kTensor)) {
    out.is_list = true;
    return out;
  }
  const Message tensor = type.child(kTensor);
  out = mil_type_of(tensor.integer(kDataType));
  const std::int64_t rank = tensor.integer(kRank);
  std::vector<Dim> dims;
  bool variadic = false;
  tensor.each(kDimensions, [&](const WireField& field) {
    if (static_cast<std::int64_t>(dims.size()) > kMostRank) return;
    const Message dimension = tensor.of(field);
    const Message constant = dimension.child(1);
    const std::int64_t size = constant.integer(1);
    variadic = variadic || dimension.child(2).flag(1);
    dims.push_back(constant.present() && size >= 0 && size <= kMostExtent ? Dim(size) : Dim::unknown());
  });
  if (!variadic && static_cast<std::int64_t>(dims.size()) == rank) out.shape = Shape(std::move(dims));
  else if (!variadic && dims.empty() && rank >= 0 && rank <= kMostRank)
    out.shape = Shape::of_rank(static_cast<std::size_t>(rank));
  return out;
}

// Numbers that stand packed, or one by one.
struct Numbers {
  std::uint64_t offset = 0, size_bytes = 0, occurrences = 0;
};

Numbers locate(const Message& message) {
  Numbers out;
  WireReader reader = message.fields();
  for (WireField field; reader.next(field);) {
    if (field.number != 1) continue;
    if (out.occurrences++ == 0) out.offset = field.payload;
    out.size_bytes += field.size;
  }
  return out;
}

// Elements as the type's own bytes (bytes), or as numbers of the message's type.
void read_tensor_value(const Message& tensor, MilValue& out) {
  std::uint32_t form = 0;
  WireReader reader = tensor.fields();
  for (WireField field; reader.next(field);) form = field.number;
  const Message holder = tensor.child(form);
  if (!holder.present()) return;
  const auto elements = out.type.shape.elements();
  const std::uint64_t count = elements && !elements->overflowed() ? elements->value() : 0;
  const Numbers numbers = locate(holder);
  const bool small = count <= kMaxValueElements;
  const auto plain = [&](DType stored) {
    out.data = {0, numbers.offset, numbers.size_bytes};
    const auto size = static_cast<std::uint64_t>(dtype_bits(stored)) / 8;
    if (small && size > 0 && numbers.occurrences <= 1 && numbers.size_bytes == count * size && has_plain_value(stored))
      out.elements = decode_raw(stored, static_cast<std::size_t>(count),
                                holder.file().bytes.subspan(numbers.offset, numbers.size_bytes));
  };
  switch (form) {
    case kFloats:
      return plain(DType::kFloat32);
    case kDoubles:
      return plain(DType::kFloat64);
    case kBytes:
      return plain(out.type.dtype);
    case kStrings:
      holder.each(1, [&](const WireField& field) {
        if (out.texts.size() < kMaxValueElements)
          out.texts.push_back(readable(as_text(holder.file().bytes.subspan(field.payload, field.size))));
      });
      return;
    default: {
      out.data = {0, numbers.offset, packed_bytes(out.type.dtype, Count(count)).value(), numbers.size_bytes};
      const Ints ints = small ? holder.ints(1, kMaxValueElements) : Ints();
      if (ints.size() != count) return;
      std::vector<Dim> dims;
      for (const std::int64_t each : ints)
        dims.emplace_back(form == kInts ? static_cast<std::int64_t>(static_cast<std::int32_t>(each)) : each);
      out.elements = Value::of_ints(std::move(dims));
    }
  }
}

MilValue read_value(const Message& value, int depth = 0) {
  MilValue out;
  out.type = read_type(value.child(kValueType));
  if (const Message blob = value.child(kBlob); blob.present()) {
    out.blob_file = text_of(blob, 1);
    out.blob_offset = static_cast<std::uint64_t>(blob.integer(2));
    return out;
  }
  const Message immediate = value.child(kImmediate);
  if (immediate.has(kTensorValue)) read_tensor_value(immediate.child(kTensorValue), out);
  for (const std::uint32_t list : {kTupleValue, kListValue}) {
    const Message parts = immediate.child(list);
    parts.each(1, [&](const WireField& field) {
      if (depth < kMostValueNesting && out.parts.size() < kMaxValueElements)
        out.parts.push_back(read_value(parts.of(field), depth + 1));
    });
  }
  return out;
}

class Reader {
 public:
  Result<MilProgram> read(const Message& program) {
    MilProgram out;
    program.each(kFunctions, [&](const WireField& field) {
      if (!status_) return;
      const Message entry = program.of(field);
      out.functions.push_back(read_function(entry.child(kEntryValue)));
      out.functions.back().name = text_of(entry, kKey);
      if (out.functions.size() > 10'000) status_ = make_error(ErrorCode::kTooLarge, "more than 10000 functions");
    });
    NNGAUGE_CHECK(program.file().damage);
    NNGAUGE_CHECK(status_);
    return out;
  }

 private:
  std::vector<MilName> read_names(const Message& owner, std::uint32_t number) {
    std::vector<MilName> out;
    owner.each(number, [&](const WireField& field) {
      const Message named = owner.of(field);
      if (out.size() < kMostMilOps) out.push_back({text_of(named, kName), read_type(named.child(kNamedType))});
    });
    return out;
  }

  MilFunction read_function(const Message& function) {
    MilFunction out;
    out.opset = text_of(function, kOpset);
    out.inputs = read_names(function, kFunctionInputs);
    // One block for each set of operators: the one that the function names, else the first.
    Message chosen;
    function.each(kBlocks, [&](const WireField& field) {
      const Message entry = function.of(field);
      if (!chosen.present() || text_of(entry, kKey) == out.opset) chosen = entry.child(kEntryValue);
    });
    out.block = read_block(chosen, 0);
    return out;
  }

  MilBlock read_block(const Message& block, int depth) {
    MilBlock out;
    if (depth > kMostMilNesting) {
      status_ =
          make_error(ErrorCode::kTooLarge, fmt::format("blocks are nested deeper than {} levels", kMostMilNesting));
      return out;
    }
    out.inputs = read_names(block, kBlockInputs);
    block.each(kBlockOutputs, [&](const WireField& field) {
      out.outputs.push_back(readable(as_text(block.file().bytes.subspan(field.payload, field.size))));
    });
    block.each(kOperations, [&](const WireField& field) {
      if (!status_ || !block.file().damage) return;
      if (++ops_ > kMostMilOps) {
        status_ = make_error(ErrorCode::kTooLarge, fmt::format("the program has more than {} operations", kMostMilOps));
        return;
      }
      out.ops.push_back(read_op(block.of(field), depth));
    });
    return out;
  }

  MilOp read_op(const Message& op, int depth) {
    MilOp out;
    out.type = text_of(op, kType);
    out.byte_offset = op.offset();
    op.each(kInputs, [&](const WireField& field) {
      if (!status_ || !count_value()) return;
      const Message entry = op.of(field);
      const Message argument = entry.child(kEntryValue);
      MilArgument target{text_of(entry, kKey), {}};
      argument.each(1, [&](const WireField& part) {
        if (!status_ || !count_value()) return;
        const Message binding = argument.of(part);
        MilBinding bound;
        if (binding.has(2)) bound.value = std::make_shared<const MilValue>(read_value(binding.child(2)));
        else bound.name = text_of(binding, 1);
        target.bindings.push_back(std::move(bound));
      });
      out.inputs.push_back(std::move(target));
    });
    op.each(kAttributes, [&](const WireField& field) {
      const Message entry = op.of(field);
      if (!status_ || !count_value()) return;
      MilBinding bound{{}, std::make_shared<const MilValue>(read_value(entry.child(kEntryValue)))};
      std::string key = text_of(entry, kKey);
      if (key == "name" && !bound.value->texts.empty()) out.name = bound.value->texts[0];
      else out.attributes.push_back({std::move(key), {std::move(bound)}});
    });
    out.outputs = read_names(op, kOutputs);
    op.each(kInnerBlocks, [&](const WireField& field) { out.blocks.push_back(read_block(op.of(field), depth + 1)); });
    return out;
  }

  // What small messages become takes much more room than they do in the file.
  bool count_value() {
    if (++values_ > kMostMilValues)
      status_ = make_error(ErrorCode::kTooLarge, fmt::format("the program has more than {} arguments", kMostMilValues));
    return static_cast<bool>(status_);
  }

  std::size_t ops_ = 0, values_ = 0;
  Status status_ = ok();
};

MilType type_of_row(const TypeRow& row) {
  MilType out;
  out.dtype = row.dtype;
  out.bits = row.bits;
  return out;
}

}  // namespace

MilType mil_type_of(std::int64_t number) {
  for (const TypeRow& row : kTypes) {
    if (row.number == number) return type_of_row(row);
  }
  return {};
}

std::optional<MilType> mil_type_of(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return type_of_row(row);
  }
  return std::nullopt;
}

const MilArgument* MilOp::find(std::string_view key) const {
  for (const auto* list : {&inputs, &attributes}) {
    for (const MilArgument& argument : *list) {
      if (argument.key == key) return &argument;
    }
  }
  return nullptr;
}

Result<MilProgram> read_mil(const Message& program) { return Reader().read(program); }

}  // namespace nngauge::coreml
