// SPDX-License-Identifier: Apache-2.0
#include "parsers/executorch/plan.h"

#include <algorithm>

#include "base/text.h"
#include "parsers/executorch/op_map.h"

namespace nngauge::executorch {
namespace {

constexpr std::size_t kMostValues = 4'000'000, kMostRank = 64;

Error beyond(std::string_view what, std::int64_t index, std::size_t count) {
  return invalid_graph("names " + std::string(what) + " " + std::to_string(index) + " of " + std::to_string(count));
}

}  // namespace

DType dtype_of(int scalar_type) {
  switch (scalar_type) {
    case 0:
      return DType::kUInt8;
    case 1:
      return DType::kInt8;
    case 2:
      return DType::kInt16;
    case 3:
      return DType::kInt32;
    case 4:
      return DType::kInt64;
    case 5:
      return DType::kFloat16;
    case 6:
      return DType::kFloat32;
    case 7:
      return DType::kFloat64;
    case 11:
      return DType::kBool;
    case 12:
      return DType::kInt8;
    case 13:
      return DType::kUInt8;
    case 14:
      return DType::kInt32;
    case 15:
      return DType::kBFloat16;
    case 23:
      return DType::kFloat8E5M2;
    case 24:
      return DType::kFloat8E4M3FN;
    case 27:
      return DType::kUInt16;
    case 28:
      return DType::kUInt32;
    case 29:
      return DType::kUInt64;
    default:
      return DType::kUnknown;
  }
}

Result<Graph> Plan::read() {
  graph_.name = text_of(tables_.name());
  NNGAUGE_CHECK(read_values());
  for (std::size_t i = 0; i < length(tables_.inputs()); ++i) {
    NNGAUGE_TRY(const TensorId id, tensor_at(number_of(tables_.inputs(), i), "an input"));
    if (id == kNoTensor || graph_.tensors[at(id)].is_constant) continue;
    graph_.inputs.push_back(id);
    defined_[at(id)] = true;
    const auto index = static_cast<std::int32_t>(number_of(tables_.inputs(), i));
    if (places_[at(index)]) written_[*places_[at(index)]] = index;
  }
  for (std::size_t i = 0; i < length(tables_.chains()); ++i) NNGAUGE_CHECK(read_chain(get(tables_.chains(), i)));
  NNGAUGE_CHECK(read_ends());
  return std::move(graph_);
}

Status Plan::read_values() {
  if (length(tables_.values()) > kMostValues)
    return make_error(ErrorCode::kTooLarge, std::to_string(tables_.values()->size()) + " values");
  tensors_.assign(length(tables_.values()), kNoTensor);
  places_.resize(tensors_.size());
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const auto* tensor = get(tables_.values(), i).value_as_Tensor();
    if (!tensor) continue;
    Status status = read_tensor(*tensor, i);
    if (!status) return status.error().at("value #" + std::to_string(i));
  }
  return ok();
}

Status Plan::read_ends() {
  for (std::size_t i = 0; i < length(tables_.outputs()); ++i) {
    const std::int32_t index = number_of(tables_.outputs(), i);
    NNGAUGE_TRY(const TensorId id, tensor_at(index, "an output"));
    if (id == kNoTensor) continue;
    if (!is_defined(id)) view_memory(index, id);
    graph_.outputs.push_back(id);
  }
  for (const Op& op : graph_.ops) {
    for (const Operand& operand : op.inputs) {
      if (operand.tensor != kNoTensor && !is_defined(operand.tensor)) become_state(operand.tensor);
    }
  }
  return ok();
}

Result<TensorId> Plan::tensor_at(std::int32_t index, std::string_view what) const {
  if (index < 0 || at(index) >= tensors_.size()) {
    return invalid_graph(std::string(what) + " is value #" + std::to_string(index) + " of " +
                         std::to_string(tensors_.size()));
  }
  return tensors_[at(index)];
}

Result<TensorId> Plan::operand_at(std::int32_t index, std::string_view what) {
  NNGAUGE_TRY(const TensorId id, tensor_at(index, what));
  if (id == kNoTensor || is_defined(id)) return id;
  if (!view_memory(index, id)) become_state(id);
  return id;
}

// What is read and never made is filled in by the program that runs this one.
void Plan::become_state(TensorId id) {
  defined_[at(id)] = true;
  graph_.tensors[at(id)].is_variable = true;
  program_.remark_once("never-made", "tensors are read that no instruction makes; they count as state");
}

bool Plan::view_memory(std::int32_t index, TensorId id) {
  if (!places_[at(index)]) return false;
  const auto written = written_.find(*places_[at(index)]);
  if (written == written_.end()) return false;
  const TensorId held = tensors_[at(written->second)];
  const Tensor &from = graph_.tensors[at(held)], &to = graph_.tensors[at(id)];
  if (from.dtype != to.dtype || !(from.declared.elements() == to.declared.elements())) return false;
  Op view;
  view.kind = OpKind::kReshape;
  view.name = to.name;
  view.source_op = "view";
  ReshapeAttrs attrs;
  for (const Dim dim : to.declared.dims()) attrs.shape.push_back(dim.value());
  attrs.has_shape = true;
  view.attrs = std::move(attrs);
  view.inputs = {{held, OperandRole::kData}};
  view.outputs = {id};
  defined_[at(id)] = true;
  graph_.ops.push_back(std::move(view));
  return true;
}

TensorId Plan::stored(const Tensor& tensor) {
  if (tensor.data.file < 0) return add(tensor);
  const auto [at, fresh] = stored_.emplace(std::tuple{tensor.data.file, tensor.data.offset, tensor.data.size_bytes,
                                                      tensor.dtype, shape_text(tensor.declared, SymbolTable())},
                                           kNoTensor);
  if (fresh) at->second = add(tensor);
  return at->second;
}

TensorId Plan::add(Tensor tensor) {
  graph_.tensors.push_back(std::move(tensor));
  defined_.resize(graph_.tensors.size(), true);
  return static_cast<TensorId>(graph_.tensors.size() - 1);
}

TensorId Plan::define(std::int32_t index) {
  TensorId& id = tensors_[at(index)];
  if (is_defined(id)) {
    const Tensor& before = graph_.tensors[at(id)];
    Tensor again;
    again.name = before.name;
    again.dtype = before.dtype;
    again.declared = again.shape = before.declared;
    id = add(std::move(again));
  }
  defined_[at(id)] = true;
  if (places_[at(index)]) written_[*places_[at(index)]] = index;
  return id;
}

Status Plan::read_tensor(const fb::Tensor& source, std::size_t index) {
  Tensor tensor;
  tensor.name = source.place() ? text_of(source.place()->name()) : "";
  if (tensor.name.empty()) tensor.name = "value" + std::to_string(index);
  tensor.dtype = dtype_of(source.scalar_type());
  NNGAUGE_CHECK(program_.spend(16 + tensor.name.size() + length(source.sizes())));
  if (length(source.sizes()) > kMostRank)
    return invalid_graph("has " + std::to_string(source.sizes()->size()) + " axes");
  std::vector<Dim> dims;
  for (const std::int64_t extent : ints_of(source.sizes())) {
    if (extent < 0) return invalid_graph("an extent is " + std::to_string(extent));
    dims.emplace_back(extent);
  }
  tensor.declared = tensor.shape = Shape(std::move(dims));
  if (source.dynamism() != 0)
    program_.remark_once("largest-extents", "the program allows smaller extents; the largest are counted");
  const Count bytes = packed_bytes(tensor.dtype, *tensor.declared.elements());
  if (bytes.overflowed()) return make_error(ErrorCode::kOverflow, "has more bytes than 64 bits count");
  NNGAUGE_CHECK(locate(source, bytes.value(), tensor));
  if (const auto* place = source.allocation()) {
    const std::uint64_t offset = (std::uint64_t{place->offset_high()} << 32U) | place->offset_low();
    places_[index] = Place{place->memory_id(), offset};
  }
  tensors_[index] = static_cast<TensorId>(graph_.tensors.size());
  defined_.push_back(tensor.is_constant || tensor.is_variable);
  graph_.tensors.push_back(std::move(tensor));
  return ok();
}

// A stored tensor that has memory of its own is state: the stored elements are what it starts with.
Status Plan::locate(const fb::Tensor& source, std::uint64_t bytes, Tensor& tensor) {
  const bool elsewhere = source.place() && source.place()->location() == 1;
  if (!elsewhere && source.data_buffer() == 0) return ok();
  tensor.is_variable = source.allocation() != nullptr;
  tensor.is_constant = !tensor.is_variable;
  if (tensor.is_variable) return ok();
  NNGAUGE_TRY(tensor.data,
              elsewhere ? program_.named(tensor.name, bytes) : program_.constant(source.data_buffer(), bytes));
  return ok();
}

Status Plan::read_chain(const fb::Chain& chain) {
  for (std::size_t i = 0; i < length(chain.instructions()); ++i) {
    const fb::Instruction& instruction = get(chain.instructions(), i);
    Op op;
    op.source = {static_cast<std::int32_t>(i), program_.offset_of(&instruction)};
    Status status = read_instruction(instruction, op);
    if (status) continue;
    return status.error().at("instruction #" + std::to_string(i) + (op.source_op.empty() ? "" : " " + op.source_op));
  }
  return ok();
}

Status Plan::read_instruction(const fb::Instruction& instruction, Op& op) {
  if (const auto* kernel = instruction.arguments_as_KernelCall()) return read_call(*kernel, op);
  if (const auto* moved = instruction.arguments_as_MoveCall()) return move(*moved);
  if (const auto* call = instruction.arguments_as_DelegateCall()) {
    if (call->delegate() < 0 || at(call->delegate()) >= length(tables_.delegates()))
      return beyond("delegate", call->delegate(), length(tables_.delegates()));
    op.source_op = op.name = text_of(get(tables_.delegates(), at(call->delegate())).id());
    return read_delegate(*call, op);
  }
  if (instruction.arguments_as_JumpFalseCall()) {
    program_.remark_once("jumps", "the program jumps: every instruction is counted as executed once");
  }
  return ok();
}

Status Plan::move(const fb::MoveCall& call) {
  NNGAUGE_TRY(const TensorId from, operand_at(call.from(), "what is moved"));
  NNGAUGE_TRY(const TensorId to, tensor_at(call.to(), "the target of a move"));
  if (from != kNoTensor && to != kNoTensor) tensors_[at(call.to())] = from;
  return ok();
}

namespace {

// Numbers of a list whose items are numbers of values.
Result<Ints> listed_integers(const fb::ExecutionPlan& tables, const fb::IntList& list) {
  Ints out;
  for (const std::int64_t item : ints_of(list.items())) {
    const bool known = item >= 0 && static_cast<std::uint64_t>(item) < length(tables.values());
    const auto* number = known ? get(tables.values(), at(item)).value_as_Int() : nullptr;
    if (!number) return invalid_graph("a list names a value that is no integer");
    out.push_back(number->value());
  }
  return out;
}

Result<Argument> argument(Plan& plan, std::int32_t index) {
  Argument out;
  NNGAUGE_TRY(out.tensor, plan.operand_at(index, "an argument"));
  if (out.tensor != kNoTensor) return out;
  const fb::EValue& value = get(plan.tables().values(), at(index));
  if (const auto* number = value.value_as_Int()) out.ints = {number->value()};
  if (const auto* flag = value.value_as_Bool()) out.ints = {flag->value() ? 1 : 0};
  if (const auto* real = value.value_as_Double()) out.reals = {real->value()};
  if (const auto* text = value.value_as_String()) {
    NNGAUGE_CHECK(plan.program().spend(length(text->value())));
    out.text = text_of(text->value());
  }
  if (const auto* list = value.value_as_DoubleList()) {
    NNGAUGE_CHECK(plan.program().spend(length(list->items())));
    out.reals = numbers_of(list->items());
  }
  if (const auto* list = value.value_as_BoolList()) {
    NNGAUGE_CHECK(plan.program().spend(length(list->items())));
    if (list->items()) out.ints.assign(list->items()->begin(), list->items()->end());
  }
  if (const auto* list = value.value_as_IntList()) {
    NNGAUGE_CHECK(plan.program().spend(length(list->items())));
    NNGAUGE_TRY(out.ints, listed_integers(plan.tables(), *list));
  }
  const auto* tensors = value.value_as_TensorList();
  const auto* optionals = value.value_as_OptionalTensorList();
  const auto* items = tensors ? tensors->items() : optionals ? optionals->items() : nullptr;
  NNGAUGE_CHECK(plan.program().spend(length(items)));
  for (const std::int64_t item : ints_of(items)) {
    if (optionals && item < 0) {
      out.tensors.push_back(kNoTensor);
      continue;
    }
    NNGAUGE_TRY(const TensorId id, plan.operand_at(static_cast<std::int32_t>(item), "an item of a list"));
    out.tensors.push_back(id);
  }
  return out;
}

// A call's arguments in order, without the results: these stand last, once as out arguments and once as what the call
// returns; an operator in place returns its first argument.
struct Arguments {
  std::vector<Argument> operands;
  std::vector<std::int32_t> results;  // values
};

Result<Arguments> split_arguments(Plan& plan, const fb::KernelCall& call) {
  Arguments out;
  const Ints given = ints_of(call.args());
  NNGAUGE_CHECK(plan.program().spend(given.size()));
  const auto value = [&](std::size_t i) { return static_cast<std::int32_t>(given[i]); };
  const auto returned = value(given.size() - 1);
  NNGAUGE_TRY(const TensorId tensor, plan.tensor_at(returned, "the result"));
  std::size_t last = given.size() - 1;
  if (tensor != kNoTensor) {
    out.results = {returned};
    if (last > 0 && value(last - 1) == returned) --last;
  } else if (const auto* list = get(plan.tables().values(), at(returned)).value_as_TensorList()) {
    const Ints items = ints_of(list->items());
    NNGAUGE_CHECK(plan.program().spend(items.size()));
    for (const std::int64_t item : items) out.results.push_back(static_cast<std::int32_t>(item));
    // The results as one list, perhaps an equal one, or one by one.
    const auto* given_list = last > 0 && value(last - 1) >= 0 && at(value(last - 1)) < length(plan.tables().values())
                                 ? get(plan.tables().values(), at(value(last - 1))).value_as_TensorList()
                                 : nullptr;
    if (given_list && ints_of(given_list->items()) == items) --last;
    else last -= std::min(last, out.results.size());
  }
  for (std::size_t i = 0; i < last; ++i) {
    NNGAUGE_TRY(Argument next, argument(plan, value(i)));
    out.operands.push_back(std::move(next));
  }
  return out;
}

}  // namespace

Status Plan::read_call(const fb::KernelCall& call, Op& op) {
  if (call.operator_() < 0 || at(call.operator_()) >= length(tables_.operators()))
    return beyond("operator", call.operator_(), length(tables_.operators()));
  const fb::Operator& kernel = get(tables_.operators(), at(call.operator_()));
  NNGAUGE_CHECK(program_.spend(32 + length(kernel.name()) + length(kernel.overload())));
  const std::string name = text_of(kernel.name());
  op.source_op = name + (length(kernel.overload()) > 0 ? "." + text_of(kernel.overload()) : "");
  if (length(call.args()) == 0) return invalid_graph("has no arguments");
  NNGAUGE_TRY(const Arguments arguments, split_arguments(*this, call));
  if (arguments.results.empty()) return ok();  // arithmetic of single numbers
  for (const std::int32_t result : arguments.results) {
    NNGAUGE_TRY(const TensorId id, tensor_at(result, "a result"));
    if (id == kNoTensor) return invalid_graph("a result is no tensor");
  }
  for (const std::int32_t result : arguments.results) op.outputs.push_back(define(result));
  op.name = graph_.tensors[at(op.outputs[0])].name;
  CallContext context{name, op.source_op, arguments.operands, *this, op};
  NNGAUGE_CHECK(read_kernel(context));
  graph_.ops.push_back(std::move(op));
  return ok();
}

// A subgraph that a backend has compiled.
Status Plan::read_delegate(const fb::DelegateCall& call, Op op) {
  NNGAUGE_CHECK(program_.spend(64 + length(call.args())));
  DelegateCall given{*this, {}, std::move(op), {}};
  for (const std::int64_t index : ints_of(call.args())) {
    const auto value = static_cast<std::int32_t>(index);
    NNGAUGE_TRY(const TensorId id, tensor_at(value, "an argument"));
    if (id != kNoTensor) given.values.push_back(value);
  }
  NNGAUGE_TRY(given.blob, program_.blob(get(tables_.delegates(), at(call.delegate()))));
  if (given.op.source_op == "XnnpackBackend") {
    NNGAUGE_TRY(const bool known, read_xnnpack(given));
    if (known) return ok();
  }
  Op& blob = given.op;
  blob.kind = OpKind::kDelegateBlob;
  CustomAttrs attrs;
  attrs.name = blob.source_op;
  blob.attrs = std::move(attrs);
  // Arguments that nothing has made yet are its results.
  for (const std::int32_t value : given.values) {
    const TensorId id = tensors_[at(value)];
    if (is_defined(id)) blob.inputs.push_back({id, OperandRole::kData});
    else blob.outputs.push_back(define(value));
  }
  Tensor compiled;
  compiled.name = blob.name + "/compiled";
  compiled.dtype = DType::kUInt8;
  compiled.is_constant = true;
  compiled.data = given.blob;
  compiled.declared = compiled.shape = Shape{static_cast<std::int64_t>(given.blob.size_bytes)};
  program_.model().diagnostics.note(
      "compiled-blob", blob.source_op,
      std::to_string(given.blob.size_bytes) + " bytes are compiled for this backend and not looked into");
  blob.inputs.push_back({add(std::move(compiled)), OperandRole::kConfig});
  graph_.ops.push_back(std::move(blob));
  return ok();
}

}  // namespace nngauge::executorch
