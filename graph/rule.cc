// SPDX-License-Identifier: Apache-2.0
#include "graph/rule.h"

#include "base/text.h"
#include "graph/op_table.h"

namespace nngauge {
namespace {

const Shape kUnknownShape;

// Elements of a shape, or the reason why they are not known.
Result<Count> count_elements(const RuleContext& context, const Shape& shape, const std::string& whose) {
  if (!shape.ranked()) return unknown("the rank of " + whose + " is not known");
  for (const Dim dim : shape.dims()) {
    if (dim.is_symbol())
      return unknown("extent " + context.model().symbols.name(dim.symbol_id()) + " of " + whose + " is not known");
    if (!dim.known()) return unknown("an extent of " + whose + " " + context.text(shape) + " is not known");
  }
  const Count elements = *shape.elements();
  if (elements.overflowed())
    return make_error(ErrorCode::kOverflow,
                      "the elements of " + whose + " " + context.text(shape) + " do not fit 64 bits");
  return elements;
}

}  // namespace

const Shape& RuleContext::in(std::size_t i) const { return has_input(i) ? input(i)->shape : kUnknownShape; }

const Shape& RuleContext::out(std::size_t i) const {
  const Tensor* tensor = output(i);
  return tensor ? tensor->shape : kUnknownShape;
}

const Value* RuleContext::value(std::size_t i) const {
  const Tensor* tensor = input(i);
  return tensor && tensor->value ? &*tensor->value : nullptr;
}

Result<Count> RuleContext::in_elements(std::size_t i) const {
  if (!has_input(i)) return unknown("operand " + std::to_string(i) + " is absent");
  return count_elements(*this, in(i), "operand " + std::to_string(i));
}

Result<Count> RuleContext::out_elements(std::size_t i) const {
  return count_elements(*this, out(i), "result " + std::to_string(i));
}

Result<Count> RuleContext::extent(Dim dim, std::string_view what) const {
  if (dim.known()) return Count::from_signed(dim.value());
  if (dim.is_symbol())
    return unknown(std::string(what) + " is the open extent " + model_.symbols.name(dim.symbol_id()));
  return unknown(std::string(what) + " is not known");
}

Product& Product::times(std::string_view label, Count factor) {
  product_ *= factor;
  if (context_.explaining()) {
    if (!text_.empty()) text_ += " x ";
    text_ += std::string(label) + " " + with_thousands(factor.value());
  }
  return *this;
}

Count Product::value() {
  if (context_.explaining())
    context_.explain(std::string(name_) + " = " + text_ + " = " + with_thousands(product_.value()));
  return product_;
}

std::string op_place(const Op& op, OpId id) {
  std::string out = "op #" + std::to_string(op.source.index >= 0 ? op.source.index : id) + " " + op.source_op + " " +
                    in_quotes(op.name);
  if (op.source.byte_offset != 0) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (std::uint64_t rest = op.source.byte_offset; rest != 0; rest /= 16) hex.insert(hex.begin(), kDigits[rest % 16]);
    out += " (byte 0x" + hex + ")";
  }
  return out;
}

}  // namespace nngauge
