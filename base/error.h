// SPDX-License-Identifier: Apache-2.0
// Owns: the error codes that users and programs see, and the Error value that carries one.
// Not here: Result (result.h), warnings that do not stop the work (diagnostics.h).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nngauge {

// One row per code in error.cc; `nngauge errors` prints that table.
enum class ErrorCode {
  kNotAModel,
  kGitLfsPointer,
  kWebPage,
  kWeightsOnly,
  kSideFile,
  kUnsupportedFormat,
  kDamaged,
  kUnsupportedVersion,
  kEncrypted,
  kTooLarge,
  kCyclicGraph,
  kInvalidGraph,
  kShapeMismatch,
  kInvalidAttribute,
  kOverflow,
  kUnreadable,
  kUnsafePath,
  kUsage,
  kUnknownDevice,
  kUnknownSetup,
  kBadRuns,
  kBadProfile,
  kUnknown,  // not a defect of the input: the value cannot be derived; the message is the reason
  kInternal,
};

struct ErrorCodeInfo {
  ErrorCode code;
  std::string_view name;     // as printed in brackets: "shape-mismatch"
  std::string_view meaning;  // one sentence for `nngauge errors`
  std::string_view advice;   // how to go on
};

std::span<const ErrorCodeInfo> error_codes();
const ErrorCodeInfo& error_code_info(ErrorCode code);

// An error: the leaf says what, callers prepend where ("leaf says what, caller says where").
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string where;    // place in the model, outermost first: `op #17 Conv2D "block_3"`; may be empty
  std::string message;  // what is wrong, without a full stop

  // Returns the same error with `outer` before its place.
  [[nodiscard]] Error at(std::string_view outer) const;
  // "<where>: <message> [<code>]" or "<message> [<code>]".
  [[nodiscard]] std::string text() const;
};

// A value that cannot be derived from what is known; not a defect of the model.
Error unknown(std::string reason);
Error make_error(ErrorCode code, std::string message);
// The codes that are met most: kUsage, kDamaged, kInvalidGraph.
Error usage_error(std::string message);
Error damaged(std::string message);
Error invalid_graph(std::string message);

}  // namespace nngauge
