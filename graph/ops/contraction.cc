// SPDX-License-Identifier: Apache-2.0
// Einsum and dot products with named axes: sums over products with labelled axes.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "graph/ops/checks.h"
#include "graph/ops/products.h"
#include "graph/ops/rule_helpers.h"

namespace nngauge {
namespace {

// Labels are small integers: letters by their code, the axes of an ellipsis from 256 up, aligned at its end.
using Label = int;
using Labels = std::vector<Label>;
constexpr Label kEllipsis = -1;
constexpr Label kFirstEllipsisAxis = 256;
constexpr std::size_t kMaxRank = 64;

struct Einsum {
  std::vector<Labels> terms;
  Labels result;
  std::array<Dim, kFirstEllipsisAxis + kMaxRank> extents;  // by label
};

Error bad_equation(const std::string& equation, const std::string& why) {
  return make_error(ErrorCode::kInvalidAttribute, "equation \"" + equation + "\" " + why);
}

bool contains(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// The labels of one term as written; "..." as kEllipsis.
Result<Labels> parse_term(const std::string& equation, std::string_view term) {
  Labels out;
  for (std::size_t i = 0; i < term.size(); ++i) {
    const char letter = term[i];
    if (letter == ' ') continue;
    if (term.substr(i, 3) == "..." && !contains(out, kEllipsis)) {
      out.push_back(kEllipsis);
      i += 2;
    } else if (std::isalpha(static_cast<unsigned char>(letter)) != 0) {
      out.push_back(letter);
    } else {
      return bad_equation(equation, "cannot be read");
    }
  }
  return out;
}

// Puts axis labels in place of the ellipsis of a term that stands for `axes` axes.
Labels expand_ellipsis(const Labels& term, std::size_t axes) {
  Labels out;
  for (const Label label : term) {
    if (label != kEllipsis) out.push_back(label);
    else
      for (std::size_t i = axes; i-- > 0;) out.push_back(kFirstEllipsisAxis + static_cast<Label>(i));
  }
  return out;
}

// Without an arrow: the ellipsis, then the labels that occur once, by letter.
Labels implicit_result(const std::vector<Labels>& terms, std::size_t ellipsis_axes) {
  std::array<int, 256> uses{};
  for (const Labels& term : terms) {
    for (const Label label : term) {
      if (label < kFirstEllipsisAxis) ++uses[static_cast<std::size_t>(label)];
    }
  }
  Labels out = expand_ellipsis({kEllipsis}, ellipsis_axes);
  for (Label label = 0; label < kFirstEllipsisAxis; ++label) {
    if (uses[static_cast<std::size_t>(label)] == 1) out.push_back(label);
  }
  return out;
}

// The extent of each label, extent 1 stretched.
Status note_extents(Einsum& e, const Labels& term, const Shape& shape) {
  for (std::size_t i = 0; i < term.size(); ++i) {
    Dim& extent = e.extents[static_cast<std::size_t>(term[i])];
    const Dim here = shape[i];
    if (extent.is(1) || (!extent.known() && !extent.is_symbol())) {
      extent = here;
    } else if (!here.is(1)) {
      const std::string name = term[i] < kFirstEllipsisAxis ? std::string(1, static_cast<char>(term[i])) : "...";
      NNGAUGE_TRY(extent, merge_dims(extent, here, "label " + name));
    }
  }
  return ok();
}

Result<Einsum> read_einsum(const RuleContext& c) {
  const std::string& equation = c.attrs<EinsumAttrs>().equation;
  const std::size_t arrow = equation.find("->");
  std::string_view left = std::string_view(equation).substr(0, arrow);
  Einsum e;
  while (true) {
    const std::size_t comma = left.find(',');
    NNGAUGE_TRY(Labels term, parse_term(equation, left.substr(0, comma)));
    e.terms.push_back(std::move(term));
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  if (e.terms.size() != c.input_count()) {
    return bad_equation(equation, "has " + std::to_string(e.terms.size()) + " terms for " +
                                      std::to_string(c.input_count()) + " operands");
  }
  std::size_t ellipsis_axes = 0;
  for (std::size_t i = 0; i < e.terms.size(); ++i) {
    const Shape& shape = c.in(i);
    if (!shape.ranked()) return unknown("the rank of operand " + std::to_string(i) + " is not known");
    Labels& term = e.terms[i];
    const bool ellipsis = contains(term, kEllipsis);
    const std::size_t named = term.size() - (ellipsis ? 1 : 0);
    if (shape.rank() > kMaxRank || shape.rank() < named || (!ellipsis && shape.rank() != named)) {
      return make_error(ErrorCode::kShapeMismatch, "operand " + c.text(shape) + " does not fit term " +
                                                       std::to_string(i + 1) + " of equation \"" + equation + "\"");
    }
    if (ellipsis) ellipsis_axes = std::max(ellipsis_axes, shape.rank() - named);
    term = expand_ellipsis(term, shape.rank() - named);
    NNGAUGE_CHECK(note_extents(e, term, shape));
  }
  if (arrow == std::string::npos) {
    e.result = implicit_result(e.terms, ellipsis_axes);
    return e;
  }
  NNGAUGE_TRY(const Labels result, parse_term(equation, std::string_view(equation).substr(arrow + 2)));
  e.result = expand_ellipsis(result, ellipsis_axes);
  for (std::size_t i = 0; i < e.result.size(); ++i) {
    const Label label = e.result[i];
    const bool known =
        std::any_of(e.terms.begin(), e.terms.end(), [&](const Labels& term) { return contains(term, label); });
    if (!known || std::count(e.result.begin(), e.result.end(), label) > 1)
      return bad_equation(equation, "names a result axis that is not one of its operands' or is twice there");
  }
  return e;
}

void merge_labels(Labels& into, const Labels& from) {
  for (const Label label : from) {
    if (!contains(into, label)) into.push_back(label);
  }
}

// The product of the extents of `labels`, as a formula.
Result<Count> count_labels(const RuleContext& c, const Einsum& e, const Labels& labels, std::string_view name) {
  Product product(c, name);
  for (const Label label : labels) {
    const std::string text = label < kFirstEllipsisAxis ? std::string(1, static_cast<char>(label)) : "...";
    NNGAUGE_TRY(const Count extent, c.extent(e.extents[static_cast<std::size_t>(label)], "label " + text));
    product.times(text, extent);
  }
  return product.value();
}

// Adds the work of joining `have` with `term` when only `keep` is needed afterwards.
Status add_step(const RuleContext& c, const Einsum& e, const Labels& all, bool sums, Work& work) {
  NNGAUGE_TRY(const Count count, count_labels(c, e, all, sums ? "macs" : "flops of multiplications"));
  if (sums) work.macs += count;
  work.flops += sums ? count * Count(2) : count;
  return ok();
}

}  // namespace

Result<std::vector<TensorInfo>> shape_einsum(const RuleContext& c) {
  NNGAUGE_TRY(const Einsum e, read_einsum(c));
  std::vector<Dim> dims;
  for (const Label label : e.result) dims.push_back(e.extents[static_cast<std::size_t>(label)]);
  return results(c, {{c.in_dtype(0), Shape(std::move(dims))}});
}

Result<Work> work_einsum(const RuleContext& c) {
  NNGAUGE_TRY(const Einsum e, read_einsum(c));
  Work work;
  Labels have;
  merge_labels(have, e.terms[0]);
  const auto is_summed = [](const Labels& all, const Labels& keep) {
    return std::any_of(all.begin(), all.end(), [&](Label label) { return !contains(keep, label); });
  };
  if (e.terms.size() == 1) {
    if (!is_summed(have, e.result)) return work;  // a transpose or a diagonal
    NNGAUGE_TRY(work.flops, count_labels(c, e, have, "flops"));
    return work;
  }
  for (std::size_t i = 1; i < e.terms.size(); ++i) {
    Labels all = have;
    merge_labels(all, e.terms[i]);
    Labels needed = e.result;
    for (std::size_t later = i + 1; later < e.terms.size(); ++later) merge_labels(needed, e.terms[later]);
    NNGAUGE_CHECK(add_step(c, e, all, is_summed(all, needed), work));
    have.clear();
    for (const Label label : all) {
      if (contains(needed, label)) have.push_back(label);
    }
  }
  return work;
}

namespace {

// StableHLO dot_general: the result is batch, free axes of lhs, free axes of rhs.
struct Dot {
  std::vector<Dim> batch, contract, left, right;
};

Result<Dot> read_dot(const RuleContext& c) {
  const auto& attrs = c.attrs<GeneralAttrs>();
  const Shape& lhs = c.in(0);
  const Shape& rhs = c.in(1);
  if (!lhs.ranked() || !rhs.ranked()) return unknown("the rank of an operand is not known");
  Dot dot;
  std::vector<bool> used_left(lhs.rank()), used_right(rhs.rank());
  const auto pair = [&](const Ints& left, const Ints& right, std::vector<Dim>& out, const char* what) -> Status {
    if (left.size() != right.size())
      return make_error(ErrorCode::kInvalidAttribute,
                        std::string("the operands name different numbers of ") + what + " axes");
    for (std::size_t i = 0; i < left.size(); ++i) {
      NNGAUGE_TRY(const std::size_t a, normalise_axis(left[i], lhs.rank()));
      NNGAUGE_TRY(const std::size_t b, normalise_axis(right[i], rhs.rank()));
      if (used_left[a] || used_right[b])
        return make_error(ErrorCode::kInvalidAttribute, std::string("a ") + what + " axis is named twice");
      used_left[a] = used_right[b] = true;
      NNGAUGE_TRY(const Dim extent, merge_dims(lhs[a], rhs[b], std::string(what) + " extent"));
      out.push_back(extent);
    }
    return ok();
  };
  NNGAUGE_CHECK(pair(attrs.lhs_batch, attrs.rhs_batch, dot.batch, "batch"));
  NNGAUGE_CHECK(pair(attrs.lhs_contract, attrs.rhs_contract, dot.contract, "contracted"));
  for (std::size_t i = 0; i < lhs.rank(); ++i) {
    if (!used_left[i]) dot.left.push_back(lhs[i]);
  }
  for (std::size_t i = 0; i < rhs.rank(); ++i) {
    if (!used_right[i]) dot.right.push_back(rhs[i]);
  }
  return dot;
}

}  // namespace

Result<std::vector<TensorInfo>> shape_dot_general(const RuleContext& c) {
  NNGAUGE_TRY(Dot dot, read_dot(c));
  std::vector<Dim> dims = std::move(dot.batch);
  dims.insert(dims.end(), dot.left.begin(), dot.left.end());
  dims.insert(dims.end(), dot.right.begin(), dot.right.end());
  return results(c, {{is_float(c.in_dtype(0)) ? c.in_dtype(0) : DType::kUnknown, Shape(std::move(dims))}});
}

Result<Work> work_dot_general(const RuleContext& c) {
  NNGAUGE_TRY(const Dot dot, read_dot(c));
  Product macs(c, "macs");
  const auto times = [&](std::string_view label, const std::vector<Dim>& dims) -> Status {
    Count product = 1;
    for (const Dim dim : dims) {
      NNGAUGE_TRY(const Count extent, c.extent(dim, label));
      product *= extent;
    }
    macs.times(label, product);
    return ok();
  };
  NNGAUGE_CHECK(times("batch", dot.batch));
  NNGAUGE_CHECK(times("M", dot.left));
  NNGAUGE_CHECK(times("N", dot.right));
  NNGAUGE_CHECK(times("K", dot.contract));
  Work work;
  work.macs = macs.value();
  work.flops = Product(c, "flops").times("operations", 2).times("macs", work.macs).value();
  return work;
}

}  // namespace nngauge
