// SPDX-License-Identifier: Apache-2.0
#include "parsers/torchscript/operators.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "graph/op_table.h"

namespace nngauge::torchscript {
namespace {

// "relu_" and "relu" are one operator.
std::string without_underscore(const std::string& name) {
  const bool in_place = name.size() > 1 && name.back() == '_' && !name.ends_with("__");
  return in_place ? name.substr(0, name.size() - 1) : name;
}

const std::unordered_map<std::string_view, Handler>& handlers() {
  static const auto* const kHandlers = [] {
    auto* out = new std::unordered_map<std::string_view, Handler>;
    for (const auto& rows : {layer_operators(), packed_operators(), elementwise_operators(), movement_operators()}) {
      for (const OperatorRow& row : rows) out->emplace(row.name, row.handler);
    }
    return out;
  }();
  return *kHandlers;
}

bool has_tensor(const Arguments& arguments) {
  const auto holds = [](const PyValue& value) {
    return value.is_tensor() || (value.is_sequence() && std::any_of(value.items->begin(), value.items->end(),
                                                                    [](const PyValue& v) { return v.is_tensor(); }));
  };
  return std::any_of(arguments.positional.begin(), arguments.positional.end(), holds);
}

PyValue dims_as_list(Interpreter& interpreter, const Shape& shape) {
  if (!shape.ranked()) return PyValue::unknown();
  Items sizes;
  for (const Dim dim : shape.dims()) sizes.push_back(dim.known() ? PyValue::of_int(dim.value()) : PyValue::unknown());
  return interpreter.arena().sequence(Kind::kList, std::move(sizes));
}

// What asks about a tensor instead of computing one.
Result<std::optional<PyValue>> ask(Interpreter& interpreter, const std::string& name, const Arguments& arguments) {
  const PyValue x = arguments.get(0);
  if (!x.is_tensor()) return std::optional<PyValue>();
  NNGAUGE_TRY(const TensorId id, interpreter.tensor_id(x));
  const Tensor& tensor = interpreter.writer().tensor(id);
  const Shape& shape = tensor.shape;
  if (name == "size") {
    if (!arguments.has(1, "dim")) return std::optional(dims_as_list(interpreter, shape));
    const Dim extent = shape.at(arguments.integer(1, "dim", 0));
    return std::optional(extent.known() ? PyValue::of_int(extent.value()) : PyValue::unknown());
  }
  if (name == "dim" || name == "ndimension")
    return std::optional(shape.ranked() ? PyValue::of_int(static_cast<std::int64_t>(shape.rank()))
                                        : PyValue::unknown());
  if (name == "len") {
    const Dim extent = shape.at(0);
    return std::optional(extent.known() ? PyValue::of_int(extent.value()) : PyValue::unknown());
  }
  if (name == "numel") {
    const auto elements = shape.elements();
    const bool known = elements && !elements->overflowed() && elements->value() < (std::uint64_t{1} << 62);
    return std::optional(known ? PyValue::of_int(static_cast<std::int64_t>(elements->value())) : PyValue::unknown());
  }
  if (name == "is_floating_point") return std::optional(PyValue::boolean(is_float(tensor.dtype)));
  if (name == "is_complex" || name == "is_cuda" || name == "is_quantized" || name == "prim.is_cuda" ||
      name == "is_sparse" || name == "requires_grad")
    return std::optional(PyValue::boolean(false));
  if (name.starts_with("prim.") || name == "device" || name == "get_device" || name == "Bool" || name == "Int" ||
      name == "Float" || name == "item" || name == "IntImplicit" || name == "FloatImplicit" ||
      name == "ScalarImplicit" || name == "stride" || name == "bool" || name == "int" || name == "float_")
    return std::optional(PyValue::unknown());
  return std::optional<PyValue>();
}

}  // namespace

// --- Call -----------------------------------------------------------------------------------------------------------

std::vector<std::int64_t> Call::integers(std::size_t i, const std::string& name, std::size_t times) const {
  const PyValue value = get(i, name);
  std::vector<std::int64_t> out;
  if (value.is_sequence()) {
    for (const PyValue& element : *value.items)
      out.push_back(element.kind == Kind::kInt || element.kind == Kind::kBool ? element.integer : -1);
    if (out.size() == 1 && times > 1) out.assign(times, out[0]);
  } else if (value.kind == Kind::kInt) {
    out.assign(times, value.integer);
  }
  return out;
}

bool Call::knows_integers(std::size_t i, const std::string& name) const {
  const PyValue value = get(i, name);
  const auto known = [](const PyValue& one) { return one.kind == Kind::kInt || one.kind == Kind::kBool; };
  return value.is_sequence() ? std::all_of(value.items->begin(), value.items->end(), known) : known(value);
}

Result<Shape> Call::shape(std::size_t i) {
  const PyValue value = get(i);
  if (value.kind == Kind::kStored)
    return Shape(std::vector<Dim>(value.stored->sizes.begin(), value.stored->sizes.end()));
  NNGAUGE_TRY(const TensorId id, interpreter_.tensor_id(value));
  return id == kNoTensor ? Shape() : interpreter_.writer().shape(id);
}

Status Call::input(std::size_t i, OperandRole role) {
  if (get(i).is_unknown()) return unknown("an operand is not known");
  NNGAUGE_TRY(const TensorId id, interpreter_.tensor_id(get(i)));
  op.inputs.push_back({id, role});
  return ok();
}

Status Call::learned(std::size_t i, OperandRole role, const std::string& name) {
  const PyValue value = get(i, name);
  if (value.is_unknown()) return unknown("an operand is not known");
  NNGAUGE_TRY(const TensorId id, interpreter_.tensor_id(value));
  const bool stored = value.kind == Kind::kStored || (id != kNoTensor && interpreter_.derived.count(id) != 0);
  op.inputs.push_back({id, stored ? role : OperandRole::kData});
  return ok();
}

Status Call::operand_or_scalar(std::size_t i) {
  const PyValue value = get(i);
  if (value.is_tensor()) return input(i);
  op.inputs.push_back({interpreter_.writer().add_scalar(value.is_number() ? value.number() : 0), OperandRole::kData});
  return ok();
}

void Call::name_op(Op& named) const {
  named.name = interpreter_.scope();
  named.source_op = "aten::" + without_underscore(name_);
  if (name_.find('.') != std::string::npos) named.source_op = std::string(name_).replace(name_.find('.'), 1, "::");
  named.source.index = static_cast<std::int32_t>(interpreter_.writer().op_count());
}

Result<PyValue> Call::emit() {
  NNGAUGE_TRY(const PyValue list, emit_list(1));
  return (*list.items)[0];
}

Result<PyValue> Call::emit_list(std::size_t results) {
  name_op(op);
  const OpInfo& info = op_info(op.kind);
  const TensorId first = op.inputs.empty() ? kNoTensor : op.inputs[0].tensor;
  const bool follows = info.category == OpCategory::kElementwise || info.category == OpCategory::kQuantisation ||
                       op.kind == OpKind::kIdentity || op.kind == OpKind::kDropout || op.kind == OpKind::kCast;
  const bool constant = first != kNoTensor && info.passes_weights &&
                        (interpreter_.writer().tensor(first).is_constant || interpreter_.derived.count(first) != 0);
  NNGAUGE_TRY(const std::vector<TensorId> made, interpreter_.writer().emit(std::move(op), results));
  Items out;
  for (const TensorId id : made) {
    out.push_back(interpreter_.tensor_value(id));
    if (constant) interpreter_.derived.insert(id);
    const auto open = interpreter_.open_inputs.find(first);
    if (follows && open != interpreter_.open_inputs.end()) interpreter_.open_inputs[id] = open->second;
    const auto origin = interpreter_.origins.find(first);
    if (origin != interpreter_.origins.end()) interpreter_.origins[id] = origin->second;
  }
  op = {};
  PyValue list = interpreter_.arena().sequence(Kind::kTuple, std::move(out));
  if (list.items == nullptr) return make_error(ErrorCode::kTooLarge, "the code makes too many values");
  return list;
}

Result<TensorId> Call::step(Op before) {
  name_op(before);
  return interpreter_.writer().emit(std::move(before));
}

Result<PyValue> Call::opaque(std::size_t results) {
  op.kind = OpKind::kCustom;
  CustomAttrs attrs;
  attrs.name = name_;
  op.attrs = attrs;
  op.inputs.clear();
  for (std::size_t i = 0; i < arguments_.positional.size(); ++i) {
    const PyValue& value = arguments_.positional[i];
    if (value.is_tensor()) NNGAUGE_CHECK(input(i));
    if (!value.is_sequence()) continue;
    for (const PyValue& element : *value.items) {
      NNGAUGE_TRY(const TensorId id, interpreter_.tensor_id(element));
      if (id != kNoTensor) op.inputs.push_back({id, OperandRole::kData});
    }
  }
  return results == 1 ? emit() : emit_list(results);
}

Status Call::demand(std::size_t i, std::vector<std::int64_t> extents, bool through_all) {
  NNGAUGE_TRY(const TensorId id, interpreter_.tensor_id(get(i)));
  const auto& inputs = through_all ? interpreter_.origins : interpreter_.open_inputs;
  const auto open = inputs.find(id);
  if (open == inputs.end() || interpreter_.writer().shape(id).ranked()) return ok();
  interpreter_.demand = {open->second, std::move(extents)};
  return unknown("an input's shape is needed");
}

// --- the call -------------------------------------------------------------------------------------------------------

Result<PyValue> call_operator(Interpreter& interpreter, const std::string& called, const Arguments& arguments) {
  const std::string plain = called.starts_with("aten.") ? called.substr(5) : called;
  bool known = false;
  NNGAUGE_TRY(PyValue scalar, call_scalar(interpreter, plain, arguments, known));
  if (known) return scalar;
  NNGAUGE_TRY(const std::optional<PyValue> answer, ask(interpreter, plain, arguments));
  if (answer) return *answer;
  const std::string name = without_underscore(plain);
  Call call(interpreter, plain, arguments);
  const auto found = handlers().find(name);
  const bool makes =
      name == "tensor" || name.ends_with("prepack") || !arguments.has(0) || !arguments.get(0).is_unknown();
  if (!has_tensor(arguments) && (found == handlers().end() || !makes)) return PyValue::unknown();
  if (found == handlers().end()) return call.opaque();
  Result<PyValue> made = found->second(call);
  if (!made && made.error().code == ErrorCode::kUnknown && interpreter.demand.input == kNoTensor) {
    Call unread(interpreter, plain, arguments);  // an operand that nothing tells
    made = unread.opaque();
  }
  if (!made) return made.error();
  const PyValue result = *std::move(made);
  // What works in place changes the tensor for all who hold it.
  if (name != plain && result.kind == Kind::kTensor && arguments.get(0).kind == Kind::kTensor) {
    const PyValue target = arguments.get(0);
    target.tensor->id = result.tensor->id;
    return target;
  }
  return result;
}

}  // namespace nngauge::torchscript
