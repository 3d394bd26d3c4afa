// SPDX-License-Identifier: Apache-2.0
// Compiled models (.mlmodelc): the program as text.
#include <algorithm>

#include "base/text.h"
#include "parsers/coreml/coreml.h"
#include "parsers/coreml/mil_builder.h"

namespace nngauge::coreml {

namespace {

constexpr std::size_t kHead = 64 << 10;

std::string_view head_of(const ModelSource& source) {
  return as_text(source.bytes.first(std::min<std::size_t>(source.bytes.size(), kHead)));
}

// "program(1.0)" and functions.
bool is_program(std::string_view head) { return trim(head.substr(0, 256)).starts_with("program("); }

// model.espresso.net: JSON with the layers, or the same compressed.
bool is_espresso(std::string_view head, std::string_view path) {
  if (head.starts_with("pbze") || head.starts_with("pbzx")) return path.ends_with(".espresso.net");
  if (!trim(head.substr(0, 256)).starts_with("{")) return false;
  return head.find("\"format_version\"") != std::string_view::npos &&
         head.find("\"storage\"") != std::string_view::npos && head.find("espresso") != std::string_view::npos;
}

}  // namespace

Claim sniff_compiled(const ModelSource& source) {
  if (source.bytes.empty()) return {};
  const std::string_view head = head_of(source);
  if (is_program(head)) {
    if (head.find("func ") == std::string_view::npos) return {Confidence::kPossible, "the first line of a MIL program"};
    return {Confidence::kCertain, "a MIL program as text"};
  }
  if (is_espresso(head, source.path)) return {Confidence::kCertain, "the layers of a compiled network as JSON"};
  return {};
}

Result<Model> read_compiled(const ModelSource& source) {
  if (!is_program(head_of(source)))
    return make_error(ErrorCode::kUnsupportedFormat,
                      "the network of a compiled Core ML model (model.espresso.net), whose layers are not published; "
                      "give the .mlmodel that it was made from");
  NNGAUGE_TRY(const MilProgram program, read_mil_text(as_text(source.bytes)));
  Model model;
  model.format = "coreml";
  model.format_version = "mil";
  model.files.push_back({"", source.bytes.size()});
  model.graphs.emplace_back();
  model.metadata.emplace_back("type", "mlProgram");
  Features features(model);
  NNGAUGE_CHECK(MilBuilder(source, model).build(program, "", {}, features, true));
  const MilFunction* main = &program.functions.front();
  for (const MilFunction& each : program.functions) {
    if (each.name == "main") main = &each;
  }
  for (const std::string& name : main->block.outputs) {
    if (const Blob* blob = features.find(name)) model.main().outputs.push_back(blob->id);
  }
  return model;
}

}  // namespace nngauge::coreml
