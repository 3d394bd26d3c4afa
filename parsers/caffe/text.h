// SPDX-License-Identifier: Apache-2.0
// Owns: prototxt to NetParameter by libprotobuf's text format, which knows only words of the schema: words of forks and
// fields of forks are let through and reported, sizes are limited. Looking at a prototxt's outermost fields.
// Not here: what the fields mean.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "base/result.h"
#include "parsers/caffe/forward.h"

namespace nngauge::caffe_format {

// More layers than any network has: a bound on memory.
inline constexpr std::size_t kMaxLayers = 100'000;

// Reads a prototxt. Fields that the schema lacks are named in `diagnostics`.
// Errors: kDamaged with line and column, kTooLarge (text, nesting, layers).
Status parse_text(std::string_view text, caffe::NetParameter& net, Diagnostics& diagnostics);

// The same for a solver that holds the network: `net_param`, else the first of `test_net_param`, else
// `train_net_param`.
Status parse_solver(std::string_view text, caffe::NetParameter& net, Diagnostics& diagnostics);

// What stands at the outermost level of a text of fields.
struct TopLevel {
  std::map<std::string, std::size_t, std::less<>> fields;  // field names and how often they occur
  bool network_inside = false;                             // a field ending in `net_param` holds layers
  bool is_fields = false;                                  // nothing but fields up to where it was read
  bool nested_layer = false;                               // `layers` holds a `layer` (V0)
  bool quoted_layers_type = false;                         // `layers` holds a quoted type
  [[nodiscard]] std::size_t count(std::string_view field) const;
};

// Reads up to a few MB; never fails. A text that is no list of fields has is_fields unset.
TopLevel scan_top_level(std::string_view text);

// The text without a byte order mark.
std::string_view without_mark(std::string_view text);

}  // namespace nngauge::caffe_format
