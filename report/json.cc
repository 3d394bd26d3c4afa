// SPDX-License-Identifier: Apache-2.0
#include "report/json.h"

#include <algorithm>
#include <cmath>

namespace nngauge {
namespace {

std::string scalar_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

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
      out += separator + inner + scalar_text(Json(key)) + ": ";
      print_indented(item, level + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "}";
  } else if (is_plain_list(value)) {
    out += scalar_text(value);
  } else if (value.is_array()) {
    const char* separator = "[\n";
    for (const Json& item : value) {
      out += separator + inner;
      print_indented(item, level + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "]";
  } else {
    out += scalar_text(value);
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
