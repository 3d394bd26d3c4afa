// SPDX-License-Identifier: Apache-2.0
// Owns: one axis of a sliding window: how many positions it has, and the padding that this takes.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "graph/attributes.h"
#include "graph/shape.h"

namespace nngauge {

// One spatial axis of a convolution or pooling.
struct WindowAxis {
  Dim in, out;
  Dim kernel;
  std::int64_t stride = 1, dilation = 1;
  std::int64_t pad_begin = 0, pad_end = 0;  // as computed; for SAME 0 while `in` is open
};

// How the last window is placed when the stride does not divide the input.
enum class WindowEnd {
  kFloor,          // windows lie wholly inside the padded input
  kTruncate,       // the same, but one that is too large by less than a stride stays (division towards zero, Paddle)
  kCeil,           // one more, if it starts inside the input or the padding before it
  kCeilUnbounded,  // one more, wherever it starts (Caffe without padding, ncnn)
};

// Extent that a dilated kernel covers: (kernel - 1) x dilation + 1.
Dim covered(Dim kernel, std::int64_t dilation);

// Fills `out` and, for SAME, the padding, from the other fields. With e = (k - 1) d + 1:
//   explicit  out = floor or ceil((in + pads - e) / s) + 1
//   SAME      out = ceil(in / s), pads = max((out - 1) s + e - in, 0), the odd one at the end (upper) or begin (lower)
//   VALID     out = floor((in - e) / s) + 1
// (TensorFlow's and ONNX's definitions.) The caller has checked stride, dilation and explicit padding.
// Errors: kShapeMismatch where the window does not fit; kOverflow.
Status place_window(WindowAxis& axis, PaddingMode mode, WindowEnd end);

// The reverse: the extent that a transposed convolution makes of `in`:
//   explicit  out = s (in - 1) + e + output_padding - pads
//   SAME      out = s in
//   VALID     out = s (in - 1) + max(e, s)
// Errors: kShapeMismatch where nothing is left; kOverflow.
Status place_transposed_window(WindowAxis& axis, PaddingMode mode, std::int64_t output_padding);

}  // namespace nngauge
