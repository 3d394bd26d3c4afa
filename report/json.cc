// SPDX-License-Identifier: Apache-2.0
#include "report/json.h"

#include <algorithm>
#include <cmath>

namespace nngauge {
namespace {

std::string scalar_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Words and names, most of what there is, need no escapes; the library makes a buffer for each text it is asked for.
void append_text(std::string& out, const std::string& text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
  if (plain) out.append(1, '"').append(text).append(1, '"');
  else out += scalar_text(Json(text));
}

void append_scalar(std::string& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      out += "null";
      break;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      break;
    case Json::value_t::number_integer:
      out += std::to_string(value.get<std::int64_t>());
      break;
    case Json::value_t::number_unsigned:
      out += std::to_string(value.get<std::uint64_t>());
      break;
    case Json::value_t::string:
      append_text(out, value.get_ref<const std::string&>());
      break;
    default:
      out += scalar_text(value);
  }
}

bool is_plain_list(const Json& value) {
  return value.is_array() && std::none_of(value.begin(), value.end(), [](const Json& item) {
           return item.is_object() || (item.is_array() && !std::all_of(item.begin(), item.end(), [](const Json& inner) {
                                         return inner.is_primitive();
                                       }));
         });
}

void print_indented(const Json& value, int level, std::string& out) {
  const std::string inner(static_cast<std::size_t>(level + 1) * 2, ' ');
  const std::string outer(static_cast<std::size_t>(level) * 2, ' ');
  if (value.is_object() && !value.empty()) {
    const char* separator = "{\n";
    for (const auto& [key, item] : value.items()) {
      out.append(separator).append(inner);
      append_text(out, key);
      out += ": ";
      print_indented(item, level + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "}";
  } else if (is_plain_list(value)) {
    out += scalar_text(value);
  } else if (value.is_array()) {
    const char* separator = "[\n";
    for (const Json& item : value) {
      out.append(separator).append(inner);
      print_indented(item, level + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "]";
  } else {
    append_scalar(out, value);
  }
}

}  // namespace

std::string json_text(const Json& value, int level) {
  if (level < 0) return scalar_text(value);
  std::string out;
  print_indented(value, level, out);
  return out;
}

Json json_number(const std::optional<std::uint64_t>& value) { return value ? Json(*value) : Json(nullptr); }

Json json_number(const std::optional<double>& value) { return value ? json_number(*value) : Json(nullptr); }

Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json json_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

Json json_shape(const Shape& shape) {
  if (!shape.ranked()) return nullptr;
  Json out = Json::array();
  for (const Dim dim : shape.dims()) out.push_back(dim.known() ? Json(dim.value()) : Json(nullptr));
  return out;
}

}  // namespace nngauge
