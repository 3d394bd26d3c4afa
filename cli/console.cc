// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file.h"

namespace nngauge {
namespace {

// NO_COLOR: any value but the empty one turns colour off (no-color.org).
bool colour_is_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return !(no_color && *no_color) && !(terminal && std::strcmp(terminal, "dumb") == 0);
}

constexpr std::size_t kFewFiles = 20;  // no progress is shown for fewer

}  // namespace

Console::Console(std::FILE* out, std::FILE* err) : out_(out), err_(err) {
  terminal_out_ = ::isatty(::fileno(out)) != 0;
  terminal_err_ = ::isatty(::fileno(err)) != 0;
  colour_out_ = terminal_out_ && colour_is_wanted();
}

void Console::print(std::string_view text) {
  if (!file_path_.empty()) {
    file_content_ += text;
    return;
  }
  if (reader_has_gone_ || write_error_ != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), out_) == text.size()) return;
  if (errno == EPIPE) reader_has_gone_ = true;
  else write_error_ = errno;
}

void Console::flush() {
  if (!file_path_.empty() || reader_has_gone_ || write_error_ != 0) return;
  if (std::fflush(out_) == 0) return;
  if (errno == EPIPE) reader_has_gone_ = true;
  else write_error_ = errno;
}

Status Console::finish() {
  show_progress(0, 0);
  if (!file_path_.empty()) {
    auto written = write_file(file_path_, file_content_);
    if (!written) return written.error().at(file_path_);
    return ok();
  }
  flush();
  if (write_error_ != 0) {
    return make_error(ErrorCode::kUnreadable, std::string("cannot write: ") + std::strerror(write_error_))
        .at("standard output");
  }
  return ok();
}

void Console::print_error(const FailedInput& failed) { print_to_stderr(error_line(failed) + "\n"); }

void Console::print_note(std::string_view text) {
  if (!quiet_) print_to_stderr("nngauge: note: " + std::string(text) + "\n");
}

void Console::print_to_stderr(std::string_view text) {
  show_progress(0, 0);
  std::fwrite(text.data(), 1, text.size(), err_);
}

void Console::show_progress(std::size_t done, std::size_t all) {
  if (!terminal_err_ || quiet_ || (terminal_out_ && file_path_.empty())) return;
  if (done == 0 || all < kFewFiles) {
    if (progress_shown_) std::fputs("\r\x1b[K", err_);
    progress_shown_ = false;
    return;
  }
  std::fprintf(err_, "\r%zu/%zu files", done, all);
  std::fflush(err_);
  progress_shown_ = true;
}

}  // namespace nngauge
