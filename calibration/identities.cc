// SPDX-License-Identifier: Apache-2.0
#include "calibration/identities.h"

#include <array>
#include <map>

#include "base/csv.h"
#include "base/text.h"

namespace nngauge {
namespace {

struct Column {
  std::string_view name;
  std::string ProfileIdentity::*field;
};
constexpr std::array<Column, 9> kColumns = {{
    {"device", &ProfileIdentity::id},
    {"description", &ProfileIdentity::description},
    {"soc", &ProfileIdentity::soc},
    {"cores", &ProfileIdentity::cores},
    {"source", &ProfileIdentity::source},
    {"licence", &ProfileIdentity::licence},
    {"date", &ProfileIdentity::date},
    {"runtime_version", &ProfileIdentity::runtime_version},
    {"gpu", &ProfileIdentity::gpu},
}};

}  // namespace

Result<std::vector<ProfileIdentity>> parse_identities(std::string_view csv) {
  const CsvTable table(csv, ErrorCode::kBadRuns);
  NNGAUGE_CHECK(table.require({"device"}));
  std::vector<ProfileIdentity> out;
  std::map<std::string, std::int64_t> seen;
  for (const CsvRecord& row : table.rows()) {
    ProfileIdentity identity;
    for (const Column& column : kColumns) identity.*column.field = table.field(row, std::string(column.name));
    NNGAUGE_TRY(identity.id, table.text(row, "device"));
    if (identity.id.find_first_of("/ \t\n") != std::string::npos) {
      return table.error_at(row, "device", "an id has no slash and no blank, unlike " + in_quotes(identity.id));
    }
    const auto [first, fresh] = seen.emplace(identity.id, row.line);
    if (!fresh) {
      return table.error_at(row, "device", "the same device stands in line " + std::to_string(first->second));
    }
    out.push_back(std::move(identity));
  }
  return out;
}

}  // namespace nngauge
