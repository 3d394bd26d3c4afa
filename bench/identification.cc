// SPDX-License-Identifier: Apache-2.0
// Time to tell 10,000 small files apart, of the kinds that a folder of an app holds.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "bench/synthetic.h"
#include "parsers/format.h"

namespace nngauge::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

constexpr int kFiles = 10'000;

std::string random_bytes(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::string out(count, '\0');
  for (char& c : out) c = static_cast<char>(generator() & 0xFFU);
  return out;
}

std::vector<std::string> write_files(const fs::path& folder) {
  const std::string model = (folder / "model.tflite").string();
  write_tflite_dense_chain(model, 4, 8);
  const auto mapped = MappedFile::open(model);
  const std::vector<std::string> contents = {
      std::string(as_text((*mapped)->bytes())),
      "\x89PNG\r\n\x1a\n"s + random_bytes(6000, 1),
      random_bytes(8000, 2),
      "{\"name\": \"settings\", \"values\": [" + std::string(3000, ' ') + "]}",
      "tench\ngoldfish\ngreat white shark\n",
      "\x0a\x0asome words\x10\x01"s,
      "<?xml version=\"1.0\"?><layout>" + std::string(2000, ' ') + "</layout>",
  };
  std::vector<std::string> out;
  for (int i = 0; i < kFiles; ++i) {
    out.push_back((folder / ("file" + std::to_string(i) + ".bin")).string());
    static_cast<void>(write_file(out.back(), contents[static_cast<std::size_t>(i) % contents.size()]));
  }
  return out;
}

void identify(benchmark::State& state) {
  const fs::path folder = fs::temp_directory_path() / "nngauge_bench_identification";
  fs::create_directories(folder);
  const std::vector<std::string> files = write_files(folder);
  std::size_t models = 0;
  for (auto _ : state) {
    models = 0;
    for (const std::string& path : files) {
      const auto file = MappedFile::open(path);
      if (file && claimed_format({path, (*file)->bytes(), &no_companions()})) ++models;
    }
  }
  state.counters["models"] = static_cast<double>(models);
  fs::remove_all(folder);
}

BENCHMARK(identify)->Name("identify/10000_small_files")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace nngauge::bench
