// SPDX-License-Identifier: Apache-2.0
// Owns: the expressions that newer files keep in place of extents: "1w,1h,128", "//(0h,2),*(0w,2)".
// <blob><w|h|d|c|n> is an extent of a bottom blob, n its batch; functions and operators are written before their arguments in
// brackets.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/shape.h"

namespace nngauge::ncnn {

// The values of the list; unknown ones where extents are. `blobs` have the batch in front.
// Errors: kInvalidAttribute for what cannot be read.
Result<std::vector<Dim>> evaluate_list(std::string_view text, const std::vector<Shape>& blobs);

}  // namespace nngauge::ncnn
