// SPDX-License-Identifier: Apache-2.0
#include "parsers/side_name.h"

#include <algorithm>
#include <cctype>

namespace nngauge {
namespace {

char in_lower_case(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char in_capitals(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

}  // namespace

std::string file_name_of(std::string_view path) { return std::string(path.substr(path.find_last_of("/\\!") + 1)); }

std::string side_name(std::string_view path, std::string_view own, std::string_view other) {
  const std::string name = file_name_of(path);
  if (name.size() < own.size()) return "";
  const std::string_view ending = std::string_view(name).substr(name.size() - own.size());
  if (!std::equal(ending.begin(), ending.end(), own.begin(),
                  [](char a, char b) { return in_lower_case(a) == in_lower_case(b); }))
    return "";
  std::string out = name.substr(0, name.size() - own.size());
  const bool capitals = std::none_of(ending.begin(), ending.end(), [](char c) { return c >= 'a' && c <= 'z'; }) &&
                        std::any_of(ending.begin(), ending.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  std::transform(other.begin(), other.end(), std::back_inserter(out),
                 [&](char c) { return capitals ? in_capitals(c) : c; });
  return out;
}

}  // namespace nngauge
