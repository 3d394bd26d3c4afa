// SPDX-License-Identifier: Apache-2.0
#include "cli/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace nngauge {
namespace {

constexpr std::size_t kAheadPerThread = 4;

// What the threads share. `next` is the job to start, `delivered` the number of results given away.
struct Board {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<char> done;
  std::size_t next = 0, delivered = 0;
  bool stopped = false;
};

void work_off(Board& board, std::size_t ahead, const std::function<void(std::size_t)>& work) {
  std::unique_lock lock(board.mutex);
  while (true) {
    board.changed.wait(
        lock, [&] { return board.stopped || board.next == board.done.size() || board.next < board.delivered + ahead; });
    if (board.stopped || board.next == board.done.size()) return;
    const std::size_t job = board.next++;
    lock.unlock();
    work(job);
    lock.lock();
    board.done[job] = 1;
    board.changed.notify_all();
  }
}

}  // namespace

void run_in_order(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                  const std::function<bool(std::size_t)>& deliver) {
  const std::size_t workers = std::min(count, static_cast<std::size_t>(std::max(1, threads)));
  if (workers <= 1) {
    for (std::size_t i = 0; i < count; ++i) {
      work(i);
      if (!deliver(i)) return;
    }
    return;
  }
  Board board;
  board.done.resize(count);
  std::vector<std::jthread> pool;
  for (std::size_t t = 0; t < workers; ++t) {
    pool.emplace_back([&] { work_off(board, workers * kAheadPerThread, work); });
  }
  for (std::size_t i = 0; i < count; ++i) {
    {
      std::unique_lock lock(board.mutex);
      board.changed.wait(lock, [&] { return board.done[i] != 0; });
    }
    const bool go_on = deliver(i);
    const std::lock_guard lock(board.mutex);
    board.delivered = i + 1;
    board.stopped = !go_on;
    board.changed.notify_all();
    if (!go_on) break;
  }
}

}  // namespace nngauge
