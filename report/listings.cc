// SPDX-License-Identifier: Apache-2.0
#include "report/listings.h"

#include "base/error.h"
#include "base/text.h"
#include "cost/conventions.h"
#include "graph/op_table.h"
#include "parsers/extensions.h"
#include "parsers/format.h"

namespace nngauge {
namespace {

// How the numbers of a kind come about, in a word.
std::string counted_text(const OpInfo& info) {
  if (info.kind == OpKind::kStringOp) return "no arithmetic; " + std::string(info.opaque_reason);
  if (!info.opaque_reason.empty()) return "unknown: " + std::string(info.opaque_reason);
  if (info.is_view) return "view";
  return "rule";
}

}  // namespace

Table ops_table() {
  Table table{{{"op", "operator"},
               {"category", "category"},
               {"min_inputs", "least", true},
               {"max_inputs", "most", true},
               {"flops_per_element", "flops", true},
               {"special_per_element", "special", true},
               {"is_view", "view"},
               {"counted", "counted by"}},
              {}};
  for (const OpInfo& info : op_table()) {
    const bool by_element = info.category == OpCategory::kElementwise;
    table.add({std::string(info.name), std::string(op_category_name(info.category)),
               static_cast<std::uint64_t>(info.min_inputs),
               info.max_inputs < 0 ? Cell() : Cell(static_cast<std::uint64_t>(info.max_inputs)),
               by_element ? Cell(std::uint64_t{info.element_flops}) : Cell(),
               by_element ? Cell(std::uint64_t{info.element_special}) : Cell(), info.is_view, counted_text(info)});
  }
  return table;
}

Table formats_table() {
  Table table{{{"format", "format"}, {"extensions", "extensions"}, {"description", "description"}}, {}};
  for (const Format& format : formats()) {
    table.add({std::string(format.id), std::string(format.extensions), std::string(format.description)});
  }
  return table;
}

Table extensions_table() {
  Table table{{{"extension", "extension"}, {"frameworks", "frameworks"}, {"holds", "holds"}}, {}};
  for (const ExtensionInfo& row : known_extensions()) {
    table.add({std::string(row.extension), std::string(row.frameworks), std::string(row.holds)});
  }
  return table;
}

Table errors_table() {
  Table table{{{"code", "code"}, {"meaning", "meaning"}, {"advice", "what to do"}}, {}};
  for (const ErrorCodeInfo& info : error_codes()) {
    table.add({std::string(info.name), std::string(info.meaning), std::string(info.advice)});
  }
  return table;
}

Table conventions_table() {
  Table table{{{"convention", "convention"}, {"numbers", "numbers"}, {"meaning", "counts"}}, {}};
  for (const Convention& convention : conventions()) {
    std::vector<std::string> numbers;
    for (const ConventionNumber& number : convention.numbers) numbers.emplace_back(number.name);
    table.add({std::string(convention.name), join(numbers, " "), std::string(convention.meaning)});
  }
  return table;
}

}  // namespace nngauge
