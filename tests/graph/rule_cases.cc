// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/rule_cases.h"

#include <cmath>
#include <stdexcept>

#include "base/text.h"

namespace nngauge::test {
namespace {

Dim dim_of(OneOp& op, const std::string& word) {
  if (word == "?") return Dim::unknown();
  if (word.find_first_not_of("-0123456789") == std::string::npos) return Dim(std::stoll(word));
  return op.symbol(word);
}

std::vector<std::string> parts_of(const std::string& word) {
  const std::string inner = word.substr(1, word.size() - 2);
  return inner.empty() ? std::vector<std::string>() : split(inner, ',');
}

Shape shape_of(OneOp& op, const std::string& word) {
  if (word == "[?...]") return Shape::unknown_rank();
  std::vector<Dim> dims;
  for (const std::string& part : parts_of(word)) dims.push_back(dim_of(op, part));
  return Shape(std::move(dims));
}

void add_ints(OneOp& op, const std::string& word) {
  std::vector<Dim> elements;
  for (const std::string& part : parts_of(word)) elements.push_back(dim_of(op, part));
  op.ints(std::vector<std::int64_t>(elements.size(), 0));
  op.model().main().tensors.back().value = Value::of_ints(std::move(elements));
}

void add_reals(OneOp& op, const std::string& word) {
  std::vector<double> elements;
  for (const std::string& part : parts_of(word)) elements.push_back(part == "?" ? std::nan("") : std::stod(part));
  op.reals(std::move(elements));
}

void add_operand(OneOp& op, const std::string& word) {
  if (word == "-") op.absent();
  else if (word.front() == '[') op.input(shape_of(op, word));
  else if (word.front() == 'i') op.input(shape_of(op, word.substr(1)), OperandRole::kData, DType::kInt64);
  else if (word.front() == '{') add_ints(op, word);
  else if (word.front() == '(') add_reals(op, word);
  else if (word.find('.') == std::string::npos) op.scalar_int(std::stoll(word));
  else op.reals({std::stod(word)}), op.model().main().tensors.back().shape = Shape::scalar();
}

}  // namespace

void add_operands(OneOp& op, std::string_view words) {
  if (words.empty()) return;
  for (const std::string& word : split(words, ' ')) add_operand(op, word);
}

OneOp op_with(OpKind kind, Attributes attrs, std::string_view operands, std::size_t results) {
  OneOp op(kind, std::move(attrs), results);
  add_operands(op, operands);
  return op;
}

std::string shapes_of(OneOp& op) {
  const auto results = op.infer();
  if (!results) return results.error().text();
  std::vector<std::string> out;
  for (const TensorInfo& info : *results) out.push_back(shape_text(info.shape, op.model().symbols));
  return join(out, " ");
}

std::string folded(OneOp& op, std::size_t i) {
  if (const auto results = op.infer(); !results) return results.error().text();
  const std::optional<Value> value = op.fold(i);
  if (!value) return "none";
  std::vector<std::string> out;
  for (const Dim element : value->ints) {
    out.push_back(element.known()       ? std::to_string(element.value())
                  : element.is_symbol() ? op.model().symbols.name(element.symbol_id())
                                        : "?");
  }
  for (const double element : value->reals) out.push_back(std::isnan(element) ? "?" : shortest(element));
  return (value->real ? "(" : "{") + join(out, ",") + (value->real ? ")" : "}");
}

}  // namespace nngauge::test
