// SPDX-License-Identifier: Apache-2.0
// Shape inference against libonnx's own: on every shared model, what both know of a tensor is the same.
#include <onnx/shape_inference/implementation.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "graph/shape_inference.h"
#include "parsers/format.h"

namespace {

using namespace nngauge;
namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64'000'000;  // libonnx copies a model several times

struct Tally {
  int files = 0, refused = 0, too_new = 0, tensors = 0;
  std::vector<std::string> differences, not_known;
};

// Forgets what the file states of results, so that both sides have to infer it.
void forget_results(Model& model) {
  for (Graph& graph : model.graphs) {
    for (const Op& op : graph.ops) {
      for (const TensorId result : op.outputs) {
        if (result != kNoTensor) graph.tensors[static_cast<std::size_t>(result)].declared = Shape::unknown_rank();
      }
    }
  }
}

void forget_results(onnx::GraphProto& graph) {
  graph.clear_value_info();
  for (auto& output : *graph.mutable_output()) {
    if (output.type().has_tensor_type()) output.mutable_type()->mutable_tensor_type()->clear_shape();
  }
}

// Gives libonnx the input shapes that our inference worked with: open batches are 1.
void take_over_inputs(onnx::GraphProto& graph, const Model& model) {
  std::unordered_map<std::string, const Shape*> ours;
  for (const TensorId id : model.main().inputs) {
    const Tensor& tensor = model.main().tensors[static_cast<std::size_t>(id)];
    ours[tensor.name] = &tensor.shape;
  }
  for (auto& input : *graph.mutable_input()) {
    const auto found = ours.find(input.name());
    if (found == ours.end() || !found->second->ranked() || !input.type().has_tensor_type()) continue;
    auto* shape = input.mutable_type()->mutable_tensor_type()->mutable_shape();
    for (int i = 0; i < shape->dim_size() && i < static_cast<int>(found->second->rank()); ++i) {
      const Dim dim = (*found->second)[static_cast<std::size_t>(i)];
      if (dim.known()) shape->mutable_dim(i)->set_dim_value(dim.value());
    }
  }
}

// The graph with libonnx's shapes and nothing else, as bytes; empty if libonnx refuses the model.
std::string inferred_bytes(onnx::ModelProto model, bool propagate) {
  try {
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), {false, 0, propagate});
  } catch (const std::exception&) {
    return "";
  }
  model.mutable_graph()->clear_node();
  model.mutable_graph()->clear_initializer();
  return model.graph().SerializeAsString();
}

// The same in a process of its own: libonnx 1.12 crashes on some valid models.
std::string inferred_apart(const onnx::ModelProto& model, bool propagate) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int number : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(number, SIG_DFL);
    ::close(ends[0]);
    const std::string out = inferred_bytes(model, propagate);
    for (std::size_t done = 0; done < out.size();) {
      const ssize_t written = ::write(ends[1], out.data() + done, out.size() - done);
      if (written <= 0) break;
      done += static_cast<std::size_t>(written);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string out;
  char buffer[65536];
  for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? out : "";
}

// To models of newer operator sets libonnx applies the newest rules it has; Resize has since got aspect ratios and
// axes.
bool is_too_new(const onnx::ModelProto& model) {
  const auto& nodes = model.graph().node();
  if (std::none_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.op_type() == "Resize"; }))
    return false;
  const auto& known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  for (const auto& import : model.opset_import()) {
    const auto found = known.find(import.domain() == "ai.onnx" ? "" : import.domain());
    if (found != known.end() && import.version() > found->second.second) return true;
  }
  return false;
}

bool infer_with_libonnx(const onnx::ModelProto& model, onnx::GraphProto& graph) {
  for (const bool propagate : {true, false}) {
    const std::string bytes = inferred_apart(model, propagate);
    if (!bytes.empty()) return graph.ParseFromString(bytes);
  }
  return false;
}

std::string text_of(const onnx::TensorShapeProto& shape) {
  std::string out = "[";
  for (int i = 0; i < shape.dim_size(); ++i)
    out += (i > 0 ? "," : "") + (shape.dim(i).has_dim_value() ? std::to_string(shape.dim(i).dim_value()) : "?");
  return out + "]";
}

void compare(const Model& model, const Tensor& ours, const onnx::ValueInfoProto& theirs, const std::string& file,
             Tally& tally) {
  if (!theirs.type().has_tensor_type() || !theirs.type().tensor_type().has_shape()) return;
  const auto& shape = theirs.type().tensor_type().shape();
  const std::string line =
      file + ": " + ours.name + ": ours " + shape_text(ours.shape, model.symbols) + ", libonnx " + text_of(shape);
  ++tally.tensors;
  if (!ours.shape.ranked()) {
    tally.not_known.push_back(line);
    return;
  }
  bool differs = static_cast<int>(ours.shape.rank()) != shape.dim_size();
  bool missed = false;
  for (int i = 0; !differs && i < shape.dim_size(); ++i) {
    const Dim dim = ours.shape[static_cast<std::size_t>(i)];
    if (!shape.dim(i).has_dim_value()) continue;
    differs = dim.known() && dim.value() != shape.dim(i).dim_value();
    missed = missed || !dim.known();
  }
  if (differs) tally.differences.push_back(line);
  else if (missed) tally.not_known.push_back(line);
}

void compare_file(const fs::path& path, Tally& tally) {
  const auto file = MappedFile::open(path.string());
  if (!file) return;
  const auto companions = folder_companions(path.string());
  auto model = read_model({path.string(), (*file)->bytes(), companions.get()});
  onnx::ModelProto theirs;
  const Bytes bytes = (*file)->bytes();
  if (!model || !theirs.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  if (is_too_new(theirs)) {
    ++tally.too_new;
    return;
  }
  forget_results(*model);
  forget_results(*theirs.mutable_graph());
  if (!complete_model(*model, {})) {
    ++tally.refused;
    return;
  }
  take_over_inputs(*theirs.mutable_graph(), *model);
  onnx::GraphProto inferred;
  if (!infer_with_libonnx(theirs, inferred)) return;
  ++tally.files;
  std::unordered_map<std::string, const Tensor*> ours;
  for (const Tensor& tensor : model->main().tensors) ours.emplace(tensor.name, &tensor);
  for (const auto* list : {&inferred.value_info(), &inferred.output()}) {
    for (const onnx::ValueInfoProto& value : *list) {
      const auto found = ours.find(value.name());
      if (found != ours.end()) compare(*model, *found->second, value, path.filename().string(), tally);
    }
  }
}

std::string first_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t i = 0; i < lines.size() && i < 400; ++i) out += lines[i] + "\n";
  return out;
}

}  // namespace

TEST_CASE("onnx shapes: what libonnx infers of a shared model, we infer alike") {
  const fs::path folder = std::string(NNGAUGE_SOURCE_DIR) + "/../shared/models/onnx";
  if (!fs::is_directory(folder)) {
    WARN("shared models are absent: shapes are not compared with libonnx");
    return;
  }
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx" && entry.file_size() <= kLargestFile) paths.insert(entry.path());
  }
  Tally tally;
  for (const fs::path& path : paths) compare_file(path, tally);
  CAPTURE(tally.files, tally.refused, tally.too_new, tally.tensors);
  INFO("different:\n" << first_lines(tally.differences));
  INFO("known to libonnx only:\n" << first_lines(tally.not_known));
  CHECK(tally.differences.empty());
  // Text operators and the like: shapes that no rule of ours tells.
  CHECK(tally.not_known.size() * 200 < static_cast<std::size_t>(tally.tensors));
  CHECK(tally.files > 700);
}
