// SPDX-License-Identifier: Apache-2.0
// Owns: the command line as a function: finds the command, parses its options, runs it, gives the exit code.
#pragma once

#include <cstdio>
#include <span>
#include <string>

namespace nngauge {

int run(int argc, char** argv);
// `words` without the program's name.
int run(std::span<const std::string> words, std::FILE* out, std::FILE* err);

}  // namespace nngauge
