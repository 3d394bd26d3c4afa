// SPDX-License-Identifier: Apache-2.0
#include "base/isolated.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>

namespace nngauge {
namespace {

constexpr rlim_t kSeconds = 8, kMostData = rlim_t{1} << 30U;
constexpr char kWhole = '\n';  // the last byte of an answer that is complete

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

void limit(decltype(RLIMIT_CPU) what, rlim_t most) {
  const rlimit value{most, most};
  setrlimit(what, &value);
}

bool write_all(int to, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(to, text.data() + at, text.size() - at);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) at += static_cast<std::size_t>(written);
  }
  return true;
}

// The copy: it ends here.
[[noreturn]] void work_and_exit(const std::function<std::string()>& work, int answer) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPIPE}) std::signal(signal, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kSeconds);
  if (!kSanitized) limit(RLIMIT_DATA, kMostData);  // the sanitizer's own memory counts
  // What a library or a sanitizer says when it breaks off is not for the user.
  if (const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  try {
    _exit(write_all(answer, work() + kWhole) ? 0 : 1);
  } catch (const std::exception&) {
    _exit(1);
  }
}

// What comes until the other end is closed, or nothing where that takes too long.
bool read_all(int from, std::string& out) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + 4 * std::chrono::seconds(kSeconds);  // a busy machine computes less
  std::array<char, 1 << 16> piece{};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{from, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(left)) <= 0) continue;
    const ssize_t got = read(from, piece.data(), piece.size());
    if (got < 0 && errno != EINTR) return false;
    if (got == 0) return true;
    if (got > 0) out.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<std::string> run_isolated(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return make_error(ErrorCode::kInternal, "no pipe can be made");
  const pid_t copy = fork();
  if (copy < 0) {
    close(ends[0]), close(ends[1]);
    return make_error(ErrorCode::kInternal, "no process can be started");
  }
  if (copy == 0) work_and_exit(work, ends[1]);
  close(ends[1]);
  std::string out;
  if (!read_all(ends[0], out)) kill(copy, SIGKILL);
  close(ends[0]);
  int status = 0;
  while (waitpid(copy, &status, 0) < 0 && errno == EINTR) {
  }
  const bool whole = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !out.empty() && out.back() == kWhole;
  if (!whole) return make_error(ErrorCode::kDamaged, "the work breaks off");
  out.pop_back();
  return out;
}

}  // namespace nngauge
