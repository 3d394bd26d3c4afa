// SPDX-License-Identifier: Apache-2.0
#include "parsers/torchscript/interpreter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "parsers/torchscript/operators.h"

namespace nngauge::torchscript {
namespace {

constexpr int kMostCalls = 120;
constexpr std::uint64_t kMostSteps = 1'000'000;
constexpr std::size_t kMostOps = 200'000;
constexpr std::int64_t kMostTrips = 100'000;

bool raises(const std::vector<Statement>& block) {
  for (const Statement& statement : block) {
    if (statement.kind != Statement::Kind::kExpr || !statement.value || statement.value->kind != Expr::Kind::kCall)
      continue;
    const Expr& callee = *statement.value->args[0];
    if (callee.kind == Expr::Kind::kAttribute && callee.text == "RaiseException") return true;
  }
  return false;
}

}  // namespace

std::pair<std::string, std::string> split_name(const std::string& dotted) {
  const std::size_t dot = dotted.rfind('.');
  if (dot == std::string::npos) return {"", dotted};
  return {dotted.substr(0, dot), dotted.substr(dot + 1)};
}

std::optional<bool> truth(const PyValue& value) {
  switch (value.kind) {
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.integer != 0;
    case Kind::kReal:
      return std::fabs(value.real) > 0;
    case Kind::kText:
      return !value.text.empty();
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kDict:
      return !value.items->empty();
    default:
      return std::nullopt;
  }
}

PyValue Arguments::get(std::size_t i, const std::string& name) const {
  if (i < positional.size()) return positional[i];
  const auto found = named.find(name);
  return found == named.end() ? PyValue::none() : found->second;
}

bool Arguments::has(std::size_t i, const std::string& name) const {
  return i < positional.size() || named.count(name) != 0;
}

std::int64_t Arguments::integer(std::size_t i, const std::string& name, std::int64_t fallback) const {
  const PyValue value = get(i, name);
  return value.kind == Kind::kInt || value.kind == Kind::kBool ? value.integer : fallback;
}

bool Arguments::flag(std::size_t i, const std::string& name, bool fallback) const {
  return integer(i, name, fallback ? 1 : 0) != 0;
}

// --- tensors --------------------------------------------------------------------------------------------------------

PyValue Interpreter::number_in(const PyValue& value) const {
  return value.kind == Kind::kStored && value.stored->sizes.empty() ? read_number_(*value.stored) : value;
}

Result<TensorId> Interpreter::tensor_id(const PyValue& value) {
  if (value.kind == Kind::kTensor) return value.tensor->id;
  if (value.kind != Kind::kStored) return kNoTensor;
  if (value.stored->id == kNoTensor) {
    NNGAUGE_TRY(value.stored->id, locate_(*value.stored));
  }
  return value.stored->id;
}

PyValue Interpreter::tensor_value(TensorId id) {
  PyValue out = PyValue::of(Kind::kTensor);
  out.tensor = arena_.handle();
  out.tensor->id = id;
  return out;
}

std::string Interpreter::scope() const { return join(path_, "."); }

// --- functions ------------------------------------------------------------------------------------------------------

Result<const Function*> Interpreter::find_method(const PyValue& self, const std::string& name) {
  if (self.kind != Kind::kObject) return static_cast<const Function*>(nullptr);
  const auto [module, type] = split_name(self.object->class_name);
  NNGAUGE_TRY(const SourceFile* file, sources_(module));
  if (!file) return static_cast<const Function*>(nullptr);
  const auto found = file->classes.find(type);
  if (found == file->classes.end()) return static_cast<const Function*>(nullptr);
  const auto method = found->second.methods.find(name);
  return method == found->second.methods.end() ? nullptr : &method->second;
}

Result<PyValue> Interpreter::call_method(const PyValue& self, const std::string& name, Arguments arguments) {
  NNGAUGE_TRY(const Function* method, find_method(self, name));
  if (!method) {
    const std::string type = self.kind == Kind::kObject ? self.object->class_name : "a value";
    return make_error(ErrorCode::kInvalidGraph, "the code calls method " + in_quotes(name) + " of " + printable(type) +
                                                    ", which the archive does not have");
  }
  arguments.positional.insert(arguments.positional.begin(), self);
  return call_function(*method, std::move(arguments));
}

Result<PyValue> Interpreter::call_function(const Function& function, Arguments arguments) {
  if (depth_ >= kMostCalls) return make_error(ErrorCode::kTooLarge, "functions of the code call each other too deeply");
  Frame frame;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const Parameter& parameter = function.parameters[i];
    if (arguments.has(i, parameter.name)) {
      frame.variables[parameter.name] = arguments.get(i, parameter.name);
    } else if (parameter.fallback) {
      Frame outer;
      NNGAUGE_TRY(frame.variables[parameter.name], evaluate(*parameter.fallback, outer));
    } else {
      frame.variables[parameter.name] = PyValue::unknown();
    }
  }
  ++depth_;
  auto flow = run_block(function.body, frame);
  --depth_;
  if (!flow) return flow.error();
  return frame.result;
}

// Functions and classes of the archive by their dotted name.
Result<PyValue> Interpreter::call_named(const std::string& name, Arguments arguments) {
  for (const std::string_view prefix : {"torch.", "ops."}) {
    if (name.starts_with(prefix)) {
      calling_ = name.substr(prefix.size());
      const std::string called = calling_;
      return call_operator(*this, called, arguments);
    }
  }
  const auto [module, leaf] = split_name(name);
  NNGAUGE_TRY(const SourceFile* file, sources_(module));
  if (file) {
    const auto function = file->functions.find(leaf);
    if (function != file->functions.end()) return call_function(function->second, std::move(arguments));
    if (file->classes.count(leaf) != 0) {
      PyValue made = PyValue::of(Kind::kObject);
      made.object = arena_.object();
      made.object->class_name = name;
      NNGAUGE_TRY(const Function* init, find_method(made, "__init__"));
      if (init) NNGAUGE_CHECK(call_method(made, "__init__", std::move(arguments)));
      return made;
    }
  }
  return make_error(ErrorCode::kInvalidGraph,
                    "the code calls " + printable(name) + ", which the archive does not have");
}

// --- statements -----------------------------------------------------------------------------------------------------

Result<Interpreter::Flow> Interpreter::run_block(const std::vector<Statement>& block, Frame& frame) {
  for (const Statement& statement : block) {
    NNGAUGE_TRY(const Flow flow, run(statement, frame));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run(const Statement& statement, Frame& frame) {
  if (++steps_ > kMostSteps || writer_.op_count() > kMostOps)
    return make_error(ErrorCode::kTooLarge, "the code takes too many steps to be followed");
  switch (statement.kind) {
    case Statement::Kind::kPass:
      return Flow::kNext;
    case Statement::Kind::kBreak:
      return Flow::kBreak;
    case Statement::Kind::kContinue:
      return Flow::kContinue;
    case Statement::Kind::kReturn:
      if (statement.value) {
        NNGAUGE_TRY(frame.result, evaluate(*statement.value, frame));
      }
      return Flow::kReturn;
    case Statement::Kind::kExpr:
      NNGAUGE_CHECK(evaluate(*statement.value, frame));
      return Flow::kNext;
    case Statement::Kind::kAssign: {
      NNGAUGE_TRY(PyValue value, evaluate(*statement.value, frame));
      NNGAUGE_CHECK(assign(statement, std::move(value), frame));
      return Flow::kNext;
    }
    case Statement::Kind::kIf:
      return run_if(statement, frame);
    case Statement::Kind::kWhile:
      return run_while(statement, frame);
    case Statement::Kind::kFor:
      return run_for(statement, frame);
  }
  return Flow::kNext;
}

// A place where the code goes on by what tensors hold: an operator without a rule stands for it.
Status Interpreter::note_open_branch(const std::string& what) {
  Op op;
  op.kind = OpKind::kCustom;
  op.name = scope();
  op.source_op = what;
  CustomAttrs attrs;
  attrs.domain = "prim";
  attrs.name = what;
  op.attrs = attrs;
  return writer_.emit(std::move(op), 0) ? ok() : Status(make_error(ErrorCode::kInternal, "an operator was refused"));
}

Result<Interpreter::Flow> Interpreter::run_if(const Statement& statement, Frame& frame) {
  NNGAUGE_TRY(const PyValue condition, evaluate(*statement.value, frame));
  const std::optional<bool> taken = truth(condition);
  if (taken) return run_block(*taken ? statement.body : statement.otherwise, frame);
  // A check of what is not known is taken as passed; anything else is a branch that the data chooses.
  if (raises(statement.body)) return run_block(statement.otherwise, frame);
  if (raises(statement.otherwise)) return run_block(statement.body, frame);
  NNGAUGE_CHECK(note_open_branch("If"));
  return run_block(statement.body, frame);
}

Result<Interpreter::Flow> Interpreter::run_while(const Statement& statement, Frame& frame) {
  for (std::int64_t trip = 0; trip < kMostTrips; ++trip) {
    NNGAUGE_TRY(const PyValue condition, evaluate(*statement.value, frame));
    const std::optional<bool> goes_on = truth(condition);
    if (goes_on && !*goes_on) return Flow::kNext;
    if (!goes_on) NNGAUGE_CHECK(note_open_branch("Loop"));
    NNGAUGE_TRY(const Flow flow, run_block(statement.body, frame));
    if (flow == Flow::kReturn) return flow;
    if (flow == Flow::kBreak || !goes_on) return Flow::kNext;
  }
  return make_error(ErrorCode::kTooLarge, "a loop of the code does not end");
}

Result<Interpreter::Flow> Interpreter::run_for(const Statement& statement, Frame& frame) {
  NNGAUGE_TRY(const PyValue over, evaluate(*statement.value, frame));
  Items elements;
  if (over.is_sequence()) {
    elements = *over.items;
  } else {
    NNGAUGE_CHECK(note_open_branch("Loop"));
    elements.push_back(PyValue::unknown());
  }
  for (const PyValue& element : elements) {
    NNGAUGE_CHECK(assign_one(*statement.targets[0], element, frame));
    NNGAUGE_TRY(const Flow flow, run_block(statement.body, frame));
    if (flow == Flow::kReturn) return flow;
    if (flow == Flow::kBreak) break;
  }
  return Flow::kNext;
}

Status Interpreter::assign(const Statement& statement, PyValue value, Frame& frame) {
  if (!statement.unpacks) return assign_one(*statement.targets[0], std::move(value), frame);
  const std::size_t count = statement.targets.size();
  if (value.is_sequence() && value.items->size() != count) {
    return make_error(ErrorCode::kShapeMismatch, "line " + std::to_string(statement.line) + " of the code takes " +
                                                     std::to_string(value.items->size()) + " values apart into " +
                                                     std::to_string(count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const PyValue part = value.is_sequence() ? (*value.items)[i] : value.is_tensor() ? value : PyValue::unknown();
    NNGAUGE_CHECK(assign_one(*statement.targets[i], part, frame));
  }
  return ok();
}

Status Interpreter::assign_one(const Expr& target, PyValue value, Frame& frame) {
  if (target.kind == Expr::Kind::kName) {
    frame.variables[target.text] = std::move(value);
    return ok();
  }
  if (target.kind == Expr::Kind::kTuple) {
    for (std::size_t i = 0; i < target.args.size(); ++i) {
      const bool fits = value.is_sequence() && i < value.items->size();
      NNGAUGE_CHECK(assign_one(*target.args[i], fits ? (*value.items)[i] : PyValue::unknown(), frame));
    }
    return ok();
  }
  if (target.kind == Expr::Kind::kAttribute) {
    NNGAUGE_TRY(const PyValue owner, evaluate(*target.args[0], frame));
    if (owner.kind == Kind::kObject) owner.object->attributes[target.text] = std::move(value);
    return ok();
  }
  if (target.kind != Expr::Kind::kSubscript) return ok();
  NNGAUGE_TRY(const PyValue owner, evaluate(*target.args[0], frame));
  NNGAUGE_TRY(const PyValue index, evaluate(*target.args[1], frame));
  Arguments arguments;
  arguments.positional = {owner, index, std::move(value)};
  bool known = false;
  NNGAUGE_CHECK(call_scalar(*this, "_set_item", arguments, known));
  return ok();
}

// --- expressions ----------------------------------------------------------------------------------------------------

// "torch.conv2d" for a chain of names that begins with no variable; empty otherwise.
std::string Interpreter::dotted_name(const Expr& expr, const Frame& frame) const {
  std::string out;
  const Expr* here = &expr;
  while (here->kind == Expr::Kind::kAttribute) {
    out = "." + here->text + out;
    here = here->args[0].get();
  }
  if (here->kind != Expr::Kind::kName || frame.variables.count(here->text) != 0) return "";
  return here->text + out;
}

Result<PyValue> Interpreter::evaluate(const Expr& expr, Frame& frame) {
  using K = Expr::Kind;
  if (++steps_ > kMostSteps) return make_error(ErrorCode::kTooLarge, "the code takes too many steps to be followed");
  switch (expr.kind) {
    case K::kNone:
      return PyValue::none();
    case K::kBool:
      return PyValue::boolean(expr.integer != 0);
    case K::kInt:
      return PyValue::of_int(expr.integer);
    case K::kReal:
      return PyValue::of_real(expr.real);
    case K::kText:
      return PyValue::of_text(Kind::kText, expr.text);
    case K::kName: {
      const auto found = frame.variables.find(expr.text);
      return found != frame.variables.end() ? found->second : PyValue::of_text(Kind::kFunction, expr.text);
    }
    case K::kAttribute: {
      const std::string name = dotted_name(expr, frame);
      if (name.starts_with("CONSTANTS.c")) {
        const std::size_t index = std::strtoull(name.c_str() + 11, nullptr, 10);
        return index < constants_.size() ? constants_[index] : PyValue::unknown();
      }
      if (!name.empty()) return PyValue::of_text(Kind::kFunction, name);
      NNGAUGE_TRY(const PyValue owner, evaluate(*expr.args[0], frame));
      return attribute(owner, expr.text);
    }
    case K::kCall:
      return evaluate_call(expr, frame);
    case K::kSubscript: {
      NNGAUGE_TRY(const PyValue owner, evaluate(*expr.args[0], frame));
      if (!expr.args[1] || expr.args[1]->kind == K::kSlice) return PyValue::unknown();
      NNGAUGE_TRY(const PyValue index, evaluate(*expr.args[1], frame));
      Arguments arguments;
      arguments.positional = {owner, index};
      bool known = false;
      return call_scalar(*this, "__getitem__", arguments, known);
    }
    case K::kList:
    case K::kTuple:
    case K::kDict: {
      Items elements;
      for (const ExprPtr& arg : expr.args) {
        NNGAUGE_TRY(PyValue element, evaluate(*arg, frame));
        elements.push_back(std::move(element));
      }
      const Kind kind = expr.kind == K::kList ? Kind::kList : expr.kind == K::kTuple ? Kind::kTuple : Kind::kDict;
      return arena_.sequence(kind, std::move(elements));
    }
    case K::kUnary:
    case K::kBinary:
      return evaluate_binary(expr, frame);
    case K::kChoice: {
      NNGAUGE_TRY(const PyValue condition, evaluate(*expr.args[0], frame));
      return evaluate(*expr.args[truth(condition).value_or(true) ? 1 : 2], frame);
    }
    case K::kSlice:
      return PyValue::unknown();
  }
  return PyValue::unknown();
}

// Older code writes operators with signs; they are the functions of other files.
Result<PyValue> Interpreter::evaluate_binary(const Expr& expr, Frame& frame) {
  static const std::map<std::string, std::string> kBinary = {
      {"+", "add"},           {"-", "sub"},       {"*", "mul"},     {"/", "div"},     {"//", "floordiv"},
      {"%", "remainder"},     {"**", "pow"},      {"==", "eq"},     {"!=", "ne"},     {"<", "lt"},
      {"<=", "le"},           {">", "gt"},        {">=", "ge"},     {"is", "__is__"}, {"is not", "__isnot__"},
      {"in", "__contains__"}, {"and", "__and__"}, {"or", "__or__"}, {"@", "matmul"},  {"&", "__and__"},
      {"|", "__or__"}};
  static const std::map<std::string, std::string> kUnary = {{"-", "neg"}, {"not", "__not__"}, {"~", "bitwise_not"}};
  NNGAUGE_TRY(const PyValue left, evaluate(*expr.args[0], frame));
  Arguments arguments;
  arguments.positional.push_back(left);
  std::string name;
  if (expr.kind == Expr::Kind::kUnary) {
    if (expr.text == "+") return left;
    name = kUnary.at(expr.text);
  } else {
    const std::optional<bool> first = truth(left);
    if (expr.text == "and" && first && !*first) return left;
    if (expr.text == "or" && first && *first) return left;
    NNGAUGE_TRY(PyValue right, evaluate(*expr.args[1], frame));
    if (expr.text == "in") arguments.positional.insert(arguments.positional.begin(), std::move(right));
    else arguments.positional.push_back(std::move(right));
    const auto found = kBinary.find(expr.text);
    if (found == kBinary.end()) return PyValue::unknown();
    name = found->second;
  }
  calling_ = name;
  return call_operator(*this, name, arguments);
}

Result<Arguments> Interpreter::evaluate_arguments(const Expr& call, Frame& frame) {
  Arguments out;
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    NNGAUGE_TRY(PyValue value, evaluate(*call.args[i], frame));
    out.positional.push_back(std::move(value));
  }
  for (const auto& [name, expr] : call.keywords) {
    NNGAUGE_TRY(out.named[name], evaluate(*expr, frame));
  }
  return out;
}

// What is written as a call and is none.
Result<PyValue> Interpreter::evaluate_special(const std::string& name, const Expr& call, Frame& frame, bool& known) {
  known = true;
  if (name == "uninitialized") return PyValue::unknown();
  if ((name == "annotate" || name == "unchecked_cast") && call.args.size() == 3) return evaluate(*call.args[2], frame);
  if (name == "isinstance") return PyValue::unknown();
  NNGAUGE_TRY(const Arguments arguments, evaluate_arguments(call, frame));
  if (name == "getattr" && arguments.get(1).kind == Kind::kText)
    return attribute(arguments.get(0), arguments.get(1).text);
  bool scalar = false;
  NNGAUGE_TRY(PyValue value, call_scalar(*this, name, arguments, scalar));
  // A number out of a tensor that is computed.
  known = scalar || (arguments.get(0).is_tensor() && (name == "int" || name == "float" || name == "bool"));
  return value;
}

Result<PyValue> Interpreter::evaluate_call(const Expr& call, Frame& frame) {
  const Expr& callee = *call.args[0];
  const std::string name = dotted_name(callee, frame);
  if (!name.empty() && callee.kind == Expr::Kind::kName) {
    bool known = false;
    NNGAUGE_TRY(PyValue value, evaluate_special(name, call, frame, known));
    if (known) return value;
    return make_error(ErrorCode::kInvalidGraph, "the code calls " + printable(name) + ", which nobody knows");
  }
  NNGAUGE_TRY(Arguments arguments, evaluate_arguments(call, frame));
  if (!name.empty()) return call_named(name, std::move(arguments));
  if (callee.kind == Expr::Kind::kAttribute) {
    NNGAUGE_TRY(const PyValue owner, evaluate(*callee.args[0], frame));
    if (owner.kind == Kind::kObject) {
      const bool named = callee.args[0]->kind == Expr::Kind::kAttribute;
      path_.push_back(named ? callee.args[0]->text : split_name(owner.object->class_name).second);
      auto result = call_method(owner, callee.text, std::move(arguments));
      path_.pop_back();
      return result;
    }
    if (owner.is_none() || owner.is_unknown()) return PyValue::unknown();
    arguments.positional.insert(arguments.positional.begin(), owner);
    calling_ = callee.text;
    return call_operator(*this, callee.text, arguments);
  }
  NNGAUGE_TRY(const PyValue function, evaluate(callee, frame));
  if (function.kind == Kind::kFunction) return call_named(function.text, std::move(arguments));
  return PyValue::unknown();
}

// --- objects --------------------------------------------------------------------------------------------------------

Result<PyValue> Interpreter::restored_state(const PyValue& object) {
  object.object->has_state = false;
  NNGAUGE_TRY(const Function* restore, find_method(object, "__setstate__"));
  if (!restore) return PyValue::none();
  Arguments arguments;
  arguments.positional = {object.object->state};
  return call_method(object, "__setstate__", std::move(arguments));
}

Result<PyValue> Interpreter::attribute(const PyValue& object, const std::string& name) {
  if (object.kind != Kind::kObject) return PyValue::unknown();
  if (name == "training") return PyValue::boolean(false);  // what runs is inference
  if (object.object->has_state) NNGAUGE_CHECK(restored_state(object));
  const auto found = object.object->attributes.find(name);
  if (found != object.object->attributes.end()) return found->second;
  const auto [module, type] = split_name(object.object->class_name);
  NNGAUGE_TRY(const SourceFile* file, sources_(module));
  if (!file) return PyValue::unknown();
  const auto owner = file->classes.find(type);
  if (owner == file->classes.end()) return PyValue::unknown();
  const auto constant = owner->second.constants.find(name);
  if (constant == owner->second.constants.end() || !constant->second) return PyValue::none();
  Frame frame;
  return evaluate(*constant->second, frame);
}

}  // namespace nngauge::torchscript
