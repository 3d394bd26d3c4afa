// SPDX-License-Identifier: Apache-2.0
#include "calibration/runs.h"

#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

#include "base/text.h"

namespace nngauge {
namespace {

// One record of RFC 4180: fields, and the line it starts on.
struct Record {
  std::vector<std::string> fields;
  std::int64_t line = 0;
  bool open_quote = false;
};

std::vector<Record> read_records(std::string_view csv) {
  std::vector<Record> out;
  std::int64_t line = 1;
  std::size_t i = csv.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (i < csv.size()) {
    Record record;
    record.line = line;
    std::string field;
    bool quoted_field = false, ended = false;
    while (i < csv.size() && !ended) {
      const char ch = csv[i++];
      if (ch == '\n') line += 1;
      if (quoted_field) {
        if (ch != '"') field += ch;
        else if (i < csv.size() && csv[i] == '"') field += csv[i++];
        else quoted_field = false;
      } else if (ch == '"' && trim(field).empty()) {
        field.clear();
        quoted_field = true;
      } else if (ch == ',') {
        record.fields.push_back(std::move(field));
        field.clear();
      } else if (ch == '\n') {
        ended = true;
      } else if (ch != '\r') {
        field += ch;
      }
    }
    record.open_quote = quoted_field;
    record.fields.push_back(std::move(field));
    for (std::string& text : record.fields) text = std::string(trim(text));
    if (record.fields.size() > 1 || !record.fields[0].empty()) out.push_back(std::move(record));
  }
  return out;
}

std::optional<double> find_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Error bad(std::string where, std::string message) {
  Error error = make_error(ErrorCode::kBadRuns, std::move(message));
  error.where = std::move(where);
  return error;
}

class Reader {
 public:
  explicit Reader(const Record& header) {
    for (std::size_t i = 0; i < header.fields.size(); ++i) columns_.emplace(header.fields[i], i);
  }
  [[nodiscard]] bool has(const std::string& column) const { return columns_.contains(column); }

  Result<Run> read(const Record& record) const {
    if (record.open_quote) return bad(place(record), "a quoted field is not closed");
    Run run;
    run.line = record.line;
    NNGAUGE_TRY(run.model, text(record, "model"));
    NNGAUGE_TRY(run.device, text(record, "device"));
    NNGAUGE_TRY(run.setup, text(record, "setup"));
    NNGAUGE_TRY(const std::optional<double> latency, number(record, "latency_ms", false, true));
    run.latency_ms = *latency;
    NNGAUGE_TRY(run.latency_std_ms, number(record, "latency_std_ms", true, false));
    NNGAUGE_TRY(run.energy_mj, number(record, "energy_mj", false, false));
    run.family = field(record, "family");
    return run;
  }

 private:
  static std::string place(const Record& record) { return "line " + std::to_string(record.line); }
  static std::string place(const Record& record, const std::string& column) {
    return place(record) + ", column " + column;
  }

  std::string field(const Record& record, const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= record.fields.size() ? "" : record.fields[found->second];
  }
  Result<std::string> text(const Record& record, const std::string& column) const {
    std::string value = field(record, column);
    if (value.empty()) return bad(place(record, column), "no " + column + " is given");
    return value;
  }
  Result<std::optional<double>> number(const Record& record, const std::string& column, bool zero, bool needed) const {
    const std::string given = field(record, column);
    if (given.empty() && !needed) return std::optional<double>();
    if (given.empty()) return bad(place(record, column), "no " + column + " is given");
    const std::optional<double> value = find_number(given);
    if (!value) return bad(place(record, column), quoted(given) + " is not a number");
    if (*value < 0 || (*value == 0 && !zero)) {
      return bad(place(record, column), given + (zero ? " is negative" : " is not greater than 0"));
    }
    return value;
  }

  std::map<std::string, std::size_t> columns_;
};

}  // namespace

Result<RunTable> parse_runs(std::string_view csv) {
  const std::vector<Record> records = read_records(csv);
  if (records.empty()) return bad("line 1", "the table is empty; its header is model,device,setup,latency_ms");
  const Reader reader(records.front());
  for (const char* column : {"model", "device", "setup", "latency_ms"}) {
    if (!reader.has(column))
      return bad("line " + std::to_string(records.front().line), std::string("the header has no column ") + column);
  }
  if (records.size() == 1) return bad("line 2", "the table has a header but no rows");
  RunTable out;
  out.has_energy = reader.has("energy_mj"), out.has_family = reader.has("family");
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> seen;
  for (std::size_t i = 1; i < records.size(); ++i) {
    Result<Run> run = reader.read(records[i]);
    if (!run) {
      out.errors.push_back(run.error());
      continue;
    }
    const auto [first, fresh] = seen.emplace(std::tuple(run->model, run->device, run->setup), run->line);
    if (!fresh) {
      out.errors.push_back(bad("line " + std::to_string(run->line) + ", column model",
                               "the same model, device and setup stand in line " + std::to_string(first->second)));
      continue;
    }
    out.runs.push_back(std::move(run).value());
  }
  return out;
}

}  // namespace nngauge
