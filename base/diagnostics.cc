// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostics.h"

#include <utility>

namespace nngauge {
namespace {
constexpr std::size_t kMaxDiagnostics = 200;
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (items_.size() < kMaxDiagnostics) items_.push_back(std::move(diagnostic));
  else ++dropped_;
}

void Diagnostics::note(std::string code, std::string where, std::string message) {
  add({Severity::kNote, std::move(code), std::move(where), std::move(message)});
}

void Diagnostics::warn(std::string code, std::string where, std::string message) {
  add({Severity::kWarning, std::move(code), std::move(where), std::move(message)});
}

}  // namespace nngauge
