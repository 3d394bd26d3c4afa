// SPDX-License-Identifier: Apache-2.0
#include "parsers/mnn/mnn.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "parsers/flatbuffer.h"
#include "parsers/mnn/file_view.h"
#include "parsers/side_name.h"

namespace nngauge::mnn {
namespace {

constexpr std::int32_t kConst = 11, kInput = 34, kTrainable = 127, kTrainableParam = 266, kLargestType = 1000;
constexpr std::size_t kMostOps = 4'000'000, kMostRank = 64, kMostReals = 64;

constexpr FlatSchema kSchema{fb::NetTypeTable,
                             [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<fb::Net>(nullptr); }};
constexpr FlatSchema kOldSchema{
    fb::OldNetTypeTable, [](flatbuffers::Verifier& verifier) { return verifier.VerifyBuffer<fb::OldNet>(nullptr); }};

bool ids_fit(const flatbuffers::Vector<std::int32_t>* ids, std::size_t tensors) {
  return !ids || std::all_of(ids->begin(), ids->end(), [&](std::int32_t id) {
    return id >= -1 && (id < 0 || static_cast<std::size_t>(id) < tensors);
  });
}

// There is no identifier: the tables must make sense as a network.
template <class Net>
bool means_a_network(const Net& net) {
  const std::size_t tensors = length(net.tensor_names());
  if (length(net.ops()) == 0 || tensors == 0) return false;
  std::size_t results = 0;
  for (std::size_t i = 0; i < net.ops()->size(); ++i) {
    const auto& op = get(net.ops(), i);
    if (op.type() < 0 || op.type() > kLargestType) return false;
    if (!ids_fit(op.inputs(), tensors) || !ids_fit(op.outputs(), tensors)) return false;
    results += length(op.outputs());
  }
  return results > 0;
}

bool is_old(Bytes aligned) {
  return has_flat_structure(kOldSchema, aligned) && means_a_network(*flatbuffers::GetRoot<fb::OldNet>(aligned.data()));
}

bool has_extension(const std::string& path) { return !side_name(path, ".mnn", "").empty(); }

struct GraphSource {
  const flatbuffers::Vector<flatbuffers::Offset<fb::Op>>* ops;
  const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* names;
  const flatbuffers::Vector<std::int32_t>*inputs = nullptr, *outputs = nullptr;  // of inner graphs
};

// One graph of the file, the main one or one that a loop or branch runs.
class GraphReader {
 public:
  GraphReader(FileView& file, GraphSource source, GraphId id, std::vector<ControlRequest>& requests)
      : model_(file.model), file_(file), source_(source), id_(id), requests_(requests) {}

  Result<Graph> read() {
    const std::size_t tensors = length(source_.names);
    if (length(source_.ops) > kMostOps || tensors > kMostOps)
      return make_error(ErrorCode::kTooLarge, std::to_string(length(source_.ops)) + " operators");
    graph_.tensors.resize(tensors);
    defined_.resize(tensors, false);
    for (std::size_t i = 0; i < tensors; ++i) {
      const flatbuffers::String& name = get(source_.names, i);
      NNGAUGE_CHECK(file_.budget.spend(name.size() + 16));
      graph_.tensors[i].name = text_of(&name);
    }
    for (std::size_t i = 0; i < length(source_.ops); ++i) {
      const fb::Op& op = get(source_.ops, i);
      Status status = read_op(op, i);
      if (!status) {
        return status.error().at("op #" + std::to_string(i) + " " + operator_name(op.type()) + " " +
                                 in_quotes(text_of(op.name())));
      }
    }
    if (id_ == 0) {
      find_outputs();
      return std::move(graph_);
    }
    NNGAUGE_CHECK(take_ends(source_.inputs, "operand", graph_.inputs));
    NNGAUGE_CHECK(take_ends(source_.outputs, "result", graph_.outputs));
    return std::move(graph_);
  }

 private:
  Status take_ends(const flatbuffers::Vector<std::int32_t>* ids, std::string_view what, std::vector<TensorId>& out) {
    NNGAUGE_CHECK(check_ids(ids, what));
    if (length(ids) == 0) return ok();
    out.clear();
    for (std::size_t i = 0; i < length(ids); ++i) {
      const std::int32_t id = number_of(ids, i);
      if (id == kNoTensor) return make_error(ErrorCode::kInvalidGraph, "the graph has an absent " + std::string(what));
      out.push_back(newest(id));
    }
    return ok();
  }

  Status check_ids(const flatbuffers::Vector<std::int32_t>* ids, std::string_view what) {
    NNGAUGE_CHECK(file_.budget.spend(length(ids)));
    for (std::size_t i = 0; i < length(ids); ++i) {
      const std::int32_t id = ids->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (id < kNoTensor || (id >= 0 && static_cast<std::size_t>(id) >= defined_.size())) {
        return make_error(ErrorCode::kInvalidGraph, std::string(what) + " " + std::to_string(i) + " is tensor #" +
                                                        std::to_string(id) + " of " + std::to_string(defined_.size()));
      }
    }
    return ok();
  }

  Status read_op(const fb::Op& source, std::size_t index) {
    NNGAUGE_CHECK(check_ids(source.inputs(), "operand"));
    NNGAUGE_CHECK(check_ids(source.outputs(), "result"));
    if (source.type() == kInput) return read_input(source);
    if (source.type() == kConst || source.type() == kTrainable || source.type() == kTrainableParam)
      return read_constant(source);
    Op op;
    NNGAUGE_CHECK(file_.budget.spend(length(source.name())));
    op.name = text_of(source.name());
    op.source_op = operator_name(source.type());
    op.source = {static_cast<std::int32_t>(index),
                 static_cast<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(&source) - file_.bytes.data())};
    for (std::size_t i = 0; i < length(source.inputs()); ++i) {
      const TensorId id = source.inputs()->Get(static_cast<flatbuffers::uoffset_t>(i));
      op.inputs.push_back({id == kNoTensor ? id : newest(id), OperandRole::kData});
    }
    if (op.inputs.empty()) op.inputs.push_back({kNoTensor, OperandRole::kData});
    for (std::size_t i = 0; i < length(source.outputs()); ++i)
      op.outputs.push_back(define(source.outputs()->Get(static_cast<flatbuffers::uoffset_t>(i))));
    OpContext context{file_, graph_, source, op, producers_};
    NNGAUGE_CHECK(mnn::read_operator(context));
    for (std::size_t i = 0; i < length(source.outputs()); ++i) producers_[number_of(source.outputs(), i)] = &source;
    if (std::holds_alternative<ControlAttrs>(op.attrs)) requests_.push_back({id_, graph_.ops.size(), source});
    graph_.ops.push_back(std::move(op));
    return ok();
  }

  TensorId newest(TensorId id) const {
    const auto found = newest_.find(id);
    return found == newest_.end() ? id : found->second;
  }

  // In-place layers write a tensor again: each content is a tensor.
  TensorId define(TensorId id) {
    if (id == kNoTensor) return id;
    if (!defined_[static_cast<std::size_t>(id)]) {
      defined_[static_cast<std::size_t>(id)] = true;
      return id;
    }
    Tensor copy;
    copy.name = graph_.tensors[static_cast<std::size_t>(id)].name;
    graph_.tensors.push_back(std::move(copy));
    newest_[id] = static_cast<TensorId>(graph_.tensors.size() - 1);
    return newest_[id];
  }

  Result<Tensor*> only_result(const fb::Op& source, TensorId& id) {
    if (length(source.outputs()) != 1 || source.outputs()->Get(0) == kNoTensor)
      return make_error(ErrorCode::kInvalidGraph,
                        "has " + std::to_string(length(source.outputs())) + " results, needs 1");
    id = define(source.outputs()->Get(0));
    return &graph_.tensors[static_cast<std::size_t>(id)];
  }

  static Result<Shape> shape_of(const Ints& dims) {
    if (dims.size() > kMostRank)
      return make_error(ErrorCode::kInvalidGraph, "has " + std::to_string(dims.size()) + " axes");
    std::vector<Dim> out;
    for (const std::int64_t extent : dims) {
      if (extent < -1) return make_error(ErrorCode::kInvalidGraph, "an extent is " + std::to_string(extent));
      out.push_back(extent < 0 ? Dim::unknown() : Dim(extent));
    }
    return Shape(std::move(out));
  }

  Status read_input(const fb::Op& source) {
    TensorId id = kNoTensor;
    NNGAUGE_TRY(Tensor* const tensor, only_result(source, id));
    graph_.inputs.push_back(id);
    tensor->dtype = DType::kFloat32;
    const auto* options = source.main_as_Input();
    if (!options) return ok();
    tensor->dtype = dtype_of(options->dtype());
    if (length(options->dims()) == 0 || id_ != 0) return ok();  // of an inner graph the operands tell
    NNGAUGE_CHECK(file_.budget.spend(length(options->dims())));
    NNGAUGE_TRY(tensor->declared, shape_of(ints_of(options->dims())));
    for (std::size_t axis = 0; axis < tensor->declared.rank(); ++axis) {
      if (tensor->declared[axis].known()) continue;
      const std::string name =
          axis == 0 && tensor->declared.rank() > 1 ? "batch" : tensor->name + ".dim" + std::to_string(axis);
      tensor->declared[axis] = Dim::symbol(model_.symbols.intern(name));
    }
    tensor->shape = tensor->declared;
    return ok();
  }

  template <class T>
  std::optional<Value> value_of(const flatbuffers::Vector<T>* vector) const {
    if (length(vector) == 0) return std::nullopt;
    if constexpr (std::is_floating_point_v<T>) {
      if (vector->size() > kMostReals) return std::nullopt;
      return Value::of_reals(std::vector<double>(vector->begin(), vector->end()));
    } else {
      if (vector->size() > kMaxValueElements) return std::nullopt;
      std::vector<Dim> out;
      for (const T element : *vector) out.emplace_back(static_cast<std::int64_t>(element));
      return Value::of_ints(std::move(out));
    }
  }

  Status read_constant(const fb::Op& source) {
    TensorId id = kNoTensor;
    NNGAUGE_TRY(Tensor* const tensor, only_result(source, id));
    tensor->is_constant = true;
    const auto* blob = source.main_as_Blob();
    if (!blob) return make_error(ErrorCode::kInvalidGraph, "holds no data");
    tensor->dtype = dtype_of(blob->dtype());
    NNGAUGE_CHECK(file_.budget.spend(length(blob->dims())));
    std::uint64_t stored = 0;
    const auto take = [&](const auto* vector) {
      if (length(vector) == 0) return;
      stored = vector->size();
      tensor->data = file_.place(vector);
      if (tensor->dtype != DType::kFloat16 && tensor->dtype != DType::kBFloat16) tensor->value = value_of(vector);
    };
    take(blob->uint8s());
    take(blob->int8s());
    take(blob->int32s());
    take(blob->int64s());
    take(blob->float32s());
    if (length(blob->external()) >= 2 && stored == 0) {
      NNGAUGE_TRY(tensor->data,
                  file_.external(text_of(source.external_path()), blob->external()->Get(0), blob->external()->Get(1)));
    }
    // Without extents: a scalar, or as many elements as there are.
    if (length(blob->dims()) > 0 || stored == 1) {
      NNGAUGE_TRY(tensor->declared, shape_of(ints_of(blob->dims())));
    } else {
      tensor->declared = Shape{static_cast<std::int64_t>(stored)};
    }
    tensor->shape = tensor->declared;
    const auto elements = tensor->declared.elements();
    if (!elements) return make_error(ErrorCode::kInvalidGraph, "a constant has an open extent");
    if (tensor->value && tensor->value->size() != elements->value()) tensor->value.reset();
    const Count needed = packed_bytes(tensor->dtype, *elements);
    if (tensor->data.size_bytes > 0 && dtype_bits(tensor->dtype) > 0 &&
        (needed.overflowed() || needed.value() > tensor->data.size_bytes)) {
      return make_error(ErrorCode::kDamaged, shape_text(tensor->declared, model_.symbols) + " of " +
                                                 std::string(dtype_name(tensor->dtype)) + " needs more than the " +
                                                 std::to_string(tensor->data.size_bytes) + " bytes stored");
    }
    return ok();
  }

  // As the file names them, else what nothing reads.
  void find_outputs() {
    std::unordered_map<std::string, TensorId> by_name;
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) by_name[graph_.tensors[i].name] = static_cast<TensorId>(i);
    for (std::size_t i = 0; i < length(file_.net->output_names()); ++i) {
      const auto found = by_name.find(text_of(&get(file_.net->output_names(), i)));
      if (found != by_name.end()) graph_.outputs.push_back(found->second);
    }
    if (!graph_.outputs.empty()) return;
    std::vector<bool> read(graph_.tensors.size(), false);
    for (const Op& op : graph_.ops) {
      for (const Operand& operand : op.inputs) {
        if (operand.tensor != kNoTensor) read[static_cast<std::size_t>(operand.tensor)] = true;
      }
    }
    for (const Op& op : graph_.ops) {
      for (const TensorId id : op.outputs) {
        if (id != kNoTensor && !read[static_cast<std::size_t>(id)]) graph_.outputs.push_back(id);
      }
    }
  }

  Model& model_;
  FileView& file_;
  GraphSource source_;
  GraphId id_;
  std::vector<ControlRequest>& requests_;
  Graph graph_;
  std::vector<bool> defined_;  // by tensor of the file
  std::unordered_map<TensorId, TensorId> newest_;
  Producers producers_;
};

Result<Model> read_net(const ModelSource& source, Bytes aligned) {
  constexpr std::size_t kMostGraphs = 4096;
  Model model;
  FileView file{source, aligned, flatbuffers::GetRoot<fb::Net>(aligned.data()), model, CopyBudget(aligned.size(), 4)};
  const fb::Net& net = *file.net;
  model.format = "mnn";
  model.files.push_back({"", aligned.size()});
  model.producer = text_of(net.business_code());
  model.format_version = "1";
  model.order_is_binding = true;
  const std::size_t inner = length(net.subgraphs());
  if (inner > kMostGraphs) return make_error(ErrorCode::kTooLarge, std::to_string(inner) + " inner graphs");
  for (std::size_t i = 0; i < inner; ++i)
    file.graph_ids.emplace(text_of(get(net.subgraphs(), i).name()), static_cast<GraphId>(i + 1));
  std::vector<ControlRequest> requests;
  NNGAUGE_TRY(Graph main, GraphReader(file, {net.ops(), net.tensor_names()}, 0, requests).read());
  model.graphs.push_back(std::move(main));
  for (std::size_t i = 0; i < inner; ++i) {
    const fb::SubGraph& sub = get(net.subgraphs(), i);
    const GraphSource parts{sub.nodes(), sub.tensors(), sub.inputs(), sub.outputs()};
    Result<Graph> graph = GraphReader(file, parts, static_cast<GraphId>(i + 1), requests).read();
    if (!graph) return graph.error().at("graph " + in_quotes(text_of(sub.name())));
    graph->name = text_of(sub.name());
    model.graphs.push_back(std::move(*graph));
  }
  for (const ControlRequest& request : requests) NNGAUGE_CHECK(bind_control(request, file));
  return model;
}

}  // namespace

DType dtype_of(std::int32_t code) {
  switch (code) {
    case 1:
      return DType::kFloat32;
    case 2:
      return DType::kFloat64;
    case 3:
      return DType::kInt32;
    case 4:
      return DType::kUInt8;
    case 5:
      return DType::kInt16;
    case 6:
      return DType::kInt8;
    case 7:
      return DType::kString;
    case 9:
      return DType::kInt64;
    case 10:
      return DType::kBool;
    case 14:
      return DType::kBFloat16;
    case 17:
      return DType::kUInt16;
    case 19:
      return DType::kFloat16;
    default:
      return DType::kUnknown;
  }
}

Result<DataRef> FileView::external(const std::string& name, std::int64_t offset, std::int64_t size) {
  std::string side = name;
  if (side.empty()) side = source.path.substr(source.path.find_last_of("/\\") + 1) + ".weight";
  auto found = side_files.find(side);
  if (found == side_files.end()) {
    DataFile entry{side, std::nullopt};
    const Result<std::uint64_t> known = source.companions->size_bytes(side);
    if (known) entry.size_bytes = *known;
    else if (known.error().code == ErrorCode::kUnsafePath) return known.error();
    else model.diagnostics.note("external-weights", "", "weights lie in " + in_quotes(side) + ", which is not at hand");
    model.files.push_back(std::move(entry));
    found = side_files.emplace(side, static_cast<std::int32_t>(model.files.size() - 1)).first;
  }
  const DataFile& entry = model.files[static_cast<std::size_t>(found->second)];
  if (offset < 0 || size < 0)
    return make_error(ErrorCode::kDamaged,
                      "names " + std::to_string(size) + " bytes at byte " + std::to_string(offset));
  const auto begin = static_cast<std::uint64_t>(offset), length = static_cast<std::uint64_t>(size);
  if (entry.size_bytes && (begin > *entry.size_bytes || length > *entry.size_bytes - begin)) {
    return make_error(ErrorCode::kDamaged, std::to_string(length) + " bytes at byte " + std::to_string(begin) +
                                               " run past the end of " + in_quotes(side) + " at " +
                                               std::to_string(*entry.size_bytes) + " bytes");
  }
  return DataRef{found->second, begin, length};
}

Status OpContext::add_constant(std::string_view suffix, DType dtype, Ints dims, DataRef data, OperandRole role) const {
  Tensor tensor;
  tensor.name = op.name + "/" + std::string(suffix);
  tensor.dtype = dtype;
  tensor.is_constant = true;
  tensor.data = data;
  std::vector<Dim> extents;
  for (const std::int64_t extent : dims) {
    if (extent < 0)
      return make_error(ErrorCode::kInvalidAttribute,
                        "an extent of the " + std::string(suffix) + " is " + std::to_string(extent));
    extents.emplace_back(extent);
  }
  tensor.declared = tensor.shape = Shape(std::move(extents));
  const Count needed = packed_bytes(dtype, *tensor.declared.elements());
  if (needed.overflowed())
    return make_error(ErrorCode::kOverflow, "the " + std::string(suffix) + " has more bytes than 64 bits count");
  if (data.size_bytes > 0 && needed.value() > data.size_bytes) {
    return make_error(ErrorCode::kDamaged, "the " + std::string(suffix) + " " +
                                               shape_text(tensor.declared, file.model.symbols) + " needs " +
                                               std::to_string(needed.value()) + " bytes, " +
                                               std::to_string(data.size_bytes) + " are stored");
  }
  op.inputs.push_back({static_cast<TensorId>(graph.tensors.size()), role});
  graph.tensors.push_back(std::move(tensor));
  return ok();
}

Status OpContext::give_up(const std::string& reason) const {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.domain = "mnn";
  attrs.name = op.source_op;
  op.attrs = std::move(attrs);
  file.model.diagnostics.warn("unknown-operator", op.source_op + " " + in_quotes(op.name), reason);
  return ok();
}

Claim sniff(const ModelSource& source) {
  if (!has_flat_root(source.bytes)) return {};
  const AlignedBytes aligned(source.bytes);
  if (has_flat_structure(kSchema, aligned.get(), source.mapping) &&
      means_a_network(*flatbuffers::GetRoot<fb::Net>(aligned.get().data())))
    return {Confidence::kLikely, "tables of operators and names of tensors"};
  if (is_old(aligned.get())) return {Confidence::kLikely, "tables as before version 1.0"};
  if (!has_extension(source.path)) return {};
  return {Confidence::kPossible, "the root of a FlatBuffer and the extension .mnn"};
}

Result<Model> read(const ModelSource& source) {
  const AlignedBytes aligned(source.bytes);
  if (is_old(aligned.get())) {
    return make_error(ErrorCode::kUnsupportedVersion,
                      "MNN network in the layout before version 1.0; convert it again with MNNConvert");
  }
  NNGAUGE_CHECK(check_flat_structure(kSchema, aligned.get(), source.mapping));
  return read_net(source, aligned.get());
}

}  // namespace nngauge::mnn
