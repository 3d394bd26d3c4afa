// SPDX-License-Identifier: Apache-2.0
// Owns: turning a TensorProto into a constant: located in the file, checked against its size, small ones decoded.
#pragma once

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/protobuf_reduce.h"
#include "parsers/tensorflow/forward.h"

namespace nngauge::tensorflow {

class ConstantReader {
 public:
  // `reduction` is null where the message was read from text: then nothing is located.
  explicit ConstantReader(const Reduction* reduction) : reduction_(reduction) {}

  // A constant without a name. Errors: kDamaged (extents that are open, elements that are missing or too many).
  [[nodiscard]] Result<Tensor> read(const tf::TensorProto& proto) const;

 private:
  [[nodiscard]] const LocatedMessage* place_of(const tf::TensorProto& proto) const;
  const Reduction* reduction_;
};

}  // namespace nngauge::tensorflow
