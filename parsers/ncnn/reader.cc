// SPDX-License-Identifier: Apache-2.0
#include "parsers/ncnn/reader.h"

#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/ncnn/layer_types.h"
#include "parsers/ncnn/lowering.h"
#include "parsers/ncnn/param.h"
#include "parsers/ncnn/weights.h"
#include "parsers/side_name.h"

namespace nngauge::ncnn {
namespace {

using FilePtr = std::shared_ptr<const MappedFile>;

// The side files that may belong to `name`, best guess first: same stem, .bin for .param and the other way round.
std::vector<std::string> partner_names(const std::string& path) {
  constexpr std::string_view kText = ".param", kBinary = ".param.bin", kWeights = ".bin";
  if (const std::string weights = side_name(path, kBinary, kWeights); !weights.empty()) return {weights};
  if (const std::string weights = side_name(path, kText, kWeights); !weights.empty())
    return {weights, side_name(path, kText, kBinary)};
  if (const std::string text = side_name(path, kWeights, kText); !text.empty())
    return {text, side_name(path, kWeights, kBinary)};
  return {};
}

// The .param that a .bin goes with.
std::optional<std::pair<std::string, FilePtr>> find_param(const ModelSource& source) {
  if (source.companions == nullptr || side_name(source.path, ".bin", "").empty()) return std::nullopt;
  for (const std::string& partner : partner_names(source.path)) {
    if (auto file = source.companions->open(partner); file && find_param_form((*file)->bytes()))
      return std::pair(partner, *file);
  }
  return std::nullopt;
}

struct Files {
  Bytes param;
  ParamForm form = ParamForm::kText;
  std::string param_name, bin_name;  // empty for the file that was given
  std::optional<Bytes> bin;
  std::uint64_t bin_bytes = 0;
  FilePtr keep;  // the mapped side file
};

Result<Files> find_files(const ModelSource& source) {
  Files files;
  if (const auto form = find_param_form(source.bytes)) {
    files.param = source.bytes;
    files.form = *form;
    for (const std::string& partner : partner_names(source.path)) {
      auto file = source.companions->open(partner);
      // x.param.bin may be the binary form of x.param, not its weights.
      if (!file || find_param_form((*file)->bytes())) continue;
      files.bin_name = partner;
      files.bin = (*file)->bytes();
      files.keep = *file;
      break;
    }
    return files;
  }
  const auto param = find_param(source);
  if (!param) return make_error(ErrorCode::kNotAModel, "neither an ncnn .param nor the .bin beside one");
  files.param_name = param->first;
  files.keep = param->second;
  files.param = files.keep->bytes();
  files.form = *find_param_form(files.param);
  files.bin = source.bytes;
  return files;
}

Model start_model(const Files& files, const ModelSource& source) {
  Model model;
  model.format = "ncnn";
  model.format_version = files.form == ParamForm::kOldText ? "old text" : "7767517";
  model.implicit_batch = true;
  model.graphs.emplace_back();
  model.files.push_back({"", source.bytes.size()});
  if (!files.bin_name.empty()) model.files.push_back({files.bin_name, files.bin->size()});
  if (!files.param_name.empty()) model.files.push_back({files.param_name, files.param.size()});
  return model;
}

void report_assumptions(Model& model, const std::vector<AssumedInput>& assumed) {
  for (const AssumedInput& input : assumed) {
    const Tensor& tensor = model.main().tensors[static_cast<std::size_t>(input.tensor)];
    if (input.extents.empty()) continue;
    for (const AssumedDim& extent : input.extents) model.assumed_dims.push_back(extent);
    std::string extents;
    for (const Dim dim : tensor.declared.dims())
      extents += (extents.empty() ? "" : ",") + (dim.known() ? std::to_string(dim.value()) : std::string("N"));
    model.diagnostics.note("assumed-input", "input " + in_quotes(tensor.name),
                           "the file does not state its size; it is taken as " + extents + "; another one by --input " +
                               printable(tensor.name) + "=" + extents);
  }
}

// One remark for all that pnnx left as it was.
void report_left_behind(Model& model, const ParamFile& param) {
  std::size_t count = 0;
  std::set<std::string_view> types;
  for (const Layer& layer : param.layers) {
    if (!is_pytorch_type(layer.type)) continue;
    ++count;
    types.insert(layer.type);
  }
  if (count == 0) return;
  constexpr std::size_t kNamed = 4;
  std::string names;
  for (auto type = types.begin(); type != types.end() && names.size() < 200; ++type) {
    const auto place = static_cast<std::size_t>(std::distance(types.begin(), type));
    if (place == kNamed) {
      names += ", …";
      break;
    }
    names += (place == 0 ? "" : ", ") + printable(*type);
  }
  model.diagnostics.warn("not-converted", "",
                         std::to_string(count) + (count == 1 ? " operator" : " operators") + " of PyTorch (" + names +
                             (count == 1 ? ") is left as pnnx found it: ncnn has no layer for it"
                                         : ") are left as pnnx found them: ncnn has no layers for them"));
}

bool is_about_shapes(const Error& error) {
  return error.code == ErrorCode::kShapeMismatch || error.code == ErrorCode::kInvalidAttribute;
}

// One attempt after the other with the usual sizes of pictures, as long as none is stated and the shapes do not fit.
Result<Model> lower_model(const Model& start, const ParamFile& param,
                          const std::vector<std::vector<WeightBlob>>& weights, const Bindings* bindings) {
  std::optional<Error> first;
  for (const InputSizes sizes : usual_sizes()) {
    Model model = start;
    Lowering lowering(model, param, weights, bindings, sizes);
    const Status status = lowering.run();
    if (status) {
      report_assumptions(model, lowering.assumed());
      return model;
    }
    if (!first) first = status.error();
    if (!lowering.used_size() || !is_about_shapes(status.error())) break;
  }
  return *first;
}

}  // namespace

Claim sniff(const ModelSource& source) {
  if (const auto form = find_param_form(source.bytes)) {
    if (form == ParamForm::kOldText) return {Confidence::kLikely, "counts and layers without the magic number"};
    return {Confidence::kCertain, "the magic number 7767517 and counts of layers"};
  }
  if (find_param(source)) return {Confidence::kPossible, "a .param beside it"};
  return {};
}

Result<Model> read(const ModelSource& source) {
  NNGAUGE_TRY(const Files files, find_files(source));
  Model model = start_model(files, source);
  auto param = parse_param(files.param, files.form, model.diagnostics);
  if (!param) return files.param_name.empty() ? param.error() : param.error().at("file " + in_quotes(files.param_name));
  const std::int32_t bin_file = files.bin_name.empty() ? 0 : 1;
  auto weights = locate_weights(*param, files.bin, bin_file, model.diagnostics);
  if (!weights) {
    const bool side = !files.bin_name.empty() && weights.error().code == ErrorCode::kDamaged;
    return side ? weights.error().at("file " + in_quotes(files.bin_name)) : weights.error();
  }
  report_left_behind(model, *param);
  return lower_model(model, *param, *weights, source.bindings);
}

}  // namespace nngauge::ncnn
