// SPDX-License-Identifier: Apache-2.0
#include "bench/app.h"

#include <archive.h>
#include <archive_entry.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string_view>

namespace nngauge::bench {
namespace {

// `span` kinds of bytes: 256 cannot be packed, 16 halves.
std::string content(std::string_view magic, std::size_t bytes, unsigned seed, unsigned span) {
  std::mt19937 generator(seed);
  std::string out(magic);
  out.reserve(bytes);
  while (out.size() < bytes) out.push_back(static_cast<char>(generator() % span));
  return out;
}

class Zip {
 public:
  explicit Zip(const std::string& path) : archive_(archive_write_new()) {
    archive_write_set_format_zip(archive_);
    archive_write_open_filename(archive_, path.c_str());
  }
  Zip(const Zip&) = delete;
  Zip& operator=(const Zip&) = delete;
  ~Zip() { archive_write_free(archive_); }

  void add(const std::string& name, const std::string& bytes, bool deflated) {
    if (deflated) archive_write_zip_set_compression_deflate(archive_);
    else archive_write_zip_set_compression_store(archive_);
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(archive_, entry);
    archive_write_data(archive_, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }

 private:
  archive* archive_;
};

}  // namespace

void write_app(const std::string& path, const std::vector<std::string>& models, bool deflated) {
  constexpr std::size_t kMega = 1'000'000;
  Zip zip(path);
  zip.add("AndroidManifest.xml", content("\x03", 20'000, 1, 16), true);
  zip.add("resources.arsc", content("\x02", 4 * kMega, 2, 64), false);
  for (unsigned i = 0; i < 4; ++i)
    zip.add("classes" + std::to_string(i) + ".dex", content("dex\n035", 9 * kMega, 10 + i, 100), true);
  for (unsigned i = 0; i < 10; ++i)
    zip.add("lib/arm64-v8a/lib" + std::to_string(i) + ".so",
            content("\x7f"
                    "ELF",
                    6 * kMega, 20 + i, 100),
            true);
  for (unsigned i = 0; i < 2000; ++i)
    zip.add("res/drawable/p" + std::to_string(i) + ".png", content("\x89PNG\r\n", 20'000, 100 + i, 256), false);
  for (unsigned i = 0; i < 1000; ++i)
    zip.add("assets/page" + std::to_string(i) + ".js", content("function f() {", 8'000, 3000 + i, 64), true);
  for (unsigned i = 0; i < 20; ++i)
    zip.add("assets/sound" + std::to_string(i) + ".ogg", content("OggS", kMega, 5000 + i, 256), false);
  // What no magic tells apart: a game's maps and textures.
  for (unsigned i = 0; i < 10; ++i)
    zip.add("assets/map" + std::to_string(i) + ".dat", content("MAP1", 2 * kMega, 6000 + i, 200), true);
  for (std::size_t i = 0; i < models.size(); ++i) {
    std::ifstream file(models[i], std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    zip.add("assets/models/m" + std::to_string(i) + ".tflite", bytes, deflated);
  }
}

}  // namespace nngauge::bench
