// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/window.h"

#include <algorithm>
#include <limits>
#include <string>

#include "graph/ops/checks.h"

namespace nngauge {
namespace {

Status check_extents(const WindowAxis& axis) {
  // These bounds keep every sum and product below within 64 bits.
  if (axis.in.known() && axis.in.value() > kMaxExtent) {
    return make_error(ErrorCode::kOverflow, "extent " + std::to_string(axis.in.value()) + " is too large for a window");
  }
  if (axis.kernel.known() && axis.kernel.value() > std::numeric_limits<std::int32_t>::max()) {
    return make_error(ErrorCode::kOverflow, "kernel " + std::to_string(axis.kernel.value()) + " is too large");
  }
  if (axis.kernel.known() && axis.kernel.value() < 1) {
    return make_error(ErrorCode::kShapeMismatch, "the kernel has extent " + std::to_string(axis.kernel.value()));
  }
  return ok();
}

Error does_not_fit(std::int64_t kernel, const WindowAxis& axis) {
  std::string message = "a kernel that covers " + std::to_string(kernel) + " is larger than the input of " +
                        std::to_string(axis.in.value());
  if (axis.pad_begin != 0 || axis.pad_end != 0) {
    message += " padded by " + std::to_string(axis.pad_begin) + " and " + std::to_string(axis.pad_end);
  }
  return make_error(ErrorCode::kShapeMismatch, message);
}

Status place_same(WindowAxis& axis, bool upper) {
  if (!axis.in.known()) {
    axis.out = axis.stride == 1 ? axis.in : Dim::unknown();
    return ok();
  }
  const std::int64_t in = axis.in.value();
  const std::int64_t out = in / axis.stride + (in % axis.stride != 0 ? 1 : 0);
  axis.out = out;
  const Dim kernel = covered(axis.kernel, axis.dilation);
  if (!kernel.known()) return ok();
  const std::int64_t total = std::max<std::int64_t>((out - 1) * axis.stride + kernel.value() - in, 0);
  const std::int64_t less = total / 2;
  axis.pad_begin = upper ? less : total - less;
  axis.pad_end = total - axis.pad_begin;
  return ok();
}

Status place_explicit(WindowAxis& axis, WindowEnd end) {
  const Dim kernel = covered(axis.kernel, axis.dilation);
  const std::int64_t pads = axis.pad_begin + axis.pad_end;
  if (axis.in.is_symbol() && axis.stride == 1 && kernel.is(1 + pads)) {
    axis.out = axis.in;
    return ok();
  }
  axis.out = Dim::unknown();
  if (!axis.in.known() || !kernel.known()) return ok();
  const std::int64_t room = axis.in.value() + pads - kernel.value();
  if (end == WindowEnd::kFloor || end == WindowEnd::kTruncate || room % axis.stride == 0) {
    if (room <= -(end == WindowEnd::kTruncate ? axis.stride : 1)) return does_not_fit(kernel.value(), axis);
    axis.out = room / axis.stride + 1;
    return ok();
  }
  // Upwards: room may be negative by less than a stride, then one window still starts inside.
  if (room <= -axis.stride) return does_not_fit(kernel.value(), axis);
  std::int64_t out = (room > 0 ? room / axis.stride + 1 : 0) + 1;
  if (end == WindowEnd::kCeil && (out - 1) * axis.stride >= axis.in.value() + axis.pad_begin) --out;
  if (out < 1) return does_not_fit(kernel.value(), axis);
  axis.out = out;
  return ok();
}

}  // namespace

Dim covered(Dim kernel, std::int64_t dilation) {
  return kernel.known() ? Dim((kernel.value() - 1) * dilation + 1) : Dim::unknown();
}

Status place_window(WindowAxis& axis, PaddingMode mode, WindowEnd end) {
  NNGAUGE_CHECK(check_extents(axis));
  switch (mode) {
    case PaddingMode::kSameUpper:
      return place_same(axis, true);
    case PaddingMode::kSameLower:
      return place_same(axis, false);
    case PaddingMode::kValid:
      axis.pad_begin = axis.pad_end = 0;
      return place_explicit(axis, WindowEnd::kFloor);
    case PaddingMode::kExplicit:
      return place_explicit(axis, end);
  }
  return ok();
}

Status place_transposed_window(WindowAxis& axis, PaddingMode mode, std::int64_t output_padding) {
  NNGAUGE_CHECK(check_extents(axis));
  axis.out = Dim::unknown();
  if (mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower) {
    NNGAUGE_TRY(axis.out, multiply_dims(axis.in, axis.stride));
    return ok();
  }
  const Dim kernel = covered(axis.kernel, axis.dilation);
  if (!kernel.known()) return ok();
  const bool valid = mode == PaddingMode::kValid;
  const std::int64_t tail =
      valid ? std::max(kernel.value(), axis.stride) : kernel.value() + output_padding - axis.pad_begin - axis.pad_end;
  if (axis.in.is_symbol() && axis.stride == 1 && tail == 1) {
    axis.out = axis.in;
    return ok();
  }
  if (!axis.in.known()) return ok();
  NNGAUGE_TRY(const Dim reach, multiply_dims(axis.stride, axis.in.value() - 1));
  NNGAUGE_TRY(axis.out, add_dims(reach, tail));
  if (axis.out.value() < 1) {
    return make_error(ErrorCode::kShapeMismatch,
                      "padding by " + std::to_string(axis.pad_begin) + " and " + std::to_string(axis.pad_end) +
                          " leaves " + std::to_string(axis.out.value()) + " of the transposed convolution's output");
  }
  return ok();
}

}  // namespace nngauge
