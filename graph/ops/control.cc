// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/control.h"

#include "graph/ops/checks.h"
#include "graph/ops/common.h"

namespace nngauge {
namespace {

bool is_list(const RuleContext& c) { return c.attrs<FillAttrs>().like; }

// Of the elements, not of the list itself.
DType element_type(const RuleContext& c, std::size_t operand) {
  const DType dtype = c.in_dtype(operand);
  return dtype == DType::kVariant || dtype == DType::kResource ? DType::kUnknown : dtype;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_control_flow(const RuleContext& /*c*/) {
  return unknown("its inner graphs say what it gives");
}

Result<Work> work_control_flow(const RuleContext& /*c*/) { return unknown("its inner graphs say what it computes"); }

// What the file states of an element's shape may leave extents open; what is put in tells them.
Result<std::vector<TensorInfo>> shape_list_reserve(const RuleContext& c) {
  if (!is_list(c) || c.input_count() < 2 || !c.in(0).ranked() || c.in(0).rank() != 1) return shape_unknown(c);
  const Value* element = c.value(0);
  if (!element || element->real) return shape_unknown(c);
  std::vector<Dim> dims = {Dim::unknown()};
  if (const Value* count = c.value(1); count && !count->real && count->size() == 1) dims[0] = count->ints[0];
  dims.insert(dims.end(), element->ints.begin(), element->ints.end());
  for (Dim& dim : dims) {
    if (dim.known() && dim.value() < 0) dim = Dim::unknown();
  }
  const TensorInfo list = {c.attrs<FillAttrs>().dtype, Shape(std::move(dims))};
  return results(c, {list, list});
}

Result<std::vector<TensorInfo>> shape_list_insert(const RuleContext& c) {
  Shape list = c.in(0);
  const Shape& element = c.in(1);
  if (!is_list(c) || !list.ranked()) return shape_unknown(c);
  if (element.ranked() && element.rank() + 1 == list.rank()) {
    for (std::size_t i = 0; i < element.rank(); ++i) {
      if (!list[i + 1].known()) list[i + 1] = element[i];
    }
  }
  return results(c, {{element_type(c, 1), std::move(list)}});
}

Result<std::vector<TensorInfo>> shape_list_at(const RuleContext& c) {
  Shape element = c.in(0);
  if (!is_list(c) || !element.ranked() || element.rank() == 0) return shape_unknown(c);
  element.dims().erase(element.dims().begin());
  return results(c, {{element_type(c, 0), std::move(element)}});
}

Result<std::vector<TensorInfo>> shape_list_stack(const RuleContext& c) {
  if (!is_list(c)) return shape_unknown(c);
  return results(c, {{element_type(c, 0), c.in(0)}});
}

Result<std::vector<TensorInfo>> shape_text_function(const RuleContext& c) {
  if (!c.attrs<FillAttrs>().like) return shape_unknown(c);
  return results(c, {{DType::kUnknown, c.in(0)}});
}

}  // namespace nngauge
