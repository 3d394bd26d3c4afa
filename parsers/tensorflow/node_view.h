// SPDX-License-Identifier: Apache-2.0
// Owns: the attributes of a NodeDef by name and type. What is absent or of another type gives the default: TensorFlow
// leaves attributes out that have theirs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/attributes.h"
#include "graph/shape.h"
#include "parsers/tensorflow/forward.h"

namespace nngauge::tensorflow {

// As it is, or with its bytes escaped where it is no UTF-8.
std::string readable(const std::string& text);

class NodeView {
 public:
  explicit NodeView(const tf::NodeDef& node) : node_(node) {}

  [[nodiscard]] const tf::NodeDef& node() const { return node_; }
  [[nodiscard]] std::string_view op() const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback) const;
  [[nodiscard]] double real(std::string_view key, double fallback) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] Ints integers(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] DType dtype(std::string_view key, DType fallback = DType::kUnknown) const;
  [[nodiscard]] std::optional<Shape> shape(std::string_view key) const;
  [[nodiscard]] std::vector<Shape> shapes(std::string_view key) const;
  [[nodiscard]] std::vector<DType> dtypes(std::string_view key) const;
  [[nodiscard]] std::string function(std::string_view key) const;                // its name
  [[nodiscard]] std::vector<std::string> functions(std::string_view key) const;  // of a list
  [[nodiscard]] const tf::TensorProto* tensor(std::string_view key) const;
  [[nodiscard]] std::size_t list_size(std::string_view key) const;  // of integers, types, shapes or functions

 private:
  [[nodiscard]] const tf::AttrValue* find(std::string_view key) const;
  const tf::NodeDef& node_;
};

// A number of DataType; references count as what they refer to. kUnknown for types newer than we know.
DType dtype_of(int data_type);
// Open extents are unknown; unknown rank where the message says so. An extent below -1 is unknown, too.
Shape shape_of(const tf::TensorShapeProto& proto);

}  // namespace nngauge::tensorflow
