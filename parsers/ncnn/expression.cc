// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/expression.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"

namespace nngauge::ncnn {
namespace {

constexpr int kMostNesting = 32;
constexpr double kLimit = 9e15;  // whole numbers are exact below

using Real = std::optional<double>;  // nullopt: not known

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Shape>& blobs) : text_(text), blobs_(blobs) {}

  Result<std::vector<Dim>> list() {
    std::vector<Dim> out;
    while (true) {
      NNGAUGE_TRY(const Real value, term(0));
      out.push_back(value ? Dim(static_cast<std::int64_t>(std::trunc(*value))) : Dim::unknown());
      skip_blanks();
      if (position_ == text_.size()) return out;
      if (text_[position_] != ',') return bad();
      ++position_;
    }
  }

 private:
  [[nodiscard]] Error bad() const {
    return make_error(ErrorCode::kInvalidAttribute, "expression " + in_quotes(text_) + " cannot be read at character " +
                                                        std::to_string(position_ + 1));
  }
  void skip_blanks() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }

  Result<Real> term(int depth) {
    skip_blanks();
    if (depth > kMostNesting || position_ >= text_.size()) return bad();
    if (std::isdigit(static_cast<unsigned char>(text_[position_])) != 0 || is_negative_number())
      return number_or_extent();
    return call(depth);
  }

  [[nodiscard]] bool is_negative_number() const {
    return text_[position_] == '-' && position_ + 1 < text_.size() &&
           std::isdigit(static_cast<unsigned char>(text_[position_ + 1])) != 0;
  }

  Result<Real> number_or_extent() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), value);
    if (error != std::errc() || !(std::fabs(value) < kLimit)) return bad();
    position_ = static_cast<std::size_t>(end - text_.data());
    if (position_ == text_.size() || std::string_view("whdcn").find(text_[position_]) == std::string_view::npos)
      return Real(value);
    const char axis = text_[position_++];
    return extent(value, axis);
  }

  Result<Real> extent(double blob, char axis) const {
    if (blob < 0 || blob >= static_cast<double>(blobs_.size())) return bad();
    const Shape& shape = blobs_[static_cast<std::size_t>(blob)];
    if (!shape.ranked()) return Real();
    const std::size_t rank = shape.rank() - 1;  // without the batch
    Dim dim = 1;
    if (axis == 'n') dim = shape.at(0);
    if (axis == 'w' && rank >= 1) dim = shape.at(-1);
    if (axis == 'h' && rank >= 2) dim = shape.at(-2);
    if (axis == 'd' && rank >= 4) dim = shape.at(-3);
    if (axis == 'c' && rank >= 3) dim = shape.at(1);
    return dim.known() ? Real(static_cast<double>(dim.value())) : Real();
  }

  Result<Real> call(int depth) {
    const std::size_t open = text_.find('(', position_);
    if (open == std::string_view::npos) return bad();
    const std::string_view name = trim(text_.substr(position_, open - position_));
    position_ = open + 1;
    NNGAUGE_TRY(const Real first, term(depth + 1));
    Real second;
    skip_blanks();
    const bool binary = position_ < text_.size() && text_[position_] == ',';
    if (binary) {
      ++position_;
      NNGAUGE_TRY(second, term(depth + 1));
      skip_blanks();
    }
    if (position_ >= text_.size() || text_[position_] != ')') return bad();
    ++position_;
    if (!first || (binary && !second)) return Real();
    const Real value = binary ? apply(name, *first, *second) : apply(name, *first);
    if (!value) return bad();
    if (!(std::fabs(*value) < kLimit))
      return make_error(ErrorCode::kInvalidAttribute, "expression " + in_quotes(text_) + " has no value");
    return value;
  }

  static Real apply(std::string_view name, double a, double b) {
    if (name == "+" || name == "add") return a + b;
    if (name == "-" || name == "sub") return a - b;
    if (name == "*" || name == "mul") return a * b;
    if (name == "/" || name == "div") return a / b;
    if (name == "//" || name == "floor_divide") return std::floor(a / b);
    if (name == "max") return a > b ? a : b;
    if (name == "min") return a < b ? a : b;
    if (name == "%" || name == "fmod" || name == "remainder") return std::fmod(a, b);
    if (name == "pow") return std::pow(a, b);
    return std::nullopt;
  }

  static Real apply(std::string_view name, double a) {
    if (name == "floor") return std::floor(a);
    if (name == "ceil") return std::ceil(a);
    if (name == "round") return std::round(a);
    if (name == "trunc" || name == "int") return std::trunc(a);
    if (name == "neg") return -a;
    if (name == "abs") return std::fabs(a);
    if (name == "sqrt") return std::sqrt(a);
    if (name == "square") return a * a;
    return std::nullopt;
  }

  std::string_view text_;
  const std::vector<Shape>& blobs_;
  std::size_t position_ = 0;
};

}  // namespace

Result<std::vector<Dim>> evaluate_list(std::string_view text, const std::vector<Shape>& blobs) {
  return Parser(text, blobs).list();
}

}  // namespace nngauge::ncnn
