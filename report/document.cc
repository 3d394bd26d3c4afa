// SPDX-License-Identifier: Apache-2.0
#include "report/document.h"

#include "base/text.h"
#include "report/json.h"

namespace nngauge {
namespace {

Json frame_json(std::string_view command) {
  Json out = Json::object();
  out["schema"] = "nngauge/" + std::string(command) + "/1";
  out["tool"] = {{"name", "nngauge"}, {"version", std::string(tool_version())}};
  out["convention"] = {{"macs", "multiply-accumulates of convolution, dense and matmul"},
                       {"flops", "2*macs + element-wise and reduction operations"}};
  return out;
}

Json failed_json(const FailedInput& failed) {
  return {{"path", failed.path},
          {"member", json_or_null(failed.member)},
          {"code", std::string(error_code_info(failed.error.code).name)},
          {"where", failed.error.where},
          {"message", failed.error.message}};
}

// The members of an object without its closing brace.
std::string without_end(std::string text) {
  text.resize(text.rfind('\n'));
  return text;
}

}  // namespace

std::string_view tool_version() { return NNGAUGE_VERSION; }

std::string error_line(const FailedInput& failed) {
  std::string out = "nngauge: error: ";
  if (!failed.path.empty())
    out += printable(failed.path) + (failed.member ? "!/" + printable(*failed.member) : "") + ": ";
  return out + printable(failed.error.text());
}

std::string document_opening(std::string_view command, std::string_view list) {
  return document_opening(command, list, Json::object());
}

std::string document_opening(std::string_view command, std::string_view list, const Json& members) {
  Json frame = frame_json(command);
  frame.update(members);
  return without_end(json_text(frame)) + ",\n  \"" + std::string(list) + "\": [";
}

std::string document_item(std::string_view item, bool first) {
  return (first ? "\n    " : ",\n    ") + std::string(item);
}

std::string document_closing(bool any, std::span<const FailedInput> errors) {
  Json list = Json::array();
  for (const FailedInput& failed : errors) list.push_back(failed_json(failed));
  return std::string(any ? "\n  " : "") + "],\n  \"errors\": " + json_text(list, 1) + "\n}\n";
}

std::string failed_input_line(const FailedInput& failed) { return json_text(failed_json(failed), -1) + "\n"; }

std::string document(std::string_view command, std::string_view list, const Json& items) {
  return document_of(command, {{std::string(list), items}});
}

std::string document_of(std::string_view command, const Json& members) {
  Json out = frame_json(command);
  out.update(members);
  out["errors"] = Json::array();
  return json_text(out) + "\n";
}

}  // namespace nngauge
