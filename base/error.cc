// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <array>
#include <utility>

namespace nngauge {
namespace {

// code, name, meaning, advice. In the order of the enumerators.
constexpr std::array kErrorCodes = {
    ErrorCodeInfo{ErrorCode::kNotAModel, "not-a-model", "the file is not a model of a known format",
                  "check the path; `nngauge formats` lists what is read"},
    ErrorCodeInfo{ErrorCode::kGitLfsPointer, "git-lfs-pointer", "a Git LFS pointer stands in place of the file",
                  "fetch the real file (`git lfs pull`)"},
    ErrorCodeInfo{ErrorCode::kWebPage, "web-page",
                  "a web page or a server's error message was saved in place of the file",
                  "download the file again and look at the answer"},
    ErrorCodeInfo{ErrorCode::kWeightsOnly, "weights-only", "the file holds weights and no graph",
                  "export the network with its graph (TorchScript, ONNX, SavedModel)"},
    ErrorCodeInfo{ErrorCode::kSideFile, "side-file",
                  "the file belongs to models (settings, labels, metadata, test data) and is none",
                  "name the model that it belongs to"},
    ErrorCodeInfo{ErrorCode::kUnsupportedFormat, "unsupported-format",
                  "the file is a model of a format that is recognised but not read",
                  "convert it; `nngauge formats` lists what is read"},
    ErrorCodeInfo{ErrorCode::kDamaged, "damaged", "the file is cut short or its structure is broken",
                  "fetch the file again and compare its size and hash"},
    ErrorCodeInfo{ErrorCode::kUnsupportedVersion, "unsupported-version",
                  "the format is known, this version of it is not",
                  "convert the model to a newer version of the format"},
    ErrorCodeInfo{ErrorCode::kEncrypted, "encrypted", "the content is encrypted or compressed in an unknown way",
                  "analyse the model before it is encrypted"},
    ErrorCodeInfo{ErrorCode::kTooLarge, "too-large", "the model exceeds a limit on ops, tensors, dims or nesting",
                  "raise the limit by its option, if the file is trusted"},
    ErrorCodeInfo{ErrorCode::kCyclicGraph, "cyclic-graph", "operators depend on each other in a circle",
                  "repair the graph; the message names the operators on the cycle"},
    ErrorCodeInfo{ErrorCode::kInvalidGraph, "invalid-graph",
                  "operators or tensors refer to things that do not exist or are defined twice",
                  "repair the exporter; the message names the reference"},
    ErrorCodeInfo{ErrorCode::kShapeMismatch, "shape-mismatch", "operand shapes do not fit the operator",
                  "check --input and --dim, or repair the exporter"},
    ErrorCodeInfo{ErrorCode::kInvalidAttribute, "invalid-attribute",
                  "an operator's attribute has a value that the operator does not allow", "repair the exporter"},
    ErrorCodeInfo{ErrorCode::kOverflow, "overflow", "a count does not fit 64 bits",
                  "the extents are most likely damaged; check --input and --dim"},
    ErrorCodeInfo{ErrorCode::kUnreadable, "unreadable", "the operating system refuses to open or read the file",
                  "check that the file exists and may be read"},
    ErrorCodeInfo{ErrorCode::kUnsafePath, "unsafe-path", "a path inside the model leaves the model's own folder",
                  "put the side file beside the model"},
    ErrorCodeInfo{ErrorCode::kUsage, "usage", "the command line is wrong", "see `nngauge <command> --help`"},
    ErrorCodeInfo{ErrorCode::kUnknownDevice, "unknown-device", "no bundled device and no profile file of that name",
                  "`nngauge devices` lists them"},
    ErrorCodeInfo{ErrorCode::kUnknownSetup, "unknown-setup", "the device has no setup of that name",
                  "`nngauge devices D` lists the setups of device D"},
    ErrorCodeInfo{ErrorCode::kBadRuns, "bad-runs", "a row of a table of measured runs cannot be used",
                  "repair the row that the message names by line and column"},
    ErrorCodeInfo{ErrorCode::kBadProfile, "bad-profile", "a device profile is damaged or of another version",
                  "write it again with `nngauge calibrate`"},
    ErrorCodeInfo{ErrorCode::kUnknown, "unknown", "a value cannot be derived; the reason is given",
                  "pass the missing extents by --dim or --input where the message says so"},
    ErrorCodeInfo{ErrorCode::kInternal, "internal", "a defect of nngauge itself",
                  "report it with the command and the file"},
};

constexpr bool in_enumerator_order() {
  for (std::size_t i = 0; i < kErrorCodes.size(); ++i) {
    if (static_cast<std::size_t>(kErrorCodes[i].code) != i) return false;
  }
  return kErrorCodes.size() == static_cast<std::size_t>(ErrorCode::kInternal) + 1;
}
static_assert(in_enumerator_order());

}  // namespace

std::span<const ErrorCodeInfo> error_codes() { return kErrorCodes; }

const ErrorCodeInfo& error_code_info(ErrorCode code) { return kErrorCodes[static_cast<std::size_t>(code)]; }

Error Error::at(std::string_view outer) const {
  Error out = *this;
  out.where = where.empty() ? std::string(outer) : std::string(outer) + ": " + where;
  return out;
}

std::string Error::text() const {
  std::string out = where.empty() ? message : where + ": " + message;
  out += " [";
  out += error_code_info(code).name;
  out += "]";
  return out;
}

Error unknown(std::string reason) { return {ErrorCode::kUnknown, "", std::move(reason)}; }

Error make_error(ErrorCode code, std::string message) { return {code, "", std::move(message)}; }

Error usage_error(std::string message) { return make_error(ErrorCode::kUsage, std::move(message)); }

Error damaged(std::string message) { return make_error(ErrorCode::kDamaged, std::move(message)); }

Error invalid_graph(std::string message) { return make_error(ErrorCode::kInvalidGraph, std::move(message)); }

}  // namespace nngauge
