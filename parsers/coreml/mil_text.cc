// SPDX-License-Identifier: Apache-2.0
// Programs as text: model.mil of a compiled model (.mlmodelc).
//
//   program(1.0) [attributes] { func main<ios16>(tensor<fp32, [1, 3]> x) [attributes] {
//     tensor<int32, [2]> s = const()[name = tensor<string, []>("s"), val = tensor<int32, [2]>([1, 1])];
//     tensor<fp16, [5, 3]> w = const()[val = tensor<fp16, [5, 3]>(BLOBFILE(path = …("@model_path/…"), offset =
//     …(64)))]; tensor<fp32, [1, 5]> y = linear(weight = w, x = x)[name = tensor<string, []>("y")];
//   } -> (y); }
//
// Newer compilers write scalars without the word tensor: int32(1), string("s").
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "parsers/coreml/mil.h"

namespace nngauge::coreml {
namespace {

constexpr std::size_t kMostRank = 64;
constexpr int kMostNesting = 32;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+' || c == '?' || c == '@' || c == '/' || c == ':';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<MilProgram> program() {
    MilProgram out;
    if (!word("program")) return fail("a program does not begin with the word program");
    NNGAUGE_CHECK(skip_group('('));
    if (peek() == '[') NNGAUGE_CHECK(skip_group('['));
    NNGAUGE_CHECK(take('{'));
    while (peek() != '}') {
      if (peek() == '\0') return fail("the program has no end");
      NNGAUGE_TRY(MilFunction each, function());
      out.functions.push_back(std::move(each));
    }
    return out;
  }

 private:
  // --- words ---

  void blank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        ++at_;
      } else {
        return;
      }
    }
  }
  char peek() {
    blank();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  Error fail(std::string what) const {
    return make_error(ErrorCode::kDamaged, std::move(what)).at("line " + std::to_string(line_));
  }
  Status take(char c) {
    const char found = peek();
    if (found == c) {
      ++at_;
      return ok();
    }
    if (found == '\0') return fail(fmt::format("the text ends where '{}' is needed", c));
    return fail(fmt::format("{} where '{}' is needed", in_quotes(std::string(1, found)), c));
  }
  bool maybe(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  std::string_view name() {
    blank();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  bool word(std::string_view wanted) {
    blank();
    const std::size_t begin = at_;
    if (name() == wanted) return true;
    at_ = begin;
    return false;
  }
  Result<std::string> needed_name() {
    const std::string_view found = name();
    if (found.empty()) return fail("a name is needed");
    return readable(found);
  }
  Result<std::string> string() {
    NNGAUGE_CHECK(take('"'));
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      if (text_[at_] == '\n') ++line_;
      out.push_back(text_[at_++]);
    }
    if (at_ >= text_.size()) return fail("a string has no end");
    ++at_;
    return readable(out);
  }
  // Passes over what stands in brackets, strings and further brackets included.
  Status skip_group(char open) {
    NNGAUGE_CHECK(take(open));
    std::size_t depth = 1;
    while (depth > 0) {
      const char c = peek();
      if (c == '\0') return fail("a bracket is not closed");
      if (c == '"') {
        NNGAUGE_CHECK(string());
        continue;
      }
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      ++at_;
    }
    return ok();
  }

  // --- types and values ---

  Result<MilType> type(int depth = 0) {
    if (depth > kMostNesting) return fail("types are nested too deep");
    NNGAUGE_TRY(const std::string kind, needed_name());
    if (kind == "state") {
      NNGAUGE_CHECK(take('<'));
      NNGAUGE_TRY(MilType out, type(depth + 1));
      NNGAUGE_CHECK(take('>'));
      out.is_state = true;
      return out;
    }
    if (kind == "tensor") {
      NNGAUGE_CHECK(take('<'));
      NNGAUGE_TRY(const std::string element, needed_name());
      MilType out = mil_type_of(std::string_view(element)).value_or(MilType());
      NNGAUGE_CHECK(take(','));
      NNGAUGE_TRY(out.shape, extents());
      NNGAUGE_CHECK(take('>'));
      return out;
    }
    if (const auto scalar = mil_type_of(std::string_view(kind))) {
      MilType out = *scalar;
      out.shape = Shape::scalar();
      return out;
    }
    // list<…>, tuple<…>, dict<…>.
    MilType out;
    out.is_list = true;
    if (peek() != '<') return fail(fmt::format("{} is no type", in_quotes(kind)));
    NNGAUGE_CHECK(skip_angles());
    return out;
  }
  Status skip_angles() {
    std::size_t depth = 0;
    do {
      const char c = peek();
      if (c == '\0') return fail("a type is not closed");
      depth += c == '<' ? 1 : 0;
      depth -= c == '>' ? 1 : 0;
      ++at_;
    } while (depth > 0);
    return ok();
  }
  Result<Shape> extents() {
    NNGAUGE_CHECK(take('['));
    std::vector<Dim> dims;
    bool variadic = false;
    while (peek() != ']') {
      const std::string_view text = name();
      std::int64_t value = -1;
      std::from_chars(text.data(), text.data() + text.size(), value);
      if (text.empty() || dims.size() >= kMostRank) return fail("an extent is needed");
      variadic = variadic || text.starts_with("...") || text.starts_with("*");
      dims.push_back(value >= 0 && value <= kMostExtent ? Dim(value) : Dim::unknown());
      if (!maybe(',')) break;
    }
    NNGAUGE_CHECK(take(']'));
    return variadic ? Shape() : Shape(std::move(dims));
  }

  // One number, truth value or string of a value.
  Status element(MilValue& out, std::vector<double>& numbers, bool& whole) {
    if (peek() == '"') {
      NNGAUGE_TRY(std::string text, string());
      if (out.texts.size() < kMaxValueElements) out.texts.push_back(std::move(text));
      return ok();
    }
    const std::string text(name());
    if (text.empty()) return fail("a number is needed");
    if (numbers.size() > kMaxValueElements) return ok();
    if (text == "true" || text == "false") {
      numbers.push_back(text == "true" ? 1 : 0);
      return ok();
    }
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);  // hexadecimal fractions too
    if (end != text.c_str() + text.size()) return fail(fmt::format("{} is no number", in_quotes(text)));
    whole = whole && std::abs(value) < 9e15 && std::floor(value) == value;
    numbers.push_back(value);
    return ok();
  }
  Status elements(MilValue& out, std::vector<double>& numbers, bool& whole, int depth) {
    if (depth > kMostNesting) return fail("a value is nested too deep");
    const char open = peek();
    if (open != '[' && open != '(' && open != '{') return element(out, numbers, whole);
    const char close = open == '[' ? ']' : open == '(' ? ')' : '}';
    ++at_;
    while (peek() != close) {
      NNGAUGE_CHECK(elements(out, numbers, whole, depth + 1));
      if (!maybe(',')) break;
    }
    return take(close);
  }

  // type(content)
  Result<MilValue> value(int depth = 0) {
    if (depth > kMostNesting) return fail("values are nested too deep");
    MilValue out;
    NNGAUGE_TRY(out.type, type());
    NNGAUGE_CHECK(take('('));
    if (word("BLOBFILE")) {
      NNGAUGE_CHECK(blob(out, depth));
    } else if (out.type.is_list) {
      --at_;
      NNGAUGE_CHECK(skip_group('('));
      return out;
    } else {
      std::vector<double> numbers;
      bool whole = true;
      while (peek() != ')') {
        NNGAUGE_CHECK(elements(out, numbers, whole, depth));
        if (!maybe(',')) break;
      }
      keep(out, numbers, whole);
    }
    NNGAUGE_CHECK(take(')'));
    return out;
  }
  // Numbers that are as many as the type says.
  static void keep(MilValue& out, const std::vector<double>& numbers, bool whole) {
    const auto count = out.type.shape.elements();
    if (!count || count->overflowed() || numbers.size() != count->value() || numbers.size() > kMaxValueElements) return;
    if (is_float(out.type.dtype)) {
      out.elements = Value::of_reals(numbers);
    } else if (whole) {
      std::vector<Dim> ints;
      for (const double number : numbers) ints.emplace_back(static_cast<std::int64_t>(number));
      out.elements = Value::of_ints(std::move(ints));
    }
  }
  Status blob(MilValue& out, int depth) {
    NNGAUGE_CHECK(take('('));
    while (peek() != ')') {
      NNGAUGE_TRY(const std::string key, needed_name());
      NNGAUGE_CHECK(take('='));
      NNGAUGE_TRY(const MilValue part, value(depth + 1));
      if (key == "path" && !part.texts.empty()) out.blob_file = part.texts[0];
      const auto ints = part.elements ? part.elements->known_ints() : std::nullopt;
      if (key == "offset" && ints && ints->size() == 1 && ints->front() >= 0)
        out.blob_offset = static_cast<std::uint64_t>(ints->front());
      if (!maybe(',')) break;
    }
    if (!out.blob_offset) return fail("a blob without an offset");
    return take(')');
  }

  // --- operations ---

  // A name, a typed value, or several of these in brackets.
  Status bindings(std::vector<MilBinding>& out, int depth) {
    if (depth > kMostNesting) return fail("arguments are nested too deep");
    if (maybe('(')) {
      while (peek() != ')') {
        NNGAUGE_CHECK(bindings(out, depth + 1));
        if (!maybe(',')) break;
      }
      return take(')');
    }
    if (++arguments_ > kMostMilValues) return make_error(ErrorCode::kTooLarge, "the program has too many arguments");
    blank();
    const std::size_t begin = at_;
    const std::size_t line = line_;
    const std::string_view first = name();
    const char next = peek();
    if (next == '<' || next == '(') {
      at_ = begin;
      line_ = line;
      NNGAUGE_TRY(MilValue found, value());
      out.push_back({{}, std::make_shared<const MilValue>(std::move(found))});
      return ok();
    }
    if (first.empty()) return fail("an argument is needed");
    out.push_back({readable(first), nullptr});
    return ok();
  }
  Status arguments(char close, std::vector<MilArgument>& out) {
    while (peek() != close) {
      MilArgument argument;
      NNGAUGE_TRY(argument.key, needed_name());
      NNGAUGE_CHECK(take('='));
      NNGAUGE_CHECK(bindings(argument.bindings, 0));
      out.push_back(std::move(argument));
      if (!maybe(',')) break;
    }
    return take(close);
  }
  Result<MilName> named() {
    MilName out;
    NNGAUGE_TRY(out.type, type());
    NNGAUGE_TRY(out.name, needed_name());
    return out;
  }
  Status results(MilOp& op) {
    const bool several = maybe('(');
    while (!several || peek() != ')') {
      NNGAUGE_TRY(MilName result, named());
      op.outputs.push_back(std::move(result));
      if (!several || !maybe(',')) break;
    }
    if (several) NNGAUGE_CHECK(take(')'));
    return take('=');
  }
  Result<MilOp> operation() {
    blank();
    MilOp op;
    op.byte_offset = at_;
    // An operation without results (writing a state) begins with its type.
    const std::size_t begin = at_, line = line_;
    const std::string_view first = name();
    const bool bare = !first.empty() && peek() == '(' && !mil_type_of(first);
    at_ = begin;
    line_ = line;
    if (!bare) NNGAUGE_CHECK(results(op));
    NNGAUGE_TRY(op.type, needed_name());
    NNGAUGE_CHECK(take('('));
    NNGAUGE_CHECK(arguments(')', op.inputs));
    if (maybe('[')) {
      std::vector<MilArgument> attributes;
      NNGAUGE_CHECK(arguments(']', attributes));
      for (MilArgument& attribute : attributes) {
        const auto& value = attribute.bindings.empty() ? nullptr : attribute.bindings[0].value;
        if (attribute.key == "name" && value && !value->texts.empty()) op.name = value->texts[0];
        else op.attributes.push_back(std::move(attribute));
      }
    }
    if (peek() != ';')
      return make_error(ErrorCode::kUnsupportedVersion,
                        fmt::format("{} has inner blocks, whose form as text is not known", in_quotes(op.type)))
          .at("line " + std::to_string(line_));
    ++at_;
    return op;
  }

  Result<MilFunction> function() {
    MilFunction out;
    if (!word("func")) return fail("a function is needed");
    NNGAUGE_TRY(out.name, needed_name());
    if (maybe('<')) {
      NNGAUGE_TRY(out.opset, needed_name());
      NNGAUGE_CHECK(take('>'));
    }
    NNGAUGE_CHECK(take('('));
    while (peek() != ')') {
      NNGAUGE_TRY(MilName input, named());
      out.inputs.push_back(std::move(input));
      if (!maybe(',')) break;
    }
    NNGAUGE_CHECK(take(')'));
    if (peek() == '[') {
      const std::size_t begin = at_;
      NNGAUGE_CHECK(skip_group('['));
      default_shapes(text_.substr(begin, at_ - begin), out.inputs);
    }
    NNGAUGE_CHECK(take('{'));
    while (peek() != '}') {
      if (++ops_ > kMostMilOps)
        return make_error(ErrorCode::kTooLarge, fmt::format("the program has more than {} operations", kMostMilOps));
      NNGAUGE_TRY(MilOp op, operation());
      out.block.ops.push_back(std::move(op));
    }
    NNGAUGE_CHECK(take('}'));
    NNGAUGE_CHECK(take('-'));
    NNGAUGE_CHECK(take('>'));
    NNGAUGE_CHECK(take('('));
    while (peek() != ')') {
      NNGAUGE_TRY(std::string output, needed_name());
      out.block.outputs.push_back(std::move(output));
      if (!maybe(',')) break;
    }
    NNGAUGE_CHECK(take(')'));
    NNGAUGE_CHECK(take(';'));
    return out;
  }

  // Open extents of inputs from the function's attribute: ("DefaultShapes", {{"x", [1, 3, 224, 224]}}).
  static void default_shapes(std::string_view attributes, std::vector<MilName>& inputs) {
    const std::size_t begin = attributes.find("\"DefaultShapes\"");
    if (begin == std::string_view::npos) return;
    const std::size_t end = attributes.find("}}", begin);
    const std::string_view part = attributes.substr(begin, end == std::string_view::npos ? end : end - begin);
    for (MilName& input : inputs) {
      const std::size_t found = part.find("\"" + input.name + "\"");
      const std::size_t open = found == std::string_view::npos ? found : part.find('[', found);
      if (open == std::string_view::npos || !input.type.shape.ranked()) continue;
      Parser list(part.substr(open));
      const auto shape = list.extents();
      if (!shape || !shape->ranked() || shape->rank() != input.type.shape.rank()) continue;
      for (std::size_t i = 0; i < shape->rank(); ++i) {
        if (!input.type.shape[i].known()) input.type.shape[i] = (*shape)[i];
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  std::size_t ops_ = 0, arguments_ = 0;
};

}  // namespace

Result<MilProgram> read_mil_text(std::string_view text) { return Parser(text).program(); }

}  // namespace nngauge::coreml
