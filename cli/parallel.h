// SPDX-License-Identifier: Apache-2.0
// Owns: doing many independent jobs on several threads while their results come out in order.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace nngauge {

// Calls work(i) for i in [0, count) on `threads` threads, and deliver(i) in ascending order on the calling thread as
// soon as work(i) is done. At most 4 jobs a thread are ahead of the oldest one that is not delivered, so that results
// in memory stay few. deliver returns false to stop early: jobs that have not started are not started. With one thread
// both run on the calling thread. work and deliver must not throw.
void run_in_order(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                  const std::function<bool(std::size_t)>& deliver);

// The same with results of type T.
template <class T>
void run_in_order(std::size_t count, int threads, const std::function<T(std::size_t)>& work,
                  const std::function<bool(std::size_t, T)>& deliver) {
  std::vector<std::unique_ptr<T>> results(count);
  run_in_order(
      count, threads, [&](std::size_t i) { results[i] = std::make_unique<T>(work(i)); },
      [&](std::size_t i) {
        const std::unique_ptr<T> result = std::move(results[i]);
        return deliver(i, std::move(*result));
      });
}

}  // namespace nngauge
