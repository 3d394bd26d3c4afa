// SPDX-License-Identifier: Apache-2.0
#include "cli/inputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/cli/run_binary.h"

using namespace nngauge;
namespace fs = std::filesystem;

TEST_CASE("inputs: folders are walked in sorted order, hidden ones too; links to folders are not followed") {
  const fs::path folder = test::temporary_folder();
  for (const char* name : {"b/2.tflite", "b/1.tflite", "a.tflite", "c/d/e/deep.onnx", "Z.param", ".hidden/h.tflite"}) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << "x";
  }
  fs::create_directory_symlink(folder, folder / "loop");
  fs::create_symlink(folder / "nowhere", folder / "broken");
  fs::create_symlink(folder / "a.tflite", folder / "linked.tflite");
  REQUIRE(::mkfifo((folder / "pipe.tflite").c_str(), 0600) == 0);  // nothing that would wait for a writer

  const std::vector<InputFile> inputs = list_inputs({"first.tflite", folder.string(), "last.tflite"});
  std::vector<std::string> names;
  for (const InputFile& input : inputs) {
    CHECK_FALSE(input.error.has_value());
    names.push_back(fs::path(input.path).filename().string());
    CHECK(input.folder.has_value() == (input.path.find('/') != std::string::npos));
  }
  CHECK(names == std::vector<std::string>{"first.tflite", "h.tflite", "Z.param", "a.tflite", "1.tflite", "2.tflite",
                                          "deep.onnx", "linked.tflite", "last.tflite"});
}

TEST_CASE("inputs: a folder that may not be read is an error, the rest is walked") {
  if (::geteuid() == 0) return;  // everything may be read
  const fs::path folder = test::temporary_folder();
  fs::create_directories(folder / "closed");
  std::ofstream(folder / "z.tflite") << "x";
  fs::permissions(folder / "closed", fs::perms::none);
  const std::vector<InputFile> inputs = list_inputs({folder.string()});
  fs::permissions(folder / "closed", fs::perms::owner_all);
  REQUIRE(inputs.size() == 2);
  REQUIRE(inputs[0].error.has_value());
  CHECK(inputs[0].error->text() == "the folder may not be read [unreadable]");
  CHECK_FALSE(inputs[1].error.has_value());
}

TEST_CASE("inputs: an empty folder is an error, a missing path is left to the reader") {
  const std::string folder = test::temporary_folder();
  const std::vector<InputFile> inputs = list_inputs({folder, folder + "/missing"});
  REQUIRE(inputs.size() == 2);
  REQUIRE(inputs[0].error.has_value());
  CHECK(inputs[0].error->text() == "the folder holds no file [not-a-model]");
  CHECK_FALSE(inputs[1].error.has_value());
}
