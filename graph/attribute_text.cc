// SPDX-License-Identifier: Apache-2.0
#include "graph/attribute_text.h"

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <type_traits>

#include "base/text.h"

namespace nngauge {
namespace {

// Names of enumerators, in their order.
constexpr std::array<std::string_view, 2> kDataLayouts = {"channels-first", "channels-last"};
constexpr std::array<std::string_view, 4> kPaddingModes = {"explicit", "same-upper", "same-lower", "valid"};
constexpr std::array<std::string_view, 6> kFilterLayouts = {"out-in-spatial",  "out-spatial-in", "spatial-in-out",
                                                            "one-spatial-out", "in-out-spatial", "spatial-out-in"};
constexpr std::array<std::string_view, 3> kResizeModes = {"nearest", "linear", "cubic"};
constexpr std::array<std::string_view, 5> kPadModes = {"constant", "reflect", "symmetric", "edge", "wrap"};
constexpr std::array<std::string_view, 3> kAttentionForms = {"qkv", "projected", "packed-weights"};
constexpr std::array<std::string_view, 9> kActivations = {"none", "relu",    "relu-n1-to-1", "relu-0-to-1", "relu6",
                                                          "tanh", "sigmoid", "sign",         "other"};
constexpr std::array<std::string_view, 8> kRoles = {"data",  "weight", "bias",  "norm",
                                                    "state", "config", "quant", "capture"};
constexpr std::array<std::string_view, 4> kQuantSchemes = {"none", "per-tensor", "per-channel", "blockwise"};

std::span<const std::string_view> names_of(DataLayout) { return kDataLayouts; }
std::span<const std::string_view> names_of(PaddingMode) { return kPaddingModes; }
std::span<const std::string_view> names_of(FilterLayout) { return kFilterLayouts; }
std::span<const std::string_view> names_of(ResizeMode) { return kResizeModes; }
std::span<const std::string_view> names_of(PadMode) { return kPadModes; }
std::span<const std::string_view> names_of(AttentionForm) { return kAttentionForms; }

template <class E>
std::optional<E> find_name(std::span<const std::string_view> names, std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

// Names of the alternatives of Attributes, in their order.
constexpr std::array<std::string_view, std::variant_size_v<Attributes>> kTypes = {
    "none",      "conv",    "pool",        "dense",     "matmul",    "packed-matmul", "einsum", "recurrent",
    "attention", "norm",    "axis",        "axes",      "reshape",   "transpose",     "split",  "slice",
    "pad",       "resize",  "space-depth", "quant",     "cast",      "broadcast",     "scalar", "fill",
    "top-k",     "control", "custom",      "prior-box", "detection", "signal",        "general"};

// --- one field to text ----------------------------------------------------------------------------------------------

std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(std::int64_t value) { return std::to_string(value); }
std::string to_text(double value) { return shortest(value); }
std::string to_text(const std::string& value) { return value; }
std::string to_text(DType value) { return std::string(dtype_name(value)); }
template <class T>
std::string to_text(const std::vector<T>& values) {
  std::string out = "[";
  for (const T& value : values) {
    if (out.size() > 1) out += ",";
    out += to_text(value);
  }
  return out + "]";
}
template <class E>
  requires std::is_enum_v<E>
std::string to_text(E value) {
  return std::string(names_of(value)[static_cast<std::size_t>(value)]);
}

// --- and back -------------------------------------------------------------------------------------------------------

template <class N>
bool parse_number(std::string_view text, N& value) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size();
}
bool from_text(std::string_view text, bool& value) {
  value = text == "true";
  return value || text == "false";
}
bool from_text(std::string_view text, std::int64_t& value) { return parse_number(text, value); }
bool from_text(std::string_view text, double& value) { return parse_number(text, value); }
bool from_text(std::string_view text, std::string& value) {
  value = text;
  return true;
}
bool from_text(std::string_view text, DType& value) {
  const std::optional<DType> found = find_dtype(text);
  if (found) value = *found;
  return found.has_value();
}
template <class T>
bool from_text(std::string_view text, std::vector<T>& values) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  values.clear();
  text = text.substr(1, text.size() - 2);
  if (text.empty()) return true;
  for (const std::string& part : split(text, ',')) {
    T value{};
    if (!from_text(part, value)) return false;
    values.push_back(value);
  }
  return true;
}
template <class E>
  requires std::is_enum_v<E>
bool from_text(std::string_view text, E& value) {
  const std::optional<E> found = find_name<E>(names_of(value), text);
  if (found) value = *found;
  return found.has_value();
}

// An Attributes with the alternative at `index`, default made.
template <std::size_t... I>
Attributes make_alternative(std::size_t index, std::index_sequence<I...>) {
  Attributes out;
  ((I == index ? void(out.emplace<I>()) : void()), ...);
  return out;
}

}  // namespace

std::string_view attribute_type_name(const Attributes& attributes) { return kTypes[attributes.index()]; }

std::vector<std::pair<std::string, std::string>> attribute_fields(const Attributes& attributes) {
  std::vector<std::pair<std::string, std::string>> out;
  std::visit(
      [&](const auto& held) {
        using A = std::decay_t<decltype(held)>;
        A defaults, copy = held;
        std::vector<std::string> default_texts;
        defaults.visit([&](const char*, const auto& field) { default_texts.push_back(to_text(field)); });
        std::size_t i = 0;
        copy.visit([&](const char* name, const auto& field) {
          std::string text = to_text(field);
          if (text != default_texts[i++]) out.emplace_back(name, std::move(text));
        });
      },
      attributes);
  return out;
}

Result<Attributes> parse_attributes(std::string_view type_name, const std::map<std::string, std::string>& fields) {
  std::size_t index = 0;
  while (index < kTypes.size() && kTypes[index] != type_name) ++index;
  if (index == kTypes.size()) return make_error(ErrorCode::kDamaged, "no attributes of type " + in_quotes(type_name));
  Attributes out = make_alternative(index, std::make_index_sequence<std::variant_size_v<Attributes>>());
  std::size_t used = 0;
  std::string bad;
  std::visit(
      [&](auto& held) {
        held.visit([&](const char* name, auto& field) {
          const auto found = fields.find(name);
          if (found == fields.end()) return;
          ++used;
          if (!from_text(found->second, field)) bad = std::string(name) + "=" + found->second;
        });
      },
      out);
  if (!bad.empty()) return make_error(ErrorCode::kDamaged, "attribute " + in_quotes(bad) + " is not understood");
  if (used != fields.size()) {
    return make_error(ErrorCode::kDamaged,
                      "attributes of type " + in_quotes(type_name) + " have a field that is not known");
  }
  return out;
}

std::string_view fused_activation_name(FusedActivation activation) {
  return kActivations[static_cast<std::size_t>(activation)];
}
std::optional<FusedActivation> find_fused_activation(std::string_view name) {
  return find_name<FusedActivation>(kActivations, name);
}
std::string_view operand_role_name(OperandRole role) { return kRoles[static_cast<std::size_t>(role)]; }
std::optional<OperandRole> find_operand_role(std::string_view name) { return find_name<OperandRole>(kRoles, name); }
std::string_view quant_scheme_name(QuantScheme scheme) { return kQuantSchemes[static_cast<std::size_t>(scheme)]; }
std::optional<QuantScheme> find_quant_scheme(std::string_view name) {
  return find_name<QuantScheme>(kQuantSchemes, name);
}

}  // namespace nngauge
