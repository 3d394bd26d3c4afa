// SPDX-License-Identifier: Apache-2.0
// Owns: finding the stored elements of variables in the checkpoint beside a model.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "graph/graph.h"
#include "parsers/tensorflow/bundle.h"

namespace nngauge::tensorflow {

class Variables {
 public:
  // No checkpoint: shapes are all that is known.
  Variables() = default;
  // Reads the table `prefix`.index beside the model, if it is there. Errors: kDamaged …, with the table's name.
  static Result<Variables> open(const std::string& prefix, const Companions& companions, Model& model);

  [[nodiscard]] bool present() const { return present_; }
  // Puts the place, and where they are open the type and shape, of the variable into `tensor`.
  // Errors: kDamaged (beyond the end of its file), kShapeMismatch (the table has another shape).
  Status locate(const std::string& name, Tensor& tensor) const;

 private:
  bool present_ = false;
  Bundle bundle_;
  std::unordered_map<std::string, std::string> keys_;                     // by variable name (TensorFlow 2)
  std::map<std::int32_t, std::pair<std::int32_t, std::uint64_t>> files_;  // by shard: file of the model, its size
};

}  // namespace nngauge::tensorflow
