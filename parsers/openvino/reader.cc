// SPDX-License-Identifier: Apache-2.0
#include "parsers/openvino/reader.h"

#include <fmt/format.h>

#include "base/text.h"
#include "parsers/openvino/builder.h"
#include "parsers/openvino/network.h"
#include "parsers/side_name.h"

namespace nngauge::openvino {
namespace {

constexpr std::int64_t kOldest = 2, kNewest = 11;
}  // namespace

Claim sniff(const ModelSource& source) {
  std::string_view head = as_text(source.bytes).substr(0, 8192);
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  head = trim(head);
  if (!head.starts_with('<')) return {};
  const std::size_t net = head.find("<net ");
  if (net == std::string_view::npos || head.find("version=", net) == std::string_view::npos) return {};
  if (head.find("<layers", net) == std::string_view::npos) return {Confidence::kPossible, "an XML element net"};
  return {Confidence::kCertain, "an XML element net with layers"};
}

Result<Model> read(const ModelSource& source) {
  NNGAUGE_TRY(const Network net, parse_network(source.bytes));
  if (net.version < kOldest || net.version > kNewest) {
    return make_error(ErrorCode::kUnsupportedVersion, fmt::format("version {} of the representation; {} to {} are read",
                                                                  net.version, kOldest, kNewest));
  }
  Model model;
  model.format = "openvino";
  model.format_version = std::to_string(net.version);
  model.name = printable(net.name);
  model.files.push_back({"", source.bytes.size()});
  model.graphs.emplace_back();
  model.main().name = model.name;
  const std::string name = side_name(source.path, ".xml", ".bin");
  std::shared_ptr<const MappedFile> bin;
  if (!name.empty() && source.companions->size_bytes(name)) {
    NNGAUGE_TRY(bin, source.companions->open(name));
    model.files.push_back({name, bin->bytes().size()});
  } else {
    model.files.push_back({name.empty() ? "weights" : name, std::nullopt});
    model.diagnostics.note("weights-absent", "",
                           "the .bin with the weights is not there; their extents stand in the .xml");
  }
  Builder builder(net, model, 0, bin ? bin->bytes() : Bytes(), bin != nullptr);
  NNGAUGE_CHECK(builder.build());
  builder.finish();
  return model;
}

}  // namespace nngauge::openvino
