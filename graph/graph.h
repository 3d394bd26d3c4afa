// SPDX-License-Identifier: Apache-2.0
// Owns: the graph IR. A Model is built once by a reader, completed by shape inference, then only read.
// Not here: what operators mean (op_table.h), algorithms on the graph (algorithms.h), numbers (cost/).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/file.h"
#include "graph/attributes.h"
#include "graph/op_kind.h"
#include "graph/shape.h"

namespace nngauge {

// Dense ids: indices into Graph::tensors, Graph::ops and Model::graphs.
using TensorId = std::int32_t;
using OpId = std::int32_t;
using GraphId = std::int32_t;
// An id as an index. The id is not negative.
constexpr std::size_t at(std::int64_t id) { return static_cast<std::size_t>(id); }
inline constexpr TensorId kNoTensor = -1;  // an optional operand or result that is absent

// Where the stored bytes of a constant lie. Never the bytes themselves.
struct DataRef {
  std::int32_t file = -1;        // index into Model::files; -1: stored nowhere (shape known from the text only)
  std::uint64_t offset = 0;      // from the start of that file
  std::uint64_t size_bytes = 0;  // of the elements as stored (packed, sparse)
  // Where the file encodes elements in another way (varints): what they take there; 0: the same.
  std::uint64_t encoded_bytes = 0;
  friend bool operator==(const DataRef&, const DataRef&) = default;
};

enum class QuantScheme : std::uint8_t { kNone, kPerTensor, kPerChannel, kBlockwise };

struct Quantization {
  QuantScheme scheme = QuantScheme::kNone;
  std::int32_t axis = 0;        // per channel
  std::int32_t block_size = 0;  // blockwise
};

struct Tensor {
  std::string name;
  DType dtype = DType::kUnknown;
  Shape declared;  // as the file states it
  Shape shape;     // result of shape inference; starts as `declared`
  bool is_constant = false;
  bool is_variable = false;           // keeps its content between inferences
  DataRef data;                       // constants
  std::uint64_t stored_elements = 0;  // sparse constants: non-zeros kept; 0: dense
  Quantization quantization;
  std::optional<Value> value;  // small constants, and results of shape arithmetic
};

enum class OperandRole : std::uint8_t {
  kData,     // an activation, or a constant that the op combines with one
  kWeight,   // learned kernel, matrix, table
  kBias,     // learned bias
  kNorm,     // learned scale, shift, mean, variance of a normalisation
  kState,    // recurrent or attention state
  kConfig,   // shape, index, axis, padding, limits, anchors: not learned
  kQuant,    // quantisation scale or zero point: not learned
  kCapture,  // control flow: a tensor of this graph that a subgraph reads by name
};

struct Operand {
  TensorId tensor = kNoTensor;
  OperandRole role = OperandRole::kData;
};

// Activation done inside an operator; costs no operator of its own.
enum class FusedActivation : std::uint8_t {
  kNone,
  kRelu,
  kReluN1To1,
  kRelu0To1,
  kRelu6,
  kTanh,
  kSigmoid,
  kSign,
  kOther
};

struct SourceRef {
  std::int32_t index = -1;        // operator's place in the file's own list
  std::uint64_t byte_offset = 0;  // of the operator's record; 0 where the format has none
};

struct Op {
  OpKind kind = OpKind::kCustom;
  FusedActivation activation = FusedActivation::kNone;
  std::string name;
  std::string source_op;  // as the file calls it: "CONV_2D", "com.microsoft.FusedConv"
  // Operands in the order of the kind (op_table.h), whatever the file's order; quantisation operands last.
  std::vector<Operand> inputs;
  std::vector<TensorId> outputs;  // kNoTensor where a result is not wanted
  Attributes attrs;
  SourceRef source;
};

// A subgraph reads tensors of the graph around it: `inner` of this graph is `outer` of the parent.
struct Capture {
  TensorId inner = kNoTensor;
  TensorId outer = kNoTensor;
};

struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Op> ops;           // in execution order once `order_ops` (algorithms.h) has run
  std::vector<TensorId> inputs;  // without constants
  std::vector<TensorId> outputs;
  std::vector<Capture> captures;  // subgraphs only
  GraphId parent = -1;
};

// A named entry point of the file (TFLite signatures).
struct Signature {
  std::string key;
  GraphId graph = 0;
  std::vector<std::pair<std::string, TensorId>> inputs, outputs;
};

// A file that holds constants: the model itself (index 0) or a side file.
struct DataFile {
  std::string name;                         // as the model names it; empty for the model itself
  std::optional<std::uint64_t> size_bytes;  // unknown where the side file is absent
};

// An extent that was assumed, for reports.
struct AssumedDim {
  std::string name;
  std::int64_t value = 1;
};

struct Model {
  std::string format;  // id of the format: "tflite"
  std::string format_version;
  std::string name;
  std::string producer;
  std::string description;
  std::vector<Graph> graphs;  // graphs[0] is the main one
  std::vector<Signature> signatures;
  std::vector<DataFile> files;
  std::vector<std::pair<std::string, std::string>> metadata;
  SymbolTable symbols;
  std::vector<AssumedDim> assumed_dims;
  bool implicit_batch = false;    // the format has no batch axis; shapes carry an extent of 1 for it in front
  bool order_is_binding = false;  // the runtime executes ops as listed: an op before its operands is a defect
  Diagnostics diagnostics;

  [[nodiscard]] const Graph& main() const { return graphs.front(); }
  [[nodiscard]] Graph& main() { return graphs.front(); }
};

// `op #17 Conv2D "block_3" (byte 0x1a40)`: how messages name an operator. Index as in the file where it is known.
std::string op_place(const Op& op, OpId id);

}  // namespace nngauge
