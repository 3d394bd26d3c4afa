// SPDX-License-Identifier: Apache-2.0
#include "parsers/stated_window.h"

#include <algorithm>

namespace nngauge {

void fit_padding(StatedWindow& w) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  for (const std::int64_t value : {w.in, w.out, w.kernel, w.stride, w.dilation}) {
    if (value < 1 || value > kMost) return;
  }
  if (w.pad_begin < 0 || w.pad_end < 0 || w.pad_begin > kMost || w.pad_end > kMost) return;
  const std::int64_t covered = (w.kernel - 1) * w.dilation + 1;
  const std::int64_t room = w.in + w.pad_begin + w.pad_end - covered;
  if (room >= 0 && room / w.stride + 1 == w.out) return;
  const std::int64_t total = (w.out - 1) * w.stride + covered - w.in;
  if (total < 0 || total > kMost) return;
  const bool stated = w.pad_begin + w.pad_end > 0;
  w.pad_begin = stated ? std::min(w.pad_begin, total) : total / 2;
  w.pad_end = total - w.pad_begin;
}

}  // namespace nngauge
