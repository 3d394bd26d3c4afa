// SPDX-License-Identifier: Apache-2.0
// Functions of numbers, texts and lists that TorchScript code calls.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "parsers/torchscript/operators.h"

namespace nngauge::torchscript {
namespace {

constexpr std::size_t kMostElements = 1'000'000;
constexpr std::size_t kMostText = 10'000;

bool both_integers(const PyValue& a, const PyValue& b) { return a.kind != Kind::kReal && b.kind != Kind::kReal; }

PyValue integer_result(bool overflow, std::int64_t value) {
  return overflow ? PyValue::unknown() : PyValue::of_int(value);
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

// Older and newer names, and those of tensors, which here hold a number.
std::string_view plain_name(std::string_view name) {
  if (name == "floor_divide") return "floordiv";
  if (name == "true_divide") return "div";
  return name;
}

PyValue arithmetic(std::string_view name, const PyValue& a, const PyValue& b) {
  const bool integers = both_integers(a, b);
  std::int64_t out = 0;
  bool overflow = false;
  const bool divides = b.integer != 0 && !(a.integer == std::numeric_limits<std::int64_t>::min() && b.integer == -1);
  if (name == "add") {
    if (!integers) return PyValue::of_real(a.number() + b.number());
    overflow = __builtin_add_overflow(a.integer, b.integer, &out);
    return integer_result(overflow, out);
  }
  if (name == "rsub") return arithmetic("sub", b, a);
  if (name == "sub") {
    if (!integers) return PyValue::of_real(a.number() - b.number());
    overflow = __builtin_sub_overflow(a.integer, b.integer, &out);
    return integer_result(overflow, out);
  }
  if (name == "mul") {
    if (!integers) return PyValue::of_real(a.number() * b.number());
    overflow = __builtin_mul_overflow(a.integer, b.integer, &out);
    return integer_result(overflow, out);
  }
  if (name == "div") return PyValue::of_real(a.number() / b.number());
  if (name == "floordiv") {
    if (!integers) return PyValue::of_real(std::floor(a.number() / b.number()));
    return divides ? PyValue::of_int(floor_divide(a.integer, b.integer)) : PyValue::unknown();
  }
  if (name == "remainder" || name == "mod") {
    if (!integers) return PyValue::of_real(a.number() - b.number() * std::floor(a.number() / b.number()));
    return divides ? PyValue::of_int(a.integer - floor_divide(a.integer, b.integer) * b.integer) : PyValue::unknown();
  }
  if (name == "pow") return PyValue::of_real(std::pow(a.number(), b.number()));
  const bool least = name == "min";
  return (a.number() < b.number()) == least ? a : b;
}

bool is_arithmetic(std::string_view name) {
  constexpr std::array<std::string_view, 11> kNames = {"add",       "sub", "rsub", "mul", "div", "floordiv",
                                                       "remainder", "mod", "pow",  "min", "max"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// -1, 0, 1, or 2 where nothing is known of the order.
std::optional<bool> equal(const PyValue& a, const PyValue& b, int depth) {
  if (a.is_unknown() || b.is_unknown() || depth > 16) return std::nullopt;
  if (a.is_number() && b.is_number()) return std::fabs(a.number() - b.number()) <= 0;
  if (a.kind != b.kind) return false;
  if (a.kind == Kind::kText) return a.text == b.text;
  if (a.is_none()) return true;
  if (!a.is_sequence()) return std::nullopt;
  if (a.items->size() != b.items->size()) return false;
  for (std::size_t i = 0; i < a.items->size(); ++i) {
    const auto same = equal((*a.items)[i], (*b.items)[i], depth + 1);
    if (!same || !*same) return same;
  }
  return true;
}

std::optional<PyValue> compare(const std::string& name, const PyValue& a, const PyValue& b) {
  if (name == "eq" || name == "ne") {
    const auto same = equal(a, b, 0);
    return same ? PyValue::boolean(*same == (name == "eq")) : PyValue::unknown();
  }
  const bool order = name == "lt" || name == "le" || name == "gt" || name == "ge";
  if (!order) return std::nullopt;
  if (!a.is_number() || !b.is_number()) return PyValue::unknown();
  const double x = a.number(), y = b.number();
  return PyValue::boolean(name == "lt" ? x < y : name == "le" ? x <= y : name == "gt" ? x > y : x >= y);
}

PyValue get_item(const PyValue& owner, const PyValue& index) {
  if (owner.kind == Kind::kDict) {
    for (std::size_t i = 0; i + 1 < owner.items->size(); i += 2) {
      if (equal((*owner.items)[i], index, 0).value_or(false)) return (*owner.items)[i + 1];
    }
    return PyValue::unknown();
  }
  if (!owner.is_sequence() || index.kind != Kind::kInt) return PyValue::unknown();
  const auto count = static_cast<std::int64_t>(owner.items->size());
  const std::int64_t place = index.integer < 0 ? index.integer + count : index.integer;
  return place >= 0 && place < count ? (*owner.items)[static_cast<std::size_t>(place)] : PyValue::unknown();
}

void set_item(const PyValue& owner, const PyValue& index, PyValue value) {
  if (owner.kind == Kind::kDict) {
    for (std::size_t i = 0; i + 1 < owner.items->size(); i += 2) {
      if (!equal((*owner.items)[i], index, 0).value_or(false)) continue;
      (*owner.items)[i + 1] = std::move(value);
      return;
    }
    if (owner.items->size() < kMostElements) owner.items->insert(owner.items->end(), {index, std::move(value)});
    return;
  }
  if (!owner.is_sequence() || index.kind != Kind::kInt) return;
  const auto count = static_cast<std::int64_t>(owner.items->size());
  const std::int64_t place = index.integer < 0 ? index.integer + count : index.integer;
  if (place >= 0 && place < count) (*owner.items)[static_cast<std::size_t>(place)] = std::move(value);
}

Result<PyValue> make_range(Arena& arena, const Arguments& arguments) {
  const std::size_t given = arguments.positional.size();
  for (const PyValue& value : arguments.positional) {
    if (value.kind != Kind::kInt) return PyValue::unknown();
  }
  const std::int64_t start = given > 1 ? arguments.positional[0].integer : 0;
  const std::int64_t stop = given == 0 ? 0 : arguments.positional[given > 1 ? 1 : 0].integer;
  const std::int64_t step = given > 2 ? arguments.positional[2].integer : 1;
  Items out;
  if (step == 0) return PyValue::unknown();
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop;) {
    if (out.size() >= kMostElements) return make_error(ErrorCode::kTooLarge, "a loop of the code has too many trips");
    out.push_back(PyValue::of_int(i));
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return arena.sequence(Kind::kList, std::move(out));
}

// Python's a[start:stop:step] of a list.
PyValue slice_list(Arena& arena, const Arguments& arguments) {
  const PyValue list = arguments.get(0);
  const auto count = static_cast<std::int64_t>(list.items->size());
  const std::int64_t step = std::max<std::int64_t>(arguments.integer(3, "step", 1), 1);
  const auto place = [&](const PyValue& value, std::int64_t fallback) {
    if (value.kind != Kind::kInt) return fallback;
    return std::clamp<std::int64_t>(value.integer < 0 ? value.integer + count : value.integer, 0, count);
  };
  Items out;
  const std::int64_t stop = place(arguments.get(2, "end"), count);
  for (std::int64_t i = place(arguments.get(1, "start"), 0); i < stop; i += step)
    out.push_back((*list.items)[static_cast<std::size_t>(i)]);
  return arena.sequence(list.kind, std::move(out));
}

PyValue number_function(const std::string& name, const PyValue& x) {
  if (name == "neg")
    return x.kind == Kind::kReal ? PyValue::of_real(-x.real) : arithmetic("sub", PyValue::of_int(0), x);
  if (name == "abs" || name == "fabs")
    return x.kind == Kind::kReal ? PyValue::of_real(std::fabs(x.real))
           : x.integer < 0       ? arithmetic("sub", PyValue::of_int(0), x)
                                 : x;
  if (name == "sqrt") return PyValue::of_real(std::sqrt(x.number()));
  if (name == "log") return PyValue::of_real(std::log(x.number()));
  if (name == "exp") return PyValue::of_real(std::exp(x.number()));
  const double rounded = name == "ceil"    ? std::ceil(x.number())
                         : name == "round" ? std::nearbyint(x.number())
                                           : std::floor(x.number());
  return std::fabs(rounded) < 9e18 ? PyValue::of_int(static_cast<std::int64_t>(rounded)) : PyValue::unknown();
}

bool is_number_function(const std::string& name) {
  constexpr std::array<std::string_view, 9> kNames = {"neg", "abs",  "fabs",  "sqrt", "log",
                                                      "exp", "ceil", "floor", "round"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

PyValue convert(const std::string& name, const PyValue& x) {
  if (name == "Bool" || name == "bool") {
    const auto value = truth(x);
    return value ? PyValue::boolean(*value) : PyValue::unknown();
  }
  if (x.kind == Kind::kText && (name == "float" || name == "Float"))
    return x.text == "inf"    ? PyValue::of_real(std::numeric_limits<double>::infinity())
           : x.text == "-inf" ? PyValue::of_real(-std::numeric_limits<double>::infinity())
                              : PyValue::unknown();
  if (!x.is_number()) return PyValue::unknown();
  if (name == "Float" || name == "float") return PyValue::of_real(x.number());
  if (x.kind != Kind::kReal) return PyValue::of_int(x.integer);
  return std::fabs(x.real) < 9e18 ? PyValue::of_int(static_cast<std::int64_t>(x.real)) : PyValue::unknown();
}

bool is_conversion(const std::string& name) {
  constexpr std::array<std::string_view, 8> kNames = {"Int",  "int",  "Float",       "float",
                                                      "Bool", "bool", "IntImplicit", "FloatImplicit"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Lists that grow or are joined.
std::optional<PyValue> list_function(Arena& arena, const std::string& name, const Arguments& arguments) {
  const PyValue a = arguments.get(0), b = arguments.get(1);
  if (!a.is_sequence()) return std::nullopt;
  const bool small = a.items->size() < kMostElements && (!b.is_sequence() || b.items->size() < kMostElements);
  if (name == "append" && small) {
    a.items->push_back(b);
    return a;
  }
  if ((name == "extend" || name == "add_") && b.is_sequence() && small) {
    const Items added = *b.items;
    a.items->insert(a.items->end(), added.begin(), added.end());
    return a;
  }
  if (name == "insert" && b.kind == Kind::kInt && small) {
    const auto count = static_cast<std::int64_t>(a.items->size());
    a.items->insert(a.items->begin() + std::clamp<std::int64_t>(b.integer, 0, count), arguments.get(2));
    return a;
  }
  if (name == "add" && b.is_sequence() && small) {
    Items joined = *a.items;
    joined.insert(joined.end(), b.items->begin(), b.items->end());
    return arena.sequence(a.kind, std::move(joined));
  }
  if (name == "mul" && b.kind == Kind::kInt) {
    Items repeated;
    for (std::int64_t i = 0; i < b.integer && repeated.size() + a.items->size() < kMostElements; ++i)
      repeated.insert(repeated.end(), a.items->begin(), a.items->end());
    return arena.sequence(a.kind, std::move(repeated));
  }
  if (name == "list" || name == "copy") return arena.sequence(Kind::kList, Items(*a.items));
  if (name == "reverse") {
    std::reverse(a.items->begin(), a.items->end());
    return a;
  }
  if (name == "pop" && !a.items->empty()) {
    PyValue last = a.items->back();
    a.items->pop_back();
    return last;
  }
  if (name == "slice") return slice_list(arena, arguments);
  if (name == "clear") {
    a.items->clear();
    return a;
  }
  return std::nullopt;
}

// Of tensors, what leaves a number as it is.
bool keeps_number(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {"to",   "detach",     "clone",         "contiguous",
                                                      "item", "lift_fresh", "ScalarImplicit"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// div(a, b, rounding_mode="floor")
PyValue rounded(const PyValue& value, const Arguments& arguments) {
  const PyValue mode = arguments.get(2, "rounding_mode");
  if (mode.kind != Kind::kText || !value.is_number()) return value;
  const double whole = mode.text == "trunc" ? std::trunc(value.number()) : std::floor(value.number());
  return std::fabs(whole) < 9e18 ? PyValue::of_int(static_cast<std::int64_t>(whole)) : PyValue::unknown();
}

}  // namespace

Result<PyValue> call_scalar(Interpreter& interpreter, const std::string& name, const Arguments& arguments,
                            bool& known) {
  PyValue a = arguments.get(0), b = arguments.get(1);
  known = true;
  // What tracing writes for sizes: a number, made a tensor and a number again.
  if (name == "prim.NumToTensor" || name == "NumToTensor") return a;
  if (keeps_number(name) && (a.is_number() || a.is_unknown())) return a;
  if (a.is_number() || a.is_unknown()) b = interpreter.number_in(b);
  if (b.is_number() || b.is_unknown() || is_conversion(name)) a = interpreter.number_in(a);
  if (name == "range" || name == "__range_length") return make_range(interpreter.arena(), arguments);
  if (name == "__is__" || name == "__isnot__") {
    if (a.is_unknown() || b.is_unknown()) return PyValue::unknown();
    return PyValue::boolean((a.is_none() == b.is_none() && a.kind == b.kind) == (name == "__is__"));
  }
  if (name == "prim.RaiseException" || name == "raise") {
    return make_error(ErrorCode::kShapeMismatch,
                      "the model's own check fails" +
                          (a.kind == Kind::kText && !a.text.empty() ? ": " + printable(a.text) : std::string()));
  }
  if (name == "warn" || name == "warnings.warn" || name == "prim.Print" || name == "print") return PyValue::none();
  if (name == "_set_item") {
    set_item(a, b, arguments.get(2));
    return PyValue::none();
  }
  if (name == "__getitem__" && !a.is_tensor()) return get_item(a, b);
  if (name == "len" && (a.is_sequence() || a.kind == Kind::kDict)) {
    const std::size_t count = a.kind == Kind::kDict ? a.items->size() / 2 : a.items->size();
    return PyValue::of_int(static_cast<std::int64_t>(count));
  }
  if (name == "__contains__" && a.items != nullptr) {
    for (std::size_t i = 0; i < a.items->size(); i += a.kind == Kind::kDict ? 2 : 1) {
      if (equal((*a.items)[i], b, 0).value_or(false)) return PyValue::boolean(true);
    }
    return PyValue::boolean(false);
  }
  if (name == "format" || name == "str") return PyValue::of_text(Kind::kText, a.kind == Kind::kText ? a.text : "");
  if (name == "__not__") {
    const auto value = truth(a);
    return value ? PyValue::boolean(!*value) : PyValue::unknown();
  }
  if ((name == "__and__" || name == "__or__") && !a.is_tensor() && !b.is_tensor()) {
    const auto x = truth(a), y = truth(b);
    if (!x || !y) return PyValue::unknown();
    return PyValue::boolean(name == "__and__" ? *x && *y : *x || *y);
  }
  if (is_conversion(name) && !a.is_tensor()) return convert(name, a);
  if (const auto list = list_function(interpreter.arena(), name, arguments)) return *list;
  if (!a.is_tensor() && !b.is_tensor()) {
    if (auto compared = compare(name, a, b)) return *std::move(compared);
    if (is_arithmetic(plain_name(name))) {
      if (a.is_number() && b.is_number()) return rounded(arithmetic(plain_name(name), a, b), arguments);
      if (name == "add" && a.kind == Kind::kText && b.kind == Kind::kText)
        return a.text.size() + b.text.size() < kMostText ? PyValue::of_text(Kind::kText, a.text + b.text)
                                                         : PyValue::unknown();
      if (a.is_unknown() || b.is_unknown()) return PyValue::unknown();
    }
    if (is_number_function(name) && (a.is_number() || a.is_unknown()))
      return a.is_unknown() ? PyValue::unknown() : number_function(name, a);
  }
  known = false;
  return PyValue::unknown();
}

}  // namespace nngauge::torchscript
