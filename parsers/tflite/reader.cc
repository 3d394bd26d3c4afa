// SPDX-License-Identifier: Apache-2.0
#include "parsers/tflite/reader.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"
#include "parsers/flatbuffer.h"
#include "parsers/tflite/file_view.h"

namespace nngauge::tflite {
namespace {

// Tensors and operators of all subgraphs together.
constexpr std::size_t kMostRecords = 4'000'000;

template <class T>
const T& get(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector, std::size_t i) {
  return *vector->Get(static_cast<flatbuffers::uoffset_t>(i));
}

constexpr FlatSchema kSchema{fb::ModelTypeTable,
                             [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<fb::Model>(nullptr); }};

// Whether tables without an identifier mean a TFLite model, and not another schema that happens to fit.
bool means_a_model(const fb::Model& model) {
  if (model.version() < 1 || model.version() > 3 || length(model.subgraphs()) == 0) return false;
  std::size_t operators = 0;
  for (std::size_t g = 0; g < model.subgraphs()->size(); ++g) {
    const fb::SubGraph& graph = get(model.subgraphs(), g);
    if (length(graph.tensors()) == 0) return false;
    operators += length(graph.operators());
    for (std::size_t i = 0; i < length(graph.operators()); ++i) {
      const fb::Operator& op = get(graph.operators(), i);
      if (op.opcode_index() >= length(model.operator_codes())) return false;
      if (length(op.inputs()) + length(op.outputs()) == 0) return false;
    }
    for (std::size_t i = 0; i < length(graph.tensors()); ++i) {
      const fb::Tensor& tensor = get(graph.tensors(), i);
      if (tensor.type() < 0 || tensor.type() > fb::TensorType_MAX) return false;
      if (tensor.buffer() >= std::max<std::size_t>(length(model.buffers()), 1)) return false;
    }
  }
  return operators > 0;
}

class ModelReader {
 public:
  // `bytes` are those of the source, `model` lies in them.
  ModelReader(const ModelSource& source, Bytes bytes, const fb::Model& model) : source_(source) {
    file_.bytes = bytes;
    file_.mapping = source.mapping;
    file_.source = &model;
    file_.model = &out_;
    file_.budget = CopyBudget(source.bytes.size(), 2);
  }

  Result<Model> read() {
    read_header();
    NNGAUGE_CHECK(check_counts());
    NNGAUGE_CHECK(read_external_buffers());
    NNGAUGE_CHECK(read_metadata());
    out_.graphs.resize(file_.source->subgraphs()->size());
    for (std::size_t g = 0; g < out_.graphs.size(); ++g) {
      Status status = read_graph(g);
      if (!status) return g == 0 ? status.error() : status.error().at("subgraph #" + std::to_string(g));
    }
    NNGAUGE_CHECK(read_signatures());
    return std::move(out_);
  }

 private:
  void read_header() {
    out_.format = "tflite";
    out_.format_version = std::to_string(file_.source->version());
    out_.description = text_of(file_.source->description());
    out_.producer = out_.description;
    out_.files.push_back({"", file_.bytes.size()});
    out_.order_is_binding = true;
  }

  Status check_counts() {
    const auto* graphs = file_.source->subgraphs();
    if (length(graphs) == 0) return make_error(ErrorCode::kInvalidGraph, "the model has no subgraphs");
    std::size_t records = 0, tensors = 0;
    for (std::size_t g = 0; g < graphs->size(); ++g) {
      tensors += length(get(graphs, g).tensors());
      records += length(get(graphs, g).tensors()) + length(get(graphs, g).operators());
    }
    if (graphs->size() == 1 && tensors == 0) return make_error(ErrorCode::kInvalidGraph, "the model has no tensors");
    if (tensors == 0) out_.diagnostics.warn("empty", "", "none of the subgraphs has tensors");
    if (records > kMostRecords) {
      return make_error(ErrorCode::kTooLarge, std::to_string(records) + " tensors and operators");
    }
    return ok();
  }

  // Weights in other files: declared here, checked only where the file is at hand.
  Status read_external_buffers() {
    const auto* groups = file_.source->external_buffer_groups();
    const auto* buffers = file_.source->external_buffers();
    for (std::size_t i = 0; i < length(groups); ++i) {
      NNGAUGE_CHECK(file_.budget.spend(length(get(groups, i).name())));
      DataFile side{text_of(get(groups, i).name()), std::nullopt};
      if (source_.companions && !side.name.empty()) {
        const Result<std::uint64_t> size = source_.companions->size_bytes(side.name);
        if (size) side.size_bytes = *size;
        else if (size.error().code == ErrorCode::kUnsafePath) return size.error();
      }
      if (!side.size_bytes) {
        out_.diagnostics.note("external-weights", "external buffer group #" + std::to_string(i),
                              "weights lie in " + in_quotes(side.name) + ", which is not at hand");
      }
      out_.files.push_back(std::move(side));
    }
    for (std::size_t i = 0; i < length(buffers); ++i) {
      Status status = read_external_buffer(get(buffers, i), length(groups));
      if (!status) return status.error().at("external buffer #" + std::to_string(i));
    }
    return ok();
  }

  Status read_external_buffer(const fb::ExternalBuffer& buffer, std::size_t groups) {
    if (buffer.group() >= groups) {
      return make_error(ErrorCode::kDamaged,
                        "names group " + std::to_string(buffer.group()) + " of " + std::to_string(groups));
    }
    const DataFile& side = out_.files[buffer.group() + 1];
    if (side.size_bytes &&
        (buffer.offset() > *side.size_bytes || buffer.length() > *side.size_bytes - buffer.offset())) {
      return make_error(ErrorCode::kDamaged, std::to_string(buffer.length()) + " bytes at byte " +
                                                 std::to_string(buffer.offset()) + " run past the end of " +
                                                 in_quotes(side.name) + " at " + std::to_string(*side.size_bytes) +
                                                 " bytes");
    }
    file_.external[buffer.id()] = {static_cast<std::int32_t>(buffer.group() + 1), buffer.offset(), buffer.length()};
    return ok();
  }

  // Short texts as they are, everything else by its size.
  Status read_metadata() {
    const auto* entries = file_.source->metadata();
    for (std::size_t i = 0; i < length(entries); ++i) {
      const fb::Metadata& entry = get(entries, i);
      NNGAUGE_CHECK(file_.budget.spend(length(entry.name())));
      const Result<DataRef> data = locate_buffer(file_, entry.buffer());
      if (!data) return data.error().at("metadata #" + std::to_string(i));
      out_.metadata.emplace_back(text_of(entry.name()), metadata_text(*data));
    }
    return ok();
  }

  std::string metadata_text(const DataRef& data) const {
    constexpr std::uint64_t kLongest = 64;
    std::string_view text;
    if (data.size_bytes <= kLongest) text = as_text(file_.bytes.subspan(data.offset, data.size_bytes));
    while (text.ends_with('\0')) text.remove_suffix(1);
    const bool readable =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char ch) { return ch >= 32 && ch < 127; });
    return readable ? std::string(text) : std::to_string(data.size_bytes) + " bytes";
  }

  Status read_graph(std::size_t g) {
    const fb::SubGraph& source = get(file_.source->subgraphs(), g);
    Graph& graph = out_.graphs[g];
    NNGAUGE_CHECK(file_.budget.spend(length(source.name())));
    graph.name = text_of(source.name());
    if (g == 0) out_.name = graph.name;
    NNGAUGE_CHECK(read_tensors(file_, source, graph));
    NNGAUGE_CHECK(read_ends(source.inputs(), graph, "input", graph.inputs));
    NNGAUGE_CHECK(read_ends(source.outputs(), graph, "output", graph.outputs));
    // An input of the model that holds data is a constant, whatever the list says; inner graphs take theirs by
    // position.
    if (g == 0) {
      std::erase_if(graph.inputs, [&](TensorId id) { return graph.tensors[static_cast<std::size_t>(id)].is_constant; });
    }
    name_inputs(graph);
    NNGAUGE_CHECK(read_operators(file_, source, graph));
    open_squeezed_inputs(source, graph);
    forget_learned_values(graph);
    separate_versions(graph);
    NNGAUGE_CHECK(settle_undefined(graph));
    return ok();
  }

  Status read_ends(const flatbuffers::Vector<std::int32_t>* ids, const Graph& graph, std::string_view what,
                   std::vector<TensorId>& out) {
    NNGAUGE_CHECK(file_.budget.spend(length(ids)));
    for (std::size_t i = 0; i < length(ids); ++i) {
      const std::int32_t id = ids->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (id == kNoTensor) continue;
      if (id < 0 || static_cast<std::size_t>(id) >= graph.tensors.size()) {
        return make_error(ErrorCode::kInvalidGraph, std::string(what) + " " + std::to_string(i) + " is tensor #" +
                                                        std::to_string(id) + " of " +
                                                        std::to_string(graph.tensors.size()));
      }
      out.push_back(id);
    }
    return ok();
  }

  // Inputs have names, and their open extents too: the first of several axes is the batch.
  void name_inputs(Graph& graph) {
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
      Tensor& tensor = graph.tensors[static_cast<std::size_t>(graph.inputs[i])];
      if (tensor.name.empty()) tensor.name = "input" + std::to_string(i);
      if (!tensor.declared.ranked()) continue;
      for (std::size_t axis = 0; axis < tensor.declared.rank(); ++axis) {
        if (tensor.declared[axis].known()) continue;
        const std::string name =
            axis == 0 && tensor.declared.rank() > 1 ? "batch" : tensor.name + ".dim" + std::to_string(axis);
        tensor.declared[axis] = Dim::symbol(out_.symbols.intern(name));
      }
      tensor.shape = tensor.declared;
    }
  }

  // An input without axes that loses one is no scalar: the file leaves its rank open.
  static void open_squeezed_inputs(const fb::SubGraph& source, Graph& graph) {
    for (const Op& op : graph.ops) {
      const auto* axes = std::get_if<AxesAttrs>(&op.attrs);
      if (op.kind != OpKind::kSqueeze || !axes || axes->axes.empty() || op.inputs.empty()) continue;
      const TensorId id = op.inputs[0].tensor;
      if (id == kNoTensor || get(source.tensors(), static_cast<std::size_t>(id)).has_rank()) continue;
      Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
      const bool is_scalar = tensor.declared.ranked() && tensor.declared.rank() == 0;
      if (is_scalar && !tensor.is_constant) tensor.declared = tensor.shape = Shape::unknown_rank();
    }
  }

  // Rules need limits and scales, never what was learned.
  static void forget_learned_values(Graph& graph) {
    for (const Op& op : graph.ops) {
      for (const Operand& operand : op.inputs) {
        const bool learned = operand.role == OperandRole::kWeight || operand.role == OperandRole::kBias ||
                             operand.role == OperandRole::kNorm;
        if (learned && operand.tensor != kNoTensor)
          graph.tensors[static_cast<std::size_t>(operand.tensor)].value.reset();
      }
    }
  }

  // Operators run in their order and may write a tensor that already has a content. Each content becomes a tensor.
  void separate_versions(Graph& graph) {
    std::vector<bool> defined(graph.tensors.size(), false);
    for (const TensorId id : graph.inputs) defined[static_cast<std::size_t>(id)] = true;
    std::unordered_map<TensorId, TensorId> newest;
    const auto current = [&](TensorId id) {
      const auto found = newest.find(id);
      return found == newest.end() ? id : found->second;
    };
    for (Op& op : graph.ops) {
      for (Operand& operand : op.inputs) operand.tensor = current(operand.tensor);
      for (TensorId& id : op.outputs) {
        if (id == kNoTensor || graph.tensors[static_cast<std::size_t>(id)].is_variable) continue;
        if (!defined[static_cast<std::size_t>(id)]) {
          defined[static_cast<std::size_t>(id)] = true;
          continue;
        }
        Tensor copy = graph.tensors[static_cast<std::size_t>(id)];
        out_.diagnostics.note("overwrites", op_place(op, op.source.index), "writes " + in_quotes(copy.name) + " again");
        newest[id] = static_cast<TensorId>(graph.tensors.size());
        id = newest[id];
        graph.tensors.push_back(std::move(copy));
      }
    }
    for (TensorId& id : graph.outputs) id = current(id);
  }

  // A tensor that nothing computes and that has no data. Without elements it is an empty constant. Shapes, axes and
  // indices must have elements; of activations and weights the shape says what they cost, even where a tool has taken
  // the data out of the file. Scratch memory of accelerators never has any.
  Status settle_undefined(Graph& graph) {
    std::vector<bool> defined(graph.tensors.size(), false);
    for (const TensorId id : graph.inputs) defined[static_cast<std::size_t>(id)] = true;
    for (const Op& op : graph.ops) {
      for (const TensorId id : op.outputs) {
        if (id != kNoTensor) defined[static_cast<std::size_t>(id)] = true;
      }
    }
    for (const Op& op : graph.ops) {
      for (const Operand& operand : op.inputs) {
        if (operand.tensor == kNoTensor || defined[static_cast<std::size_t>(operand.tensor)]) continue;
        defined[static_cast<std::size_t>(operand.tensor)] = true;
        const bool is_scratch = op.kind == OpKind::kDelegateBlob;
        Status status = settle(graph, operand.tensor, !is_scratch && operand.role == OperandRole::kConfig, is_scratch);
        if (!status) return status.error().at(op_place(op, op.source.index));
      }
    }
    for (const TensorId id : graph.outputs) {
      if (!defined[static_cast<std::size_t>(id)]) NNGAUGE_CHECK(settle(graph, id, false, false));
    }
    return ok();
  }

  Status settle(Graph& graph, TensorId id, bool needs_elements, bool is_scratch) {
    Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
    if (tensor.is_constant || tensor.is_variable) return ok();
    tensor.is_constant = true;
    const std::optional<Count> elements = tensor.declared.elements();
    if (elements && elements->value() == 0) {
      tensor.value = is_float(tensor.dtype) ? Value::of_reals({}) : Value::of_ints({});
      return ok();
    }
    if (is_scratch) return ok();
    const std::string place = "tensor #" + std::to_string(id) + " " + in_quotes(tensor.name);
    if (needs_elements) {
      return make_error(ErrorCode::kInvalidGraph, place + " has no data and no operator computes it");
    }
    out_.diagnostics.warn("no-data", place, "no operator computes it and the file holds no data for it");
    return ok();
  }

  Status read_signatures() {
    const auto* signatures = file_.source->signature_defs();
    for (std::size_t i = 0; i < length(signatures); ++i) {
      Status status = read_signature(get(signatures, i));
      if (!status) return status.error().at("signature #" + std::to_string(i));
    }
    tell_other_signatures();
    return ok();
  }

  // The first graph is the network that is told of; others may be entered too (prefill and decode of a language model).
  void tell_other_signatures() {
    constexpr std::size_t kMostNamed = 8;
    std::string read, names;
    std::size_t named = 0;
    bool others = false;
    for (const Signature& signature : out_.signatures) {
      others = others || signature.graph != 0;
      if (signature.graph == 0 && read.empty()) read = "signature " + in_quotes(signature.key);
      if (named++ < kMostNamed) names += (named == 1 ? "" : ", ") + printable(signature.key);
    }
    if (!others) return;
    if (named > kMostNamed) names += ", …";
    out_.diagnostics.note(
        "other-signatures", "",
        (read.empty() ? "no signature" : read) + " of " + std::to_string(named) + " is read: " + names);
  }

  Status read_signature(const fb::SignatureDef& source) {
    if (source.subgraph_index() >= out_.graphs.size()) {
      return make_error(ErrorCode::kInvalidGraph, "names subgraph #" + std::to_string(source.subgraph_index()) +
                                                      " of " + std::to_string(out_.graphs.size()));
    }
    NNGAUGE_CHECK(file_.budget.spend(length(source.signature_key())));
    Signature signature;
    signature.key = text_of(source.signature_key());
    signature.graph = static_cast<GraphId>(source.subgraph_index());
    const std::size_t tensors = out_.graphs[source.subgraph_index()].tensors.size();
    for (const auto& [maps, ends] :
         {std::pair(source.inputs(), &signature.inputs), std::pair(source.outputs(), &signature.outputs)}) {
      for (std::size_t k = 0; k < length(maps); ++k) {
        const fb::TensorMap& map = get(maps, k);
        NNGAUGE_CHECK(file_.budget.spend(length(map.name()) + 8));
        if (map.tensor_index() >= tensors) {
          return make_error(ErrorCode::kInvalidGraph,
                            "names tensor #" + std::to_string(map.tensor_index()) + " of " + std::to_string(tensors));
        }
        ends->emplace_back(text_of(map.name()), static_cast<TensorId>(map.tensor_index()));
      }
    }
    out_.signatures.push_back(std::move(signature));
    return ok();
  }

  const ModelSource& source_;
  Model out_;
  FileView file_;
};

}  // namespace

DType dtype_of(fb::TensorType type) {
  // In the order of TensorType.
  static constexpr std::array kTypes = {DType::kFloat32,   DType::kFloat16,      DType::kInt32,     DType::kUInt8,
                                        DType::kInt64,     DType::kString,       DType::kBool,      DType::kInt16,
                                        DType::kComplex64, DType::kInt8,         DType::kFloat64,   DType::kComplex128,
                                        DType::kUInt64,    DType::kResource,     DType::kVariant,   DType::kUInt32,
                                        DType::kUInt16,    DType::kInt4,         DType::kBFloat16,  DType::kInt2,
                                        DType::kUInt4,     DType::kFloat8E4M3FN, DType::kFloat8E5M2};
  static_assert(kTypes.size() == fb::TensorType_MAX + 1);
  const int index = static_cast<int>(type);
  return index >= 0 && index <= fb::TensorType_MAX ? kTypes[static_cast<std::size_t>(index)] : DType::kUnknown;
}

Claim sniff(const ModelSource& source) {
  const std::string_view id = flat_identifier(source.bytes);
  if (id == "TFL3") return {Confidence::kCertain, "the identifier TFL3"};
  if (id == "TFL1" || id == "TFL2") return {Confidence::kCertain, "the identifier of an early version"};
  if (!has_flat_root(source.bytes)) return {};
  const AlignedBytes aligned(source.bytes);
  if (!has_flat_structure(kSchema, aligned.get(), source.mapping)) return {};
  if (!means_a_model(*fb::GetModel(aligned.get().data()))) return {};
  return {Confidence::kLikely, "the tables of a model, without the identifier"};
}

Result<Model> read(const ModelSource& source) {
  const std::string_view id = flat_identifier(source.bytes);
  if (id == "TFL1" || id == "TFL2") {
    return make_error(ErrorCode::kUnsupportedVersion,
                      "TFLite schema version " + std::string(id.substr(3)) + "; only version 3 files can be read");
  }
  const AlignedBytes aligned(source.bytes);
  NNGAUGE_CHECK(check_flat_structure(kSchema, aligned.get(), source.mapping));
  const fb::Model* const tables = fb::GetModel(aligned.get().data());
  const std::uint32_t version = tables->version();
  if (version < 1 || version > 3) {
    return make_error(ErrorCode::kUnsupportedVersion,
                      "TFLite schema version " + std::to_string(version) + "; versions 1 to 3 can be read");
  }
  ModelReader reader(source, aligned.get(), *tables);
  NNGAUGE_TRY(Model model, reader.read());
  if (id != "TFL3") {
    model.diagnostics.warn("no-identifier", "",
                           "the file lacks the identifier TFL3; its tables are those of a TFLite model");
  }
  return model;
}

}  // namespace nngauge::tflite
