// SPDX-License-Identifier: Apache-2.0
#include "graph/op_table.h"

#include <catch2/catch.hpp>

using namespace nngauge;

TEST_CASE("op table: every row is complete") {
  CHECK(op_table().size() == kOpKindCount);
  for (const OpInfo& info : op_table()) {
    INFO(info.name);
    CHECK(info.shape != nullptr);
    CHECK(info.work != nullptr);
    CHECK((info.max_inputs < 0 || info.min_inputs <= info.max_inputs));
    CHECK(find_op_kind(info.name) == info.kind);
  }
  CHECK_FALSE(find_op_kind("NoSuchOperator"));
}
