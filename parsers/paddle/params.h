// SPDX-License-Identifier: Apache-2.0
// Owns: finding parameters in Paddle's weight files: one tensor after the other, each with a small header.
#pragma once

#include "base/result.h"
#include "parsers/paddle/program.h"

namespace nngauge::paddle {

// kDamaged at byte `at`.
Error damaged_at(std::uint64_t at, std::string message);

// Locates the persistable tensors of `program` in a combined file: they follow one another in the order of their names.
// Errors: kDamaged (a header or the elements run past the end), kShapeMismatch (a tensor has another shape).
Status locate_combined(Bytes file, std::int32_t file_id, Program& program);

}  // namespace nngauge::paddle
