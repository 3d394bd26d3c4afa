// SPDX-License-Identifier: Apache-2.0
// Programs of the draft of MILSpec that its open development shows from before Core ML 5: other field numbers, stored
// values in a list of their own beside the functions. As far as files of it are known: no inner blocks.
#include <fmt/format.h>

#include "parsers/coreml/mil.h"

namespace nngauge::coreml {
namespace {

enum Program : std::uint32_t { kFunctions = 2, kParameters = 3 };
enum Entry : std::uint32_t { kKey = 1, kEntryValue = 2 };
enum Function : std::uint32_t { kInputs = 1, kBlock = 3 };
enum Block : std::uint32_t { kOutputs = 2, kOperations = 3 };
enum Operation : std::uint32_t { kName = 1, kType = 2, kOperands = 3, kResults = 4, kInner = 5, kAttributes = 6 };
enum Type : std::uint32_t { kScalar = 1, kTensor = 2 };
enum Tensor : std::uint32_t { kDataType = 1, kRank = 2, kDimensions = 3, kSize = 2 };
enum ValueField : std::uint32_t { kValueType = 2, kImmediate = 3, kBlob = 4 };

std::string text_of(const Message& message, std::uint32_t number) { return readable(message.text(number)); }

MilType read_type(const Message& type) {
  if (type.has(kScalar)) {
    MilType out = mil_type_of(type.integer(kScalar));
    out.shape = Shape::scalar();
    return out;
  }
  const Message tensor = type.child(kTensor);
  MilType out = mil_type_of(tensor.integer(kDataType));
  std::vector<Dim> dims;
  tensor.each(kDimensions, [&](const WireField& field) {
    const std::int64_t size = tensor.of(field).integer(kSize, -1);
    if (dims.size() < 64) dims.push_back(size >= 0 && size <= (std::int64_t{1} << 40) ? Dim(size) : Dim::unknown());
  });
  if (static_cast<std::int64_t>(dims.size()) == tensor.integer(kRank)) out.shape = Shape(std::move(dims));
  return out;
}

MilValue read_value(const Message& value) {
  MilValue out;
  out.type = read_type(value.child(kValueType));
  if (const Message blob = value.child(kBlob); blob.present()) {
    out.blob_file = text_of(blob, 1);
    if (out.blob_file.starts_with("./")) out.blob_file.erase(0, 2);
    out.blob_offset = static_cast<std::uint64_t>(blob.integer(2));
    out.blob_is_bare = true;
    return out;
  }
  const Message immediate = value.child(kImmediate);
  const auto elements = out.type.shape.elements();
  if (immediate.has(2) && is_integer(out.type.dtype) && elements && *elements == Count(1))
    out.elements = Value::of_ints({Dim(immediate.integer(2))});
  return out;
}

MilName read_named(const Message& named) { return {text_of(named, 1), read_type(named.child(2))}; }

MilOp read_op(const Message& op) {
  MilOp out;
  out.name = text_of(op, kName);
  out.type = text_of(op, kType);
  out.byte_offset = op.offset();
  op.each(kOperands, [&](const WireField& field) {
    const Message entry = op.of(field);
    std::string key = text_of(entry, kKey);
    if (key == "logit") key = "x";  // of softmax, in the earliest ones
    if (out.inputs.size() < 1000) out.inputs.push_back({std::move(key), {{text_of(entry, kEntryValue), nullptr}}});
  });
  op.each(kAttributes, [&](const WireField& field) {
    const Message entry = op.of(field);
    if (out.attributes.size() >= 1000) return;
    out.attributes.push_back(
        {text_of(entry, kKey), {{{}, std::make_shared<const MilValue>(read_value(entry.child(kEntryValue)))}}});
  });
  op.each(kResults, [&](const WireField& field) {
    if (out.outputs.size() < 1000) out.outputs.push_back(read_named(op.of(field)));
  });
  return out;
}

}  // namespace

bool is_draft_mil(const Message& program) {
  bool draft = false;
  program.each(kFunctions, [&](const WireField& field) {
    // A map of blocks stands there in the final form: its entries have two fields.
    const Message entry = program.of(field);
    draft = draft || entry.child(kEntryValue).child(kBlock).has(kOperations);
  });
  return draft;
}

Result<MilProgram> read_draft_mil(const Message& program) {
  MilProgram out;
  Status status = ok();
  program.each(kFunctions, [&](const WireField& field) {
    if (!status) return;
    const Message entry = program.of(field), function = entry.child(kEntryValue), block = function.child(kBlock);
    MilFunction target;
    target.name = text_of(entry, kKey);
    function.each(kInputs, [&](const WireField& part) {
      if (target.inputs.size() < 10'000) target.inputs.push_back(read_named(function.of(part)));
    });
    // Stored values have names like those of results: constants in front.
    program.each(kParameters, [&](const WireField& part) {
      const Message parameter = program.of(part);
      MilOp op;
      op.type = "const";
      auto value = std::make_shared<const MilValue>(read_value(parameter.child(kEntryValue)));
      op.outputs.push_back({text_of(parameter, kKey), value->type});
      op.attributes.push_back({"val", {{{}, std::move(value)}}});
      if (target.block.ops.size() < kMostMilOps) target.block.ops.push_back(std::move(op));
    });
    block.each(kOperations, [&](const WireField& part) {
      const Message op = block.of(part);
      if (target.block.ops.size() >= kMostMilOps)
        status = make_error(ErrorCode::kTooLarge, fmt::format("the program has more than {} operations", kMostMilOps));
      else if (op.has(kInner))
        status = make_error(ErrorCode::kUnsupportedVersion, "a draft of an ML program with inner blocks");
      else target.block.ops.push_back(read_op(op));
    });
    block.each(kOutputs, [&](const WireField& part) {
      target.block.outputs.push_back(readable(as_text(block.file().bytes.subspan(part.payload, part.size))));
    });
    out.functions.push_back(std::move(target));
    if (out.functions.size() > 100) status = make_error(ErrorCode::kTooLarge, "more than 100 functions of a draft");
  });
  NNGAUGE_CHECK(program.file().damage);
  NNGAUGE_CHECK(status);
  return out;
}

}  // namespace nngauge::coreml
