// SPDX-License-Identifier: Apache-2.0
// Owns: Diagnostics, the list of remarks on a model that do not stop its analysis.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nngauge {

enum class Severity { kNote, kWarning };

struct Diagnostic {
  Severity severity = Severity::kWarning;
  std::string code;     // stable, lower case with dashes: "needs-dim"
  std::string where;    // as in Error
  std::string message;  // without a full stop
};

// A bounded list: a hostile model cannot fill memory with remarks. What did not fit is counted.
class Diagnostics {
 public:
  void note(std::string code, std::string where, std::string message);
  void warn(std::string code, std::string where, std::string message);
  [[nodiscard]] const std::vector<Diagnostic>& items() const { return items_; }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
  void add(Diagnostic diagnostic);
  std::vector<Diagnostic> items_;
  std::size_t dropped_ = 0;
};

}  // namespace nngauge
