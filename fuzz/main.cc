// SPDX-License-Identifier: Apache-2.0
// The libFuzzer program of all targets: its name says which one it is (fuzz_onnx; links to one file).
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/target.h"

namespace {

std::string& target() {
  static std::string name;
  return name;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::string path = (*argv)[0];
  const std::string name = path.substr(path.rfind('/') + 1);
  if (*argc == 2 && std::string((*argv)[1]) == "--list") {
    for (const std::string& each : nngauge::fuzz::targets()) std::puts(each.c_str());
    std::exit(0);
  }
  if (name.rfind("fuzz_", 0) == 0) target() = name.substr(5);
  if (!nngauge::fuzz::run(target(), {})) {
    std::fprintf(stderr, "%s: no target of this name; `%s --list` lists them\n", name.c_str(), path.c_str());
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  nngauge::fuzz::run(target(), {data, size});
  return 0;
}
