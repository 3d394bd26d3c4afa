// SPDX-License-Identifier: Apache-2.0
#include "graph/ops/control.h"

namespace nngauge {

Result<std::vector<TensorInfo>> shape_control_flow(const RuleContext& /*c*/) {
  return unknown("its inner graphs say what it gives");
}

Result<Work> work_control_flow(const RuleContext& /*c*/) { return unknown("its inner graphs say what it computes"); }

}  // namespace nngauge
