// SPDX-License-Identifier: Apache-2.0
// Owns: an ML program as plain values, whichever form it is read from: messages (mil_proto.cc) or text (mil_text.cc).
// Not here: what operations mean (mil_ops.h), how graphs are built of them (mil_builder.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/coreml/message.h"

namespace nngauge::coreml {

struct MilType {
  DType dtype = DType::kUnknown;  // of elements; narrower ones than we have stand as the next wider type
  int bits = 0;                   // of one element as stored; 0: no fixed size
  Shape shape;
  bool is_list = false;
  bool is_state = false;
};

struct MilValue {
  MilType type;
  std::optional<Value> elements;             // small ones
  std::vector<std::string> texts;            // strings
  std::vector<MilValue> parts;               // of a list or tuple
  DataRef data;                              // elements that stand in the model's own file
  std::string blob_file;                     // where they stand in a side file: its name as the program has it
  std::optional<std::uint64_t> blob_offset;  // and where the blob's header lies
  bool blob_is_bare = false;                 // the offset is that of the data: no header
};

// An argument: something that is named, or a value.
struct MilBinding {
  std::string name;
  std::shared_ptr<const MilValue> value;
};

struct MilArgument {
  std::string key;
  std::vector<MilBinding> bindings;
};

struct MilName {
  std::string name;
  MilType type;
};

struct MilBlock;

struct MilOp {
  std::string type;
  std::string name;
  std::uint64_t byte_offset = 0;
  std::vector<MilArgument> inputs;
  std::vector<MilArgument> attributes;  // each with one value
  std::vector<MilName> outputs;
  std::vector<MilBlock> blocks;

  [[nodiscard]] const MilArgument* find(std::string_view key) const;  // among inputs, then attributes
};

struct MilBlock {
  std::vector<MilName> inputs;
  std::vector<MilOp> ops;
  std::vector<std::string> outputs;
};

struct MilFunction {
  std::string name, opset;
  std::vector<MilName> inputs;
  MilBlock block;
};

struct MilProgram {
  std::vector<MilFunction> functions;
};

// A program holds at most so many operations and arguments, so deep.
inline constexpr std::size_t kMostMilOps = 150'000;
inline constexpr std::size_t kMostMilValues = 700'000;
inline constexpr int kMostMilNesting = 40;

// Element type by the number that messages have, or the name that text has ("fp16"). Bits as in MilType.
MilType mil_type_of(std::int64_t number);
std::optional<MilType> mil_type_of(std::string_view name);

// The form of before the first release, with other field numbers (mil_draft.cc). Errors: as read_mil, and
// kUnsupportedVersion.
bool is_draft_mil(const Message& program);
Result<MilProgram> read_draft_mil(const Message& program);

// Reads the text form (model.mil). Errors: kDamaged with the line, kUnsupportedVersion, kTooLarge.
Result<MilProgram> read_mil_text(std::string_view text);

// Reads MILSpec.Program. Errors: kDamaged, kInvalidGraph, kTooLarge.
Result<MilProgram> read_mil(const Message& program);

}  // namespace nngauge::coreml
