// SPDX-License-Identifier: Apache-2.0
// Branches and loops: blocks become graphs of their own.
#include <fmt/format.h>

#include "parsers/coreml/mil_readers.h"

namespace nngauge::coreml {
namespace {

Status needs_blocks(const MilView& v) {
  if (v.source.blocks.size() == 2) return ok();
  return make_error(ErrorCode::kInvalidGraph, fmt::format("has {} blocks, needs 2", v.source.blocks.size()));
}

}  // namespace

Status mil_cond(MilView& v) {
  NNGAUGE_CHECK(needs_blocks(v));
  ControlAttrs attrs;
  NNGAUGE_TRY(attrs.then_graph, v.builder().build_block(v.source.blocks[0], v.scope()));
  NNGAUGE_TRY(attrs.else_graph, v.builder().build_block(v.source.blocks[1], v.scope()));
  v.op.attrs = std::move(attrs);
  return ok();
}

// Condition, then body; both take the values that go from turn to turn.
Status mil_while(MilView& v) {
  NNGAUGE_CHECK(needs_blocks(v));
  ControlAttrs attrs;
  NNGAUGE_TRY(attrs.cond_graph, v.builder().build_block(v.source.blocks[0], v.scope()));
  NNGAUGE_TRY(attrs.body_graph, v.builder().build_block(v.source.blocks[1], v.scope()));
  v.op.attrs = std::move(attrs);
  return ok();
}

}  // namespace nngauge::coreml
