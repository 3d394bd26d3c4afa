// SPDX-License-Identifier: Apache-2.0
#include "parsers/keras/arguments.h"

#include <algorithm>

namespace nngauge::keras {
namespace {

constexpr int kMostLists = 8;
constexpr std::size_t kMostElements = 1 << 20;

const Json& inside(const Json& value, const char* key) {
  static const Json kNothing;
  if (!value.is_object()) return kNothing;
  const auto found = value.find(key);
  return found == value.end() ? kNothing : *found;
}

bool gather_integers(const Json& value, int depth, Ints& out) {
  if (depth > kMostLists || out.size() > kMostElements) return false;
  if (const auto one = integer_of(value)) {
    out.push_back(*one);
    return true;
  }
  return value.is_array() && std::all_of(value.begin(), value.end(),
                                         [&](const Json& element) { return gather_integers(element, depth + 1, out); });
}

// Numbers in nested lists with their extents.
struct Numbers {
  std::vector<Dim> extents;
  std::vector<double> values;
  bool real = false;
};

bool gather_numbers(const Json& value, std::size_t depth, Numbers& out) {
  if (depth > kMostLists || out.values.size() > kMostElements) return false;
  if (value.is_number() || value.is_boolean()) {
    out.real = out.real || value.is_number_float();
    out.values.push_back(value.is_boolean() ? (value.get<bool>() ? 1 : 0) : value.get<double>());
    return true;
  }
  if (!value.is_array()) return false;
  if (out.extents.size() == depth) out.extents.emplace_back(static_cast<std::int64_t>(value.size()));
  return std::all_of(value.begin(), value.end(),
                     [&](const Json& element) { return gather_numbers(element, depth + 1, out); });
}

}  // namespace

std::optional<std::int64_t> integer_of(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

std::optional<Ints> integers_of(const Json& value) {
  Ints out;
  if (value.is_null() || !gather_integers(value, 0, out)) return std::nullopt;
  return out;
}

std::vector<Json> elements_of(const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_array()) return {value};
  return value.get<std::vector<Json>>();
}

bool is_named(const Json& value, const char* name) {
  const Json& stated = inside(value, "class_name");
  return stated.is_string() && stated == name;
}

std::optional<SliceArgument> slice_of(const Json& value) {
  const Json& parts = is_named(value, "__slice__") ? inside(value, "config") : value;
  if (!parts.is_object() || (!parts.contains("start") && !parts.contains("stop"))) return std::nullopt;
  SliceArgument out;
  for (const auto& [key, place] : {std::pair("start", &out.start), {"stop", &out.stop}, {"step", &out.step}}) {
    const Json& part = inside(parts, key);
    *place = integer_of(part);
    if (!part.is_null() && !*place) return std::nullopt;
  }
  return out;
}

TensorId operand_of(Layer& layer, const Json& value) {
  if (const TensorId id = as_tensor(value); id != kNoTensor) return id;
  if (is_named(value, "__tensor__") || is_named(value, "__numpy__"))
    return operand_of(layer, inside(inside(value, "config"), "value"));
  Numbers numbers;
  if (!gather_numbers(value, 0, numbers)) return kNoTensor;
  Tensor out;
  out.name = layer.name() + "/constant";
  // Numbers take the type of what they are combined with.
  const DType other = layer.input_id(0) == kNoTensor ? DType::kFloat32 : layer.writer().tensor(layer.input_id(0)).dtype;
  out.dtype = numbers.real               ? (is_float(other) ? other : DType::kFloat32)
              : other == DType::kUnknown ? DType::kInt32
                                         : other;
  out.declared = out.shape = Shape(numbers.extents);
  out.is_constant = true;
  if (const auto count = out.shape.elements(); !count || count->value() != numbers.values.size()) return kNoTensor;
  if (numbers.values.size() <= kMaxValueElements) {
    if (is_float(out.dtype)) {
      out.value = Value::of_reals(numbers.values);
    } else {
      std::vector<Dim> integers;
      for (const double one : numbers.values)
        integers.push_back(one > -9e15 && one < 9e15 ? Dim(static_cast<std::int64_t>(one)) : Dim());
      out.value = Value::of_ints(std::move(integers));
    }
  }
  return layer.writer().add(std::move(out));
}

TensorId shape_operand(Layer& layer, const Json& value) {
  if (const TensorId id = as_tensor(value); id != kNoTensor) return id;
  if (const auto extents = integers_of(value)) return layer.writer().add_integers(*extents);
  if (!value.is_array() || value.empty() || value.size() > 64) return kNoTensor;
  std::vector<TensorId> parts;
  for (const Json& element : value) {
    if (const auto extent = integer_of(element)) {
      Tensor one;
      one.dtype = DType::kInt32;
      one.declared = one.shape = Shape::scalar();
      one.is_constant = true;
      one.value = Value::of_ints({*extent});
      parts.push_back(layer.writer().add(std::move(one)));
    } else if (as_tensor(element) != kNoTensor) {
      parts.push_back(as_tensor(element));
    } else {
      return kNoTensor;
    }
  }
  AxisAttrs attrs;
  attrs.axis = 0;
  auto stacked = layer.emit(OpKind::kStack, parts, attrs);
  return stacked ? *stacked : kNoTensor;
}

}  // namespace nngauge::keras
