// SPDX-License-Identifier: Apache-2.0
// Owns: where a command writes to: results to standard output or to the file of -o, everything else to standard error.
// A closed pipe ends the output quietly.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/document.h"
#include "report/format.h"

namespace nngauge {

class Console {
 public:
  Console(std::FILE* out, std::FILE* err);

  // Sends results to the file `path` instead: written as a whole by finish().
  void redirect_to(std::string path) { file_path_ = std::move(path); }
  void set_quiet(bool quiet) { quiet_ = quiet; }

  // Results. Nothing happens once the reader has gone.
  void print(std::string_view text);
  // Passes on what print() has buffered: after each line of ndjson.
  void flush();
  // The reader of standard output has gone: more work is of no use.
  [[nodiscard]] bool reader_has_gone() const { return reader_has_gone_; }
  // Ends the output. Errors: kUnreadable where it could not be written.
  Status finish();

  void print_error(const FailedInput& failed);
  void print_note(std::string_view text);  // not with --quiet
  void print_to_stderr(std::string_view text);
  // "12/345 files" on a terminal, written over itself; nothing elsewhere. Progress of 0 removes it.
  void show_progress(std::size_t done, std::size_t all);

  [[nodiscard]] Style style() const { return Style(colour_out_ && file_path_.empty()); }

 private:
  std::FILE* out_;
  std::FILE* err_;
  bool colour_out_ = false;
  bool terminal_out_ = false;
  bool terminal_err_ = false;
  bool quiet_ = false;
  bool reader_has_gone_ = false;
  bool progress_shown_ = false;
  int write_error_ = 0;
  std::string file_path_;
  std::string file_content_;
};

}  // namespace nngauge
