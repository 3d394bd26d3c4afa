// SPDX-License-Identifier: Apache-2.0
#include "parsers/torchscript/source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>

#include "base/text.h"

namespace nngauge::torchscript {
namespace {

constexpr int kMostNesting = 150;

enum class Token : std::uint8_t { kEnd, kLine, kIndent, kDedent, kName, kInt, kReal, kText, kMark };

struct Lexeme {
  Token token = Token::kEnd;
  std::string text;
  std::size_t line = 0;
};

Error damaged(std::size_t line, const std::string& what) {
  return make_error(ErrorCode::kDamaged, "line " + std::to_string(line) + ": " + what);
}

// Cuts the text into words, with marks for lines and indentation as Python has them.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Lexeme>> run() {
    while (position_ < text_.size()) {
      if (at_line_start_ && brackets_ == 0) NNGAUGE_CHECK(read_indentation());
      if (position_ >= text_.size()) break;
      NNGAUGE_CHECK(read_one());
    }
    if (!at_line_start_) add(Token::kLine);
    for (; indents_.size() > 1; indents_.pop_back()) add(Token::kDedent);
    add(Token::kEnd);
    return std::move(out_);
  }

 private:
  void add(Token token, std::string text = {}) { out_.push_back({token, std::move(text), line_}); }

  Status read_indentation() {
    std::size_t width = 0;
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_, ++width;
    if (position_ >= text_.size() || text_[position_] == '\n' || text_[position_] == '#' || text_[position_] == '\r')
      return ok();
    at_line_start_ = false;
    if (width > indents_.back()) {
      indents_.push_back(width);
      add(Token::kIndent);
    }
    while (width < indents_.back()) {
      indents_.pop_back();
      add(Token::kDedent);
    }
    return width == indents_.back() ? ok() : Status(damaged(line_, "the indentation fits no line before"));
  }

  Status read_one() {
    const char c = text_[position_];
    if (c == '\n') {
      ++position_;
      if (brackets_ == 0 && !at_line_start_) add(Token::kLine);
      if (brackets_ == 0) at_line_start_ = true;
      ++line_;
      return ok();
    }
    if (c == ' ' || c == '\t' || c == '\r') {
      ++position_;
      return ok();
    }
    if (c == '#') {
      position_ = std::min(text_.find('\n', position_), text_.size());
      return ok();
    }
    const auto u = static_cast<unsigned char>(c);
    if (std::isalpha(u) != 0 || c == '_') return read_name();
    const bool digit_follows =
        position_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[position_ + 1])) != 0;
    if (std::isdigit(u) != 0 || (c == '.' && digit_follows)) return read_number();
    if (c == '"' || c == '\'') return read_text(c);
    return read_mark();
  }

  Status read_name() {
    const std::size_t start = position_;
    while (position_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 || text_[position_] == '_'))
      ++position_;
    add(Token::kName, std::string(text_.substr(start, position_ - start)));
    return ok();
  }

  Status read_number() {
    const std::size_t start = position_;
    bool real = false;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      const bool sign = (c == '+' || c == '-') && (text_[position_ - 1] == 'e' || text_[position_ - 1] == 'E');
      if (std::isdigit(static_cast<unsigned char>(c)) == 0 && c != '.' && c != 'e' && c != 'E' &&
          !(sign && position_ > start))
        break;
      real = real || c == '.' || c == 'e' || c == 'E';
      ++position_;
    }
    add(real ? Token::kReal : Token::kInt, std::string(text_.substr(start, position_ - start)));
    return ok();
  }

  Status read_text(char quote) {
    std::string out;
    for (++position_; position_ < text_.size() && text_[position_] != quote; ++position_) {
      if (text_[position_] == '\n') return damaged(line_, "a string has no end");
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
      out += text_[position_];
    }
    if (position_ >= text_.size()) return damaged(line_, "a string has no end");
    ++position_;
    add(Token::kText, std::move(out));
    return ok();
  }

  Status read_mark() {
    constexpr std::array<std::string_view, 12> kLong = {
        "**", "//", "->", "==", "!=", "<=", ">=", "<<", ">>", "+=", "-=", "*="};
    const std::string_view two = text_.substr(position_, 2);
    const bool is_long = std::find(kLong.begin(), kLong.end(), two) != kLong.end();
    const std::string_view mark = is_long ? two : text_.substr(position_, 1);
    if (!is_long && std::string_view("()[]{},:.=+-*/%<>@&|^~").find(mark[0]) == std::string_view::npos)
      return damaged(line_, "the character " + in_quotes(mark) + " is not understood");
    position_ += mark.size();
    if (mark == "(" || mark == "[" || mark == "{") ++brackets_;
    if ((mark == ")" || mark == "]" || mark == "}") && brackets_ > 0) --brackets_;
    add(Token::kMark, std::string(mark));
    return ok();
  }

  std::string_view text_;
  std::size_t position_ = 0, line_ = 1;
  int brackets_ = 0;
  bool at_line_start_ = true;
  std::vector<std::size_t> indents_ = {0};
  std::vector<Lexeme> out_;
};

ExprPtr make(Expr::Kind kind, std::string text = {}) {
  auto out = std::make_unique<Expr>();
  out->kind = kind;
  out->text = std::move(text);
  return out;
}

using Made = Result<ExprPtr>;

class Parser {
 public:
  explicit Parser(std::vector<Lexeme> lexemes) : lexemes_(std::move(lexemes)) {}

  Result<SourceFile> file() {
    SourceFile out;
    while (!is(Token::kEnd)) {
      if (accept(Token::kLine)) continue;
      if (accept_name("class")) {
        NNGAUGE_CHECK(parse_class(out));
      } else if (accept_name("def")) {
        NNGAUGE_TRY(Function function, parse_function());
        const std::string name = function.name;
        out.functions.insert_or_assign(name, std::move(function));
      } else {
        NNGAUGE_CHECK(parse_simple());  // op_version_set = 1, imports
      }
    }
    return out;
  }

 private:
  [[nodiscard]] const Lexeme& now() const { return lexemes_[position_]; }
  [[nodiscard]] bool is(Token token) const { return now().token == token; }
  [[nodiscard]] bool is_mark(std::string_view text) const { return is(Token::kMark) && now().text == text; }
  [[nodiscard]] bool is_name(std::string_view text) const { return is(Token::kName) && now().text == text; }
  void advance() {
    if (position_ + 1 < lexemes_.size()) ++position_;
  }
  bool accept(Token token) {
    if (!is(token)) return false;
    advance();
    return true;
  }
  bool accept_mark(std::string_view text) {
    if (!is_mark(text)) return false;
    advance();
    return true;
  }
  bool accept_name(std::string_view text) {
    if (!is_name(text)) return false;
    advance();
    return true;
  }
  [[nodiscard]] Error unexpected(std::string_view wanted) const {
    return damaged(now().line, std::string(wanted) + " is expected, there is " + in_quotes(now().text));
  }
  Status expect_mark(std::string_view text) { return accept_mark(text) ? ok() : Status(unexpected(in_quotes(text))); }
  Result<std::string> expect_name() {
    if (!is(Token::kName)) return unexpected("a name");
    std::string out = now().text;
    advance();
    return out;
  }

  Status parse_class(SourceFile& out) {
    NNGAUGE_TRY(const std::string name, expect_name());
    if (accept_mark("(")) {
      while (!is_mark(")") && !is(Token::kEnd)) advance();
      NNGAUGE_CHECK(expect_mark(")"));
    }
    NNGAUGE_CHECK(expect_mark(":"));
    Class& made = out.classes[name];
    accept(Token::kLine);
    if (!accept(Token::kIndent)) return ok();
    while (!accept(Token::kDedent)) {
      if (is(Token::kEnd)) return unexpected("the end of a class");
      if (accept(Token::kLine)) continue;
      if (accept_name("def")) {
        NNGAUGE_TRY(Function method, parse_function());
        const std::string method_name = method.name;
        made.methods.insert_or_assign(method_name, std::move(method));
        continue;
      }
      NNGAUGE_TRY(Statement statement, parse_simple());
      const bool named = statement.kind == Statement::Kind::kAssign && statement.targets.size() == 1 &&
                         statement.targets[0]->kind == Expr::Kind::kName;
      if (named) made.constants[statement.targets[0]->text] = std::move(statement.value);
    }
    return ok();
  }

  // name ( parameters ) -> type : block
  Result<Function> parse_function() {
    Function out;
    NNGAUGE_TRY(out.name, expect_name());
    NNGAUGE_CHECK(expect_mark("("));
    while (!accept_mark(")")) {
      if (accept_mark("*")) {
        accept_mark(",");
        continue;
      }
      Parameter parameter;
      NNGAUGE_TRY(parameter.name, expect_name());
      if (accept_mark(":")) {
        NNGAUGE_TRY(const ExprPtr type, parse_expression());
        parameter.type = type_text(*type);
      }
      if (accept_mark("=")) {
        NNGAUGE_TRY(parameter.fallback, parse_expression());
      }
      out.parameters.push_back(std::move(parameter));
      if (!is_mark(")")) NNGAUGE_CHECK(expect_mark(","));
    }
    if (accept_mark("->")) NNGAUGE_CHECK(parse_expression());
    NNGAUGE_CHECK(expect_mark(":"));
    NNGAUGE_TRY(out.body, parse_block());
    return out;
  }

  static std::string type_text(const Expr& type) {
    if (type.kind == Expr::Kind::kName) return type.text;
    if (type.kind == Expr::Kind::kSubscript && !type.args.empty() && type.args[1])
      return type_text(*type.args[0]) + "[" + type_text(*type.args[1]) + "]";
    if (type.kind == Expr::Kind::kAttribute) return "class";
    return "";
  }

  Result<std::vector<Statement>> parse_block() {
    std::vector<Statement> out;
    if (!accept(Token::kLine)) {  // on the same line
      NNGAUGE_TRY(Statement statement, parse_simple());
      out.push_back(std::move(statement));
      return out;
    }
    if (!accept(Token::kIndent)) return unexpected("an indented block");
    if (++depth_ > kMostNesting) return make_error(ErrorCode::kTooLarge, "code is nested too deeply");
    while (!accept(Token::kDedent)) {
      if (is(Token::kEnd)) return unexpected("the end of a block");
      if (accept(Token::kLine)) continue;
      NNGAUGE_TRY(Statement statement, parse_statement());
      out.push_back(std::move(statement));
    }
    --depth_;
    return out;
  }

  Result<Statement> parse_statement() {
    Statement out;
    out.line = now().line;
    if (is_name("if") || is_name("elif") || is_name("while")) {
      out.kind = is_name("while") ? Statement::Kind::kWhile : Statement::Kind::kIf;
      advance();
      NNGAUGE_TRY(out.value, parse_expression());
      NNGAUGE_CHECK(expect_mark(":"));
      NNGAUGE_TRY(out.body, parse_block());
      if (out.kind == Statement::Kind::kWhile) return out;
      if (is_name("elif")) {
        if (++depth_ > kMostNesting) return make_error(ErrorCode::kTooLarge, "code is nested too deeply");
        NNGAUGE_TRY(Statement next, parse_statement());
        --depth_;
        out.otherwise.push_back(std::move(next));
      } else if (accept_name("else")) {
        NNGAUGE_CHECK(expect_mark(":"));
        NNGAUGE_TRY(out.otherwise, parse_block());
      }
      return out;
    }
    if (accept_name("for")) {
      out.kind = Statement::Kind::kFor;
      NNGAUGE_TRY(ExprPtr target, parse_postfix());
      out.targets.push_back(std::move(target));
      if (!accept_name("in")) return unexpected("\"in\"");
      NNGAUGE_TRY(out.value, parse_expression());
      NNGAUGE_CHECK(expect_mark(":"));
      NNGAUGE_TRY(out.body, parse_block());
      return out;
    }
    return parse_simple();
  }

  Result<Statement> parse_simple() {
    Statement out;
    out.line = now().line;
    if (accept_name("pass")) {
      out.kind = Statement::Kind::kPass;
    } else if (accept_name("break")) {
      out.kind = Statement::Kind::kBreak;
    } else if (accept_name("continue")) {
      out.kind = Statement::Kind::kContinue;
    } else if (is_name("import") || is_name("from")) {
      skip_line();
    } else if (accept_name("return")) {
      NNGAUGE_CHECK(parse_return(out));
    } else {
      NNGAUGE_CHECK(parse_assignment(out));
    }
    if (!accept(Token::kLine) && !is(Token::kEnd) && !is(Token::kDedent)) return unexpected("the end of the line");
    return out;
  }

  void skip_line() {
    while (!is(Token::kLine) && !is(Token::kEnd)) advance();
  }

  Status parse_return(Statement& out) {
    out.kind = Statement::Kind::kReturn;
    if (is(Token::kLine)) return ok();
    NNGAUGE_TRY(out.value, parse_tuple());
    return ok();
  }

  // expression, or targets = expression, or name : type = expression
  Status parse_assignment(Statement& out) {
    NNGAUGE_TRY(ExprPtr first, parse_expression());
    if (is_mark(",")) {
      out.unpacks = true;
      out.targets.push_back(std::move(first));
      while (accept_mark(",")) {
        if (is_mark("=") || is(Token::kLine)) break;
        NNGAUGE_TRY(ExprPtr target, parse_expression());
        out.targets.push_back(std::move(target));
      }
      NNGAUGE_CHECK(expect_mark("="));
      out.kind = Statement::Kind::kAssign;
      NNGAUGE_TRY(out.value, parse_tuple());
      return ok();
    }
    if (accept_mark(":")) {
      NNGAUGE_CHECK(parse_expression());
      if (!is_mark("=")) return ok();  // a declaration
    }
    for (const std::string_view sum : {"+=", "-=", "*="}) {
      if (!accept_mark(sum)) continue;
      return damaged(out.line, "assignments with an operation are not understood");
    }
    if (!accept_mark("=")) {
      out.kind = Statement::Kind::kExpr;
      out.value = std::move(first);
      return ok();
    }
    out.kind = Statement::Kind::kAssign;
    out.targets.push_back(std::move(first));
    NNGAUGE_TRY(out.value, parse_tuple());
    return ok();
  }

  // expression, or several with commas
  Made parse_tuple() {
    NNGAUGE_TRY(ExprPtr first, parse_expression());
    if (!is_mark(",")) return first;
    ExprPtr out = make(Expr::Kind::kTuple);
    out->args.push_back(std::move(first));
    while (accept_mark(",")) {
      if (is(Token::kLine) || is(Token::kEnd)) break;
      NNGAUGE_TRY(ExprPtr next, parse_expression());
      out->args.push_back(std::move(next));
    }
    return out;
  }

  Made parse_expression() {
    if (++depth_ > kMostNesting) return make_error(ErrorCode::kTooLarge, "code is nested too deeply");
    NNGAUGE_TRY(ExprPtr value, parse_binary(0));
    if (accept_name("if")) {
      ExprPtr out = make(Expr::Kind::kChoice);
      NNGAUGE_TRY(ExprPtr condition, parse_binary(0));
      if (!accept_name("else")) return unexpected("\"else\"");
      NNGAUGE_TRY(ExprPtr other, parse_expression());
      out->args.push_back(std::move(condition));
      out->args.push_back(std::move(value));
      out->args.push_back(std::move(other));
      value = std::move(out);
    }
    --depth_;
    return value;
  }

  // The operator at the current place and how strongly it binds; 0 for none.
  [[nodiscard]] std::pair<std::string, int> operator_here() const {
    if (is(Token::kName)) {
      if (now().text == "or") return {"or", 1};
      if (now().text == "and") return {"and", 2};
      if (now().text == "in" || now().text == "is") return {now().text, 4};
      return {"", 0};
    }
    if (!is(Token::kMark)) return {"", 0};
    const std::string& text = now().text;
    for (const std::string_view mark : {"==", "!=", "<", ">", "<=", ">="}) {
      if (text == mark) return {text, 4};
    }
    for (const std::string_view mark : {"|", "^", "&", "<<", ">>"}) {
      if (text == mark) return {text, 5};
    }
    if (text == "+" || text == "-") return {text, 6};
    if (text == "*" || text == "/" || text == "//" || text == "%" || text == "@") return {text, 7};
    if (text == "**") return {text, 9};
    return {"", 0};
  }

  Made parse_binary(int least) {
    NNGAUGE_TRY(ExprPtr left, parse_unary());
    for (int links = 0;; ++links) {
      if (links > kMostNesting) return make_error(ErrorCode::kTooLarge, "an expression is too long");
      auto [text, binds] = operator_here();
      if (binds == 0 || binds <= least) return left;
      advance();
      if (text == "is" && accept_name("not")) text = "is not";
      NNGAUGE_TRY(ExprPtr right, parse_binary(binds));
      ExprPtr out = make(Expr::Kind::kBinary, text);
      out->args.push_back(std::move(left));
      out->args.push_back(std::move(right));
      left = std::move(out);
    }
  }

  Made parse_unary() {
    for (const std::string_view mark : {"-", "+", "~"}) {
      if (!is_mark(mark)) continue;
      advance();
      return unary_of(std::string(mark));
    }
    if (accept_name("not")) return unary_of("not");
    return parse_postfix();
  }

  Made unary_of(std::string text) {
    if (++depth_ > kMostNesting) return make_error(ErrorCode::kTooLarge, "code is nested too deeply");
    NNGAUGE_TRY(ExprPtr value, text == "not" ? parse_binary(3) : parse_unary());
    --depth_;
    ExprPtr out = make(Expr::Kind::kUnary, std::move(text));
    out->args.push_back(std::move(value));
    return out;
  }

  Made parse_postfix() {
    NNGAUGE_TRY(ExprPtr value, parse_primary());
    int links = 0;
    while (true) {
      ExprPtr out;
      if (accept_mark(".")) {
        NNGAUGE_TRY(std::string name, expect_name());
        out = make(Expr::Kind::kAttribute, std::move(name));
        out->args.push_back(std::move(value));
      } else if (accept_mark("(")) {
        out = make(Expr::Kind::kCall);
        out->args.push_back(std::move(value));
        NNGAUGE_CHECK(parse_arguments(*out));
      } else if (accept_mark("[")) {
        out = make(Expr::Kind::kSubscript);
        out->args.push_back(std::move(value));
        NNGAUGE_TRY(ExprPtr index, parse_index());
        out->args.push_back(std::move(index));
        NNGAUGE_CHECK(expect_mark("]"));
      } else {
        return value;
      }
      if (++links > kMostNesting) return make_error(ErrorCode::kTooLarge, "code is nested too deeply");
      value = std::move(out);
    }
  }

  Status parse_arguments(Expr& call) {
    while (!accept_mark(")")) {
      const bool keyword = is(Token::kName) && position_ + 1 < lexemes_.size() &&
                           lexemes_[position_ + 1].token == Token::kMark && lexemes_[position_ + 1].text == "=";
      std::string name;
      if (keyword) {
        name = now().text;
        advance();
        advance();
      }
      NNGAUGE_TRY(ExprPtr value, parse_expression());
      if (keyword) call.keywords.emplace_back(std::move(name), std::move(value));
      else call.args.push_back(std::move(value));
      if (!is_mark(")")) NNGAUGE_CHECK(expect_mark(","));
    }
    return ok();
  }

  // What stands between square brackets: an index, a slice, types with commas.
  Made parse_index() {
    if (is_mark("]")) return make(Expr::Kind::kTuple);
    ExprPtr first;
    if (!is_mark(":")) {
      NNGAUGE_TRY(first, parse_expression());
    }
    if (is_mark(":")) {
      ExprPtr slice = make(Expr::Kind::kSlice);
      slice->args.push_back(std::move(first));
      while (accept_mark(":")) {
        ExprPtr next;
        if (!is_mark(":") && !is_mark("]")) {
          NNGAUGE_TRY(next, parse_expression());
        }
        slice->args.push_back(std::move(next));
      }
      return slice;
    }
    if (!is_mark(",")) return first;
    ExprPtr tuple = make(Expr::Kind::kTuple);
    tuple->args.push_back(std::move(first));
    while (accept_mark(",")) {
      if (is_mark("]")) break;
      NNGAUGE_TRY(ExprPtr next, parse_expression());
      tuple->args.push_back(std::move(next));
    }
    return tuple;
  }

  Made parse_primary() {
    const Lexeme here = now();
    switch (here.token) {
      case Token::kName:
        advance();
        return name_or_constant(here.text);
      case Token::kInt:
      case Token::kReal:
        advance();
        return number_of(here);
      case Token::kText: {
        advance();
        ExprPtr out = make(Expr::Kind::kText, here.text);
        while (is(Token::kText)) {
          out->text += now().text;
          advance();
        }
        return out;
      }
      default:
        break;
    }
    if (accept_mark("(")) return elements_until(")", Expr::Kind::kTuple);
    if (accept_mark("[")) return elements_until("]", Expr::Kind::kList);
    if (accept_mark("{")) return parse_dict();
    return unexpected("an expression");
  }

  static ExprPtr name_or_constant(const std::string& text) {
    if (text == "None") return make(Expr::Kind::kNone);
    if (text == "True" || text == "False") {
      ExprPtr out = make(Expr::Kind::kBool);
      out->integer = text == "True" ? 1 : 0;
      return out;
    }
    if (text == "inf" || text == "nan") {
      ExprPtr out = make(Expr::Kind::kReal);
      out->real = text == "inf" ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
      return out;
    }
    return make(Expr::Kind::kName, text);
  }

  static Made number_of(const Lexeme& word) {
    const char* end = word.text.data() + word.text.size();
    ExprPtr out = make(word.token == Token::kInt ? Expr::Kind::kInt : Expr::Kind::kReal);
    const auto result = word.token == Token::kInt ? std::from_chars(word.text.data(), end, out->integer)
                                                  : std::from_chars(word.text.data(), end, out->real);
    const bool far = result.ec == std::errc::result_out_of_range;
    if (far && word.token == Token::kInt) out->integer = std::numeric_limits<std::int64_t>::max();
    if ((result.ec != std::errc() && !far) || result.ptr != end)
      return damaged(word.line, in_quotes(word.text) + " is no number");
    return out;
  }

  // ( a ) is a, ( a, ) and ( ) are tuples.
  Made elements_until(std::string_view close, Expr::Kind kind) {
    ExprPtr out = make(kind);
    bool comma = false;
    while (!accept_mark(close)) {
      NNGAUGE_TRY(ExprPtr element, parse_expression());
      out->args.push_back(std::move(element));
      comma = is_mark(",");
      if (!is_mark(close)) NNGAUGE_CHECK(expect_mark(","));
    }
    if (kind == Expr::Kind::kTuple && out->args.size() == 1 && !comma) return std::move(out->args[0]);
    return out;
  }

  Made parse_dict() {
    ExprPtr out = make(Expr::Kind::kDict);
    while (!accept_mark("}")) {
      NNGAUGE_TRY(ExprPtr key, parse_expression());
      NNGAUGE_CHECK(expect_mark(":"));
      NNGAUGE_TRY(ExprPtr value, parse_expression());
      out->args.push_back(std::move(key));
      out->args.push_back(std::move(value));
      if (!is_mark("}")) NNGAUGE_CHECK(expect_mark(","));
    }
    return out;
  }

  std::vector<Lexeme> lexemes_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<SourceFile> parse_source(std::string_view text) {
  NNGAUGE_TRY(std::vector<Lexeme> lexemes, Lexer(text).run());
  return Parser(std::move(lexemes)).file();
}

}  // namespace nngauge::torchscript
