// SPDX-License-Identifier: Apache-2.0
// Shape inference against what TFLite files state: the converter wrote every shape, we forget and infer them.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "graph/shape_inference.h"
#include "parsers/format.h"

namespace {

using namespace nngauge;
namespace fs = std::filesystem;

// Made by hand: an SVDF of 6 units with 4 results, an unpooling whose result is as small as its input.
const std::set<std::string> kWrongFiles = {"google-ai-edge__LiteRT__svdf_calibrated.tflite",
                                           "google-ai-edge__LiteRT__svdf_quantized.tflite",
                                           "google-ai-edge__LiteRT__max_unpooling_2d.tflite"};

struct Tally {
  int files = 0, tensors = 0;
  std::vector<std::string> differences, open;
};

// What the file states of each op's results, which is forgotten.
std::vector<std::pair<std::size_t, Shape>> forget_results(Graph& graph) {
  std::vector<std::pair<std::size_t, Shape>> out;
  for (const Op& op : graph.ops) {
    for (const TensorId result : op.outputs) {
      if (result == kNoTensor) continue;
      const auto id = static_cast<std::size_t>(result);
      out.emplace_back(id, graph.tensors[id].declared);
      graph.tensors[id].declared = Shape::unknown_rank();
    }
  }
  return out;
}

bool contradicts(const Shape& ours, const Shape& stated) {
  if (ours.rank() != stated.rank()) return true;
  for (std::size_t i = 0; i < ours.rank(); ++i) {
    if (ours[i].known() && stated[i].known() && ours[i].value() != stated[i].value()) return true;
  }
  return false;
}

void compare_file(const fs::path& path, Tally& tally) {
  const auto file = MappedFile::open(path.string());
  if (!file) return;
  const auto companions = folder_companions(path.string());
  auto model = read_model({path.string(), (*file)->bytes(), companions.get()});
  if (!model) return;
  const auto stated = forget_results(model->main());
  if (const Status status = complete_model(*model, {}); !status) {
    tally.differences.push_back(path.filename().string() + ": " + status.error().text());
    return;
  }
  ++tally.files;
  for (const auto& [id, shape] : stated) {
    const Tensor& tensor = model->main().tensors[id];
    if (!shape.ranked() || shape.rank() == 0) continue;  // a file without shapes writes scalars
    ++tally.tensors;
    const std::string line = path.filename().string() + ": " + tensor.name + ": ours " +
                             shape_text(tensor.shape, model->symbols) + ", stated " + shape_text(shape, model->symbols);
    if (!tensor.shape.is_static()) tally.open.push_back(line);
    if (tensor.shape.ranked() && contradicts(tensor.shape, shape)) tally.differences.push_back(line);
  }
}

std::string lines_of(const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t i = 0; i < lines.size() && i < 200; ++i) out += lines[i] + "\n";
  return out;
}

}  // namespace

TEST_CASE("tflite shapes: what a file states of its tensors, we infer") {
  const fs::path folder = std::string(NNGAUGE_SOURCE_DIR) + "/../shared/models/tflite";
  if (!fs::is_directory(folder)) {
    WARN("shared models are absent: shapes are not compared with those of TFLite files");
    return;
  }
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.insert(entry.path());
  Tally tally;
  for (const fs::path& path : paths) {
    if (kWrongFiles.count(path.filename().string()) == 0) compare_file(path, tally);
  }
  CAPTURE(tally.files, tally.tensors, tally.open.size());
  INFO("different:\n" << lines_of(tally.differences));
  INFO("open:\n" << lines_of(tally.open));
  CHECK(tally.differences.empty());
  // Custom operators, and extents that depend on elements.
  CHECK(tally.open.size() * 30 < static_cast<std::size_t>(tally.tensors));
  CHECK(tally.files > 300);
  CHECK(tally.tensors > 8000);
}
