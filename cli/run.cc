// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <cstdio>

namespace nngauge {

int run(int /*argc*/, char** /*argv*/) {
  std::fputs("nngauge: error: usage: no command is built in yet [usage]\n", stderr);
  return 2;
}

}  // namespace nngauge
