// SPDX-License-Identifier: Apache-2.0
// The files of the shared collection that are damaged or only look like models: each is refused with the code of its
// kind, or read with a diagnostic. Skipped where the collection is absent.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "cost/analysis.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"

using namespace nngauge;
namespace fs = std::filesystem;

namespace {

using Codes = std::set<ErrorCode>;

struct Kind {
  std::string_view words;  // in the file's row of MANIFEST.csv
  Codes codes;             // that may refuse it
  bool may_read;           // with a diagnostic
};

// The first row whose words the file's row has. kNotAModel stands for what no recogniser names more closely.
const Kind kKinds[] = {
    {"Git-LFS pointer", {ErrorCode::kGitLfsPointer}, false},
    {"HTML/JSON error text", {ErrorCode::kWebPage}, false},
    {"merge-conflict markers", {ErrorCode::kDamaged}, false},
    {"protobuf TEXT", {ErrorCode::kUnsupportedFormat}, false},
    {"semantically invalid ONNX",
     {ErrorCode::kInvalidGraph, ErrorCode::kInvalidAttribute, ErrorCode::kShapeMismatch},
     true},
    {"corrupt ONNX", {ErrorCode::kDamaged, ErrorCode::kNotAModel}, false},
    {"garbled ONNX", {ErrorCode::kDamaged, ErrorCode::kNotAModel, ErrorCode::kSideFile}, false},
    {"malformed FlatBuffer", {ErrorCode::kDamaged, ErrorCode::kNotAModel}, false},
    {"malformed/adversarial TFLite",
     {ErrorCode::kDamaged, ErrorCode::kNotAModel, ErrorCode::kInvalidGraph, ErrorCode::kOverflow, ErrorCode::kTooLarge},
     true},
    {"malformed TFLite", {ErrorCode::kDamaged, ErrorCode::kNotAModel}, false},
    {"SOLVER prototxt", {ErrorCode::kNotAModel, ErrorCode::kSideFile}, false},
    {"PNNX", {ErrorCode::kNotAModel, ErrorCode::kUnsupportedFormat}, false},
    {"MMdnn IR", {ErrorCode::kNotAModel, ErrorCode::kUnsupportedFormat}, false},
    {"NodeProto/TensorProto", {ErrorCode::kSideFile}, false},
    {"state_dict/checkpoint", {ErrorCode::kWeightsOnly}, false},
    {"not a GraphDef", {ErrorCode::kNotAModel, ErrorCode::kSideFile}, false},
};

// Rows of MANIFEST.csv by the file that they are of.
std::map<std::string, std::string> manifest(const fs::path& root) {
  std::map<std::string, std::string> out;
  std::ifstream file(root / "MANIFEST.csv");
  for (std::string line; std::getline(file, line);) {
    const std::size_t begin = line.find(',') + 1;
    out[line.substr(begin, line.find(',', begin) - begin)] = line;
  }
  return out;
}

const Kind* kind_of(const std::string& row) {
  for (const Kind& kind : kKinds) {
    if (row.find(kind.words) != std::string::npos) return &kind;
  }
  return nullptr;
}

// All that a command does with a file.
Result<Model> work_on(const std::string& path) {
  NNGAUGE_TRY(const auto file, MappedFile::open(path));
  const auto companions = folder_companions(path);
  NNGAUGE_TRY(Model model, read_model({path, file->bytes(), companions.get(), file.get()}));
  NNGAUGE_CHECK(complete_model(model, {}));
  NNGAUGE_TRY(const Analysis analysis, analyse(model));
  static_cast<void>(analysis);
  return model;
}

}  // namespace

TEST_CASE("identification: damaged files and lookalikes of the collection are refused by their kind") {
  const fs::path root = fs::path(NNGAUGE_SOURCE_DIR) / "../shared/models";
  if (!fs::exists(root / "MANIFEST.csv")) {
    WARN("skipped: the shared collection is absent");
    return;
  }
  std::size_t files = 0;
  for (const auto& [name, row] : manifest(root)) {
    if (!name.starts_with("malformed/") && !name.starts_with("lookalike/")) continue;
    INFO(name);
    const Kind* kind = kind_of(row);
    REQUIRE(kind != nullptr);
    const Result<Model> model = work_on((root / name).string());
    ++files;
    if (model) {
      CHECK(kind->may_read);
      CHECK(!model->diagnostics.items().empty());
    } else {
      INFO(model.error().text());
      CHECK(kind->codes.count(model.error().code) == 1);
    }
  }
  CHECK(files > 100);
}
