// SPDX-License-Identifier: Apache-2.0
#include "parsers/caffe/text.h"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"
#include "caffe.pb.h"

namespace nngauge::caffe_format {
namespace {

namespace pb = google::protobuf;
using pb::io::Tokenizer;

constexpr std::size_t kMaxTextBytes = 64U << 20U;
constexpr std::size_t kMaxNesting = 32;
constexpr std::size_t kMaxUnknownFields = 32;  // named one by one

std::string line_place(int line) { return fmt::format("line {}", line + 1); }

bool is_merge_mark(std::string_view line) {
  return line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line == "=======";
}

// The marks would be taken for brackets.
Status check_merged(std::string_view text) {
  int line = 0;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view start = text.substr(at, std::min<std::size_t>(end - at, 8));
    if (start == "<<<<<<< " || start == ">>>>>>> ") {
      return make_error(ErrorCode::kDamaged, "the marks of an unresolved merge stand in the text").at(line_place(line));
    }
    at = end + 1;
  }
  return ok();
}

// What the wrong line is, where that says more than the parser.
std::string explain(std::string_view text, int line, const std::string& message) {
  for (; line > 0 && !text.empty(); --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  text = trim(text.substr(0, text.find('\n')));
  if (text.find('$') != std::string_view::npos)
    return "a template whose placeholders are not filled in: " + in_quotes(text.substr(0, 60));
  return printable(message);
}

// Fields of Caffe that say nothing about structure: training, fillers, sources of data, choice of implementation.
bool is_plain_field(std::string_view name) {
  static constexpr std::string_view kNames[] = {"loss_weight",
                                                "propagate_down",
                                                "lr_mult",
                                                "decay_mult",
                                                "share_mode",
                                                "blobs_lr",
                                                "weight_decay",
                                                "blob_share_mode",
                                                "weight_filler",
                                                "bias_filler",
                                                "filler",
                                                "slope_filler",
                                                "shift_filler",
                                                "data_filler",
                                                "scale_filler",
                                                "engine",
                                                "source",
                                                "backend",
                                                "mean_file",
                                                "meanfile",
                                                "mean_value",
                                                "scale",
                                                "mirror",
                                                "rand_skip",
                                                "shuffle",
                                                "root_folder",
                                                "shuffle_images",
                                                "prefetch",
                                                "force_encoded_color",
                                                "force_backward",
                                                "debug_info",
                                                "loss_param",
                                                "loss",
                                                "ignore_label",
                                                "normalize",
                                                "normalization",
                                                "top_k",
                                                "axis",
                                                "alpha",
                                                "beta",
                                                "k",
                                                "eps",
                                                "moving_average_fraction",
                                                "accuracy_param",
                                                "contrastive_loss_param",
                                                "margin",
                                                "hinge_loss_param",
                                                "infogain_loss_param",
                                                "hdf5_output_param",
                                                "det_fg_threshold",
                                                "det_bg_threshold",
                                                "det_fg_fraction",
                                                "fg_threshold",
                                                "bg_threshold",
                                                "fg_fraction",
                                                "context_pad",
                                                "crop_mode",
                                                "cache_images",
                                                "stable_prod_grad",
                                                "force_nd_im2col",
                                                "share_in_parallel",
                                                "det_context_pad",
                                                "det_crop_mode",
                                                "variance_norm",
                                                "annotated_data_param",
                                                "multibox_loss_param",
                                                "detection_evaluate_param",
                                                "smooth_l1_loss_param",
                                                "sigma",
                                                "weight_filler_type"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// Keeps the first error, and the names of fields that the schema lacks.
class Collector : public pb::io::ErrorCollector {
 public:
  explicit Collector(std::string_view text) : text_(text) {}
  void AddError(int line, pb::io::ColumnNumber, const std::string& message) override {
    if (!error_) error_ = make_error(ErrorCode::kDamaged, explain(text_, line, message)).at(line_place(line));
  }
  void AddWarning(int line, pb::io::ColumnNumber, const std::string& message) override {
    // Message type "nngauge.caffe.LayerParameter" has no field named "foo".
    constexpr std::string_view kBefore = "no field named \"";
    const std::size_t at = message.find(kBefore);
    if (at == std::string::npos) return;
    std::string name = message.substr(at + kBefore.size());
    name.resize(std::min(name.find('"'), name.size()));
    if (name.ends_with("_word")) name.resize(name.size() - 5);
    if (is_plain_field(name)) return;
    if (unknown_.size() < kMaxUnknownFields || unknown_.contains(name)) unknown_.emplace(name, line);
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] const std::map<std::string, int>& unknown() const { return unknown_; }

 private:
  std::string_view text_;
  std::optional<Error> error_;
  std::map<std::string, int> unknown_;  // name -> first line
};

// A word that stands for a number or a truth value.
bool is_scalar_word(const std::string& word) {
  static constexpr std::array kWords = {"true", "false", "True", "False", "t", "f", "inf", "infinity", "nan"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// Copies the text without comments, line by line. A word given as a value goes, quoted, into a field of its own (see
// caffe.proto). Bounds nesting and layers.
class Rewriter {
 public:
  Rewriter(std::string_view text, Collector& errors)
      : input_(text.data(), static_cast<int>(text.size())), tokenizer_(&input_, &errors), errors_(errors) {
    tokenizer_.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
    tokenizer_.set_allow_f_after_float(true);
    tokenizer_.set_require_space_after_number(false);
    tokenizer_.set_allow_multiline_strings(true);
    out_.reserve(text.size());
  }

  Result<std::string> run() {
    while (tokenizer_.Next() && !errors_.error()) NNGAUGE_CHECK(take(tokenizer_.current()));
    if (errors_.error()) return *errors_.error();
    return std::move(out_);
  }

 private:
  Status take(const Tokenizer::Token& token) {
    for (; line_ < token.line; ++line_) out_ += '\n';
    const bool word = token.type == Tokenizer::TYPE_IDENTIFIER;
    const bool symbol = token.type == Tokenizer::TYPE_SYMBOL;
    const bool value = after_colon_ || in_list_;
    if (symbol) return take_symbol(token);
    // V1 types are words; quoted ones are met all the same.
    const bool quoted_type =
        value && token.type == Tokenizer::TYPE_STRING && field_ == "type" && !path_.empty() && path_.back() == "layers";
    if (quoted_type || (value && word && !is_scalar_word(token.text))) {
      if (!renamed_) out_.insert(field_end_, "_word");
      renamed_ = true;
      append(quoted_type ? token.text : "\"" + token.text + "\"");
    } else {
      append(token.text);
    }
    line_ += static_cast<int>(std::count(token.text.begin(), token.text.end(), '\n'));
    if (word && !value) {
      field_ = token.text;
      field_end_ = out_.size();
      renamed_ = false;
    }
    after_colon_ = false;
    return ok();
  }

  Status take_symbol(const Tokenizer::Token& token) {
    const std::string& text = token.text;
    append(text);
    in_list_ = (in_list_ || (after_colon_ && text == "[")) && text != "]" && text != "{" && text != "<";
    after_colon_ = text == ":" || (after_colon_ && text == "-");
    if (text == "{" || text == "<") {
      if ((field_ == "layer" || field_ == "layers") && ++layers_ > kMaxLayers)
        return make_error(ErrorCode::kTooLarge, fmt::format("the network has more than {} layers", kMaxLayers));
      path_.push_back(field_);
      if (path_.size() > kMaxNesting) {
        return make_error(ErrorCode::kTooLarge, fmt::format("fields are nested more than {} deep", kMaxNesting))
            .at(line_place(token.line));
      }
    } else if ((text == "}" || text == ">") && !path_.empty()) {
      path_.pop_back();
    }
    return ok();
  }

  void append(const std::string& text) {
    out_ += ' ';
    out_ += text;
  }

  pb::io::ArrayInputStream input_;
  Tokenizer tokenizer_;
  Collector& errors_;
  std::string out_;
  std::vector<std::string> path_;  // messages that are open
  std::string field_;
  std::size_t field_end_ = 0, layers_ = 0;
  int line_ = 0;
  bool after_colon_ = false, in_list_ = false, renamed_ = false;
};

// --- the outermost level --------------------------------------------------------------------------------------------

constexpr std::size_t kMaxScannedBytes = 8U << 20U;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// Walks over a text of fields without building anything.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  TopLevel run() {
    TopLevel out;
    std::vector<std::string> path;
    std::string field;
    bool value = false;
    while (skip_blank()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        if (!skip_string(c)) return out;
        if (path.size() == 1 && path[0] == "layers" && field == "type") out.quoted_layers_type = true;
        value = false;
      } else if (is_name_char(c) || c == '-' || c == '+') {
        const std::string word = take_word();
        if (value) value = false;
        else {
          field = word;
          if (!follows_field()) return out;
          if (path.empty()) ++out.fields[field];
          if (path.size() == 1 && path[0] == "layers" && field == "layer") out.nested_layer = true;
          if (path.size() == 1 && path[0].ends_with("net_param") && field.starts_with("layer"))
            out.network_inside = true;
        }
      } else if (c == ':') {
        value = true, ++at_;
      } else if (c == '{' || c == '<') {
        if (field.empty() || path.size() >= 256) return out;
        path.push_back(field), value = false, ++at_;
      } else if (c == '}' || c == '>') {
        if (path.empty()) return out;
        path.pop_back(), value = false, ++at_;
      } else if (c == '[') {
        const std::size_t end = text_.find(']', at_);
        if (end == std::string_view::npos) return out;
        at_ = end + 1, value = false;
      } else if (c == ',' || c == ';') {
        ++at_;
      } else {
        return out;
      }
    }
    out.is_fields = !out.fields.empty();
    return out;
  }

 private:
  // Blanks, comments, and lines that a merge left behind.
  bool skip_blank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if ((c == '<' || c == '=' || c == '>') && (at_ == 0 || text_[at_ - 1] == '\n')) {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        if (is_merge_mark(trim(text_.substr(at_, end - at_)))) {
          at_ = end;
          continue;
        }
      }
      if (c == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f') ++at_;
      else return true;
    }
    return false;
  }
  bool skip_string(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') ++at_;
      else if (text_[at_] == quote) return ++at_, true;
    }
    return false;
  }
  std::string take_word() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && (is_name_char(text_[at_]) || text_[at_] == '-' || text_[at_] == '+')) ++at_;
    return std::string(text_.substr(begin, std::min<std::size_t>(at_ - begin, 64)));
  }
  bool follows_field() { return skip_blank() && (text_[at_] == ':' || text_[at_] == '{' || text_[at_] == '<'); }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::size_t TopLevel::count(std::string_view field) const {
  const auto found = fields.find(field);
  return found == fields.end() ? 0 : found->second;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

TopLevel scan_top_level(std::string_view text) { return Scanner(without_mark(text).substr(0, kMaxScannedBytes)).run(); }

namespace {

Status parse(std::string_view text, pb::Message& message, bool tell_unknown, Diagnostics& diagnostics) {
  if (text.size() > kMaxTextBytes) {
    return make_error(ErrorCode::kTooLarge,
                      fmt::format("a prototxt of {} bytes, {} are the most", text.size(), kMaxTextBytes));
  }
  text = without_mark(text);
  NNGAUGE_CHECK(check_merged(text));
  Collector collector(text);
  NNGAUGE_TRY(const std::string rewritten, Rewriter(text, collector).run());
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  parser.SetRecursionLimit(static_cast<int>(2 * kMaxNesting));
  // Merging takes the last value of a field that is given twice, as the binary form does.
  if (!parser.MergeFromString(rewritten, &message)) {
    if (collector.error()) return *collector.error();
    return make_error(ErrorCode::kDamaged, "the text is no network description");
  }
  if (collector.unknown().empty() || !tell_unknown) return ok();
  std::vector<std::string> names;
  for (const auto& [name, line] : collector.unknown())
    names.push_back(fmt::format("{} (line {})", printable(name), line + 1));
  diagnostics.note("unknown-fields", "", "fields without a meaning here: " + join(names, ", "));
  return ok();
}

}  // namespace

Status parse_text(std::string_view text, caffe::NetParameter& net, Diagnostics& diagnostics) {
  return parse(text, net, true, diagnostics);
}

Status parse_solver(std::string_view text, caffe::NetParameter& net, Diagnostics& diagnostics) {
  caffe::SolverParameter solver;
  NNGAUGE_CHECK(parse(text, solver, false, diagnostics));
  if (solver.has_net_param()) net.Swap(solver.mutable_net_param());
  else if (solver.test_net_param_size() > 0) net.Swap(solver.mutable_test_net_param(0));
  else net.Swap(solver.mutable_train_net_param());
  diagnostics.note("solver", "", "the settings of a training, which hold the network");
  return ok();
}

}  // namespace nngauge::caffe_format
