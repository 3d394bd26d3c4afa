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
#include <ctime>
#include <exception>
#include <optional>
#include <utility>

namespace nngauge {
namespace {

constexpr rlim_t kSeconds = 8, kMostData = rlim_t{1} << 30U;
constexpr std::chrono::seconds kLongest{4 * kSeconds};  // by the clock: a busy machine computes less
// A lock that another thread held when the copy was made is never released in the copy (a static being initialised, the
// allocator of GCC 12's address sanitizer): a copy that computes nothing for some time is given up and made anew.
constexpr std::chrono::seconds kStill{1};
constexpr int kMostCopies = 8;
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

std::chrono::nanoseconds computed(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

enum class Ending { kClosed, kStill, kLate };

// What comes until the other end is closed, the process stands still or the time is over.
Ending read_all(pid_t process, int from, std::string& out) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + kLongest;
  std::array<char, 1 << 16> piece{};
  std::chrono::nanoseconds before = computed(process);
  while (Clock::now() < end) {
    pollfd waiting{from, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kStill).count()));
    if (ready == 0) {
      const std::chrono::nanoseconds now = computed(process);
      if (now == std::exchange(before, now)) return Ending::kStill;
    }
    if (ready <= 0) continue;
    const ssize_t got = read(from, piece.data(), piece.size());
    if (got < 0 && errno != EINTR) return Ending::kLate;
    if (got == 0) return Ending::kClosed;
    if (got > 0) out.append(piece.data(), static_cast<std::size_t>(got));
  }
  return Ending::kLate;
}

// One copy and its answer; nothing where it stood still.
Result<std::optional<std::string>> try_isolated(const std::function<std::string()>& work) {
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
  const Ending ending = read_all(copy, ends[0], out);
  if (ending != Ending::kClosed) kill(copy, SIGKILL);
  close(ends[0]);
  int status = 0;
  while (waitpid(copy, &status, 0) < 0 && errno == EINTR) {
  }
  if (ending == Ending::kStill) return std::optional<std::string>();
  const bool whole = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !out.empty() && out.back() == kWhole;
  if (!whole) return make_error(ErrorCode::kDamaged, "the work breaks off");
  out.pop_back();
  return std::optional<std::string>(std::move(out));
}

}  // namespace

Result<std::string> run_isolated(const std::function<std::string()>& work) {
  for (int copies = 0; copies < kMostCopies; ++copies) {
    auto answer = try_isolated(work);
    if (!answer) return std::move(answer).error();
    if (*answer) return *std::move(*answer);
  }
  return make_error(ErrorCode::kDamaged, "the work stands still");
}

}  // namespace nngauge
