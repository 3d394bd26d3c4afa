// SPDX-License-Identifier: Apache-2.0
#include "parsers/coreml/features.h"

#include <fmt/format.h>

#include "base/text.h"

namespace nngauge::coreml {
namespace {

constexpr std::size_t kMostFeatures = 100'000;

// Field numbers.
enum DescriptionField : std::uint32_t {
  kInput = 1,
  kOutput = 10,
  kPredictedProbabilities = 12,
  kState = 13,
  kFunctions = 20
};
enum FunctionField : std::uint32_t { kFunctionName = 1, kFunctionInput = 2, kFunctionOutput = 3, kFunctionState = 6 };
enum FeatureField : std::uint32_t { kName = 1, kType = 3 };
enum TypeField : std::uint32_t {
  kInt64 = 1,
  kDouble = 2,
  kString = 3,
  kImage = 4,
  kArray = 5,
  kDictionary = 6,
  kSequence = 7,
  kStateType = 8
};
enum ImageField : std::uint32_t { kWidth = 1, kHeight = 2, kColours = 3 };
enum ArrayField : std::uint32_t { kShape = 1, kDataType = 2 };
enum Flexible : std::uint32_t { kEnumerated = 21, kRange = 31 };
enum SizeRange : std::uint32_t { kLower = 1, kUpper = 2 };

DType type_of_array(std::int64_t type) {
  switch (type) {
    case 65552:
      return DType::kFloat16;
    case 65568:
      return DType::kFloat32;
    case 65600:
      return DType::kFloat64;
    case 131080:
      return DType::kInt8;
    case 131104:
      return DType::kInt32;
    default:
      return DType::kUnknown;
  }
}

std::string range_text(const Message& range) {
  const std::int64_t lower = range.integer(kLower), upper = range.integer(kUpper);
  if (upper == lower) return std::to_string(lower);
  return fmt::format("{}..{}", lower, upper < 0 ? std::string() : std::to_string(upper));
}

constexpr std::size_t kMostListed = 8;

void add_choice(std::string& out, std::size_t& count, const std::string& choice) {
  if (++count <= kMostListed) out += (out.empty() ? "" : ", ") + choice;
  if (count == kMostListed + 1) out += ", …";
}

std::string flexible_image(const Message& image) {
  std::string out;
  std::size_t count = 0;
  image.child(kEnumerated).each(1, [&](const WireField& field) {
    const Message size = image.of(field);
    add_choice(out, count, fmt::format("{} x {}", size.integer(kHeight), size.integer(kWidth)));
  });
  const Message range = image.child(kRange);
  if (!range.present()) return out;
  return range_text(range.child(2)) + " x " + range_text(range.child(1));
}

std::string flexible_array(const Message& array) {
  std::string out;
  std::size_t count = 0;
  array.child(kEnumerated).each(1, [&](const WireField& field) {
    std::vector<std::string> extents;
    for (const std::int64_t extent : array.of(field).ints(1, kMostListed)) extents.push_back(std::to_string(extent));
    add_choice(out, count, join(extents, " x "));
  });
  std::vector<std::string> ranges;
  array.child(kRange).each(1, [&](const WireField& field) {
    if (ranges.size() < kMostListed) ranges.push_back(range_text(array.of(field)));
  });
  return ranges.empty() ? out : join(ranges, " x ");
}

Result<Shape> checked(const Ints& extents) {
  std::vector<Dim> dims;
  for (const std::int64_t extent : extents) {
    if (extent > kMostExtent) return make_error(ErrorCode::kInvalidAttribute, fmt::format("an extent is {}", extent));
    dims.push_back(extent < 1 ? Dim::unknown() : Dim(extent));  // 0 and -1 stand for any
  }
  return Shape(std::move(dims));
}

Status read_image(const Message& image, Feature& out) {
  const std::int64_t colours = image.integer(kColours);
  const bool grey = colours == 10 || colours == 40;
  out.kind = FeatureKind::kImage;
  out.dtype = colours == 40 ? DType::kFloat16 : DType::kUInt8;
  NNGAUGE_TRY(out.shape, checked({grey ? 1 : 3, image.integer(kHeight), image.integer(kWidth)}));
  out.flexible = flexible_image(image);
  return ok();
}

Status read_array(const Message& array, Feature& out) {
  out.kind = FeatureKind::kArray;
  out.dtype = type_of_array(array.integer(kDataType));
  const Ints extents = array.ints(kShape);
  if (!extents.empty()) {
    NNGAUGE_TRY(out.shape, checked(extents));
  }
  out.flexible = flexible_array(array);
  return ok();
}

Result<Feature> read_feature(const Message& message) {
  Feature out;
  out.name = readable(message.text(kName));
  const Message type = message.child(kType);
  Status status = ok();
  if (type.has(kImage)) status = read_image(type.child(kImage), out);
  else if (type.has(kArray)) status = read_array(type.child(kArray), out);
  else if (type.has(kStateType)) {
    status = read_array(type.child(kStateType).child(1), out);
    out.is_state = true;
  } else if (type.has(kInt64) || type.has(kDouble)) {
    out.kind = FeatureKind::kNumber;
    out.dtype = type.has(kInt64) ? DType::kInt64 : DType::kFloat64;
    out.shape = {1};
  } else if (type.has(kString)) {
    out.kind = FeatureKind::kText;
    out.dtype = DType::kString;
    out.shape = {1};
  } else if (type.has(kDictionary)) {
    out.kind = FeatureKind::kDictionary;
  } else if (type.has(kSequence)) {
    out.kind = FeatureKind::kSequence;
  }
  if (!status) return status.error().at("feature " + in_quotes(out.name));
  return out;
}

Status read_list(const Message& owner, std::uint32_t number, std::vector<Feature>& out) {
  Status status = ok();
  owner.each(number, [&](const WireField& field) {
    if (!status) return;
    if (out.size() >= kMostFeatures) {
      status = make_error(ErrorCode::kTooLarge, fmt::format("more than {} features", kMostFeatures));
      return;
    }
    auto feature = read_feature(owner.of(field));
    if (feature) out.push_back(*std::move(feature));
    else status = feature.error();
  });
  return status;
}

}  // namespace

Result<FeatureList> read_features(const Message& description) {
  FeatureList out;
  NNGAUGE_CHECK(read_list(description, kInput, out.inputs));
  NNGAUGE_CHECK(read_list(description, kOutput, out.outputs));
  NNGAUGE_CHECK(read_list(description, kState, out.states));
  out.predicted_probabilities = readable(description.text(kPredictedProbabilities));
  return out;
}

Result<FeatureList> read_features(const Message& description, const std::string& function) {
  Message found;
  description.each(kFunctions, [&](const WireField& field) {
    const Message each = description.of(field);
    if (!found.present() && readable(each.text(kFunctionName)) == function) found = each;
  });
  if (!found.present()) return read_features(description);
  FeatureList out;
  NNGAUGE_CHECK(read_list(found, kFunctionInput, out.inputs));
  NNGAUGE_CHECK(read_list(found, kFunctionOutput, out.outputs));
  NNGAUGE_CHECK(read_list(found, kFunctionState, out.states));
  return out;
}

void remark_on_flexible(const std::vector<Feature>& inputs, Diagnostics& diagnostics) {
  for (const Feature& input : inputs) {
    if (input.flexible.empty()) continue;
    diagnostics.note("flexible-shape", "input " + in_quotes(input.name),
                     fmt::format("takes other extents too ({}); the default ones are counted", input.flexible));
  }
}

}  // namespace nngauge::coreml
