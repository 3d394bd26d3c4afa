// SPDX-License-Identifier: Apache-2.0
// Owns: what the parts of the ExecuTorch reader share: the program's tables, where its segments lie, where the bytes of
// constants are, in the file or in the file of tensors beside it. Only .cc files of this folder include it.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "executorch_generated.h"
#include "graph/graph.h"
#include "parsers/copy_budget.h"
#include "parsers/flatbuffer_fields.h"
#include "parsers/format.h"

namespace nngauge::executorch {

// Bytes of a file of `file_bytes` from `begin`. Errors: kDamaged where they run past its end.
Result<DataRef> place_in_file(Count begin, std::uint64_t size, std::uint64_t file_bytes, std::int32_t file);

class Program {
 public:
  Program(const ModelSource& source, Bytes aligned, Model& model);

  [[nodiscard]] const fb::Program& tables() const { return tables_; }
  [[nodiscard]] Model& model() { return model_; }
  [[nodiscard]] Bytes bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t offset_of(const void* place) const {
    return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(place) - bytes_.data());
  }
  // Tables may share their content: what is copied is limited by the file's size. Errors: kTooLarge.
  Status spend(std::uint64_t elements) { return budget_.spend(elements); }

  // `size` bytes at `offset` of segment `index`; all of it; those of constant `index`; those that a name stands for, in
  // the program or in the .ptd file beside it (empty with a remark where there is none). Errors: kDamaged.
  [[nodiscard]] Result<DataRef> in_segment(std::uint64_t index, std::uint64_t offset, std::uint64_t size) const;
  [[nodiscard]] Result<DataRef> segment(std::uint64_t index) const;
  Result<DataRef> constant(std::uint32_t index, std::uint64_t size);
  Result<DataRef> named(const std::string& name, std::uint64_t size);
  // The processed bytes of a delegate.
  [[nodiscard]] Result<DataRef> blob(const fb::Delegate& delegate) const;

  void remark_once(const std::string& code, const std::string& message);

 private:
  void open_side_file();

  const ModelSource& source_;
  Bytes bytes_;
  const fb::Program& tables_;
  Model& model_;
  CopyBudget budget_;
  std::uint64_t segment_base_ = 0;
  bool side_opened_ = false;
  std::map<std::string, std::uint32_t> names_;  // in the program: segment
  std::map<std::string, DataRef> side_names_;   // in the file beside it
  std::map<std::string, bool> told_;
};

}  // namespace nngauge::executorch
