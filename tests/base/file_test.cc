// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace nngauge;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "nngauge-file-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const char* name) const { return (path_ / name).string(); }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace

TEST_CASE("files are written whole, over what was there") {
  const Folder folder;
  const std::string path = folder / "out";
  REQUIRE(write_file(path, "a longer text"));
  REQUIRE(write_file(path, "new"));
  CHECK(content_of(path) == "new");
  CHECK(folder.files() == 1);
}

TEST_CASE("no other file is touched on the way") {
  const Folder folder;
  REQUIRE(write_file(folder / "out.partial", "a user's"));
  REQUIRE(write_file(folder / "out", "text"));
  CHECK(content_of(folder / "out.partial") == "a user's");
}

TEST_CASE("pipes and devices are written to, not replaced") {
  const Folder folder;
  const std::string path = folder / "pipe";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const int reader = open(path.c_str(), O_RDWR | O_NONBLOCK);
  REQUIRE(reader >= 0);
  REQUIRE(write_file(path, "text"));
  std::array<char, 16> read_back{};
  CHECK(read(reader, read_back.data(), read_back.size()) == 4);
  CHECK(std::string(read_back.data()) == "text");
  close(reader);
  CHECK(fs::is_fifo(path));
}

TEST_CASE("links stay, what they point to is written") {
  const Folder folder;
  REQUIRE(write_file(folder / "real", "old"));
  fs::create_symlink(folder / "real", folder / "link");
  REQUIRE(write_file(folder / "link", "new"));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(content_of(folder / "real") == "new");
}

TEST_CASE("what cannot be written leaves nothing behind") {
  const Folder folder;
  fs::create_directory(folder / "taken");
  CHECK(write_file(folder / "taken", "x").error().text() == "cannot write: Is a directory [unreadable]");
  CHECK(write_file(folder / "absent/out", "x").error().text() ==
        "cannot write: No such file or directory [unreadable]");
  CHECK(folder.files() == 1);
}
