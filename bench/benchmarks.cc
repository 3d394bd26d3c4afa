// SPDX-License-Identifier: Apache-2.0
// Whole-process times and peak memory of nngauge, by google-benchmark (`make bench`). Figures: docs/performance.md.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/app.h"
#include "bench/synthetic.h"

extern char** environ;

namespace {

namespace fs = std::filesystem;

struct Run {
  int exit_code = -1;
  double peak_mb = 0;
};

// Runs nngauge with its output thrown away; waits for it.
Run run_nngauge(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {NNGAUGE_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  Run out;
  if (posix_spawn(&child, NNGAUGE_BINARY, &actions, nullptr, argv.data(), environ) == 0) {
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    out.peak_mb = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  }
  posix_spawn_file_actions_destroy(&actions);
  return out;
}

void measure(benchmark::State& state, const std::vector<std::string>& arguments) {
  double peak_mb = 0;
  for (auto _ : state) {
    const Run run = run_nngauge(arguments);
    if (run.exit_code != 0) {
      state.SkipWithError("nngauge failed");
      return;
    }
    peak_mb = std::max(peak_mb, run.peak_mb);
  }
  state.counters["peak_MB"] = peak_mb;
}

void add(const std::string& name, std::vector<std::string> arguments) {
  benchmark::RegisterBenchmark(
      name.c_str(), [arguments = std::move(arguments)](benchmark::State& state) { measure(state, arguments); })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime()
      ->MinTime(1.0);
}

// All files of the shared collection that nngauge must read, where it is present.
std::vector<std::string> collection(const std::string& root) {
  std::vector<std::string> out;
  for (const char* format : {"tflite", "onnx"}) {
    const fs::path folder = fs::path(root) / format;
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace nngauge::bench;
  const fs::path folder = fs::temp_directory_path() / "nngauge_bench";
  fs::create_directories(folder);
  const auto file = [&](const char* name) { return (folder / name).string(); };
  // 100 layers: 1 GB of weights, and the same graph with 25 kB of them.
  // And 1,000 layers likewise: a page here and there of ten times as many weights.
  constexpr int kLayers = 100, kWide = 1600, kNarrow = 8, kManyOps = 100'000;
  constexpr int kManyLayers = 1000, kMedium = 500;
  const auto write_all = [&] {
    write_onnx_dense_chain(file("wide.onnx"), kLayers, kWide);
    write_onnx_dense_chain(file("narrow.onnx"), kLayers, kNarrow);
    write_tflite_dense_chain(file("wide.tflite"), kLayers, kWide);
    write_tflite_dense_chain(file("narrow.tflite"), kLayers, kNarrow);
    write_tflite_dense_chain(file("many_medium.tflite"), kManyLayers, kMedium);
    write_tflite_dense_chain(file("many_narrow.tflite"), kManyLayers, kNarrow);
    // Five models of 8 MB, and an app of 200 MB that holds them.
    constexpr int kModels = 5, kModelLayers = 8, kModelWidth = 500;
    std::vector<std::string> models;
    for (int i = 0; i < kModels; ++i) {
      models.push_back(file(("app_model" + std::to_string(i) + ".tflite").c_str()));
      write_tflite_dense_chain(models.back(), kModelLayers, kModelWidth);
    }
    write_app(file("stored.apk"), models, false);
    write_app(file("deflated.apk"), models, true);
    write_onnx_long_chain(file("long.onnx"), kManyOps);
    write_tflite_long_chain(file("long.tflite"), kManyOps);
  };
  // In a process of its own: a child's peak memory is never below that of the process that spawned it.
  if (const pid_t writer = fork(); writer == 0) {
    write_all();
    _exit(0);
  } else {
    waitpid(writer, nullptr, 0);
  }
  for (const char* name : {"narrow.onnx", "wide.onnx", "narrow.tflite", "wide.tflite", "many_narrow.tflite",
                           "many_medium.tflite", "long.onnx", "long.tflite"}) {
    add(std::string("inspect/") + name, {"inspect", "--format", "json", file(name)});
  }
  add("version", {"--version"});
  std::vector<std::string> five = {"inspect", "--format", "json"};
  for (int i = 0; i < 5; ++i) five.push_back(file(("app_model" + std::to_string(i) + ".tflite").c_str()));
  add("inspect/five_models", five);
  five.insert(five.begin() + 1, "--hash");
  add("inspect/five_models_hashed", five);
  for (const char* name : {"stored.apk", "deflated.apk"}) {
    add(std::string("inspect/") + name, {"inspect", "--format", "json", file(name)});
    add(std::string("inspect/") + name + "_hashed", {"inspect", "--hash", "--format", "json", file(name)});
  }
  const fs::path snapshot = fs::path(NNGAUGE_SOURCE_DIR) / "data/graphs/mobilenet_w1.graph";
  if (fs::exists(snapshot)) add("inspect/mobilenet_v1_snapshot", {"inspect", snapshot.string()});
  const fs::path shared = fs::path(NNGAUGE_SOURCE_DIR) / "../shared/models";
  const fs::path mobilenet = shared / "tflite/tensorflow__tflite-support__mobilenet_v1_0.25_224_1_default_1.tflite";
  if (fs::exists(mobilenet)) add("inspect/mobilenet_v1_tflite", {"inspect", mobilenet.string()});
  std::vector<std::string> all = collection(shared.string());
  if (!all.empty()) {
    const std::string name = "inspect/collection_" + std::to_string(all.size());
    all.insert(all.begin(), {"inspect", "--threads", "1", "--format", "ndjson"});
    add(name, all);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  fs::remove_all(folder);
  return 0;
}
