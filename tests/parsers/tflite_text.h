// SPDX-License-Identifier: Apache-2.0
// Owns: TFLite files made from text for tests: FlatBuffers JSON, or a few lines of calls that write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace nngauge::test {

// The binary form of a model given as FlatBuffers JSON by the names of parsers/tflite/tflite.fbs.
std::string tflite_from_json(const std::string& json);

// Reads bytes as a file of this path.
Result<Model> read_bytes(std::string_view bytes, const std::string& path = "m.tflite");

// A model of one subgraph, tensor by tensor and operator by operator.
//   TfliteText t;
//   const int x = t.input("[1,8,8,3]"), w = t.constant("[4,3,3,3]");
//   t.op("CONV_2D", {x, w}, {t.tensor("[1,8,8,4]")}, "Conv2DOptions", "padding:SAME, stride_w:1, stride_h:1");
class TfliteText {
 public:
  // `more`: further JSON fields of the table.
  int tensor(const std::string& shape, const std::string& type = "FLOAT32", const std::string& more = "");
  int input(const std::string& shape, const std::string& type = "FLOAT32", const std::string& more = "");
  // A constant of zeros, as many bytes as `data_bytes` says (default: the product of the extents times 4).
  int constant(const std::string& shape, const std::string& type = "FLOAT32", int data_bytes = -1,
               const std::string& more = "");
  int ints(const std::vector<int>& elements);  // an int32 vector
  int scalar(int element);                     // an int32 scalar
  void op(const std::string& code, const std::vector<int>& inputs, const std::vector<int>& outputs,
          const std::string& options = "", const std::string& fields = "");
  void custom(const std::string& name, const std::vector<int>& inputs, const std::vector<int>& outputs,
              const std::vector<int>& options = {});
  void options_2(const std::string& options, const std::string& fields);  // of the last operator
  void op_fields(const std::string& json);                                // of the last operator
  void outputs(const std::vector<int>& ids) { outputs_ = ids; }
  void model_fields(const std::string& json) { model_fields_ += ", " + json; }
  void subgraph(const std::string& json) { more_subgraphs_ += ", " + json; }
  int buffer(const std::string& json);

  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::string bytes() const { return tflite_from_json(json()); }
  // Reads it; fails the running test where the reader refuses.
  [[nodiscard]] Model model() const;
  // Operator `i` as a snapshot writes it, from `in=` on: "in=0,1:weight out=2 attrs=conv strides=[2,2]".
  [[nodiscard]] std::string op_text(std::size_t i = 0) const;
  // The error's text; "" where it reads.
  [[nodiscard]] std::string error() const;

 private:
  std::string tensors_, buffers_ = "{}", codes_, model_fields_, more_subgraphs_;
  std::vector<std::string> operators_;
  std::vector<int> inputs_, outputs_;
  int tensor_count_ = 0, buffer_count_ = 1, code_count_ = 0;
};

}  // namespace nngauge::test
