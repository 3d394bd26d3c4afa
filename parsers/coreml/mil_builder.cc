// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/mil_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "graph/op_table.h"
#include "parsers/coreml/mil_ops.h"
#include "parsers/elements.h"
#include "parsers/graph_writer.h"
#include "parsers/operand_pattern.h"

namespace nngauge::coreml {
namespace {

constexpr std::size_t kMostCapturedElements = 64;
constexpr std::uint64_t kHeaderBytes = 64;
constexpr std::uint32_t kSentinel = 0xDEADBEEF;

Error damaged(std::string message) { return make_error(ErrorCode::kDamaged, std::move(message)); }

std::uint64_t little_endian(Bytes bytes, std::size_t size) {
  std::uint64_t out = 0;
  for (std::size_t i = size; i-- > 0;) out = (out << 8U) | bytes[i];
  return out;
}

std::string type_text(const MilType& type) {
  return fmt::format("{} {}", dtype_name(type.dtype), shape_text(type.shape, SymbolTable()));
}

// Bytes that the elements of a type take, packed without gaps.
Result<std::uint64_t> stored_bytes(const MilType& type) {
  const auto elements = type.shape.elements();
  if (!elements || type.bits == 0) return damaged("a stored value has the type " + type_text(type));
  const Count bits = *elements * static_cast<std::uint64_t>(type.bits) + Count(7);
  if (bits.overflowed()) return damaged("the bytes of " + type_text(type) + " do not fit 64 bits");
  return bits.value() / 8;
}

// A picture is described without its batch.
void fill_open_extents(const Feature& stated, Shape& shape) {
  if (!stated.shape.ranked()) return;
  Shape wanted = stated.shape;
  if (stated.kind == FeatureKind::kImage) wanted.dims().insert(wanted.dims().begin(), Dim(1));
  else if (stated.kind != FeatureKind::kArray) return;
  if (!shape.ranked()) shape = wanted;
  if (shape.rank() != wanted.rank()) return;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (!shape[i].known()) shape[i] = wanted[i];
  }
}

Op named_op(const MilOp& source, std::int32_t index) {
  Op op;
  op.source_op = source.type;
  op.name = !source.name.empty() || source.outputs.empty() ? source.name : source.outputs[0].name;
  op.source = {index, source.byte_offset};
  return op;
}

// "@model_path/weights/weight.bin" stands for weights/weight.bin beside the model.
std::string relative_name(const std::string& name) {
  constexpr std::string_view kPrefix = "@model_path/";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

bool leaves_folder(const std::string& name) {
  if (name.empty() || name[0] == '/' || name[0] == '\\' || name.find('\0') != std::string::npos) return true;
  for (const std::string& part : split(name, '/')) {
    if (part == "..") return true;
  }
  return false;
}

}  // namespace

MilEntry* MilBuilder::resolve(const std::string& name, MilScope& scope) {
  if (const auto own = scope.names.find(name); own != scope.names.end()) return &own->second;
  if (scope.outer == nullptr) return nullptr;
  MilEntry* outer = resolve(name, *scope.outer);
  if (outer == nullptr) return nullptr;
  if (outer->id == kNoTensor) return outer;  // a constant that nobody has asked for yet
  Tensor inner = graph(scope.outer->graph).tensors[at(outer->id)];
  inner.is_constant = false;
  inner.data = {};
  if (inner.value && inner.value->size() > kMostCapturedElements) inner.value.reset();
  MilEntry entry{kNoTensor, outer->constant};
  graph(scope.graph).tensors.push_back(std::move(inner));
  entry.id = static_cast<TensorId>(graph(scope.graph).tensors.size() - 1);
  graph(scope.graph).captures.push_back({entry.id, outer->id});
  return &(scope.names[name] = std::move(entry));
}

Result<MilBuilder::WeightFile> MilBuilder::weight_file(const std::string& name) {
  const std::string relative = relative_name(name);
  if (const auto known = files_.find(relative); known != files_.end()) return known->second;
  if (leaves_folder(relative))
    return make_error(ErrorCode::kUnsafePath,
                      fmt::format("weight file {} refused: it leaves the model's folder", in_quotes(name)));
  WeightFile out;
  DataFile file{relative, std::nullopt};
  auto content = source_.companions->open(relative);
  if (content) {
    out.content = *content;
    file.size_bytes = out.content->bytes().size();
  } else if (content.error().code != ErrorCode::kUnreadable) {
    return content.error().at("weight file " + in_quotes(relative));
  } else {
    model_.diagnostics.warn(
        "side-file-missing", "",
        fmt::format("weight file {} cannot be read; its ranges are not checked", in_quotes(relative)));
  }
  model_.files.push_back(std::move(file));
  out.file = static_cast<std::int32_t>(model_.files.size() - 1);
  files_.emplace(relative, out);
  return out;
}

// Errors: kDamaged where header, type and file do not agree.
Status MilBuilder::locate_blob(const MilValue& value, Tensor& tensor) {
  NNGAUGE_TRY(const std::uint64_t size, stored_bytes(value.type));
  NNGAUGE_TRY(const WeightFile file, weight_file(value.blob_file));
  const std::uint64_t header = *value.blob_offset;
  const std::uint64_t header_bytes = value.blob_is_bare ? 0 : kHeaderBytes;
  if (header > ~std::uint64_t{0} - header_bytes - size) return damaged("a blob lies beyond 64 bits");
  if (!file.content) {
    tensor.data = {file.file, header + header_bytes, size, 0};
    return ok();
  }
  const std::string name = in_quotes(relative_name(value.blob_file));
  const Bytes bytes = file.content->bytes();
  if (value.blob_is_bare) {
    if (header > bytes.size() || size > bytes.size() - header)
      return damaged(fmt::format("the data of {} at byte {} take {} bytes, weight file {} has {}",
                                 type_text(value.type), header, size, name, bytes.size()));
    tensor.data = {file.file, header, size, 0};
    return ok();
  }
  if (header > bytes.size() || bytes.size() - header < kHeaderBytes)
    return damaged(fmt::format("a blob at byte {} of weight file {}, which has {}", header, name, bytes.size()));
  const Bytes head = bytes.subspan(static_cast<std::size_t>(header), kHeaderBytes);
  if (little_endian(head, 4) != kSentinel)
    return damaged(fmt::format("no blob begins at byte {} of weight file {}", header, name));
  const std::uint64_t held = little_endian(head.subspan(8), 8), offset = little_endian(head.subspan(16), 8);
  if (held != size) return damaged(fmt::format("a blob of {} bytes, {} takes {}", held, type_text(value.type), size));
  if (offset > bytes.size() || size > bytes.size() - offset)
    return damaged(fmt::format("the data of {} at byte {} take {} bytes, weight file {} has {}", type_text(value.type),
                               offset, size, name, bytes.size()));
  tensor.data = {file.file, offset, size, 0};
  const std::uint64_t elements = value.type.shape.elements()->value();
  constexpr std::uint64_t kMostKept = 64;
  if (elements <= kMostKept && value.type.bits >= 8 && has_plain_value(tensor.dtype))
    tensor.value = decode_raw(tensor.dtype, static_cast<std::size_t>(elements),
                              bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size)));
  return ok();
}

Result<Tensor> MilBuilder::constant(const MilValue& value) {
  Tensor tensor;
  tensor.is_constant = true;
  tensor.dtype = value.type.dtype;
  tensor.declared = tensor.shape = value.type.shape;
  if (value.blob_offset) {
    NNGAUGE_CHECK(locate_blob(value, tensor));
    return tensor;
  }
  tensor.value = value.elements;
  if (!value.type.shape.is_static() || value.type.bits == 0 || value.data.file < 0) return tensor;
  NNGAUGE_TRY(const std::uint64_t size, stored_bytes(value.type));
  // Numbers of 32 bits in the message may stand for narrower ones; varints take what they take.
  const bool as_stored = value.data.encoded_bytes == 0;
  const std::uint64_t held = value.data.size_bytes;
  const auto elements = value.type.shape.elements()->value();
  if (as_stored && held != size && held != elements * 4 && held != elements * 8)
    return damaged(fmt::format("a value of {} bytes, {} takes {}", held, type_text(value.type), size));
  if (!as_stored && value.data.encoded_bytes < elements)  // a number takes a byte or more
    return damaged(fmt::format("a value of {} bytes of numbers, {} has {}", value.data.encoded_bytes,
                               type_text(value.type), elements));
  tensor.data = value.data;
  tensor.data.size_bytes = size;
  if (as_stored && held != size) tensor.data.encoded_bytes = held;
  if (!as_stored && value.data.encoded_bytes == size) tensor.data.encoded_bytes = 0;
  return tensor;
}

Result<TensorId> MilBuilder::tensor_of(MilEntry& entry, const std::string& name, MilScope& scope) {
  if (entry.id != kNoTensor || !entry.constant) return entry.id;
  NNGAUGE_TRY(Tensor tensor, constant(*entry.constant));
  tensor.name = name;
  // The constant lies in the graph that asks first; inner graphs of later ones get a copy of their own.
  Graph& target = graph(scope.graph);
  target.tensors.push_back(std::move(tensor));
  const auto id = static_cast<TensorId>(target.tensors.size() - 1);
  scope.names[name] = {id, entry.constant};
  return id;
}

Status MilBuilder::build(const MilProgram& program, const std::string& function, const FeatureList& interface,
                         Features& features, bool is_main) {
  if (program.functions.empty()) return make_error(ErrorCode::kInvalidGraph, "the program has no functions");
  const MilFunction* chosen = nullptr;
  for (const MilFunction& each : program.functions) {
    if (each.name == (function.empty() ? "main" : function)) chosen = &each;
  }
  if (chosen == nullptr) chosen = &program.functions.front();
  MilScope scope;
  NNGAUGE_CHECK(build_function(*chosen, interface, scope, &features));
  if (!is_main || program.functions.size() == 1) return ok();
  for (const MilFunction& each : program.functions) {
    GraphId id = 0;
    if (&each != chosen) {
      id = static_cast<GraphId>(model_.graphs.size());
      model_.graphs.emplace_back();
      MilScope own;
      own.graph = id;
      if (auto status = build_function(each, {}, own, nullptr); !status)
        return status.error().at("function " + in_quotes(each.name));
    }
    graph(id).name = each.name;
    Signature signature;
    signature.key = each.name;
    signature.graph = id;
    for (const TensorId input : graph(id).inputs)
      signature.inputs.emplace_back(graph(id).tensors[at(input)].name, input);
    for (const TensorId output : graph(id).outputs)
      signature.outputs.emplace_back(graph(id).tensors[at(output)].name, output);
    model_.signatures.push_back(std::move(signature));
  }
  return ok();
}

// `features`: those of the whole model, for the function that stands for it; null for others.
Status MilBuilder::build_function(const MilFunction& function, const FeatureList& interface, MilScope& scope,
                                  Features* features) {
  for (const MilName& input : function.inputs) {
    Feature feature;
    feature.name = input.name;
    feature.shape = input.type.shape;
    // Where the program leaves extents open the description has the default ones.
    for (const Feature& stated : interface.inputs) {
      if (stated.name == input.name) fill_open_extents(stated, feature.shape);
    }
    if (input.type.is_state || features == nullptr) {
      Tensor tensor;
      tensor.name = input.name;
      tensor.dtype = input.type.dtype;
      tensor.declared = tensor.shape = feature.shape;
      tensor.is_variable = input.type.is_state;
      Graph& target = graph(scope.graph);
      target.tensors.push_back(std::move(tensor));
      const auto id = static_cast<TensorId>(target.tensors.size() - 1);
      if (!input.type.is_state) target.inputs.push_back(id);
      scope.names[input.name] = {id, nullptr};
      continue;
    }
    NNGAUGE_TRY(const Blob blob, features->take(feature, true, input.type.dtype));
    scope.names[input.name] = {blob.id, nullptr};
  }
  NNGAUGE_CHECK(build_ops(function.block, scope));
  for (const std::string& name : function.block.outputs) {
    MilEntry* entry = resolve(name, scope);
    if (entry == nullptr)
      return make_error(ErrorCode::kInvalidGraph, "result " + in_quotes(name) + " of the function is never defined");
    NNGAUGE_TRY(const TensorId id, tensor_of(*entry, name, scope));
    if (features != nullptr) features->put(name, {id, true});
    else graph(scope.graph).outputs.push_back(id);
  }
  return ok();
}

Status MilBuilder::build_ops(const MilBlock& block, MilScope& scope) {
  std::int32_t index = 0;
  for (const MilOp& op : block.ops) {
    if (auto status = build_op(op, index, scope); !status) {
      if (!status.error().where.empty() && status.error().where.starts_with("op #")) return status;
      return status.error().at(op_place(named_op(op, index), index));
    }
    ++index;
  }
  return ok();
}

Result<GraphId> MilBuilder::build_block(const MilBlock& block, MilScope& outer) {
  MilScope scope;
  scope.graph = static_cast<GraphId>(model_.graphs.size());
  scope.outer = &outer;
  model_.graphs.emplace_back();
  graph(scope.graph).parent = outer.graph;
  for (std::size_t i = 0; i < block.inputs.size(); ++i) {
    const MilType& type = block.inputs[i].type;
    Tensor tensor;
    tensor.name = block.inputs[i].name;
    tensor.dtype = type.dtype;
    tensor.declared = tensor.shape = type.shape;
    Graph& target = graph(scope.graph);
    target.tensors.push_back(std::move(tensor));
    const auto id = static_cast<TensorId>(target.tensors.size() - 1);
    target.inputs.push_back(id);
    scope.names[block.inputs[i].name] = {id, nullptr};
  }
  NNGAUGE_CHECK(build_ops(block, scope));
  for (const std::string& name : block.outputs) {
    MilEntry* entry = resolve(name, scope);
    if (entry == nullptr)
      return make_error(ErrorCode::kInvalidGraph, "result " + in_quotes(name) + " of a block is never defined");
    NNGAUGE_TRY(const TensorId id, tensor_of(*entry, name, scope));
    graph(scope.graph).outputs.push_back(id);
  }
  return scope.graph;
}

Status MilBuilder::build_op(const MilOp& op, std::int32_t index, MilScope& scope) {
  if (op.type == "const") {
    const MilArgument* value = op.find("val");
    if (value == nullptr || value->bindings.empty() || !value->bindings[0].value || op.outputs.empty())
      return make_error(ErrorCode::kInvalidGraph, "a constant without a value");
    MilEntry entry{kNoTensor, value->bindings[0].value};
    // The result's own type counts where the value states none.
    if (!entry.constant->type.shape.ranked() && !entry.constant->type.is_list) {
      MilValue typed = *entry.constant;
      typed.type = op.outputs[0].type;
      entry.constant = std::make_shared<const MilValue>(std::move(typed));
    }
    define(op.outputs[0].name, std::move(entry), scope);
    return ok();
  }
  NNGAUGE_TRY(const bool folded, read_constexpr(op, *this, scope));
  if (folded) return ok();
  MilView view(*this, scope, op);
  view.op = named_op(op, index);
  const MilRow* row = find_mil_row(op.type);
  view.op.kind = row != nullptr ? row->kind : OpKind::kCustom;
  const std::size_t first_graph = model_.graphs.size();
  if (row == nullptr) {
    view.give_up();
    for (const MilArgument& input : op.inputs) NNGAUGE_CHECK(view.operand(input.key, OperandRole::kData));
  } else {
    for (const std::string& word : split(row->inputs, ' ')) {
      const std::size_t colon = word.find(':');
      if (colon == std::string::npos) continue;
      const bool keep = word.ends_with('?');
      NNGAUGE_CHECK(view.operand(word.substr(0, colon), role_of(word[colon + 1]), keep));
    }
    while (!view.op.inputs.empty() && view.op.inputs.back().tensor == kNoTensor) view.op.inputs.pop_back();
    NNGAUGE_CHECK(row->read(view));
  }
  // What inner graphs read of this one are operands of the operation.
  std::vector<TensorId> captured;
  for (std::size_t i = first_graph; i < model_.graphs.size(); ++i) {
    if (model_.graphs[i].parent != scope.graph) continue;
    for (const Capture& capture : model_.graphs[i].captures) captured.push_back(capture.outer);
  }
  std::sort(captured.begin(), captured.end());
  captured.erase(std::unique(captured.begin(), captured.end()), captured.end());
  for (const TensorId id : captured) view.op.inputs.push_back({id, OperandRole::kCapture});
  return emit(view, scope);
}

// Adds the operator and those that follow it; the last one's result, or else its own, takes the first name.
Status MilBuilder::emit(MilView& view, MilScope& scope) {
  GraphWriter writer(model_, scope.graph);
  const std::vector<MilName>& outputs = view.source.outputs;
  const Op head = view.op;
  std::vector<TensorId> ids;
  NNGAUGE_TRY(ids, writer.emit(std::move(view.op), std::min(view.most_results, outputs.size())));
  for (Op& tail : view.tails) {
    if (ids.empty()) break;
    tail.name = head.name;
    tail.source_op = head.source_op;
    tail.source = head.source;
    tail.inputs.insert(tail.inputs.begin(), Operand{ids[0], OperandRole::kData});
    NNGAUGE_TRY(ids[0], writer.emit(std::move(tail)));
  }
  for (std::size_t k = 0; k < ids.size(); ++k) {
    Tensor& tensor = writer.tensor(ids[k]);
    const MilType& stated = outputs[k].type;
    check_stated(head, tensor.shape, stated.shape);
    tensor.name = outputs[k].name;
    // A label of text is computed as its place.
    const bool says = stated.dtype != DType::kString && stated.dtype != DType::kUnknown;
    if (says || tensor.dtype == DType::kUnknown) tensor.dtype = stated.dtype;
    tensor.declared = stated.shape;
    if (!tensor.shape.ranked()) tensor.shape = stated.shape;
    define(outputs[k].name, {ids[k], nullptr}, scope);
  }
  return ok();
}

// The file states every result: where it differs from what the rule says one of the two is wrong.
void MilBuilder::check_stated(const Op& op, const Shape& inferred, const Shape& stated) {
  if (!inferred.ranked() || !stated.ranked()) return;
  // One number may have no axis, or axes of one element.
  if (inferred.elements() == Count(1) && stated.elements() == Count(1)) return;
  bool same = inferred.rank() == stated.rank();
  for (std::size_t i = 0; same && i < inferred.rank(); ++i)
    same = !inferred[i].known() || !stated[i].known() || inferred[i] == stated[i];
  if (!same)
    model_.diagnostics.warn("shape-differs", op_place(op, op.source.index),
                            fmt::format("makes {}, the file states {}", shape_text(inferred, model_.symbols),
                                        shape_text(stated, model_.symbols)));
}

}  // namespace nngauge::coreml
