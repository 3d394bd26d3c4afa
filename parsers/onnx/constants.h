// SPDX-License-Identifier: Apache-2.0
// Owns: stored tensors (initialisers, Constant nodes): type and shape checked against the bytes that the file holds,
// where those bytes lie, the elements of small ones.
#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"
#include "base/result.h"
#include "graph/graph.h"
#include "parsers/format.h"
#include "parsers/onnx/forward.h"
#include "parsers/protobuf_reduce.h"

namespace nngauge::onnx_format {

// Floating-point constants with more elements than this are not kept as values.
inline constexpr std::size_t kMaxRealValueElements = 64;

class ConstantReader {
 public:
  // `files` are the model's; the file itself is files[0]. All references must outlive the reader.
  ConstantReader(const ModelSource& source, const Reduction& reduction, std::vector<DataFile>& files,
                 Diagnostics& diagnostics)
      : source_(source), reduction_(reduction), files_(files), diagnostics_(diagnostics) {}

  // The constant that `proto` stores, without a name. Errors: kDamaged (negative extent, bytes that do not fit type and
  // shape, a range beyond the side file), kUnsafePath, kInvalidGraph (no element type).
  Result<Tensor> read(const onnx::TensorProto& proto);
  // A sparse constant: the stored values, dense extents. Errors as read().
  Result<Tensor> read_sparse(const onnx::SparseTensorProto& proto);
  // The constant of a Constant node's attribute. Errors as read(); kInvalidAttribute for an attribute that is no value.
  Result<Tensor> read_attribute(const onnx::AttributeProto& attribute);

 private:
  [[nodiscard]] const LocatedMessage* place_of(const onnx::TensorProto& proto) const;
  Status locate_raw(const onnx::TensorProto& proto, const LocatedField& field, Tensor& tensor) const;
  Status locate_typed(const onnx::TensorProto& proto, const LocatedMessage* place, Tensor& tensor);
  Status locate_external(const onnx::TensorProto& proto, Tensor& tensor);
  Result<std::int32_t> side_file(const std::string& location);

  const ModelSource& source_;
  const Reduction& reduction_;
  std::vector<DataFile>& files_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::int32_t> side_files_;
  bool told_absent_ = false;
};

// The mark that the reduction left in a message; -1 if there is none.
std::int64_t mark_of(const onnx::TensorProto& proto);
std::int64_t mark_of(const onnx::NodeProto& proto);

}  // namespace nngauge::onnx_format
