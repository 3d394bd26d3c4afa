// SPDX-License-Identifier: Apache-2.0
#include "cost/memory_planner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

#include "base/checked.h"

namespace nngauge {
namespace {

constexpr std::uint64_t kUnplaced = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMaxComparisons = 100'000'000;

// Intervals of op indices that were placed, and which of them overlap a given one: those that are alive when it
// begins (a segment tree answers) and those that begin while it lives.
class PlacedIntervals {
 public:
  explicit PlacedIntervals(std::int64_t op_count)
      : width_(std::bit_ceil(at(std::max<std::int64_t>(op_count, 1)))), alive_(2 * width_), begin_at_(at(op_count)) {}

  void insert(const Lifetime& life, std::size_t index) {
    begin_at_[at(life.first)].push_back(index);
    std::size_t low = at(life.first) + width_, high = at(life.last) + 1 + width_;
    for (; low < high; low /= 2, high /= 2) {
      if (low % 2 == 1) alive_[low++].push_back(index);
      if (high % 2 == 1) alive_[--high].push_back(index);
    }
  }

  void overlapping(const Lifetime& life, std::vector<std::size_t>& out) const {
    out.clear();
    for (std::size_t node = at(life.first) + width_; node >= 1; node /= 2) {
      out.insert(out.end(), alive_[node].begin(), alive_[node].end());
    }
    for (std::int64_t op = life.first + 1; op <= life.last; ++op) {
      out.insert(out.end(), begin_at_[at(op)].begin(), begin_at_[at(op)].end());
    }
  }

 private:
  std::size_t width_;
  std::vector<std::vector<std::size_t>> alive_;
  std::vector<std::vector<std::size_t>> begin_at_;
};

enum class Fit { kFirst, kBest };

// An arena that is filled one lifetime at a time.
class Arena {
 public:
  Arena(const std::vector<Lifetime>& lifetimes, std::uint64_t alignment)
      : lifetimes_(lifetimes),
        alignment_(alignment),
        offsets_(lifetimes.size(), kUnplaced),
        placed_(op_count(lifetimes)) {}

  [[nodiscard]] bool is_placed(std::size_t index) const { return offsets_[index] != kUnplaced; }

  // Puts the lifetime into a gap between those that live at the same time. False where the limits are exceeded.
  bool place(std::size_t index, Fit fit) {
    const Lifetime& life = lifetimes_[index];
    placed_.overlapping(life, neighbours_);
    comparisons_ += neighbours_.size() + at(life.last - life.first) + 1;
    if (comparisons_ > kMaxComparisons) return false;
    std::sort(neighbours_.begin(), neighbours_.end(),
              [&](std::size_t a, std::size_t b) { return std::pair(offsets_[a], a) < std::pair(offsets_[b], b); });
    std::uint64_t end_so_far = 0, best = kUnplaced, best_gap = kUnplaced;
    for (const std::size_t other : neighbours_) {
      const std::uint64_t start = aligned(end_so_far);
      if (offsets_[other] > start && offsets_[other] - start >= life.bytes && offsets_[other] - start < best_gap) {
        best = start;
        best_gap = offsets_[other] - start;
        if (fit == Fit::kFirst) break;
      }
      end_so_far = std::max(end_so_far, offsets_[other] + lifetimes_[other].bytes);
    }
    offsets_[index] = best != kUnplaced ? best : aligned(end_so_far);
    const Count end = Count(offsets_[index]) + Count(life.bytes) + Count(alignment_);
    if (end.overflowed()) return false;
    arena_ = std::max(arena_, offsets_[index] + life.bytes);
    placed_.insert(life, index);
    return true;
  }

  [[nodiscard]] std::uint64_t bytes() const { return aligned(arena_); }
  [[nodiscard]] std::vector<std::uint64_t> take_offsets() { return std::move(offsets_); }

 private:
  static std::int64_t op_count(const std::vector<Lifetime>& lifetimes) {
    std::int64_t last = 0;
    for (const Lifetime& life : lifetimes) last = std::max(last, life.last);
    return last + 1;
  }
  [[nodiscard]] std::uint64_t aligned(std::uint64_t offset) const {
    return (offset + alignment_ - 1) / alignment_ * alignment_;
  }

  const std::vector<Lifetime>& lifetimes_;
  std::uint64_t alignment_;
  std::vector<std::uint64_t> offsets_;
  PlacedIntervals placed_;
  std::vector<std::size_t> neighbours_;
  std::uint64_t arena_ = 0;
  std::uint64_t comparisons_ = 0;
};

std::vector<std::size_t> order_by(const std::vector<Lifetime>& lifetimes, auto&& before) {
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return before(lifetimes[a], lifetimes[b]); });
  return order;
}

bool larger(const Lifetime& a, const Lifetime& b) { return std::pair(b.bytes, a.first) < std::pair(a.bytes, b.first); }

bool greedy_by_size(const std::vector<Lifetime>& lifetimes, Arena& arena) {
  for (const std::size_t index : order_by(lifetimes, larger)) {
    if (!arena.place(index, Fit::kBest)) return false;
  }
  return true;
}

bool first_fit(const std::vector<Lifetime>& lifetimes, Arena& arena) {
  const auto earlier = [](const Lifetime& a, const Lifetime& b) { return a.first < b.first; };
  for (const std::size_t index : order_by(lifetimes, earlier)) {
    if (!arena.place(index, Fit::kFirst)) return false;
  }
  return true;
}

// Ops from the widest live set downwards; the tensors of each by size.
bool greedy_by_breadth(const std::vector<Lifetime>& lifetimes, Arena& arena) {
  std::int64_t last = 0;
  std::uint64_t touched = 0;
  for (const Lifetime& life : lifetimes) {
    last = std::max(last, life.last);
    touched += at(life.last - life.first) + 1;
  }
  if (touched > kMaxComparisons) return false;
  std::vector<Count> breadth(at(last) + 1);
  std::vector<std::vector<std::size_t>> live(at(last) + 1);
  for (const std::size_t index : order_by(lifetimes, larger)) {
    for (std::int64_t op = lifetimes[index].first; op <= lifetimes[index].last; ++op) {
      breadth[at(op)] += lifetimes[index].bytes;
      live[at(op)].push_back(index);
    }
  }
  std::vector<std::size_t> ops(breadth.size());
  std::iota(ops.begin(), ops.end(), std::size_t{0});
  std::stable_sort(ops.begin(), ops.end(),
                   [&](std::size_t a, std::size_t b) { return breadth[a].value() > breadth[b].value(); });
  for (const std::size_t op : ops) {
    for (const std::size_t index : live[op]) {
      if (!arena.is_placed(index) && !arena.place(index, Fit::kBest)) return false;
    }
  }
  return true;
}

std::optional<MemoryPlan> lower_bound(const std::vector<Lifetime>& lifetimes) {
  std::vector<std::pair<std::int64_t, std::size_t>> events;  // (op, lifetime), starts
  for (std::size_t i = 0; i < lifetimes.size(); ++i) events.emplace_back(lifetimes[i].first, i);
  std::vector<std::pair<std::int64_t, std::size_t>> ends;
  for (std::size_t i = 0; i < lifetimes.size(); ++i) ends.emplace_back(lifetimes[i].last, i);
  std::sort(events.begin(), events.end());
  std::sort(ends.begin(), ends.end());
  Count live;
  std::uint64_t released = 0, peak = 0;
  std::size_t done = 0;
  for (const auto& [op, index] : events) {
    for (; done < ends.size() && ends[done].first < op; ++done) released += lifetimes[ends[done].second].bytes;
    live += lifetimes[index].bytes;
    if (live.overflowed()) return std::nullopt;
    peak = std::max(peak, live.value() - released);
  }
  return MemoryPlan{"lower-bound", peak, {}};
}

struct Planner {
  std::string_view name;
  bool (*plan)(const std::vector<Lifetime>&, Arena&);  // nullptr: no plan, only a bound
};
constexpr std::array kPlanners = {Planner{"greedy-by-size", greedy_by_size},
                                  Planner{"greedy-by-breadth", greedy_by_breadth}, Planner{"first-fit", first_fit},
                                  Planner{"lower-bound", nullptr}};

}  // namespace

std::vector<std::string_view> memory_planners() {
  std::vector<std::string_view> out;
  for (const Planner& planner : kPlanners) out.push_back(planner.name);
  return out;
}

std::optional<MemoryPlan> plan_memory(std::string_view planner, const std::vector<Lifetime>& lifetimes,
                                      std::uint64_t alignment_bytes) {
  for (const Planner& candidate : kPlanners) {
    if (candidate.name != planner) continue;
    if (candidate.plan == nullptr) return lower_bound(lifetimes);
    Arena arena(lifetimes, alignment_bytes);
    if (!candidate.plan(lifetimes, arena)) return std::nullopt;
    MemoryPlan out{std::string(planner), arena.bytes(), arena.take_offsets()};
    return out;
  }
  return std::nullopt;
}

}  // namespace nngauge
