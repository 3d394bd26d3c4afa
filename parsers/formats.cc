// SPDX-License-Identifier: Apache-2.0
#include "parsers/format.h"

namespace nngauge {

std::span<const Format> formats() { return {}; }

Result<const Format*> identify_format(const ModelSource& source) {
  for (const Format& format : formats()) {
    if (format.sniff(source) == Confidence::kCertain) return &format;
  }
  return make_error(ErrorCode::kNotAModel, "the content has the structure of no known format");
}

Result<Model> read_model(const ModelSource& source) {
  NNGAUGE_TRY(const Format* format, identify_format(source));
  return format->read(source);
}

}  // namespace nngauge
