// SPDX-License-Identifier: Apache-2.0
#include "cost/profile_message.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <limits>

#include "base/text.h"

namespace nngauge {
namespace {

// Keeps the first complaint of the parser.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text_.empty())
      text_ = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " + message;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Innermost messages on one line each.
std::string with_short_messages(const std::string& text) {
  std::string out, pending;
  bool open = false;
  for (const std::string& line : split(text, '\n')) {
    const std::string_view bare = trim(line);
    if (bare.ends_with("{")) {
      out += pending;
      pending = line + "\n";
      open = true;
    } else if (open && bare == "}") {
      std::string joined;
      for (const std::string& part : split(pending, '\n')) {
        if (!part.empty()) joined += joined.empty() ? part : " " + std::string(trim(part));
      }
      out += joined + " }\n";
      pending.clear();
      open = false;
    } else {
      (open ? pending : out) += line.empty() ? "" : line + "\n";
    }
  }
  return out + pending;
}

}  // namespace

Status parse_profile_message(std::string_view text, std::string_view what, google::protobuf::Message& message) {
  FirstError first;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&first);
  if (parser.ParseFromString(std::string(text), &message)) return ok();
  return make_error(ErrorCode::kBadProfile, first.text().empty() ? std::string(what) : first.text());
}

Status decode_profile_message(Bytes encoded, google::protobuf::Message& message) {
  if (encoded.size() <= std::numeric_limits<int>::max() &&
      message.ParseFromArray(encoded.data(), static_cast<int>(encoded.size())))
    return ok();
  return make_error(ErrorCode::kBadProfile, "the encoded profile is damaged");
}

std::string profile_message_text(const google::protobuf::Message& message, std::string_view schema) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  printer.SetUseShortRepeatedPrimitives(true);
  std::string text;
  printer.PrintToString(message, &text);
  return "# SPDX-License-Identifier: Apache-2.0\n# Written by `nngauge calibrate`; schema: " + std::string(schema) +
         ".\n" + with_short_messages(text);
}

}  // namespace nngauge
