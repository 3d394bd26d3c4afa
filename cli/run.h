// SPDX-License-Identifier: Apache-2.0
// Owns: the command line as a function: dispatches to one command and gives the exit code of docs/contract.
#pragma once

namespace nngauge {

int run(int argc, char** argv);

}  // namespace nngauge
