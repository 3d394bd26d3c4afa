// SPDX-License-Identifier: Apache-2.0
// TFLite's benchmark_model: settings, "count=… avg=…" lines in microseconds, and a table of operators in run order, as
// text in columns or with commas. Lines may have a prefix (logcat, INFO:), columns came and went over the years.
#include <algorithm>

#include "base/text.h"
#include "calibration/op_log_readers.h"

namespace nngauge {
namespace {

constexpr double kPerMilli = 1000;

// Fields of a text row: between tabs, else between two and more blanks.
std::vector<std::string> text_fields(std::string_view line) {
  std::vector<std::string> out;
  if (line.find('\t') != std::string_view::npos) {
    for (const std::string& field : split(line, '\t')) out.emplace_back(trim(field));
    return out;
  }
  std::size_t i = 0;
  while (i < line.size()) {
    const std::size_t gap = std::min(line.find("  ", i), line.size());
    if (gap > i) out.emplace_back(trim(line.substr(i, gap - i)));
    i = gap;
    while (i < line.size() && line[i] == ' ') ++i;
  }
  return out;
}

// The columns of a table of operators, as its header names them.
struct Header {
  bool commas = false;
  std::vector<std::string> names;
  [[nodiscard]] std::ptrdiff_t place(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : found - names.begin();
  }
};

std::string plain_name(std::string_view text) {
  std::string out;
  for (const char ch : lower_case(trim(text))) {
    if (ch != '[' && ch != ']') out += ch == '_' ? ' ' : ch;
  }
  return out;
}

std::optional<Header> read_header(std::string_view line) {
  const std::string small = lower_case(line);
  const std::size_t start = small.find("node type");
  if (start == std::string::npos || small.find("avg") == std::string::npos) return std::nullopt;
  Header out;
  const std::string_view rest = line.substr(start > 0 && line[start - 1] == '[' ? start - 1 : start);
  out.commas = rest.find('\t') == std::string_view::npos && rest.find(',') != std::string_view::npos;
  for (const std::string& field : out.commas ? split(rest, ',') : text_fields(rest))
    out.names.push_back(plain_name(field));
  return out;
}

// Kind and name may have commas: the numbers between them do not.
std::vector<std::string> comma_fields(std::string_view line, std::size_t numbers) {
  const std::vector<std::string> parts = split(line, ',');
  const auto is_number = [](const std::string& part) {
    return log_number(trim(part)).has_value() || log_number(trim(part), "%").has_value();
  };
  for (std::size_t first = 1; first + numbers <= parts.size(); ++first) {
    const auto begin = parts.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(numbers);
    if (!std::all_of(begin, end, is_number)) continue;
    std::vector<std::string> out = {std::string(trim(join({parts.data(), first}, ",")))};
    for (auto field = begin; field != end; ++field) out.emplace_back(trim(*field));
    const std::vector<std::string> rest(end, parts.end());
    out.emplace_back(trim(join(rest, ",")));
    return out;
  }
  return {};
}

// "[name/of/op]:7", "Delegate/Convolution (NHWC, F32) GEMM:7": the place behind the last colon.
std::optional<std::int64_t> index_of(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos || name.starts_with("Delegate/")) return std::nullopt;
  const std::optional<double> value = log_number(name.substr(colon + 1));
  return value && *value < 1e9 ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

// nullopt: not a row of the table. An error: a row whose time is none.
std::optional<Result<LoggedOp>> read_row(std::string_view line, const Header& header, std::int64_t number) {
  const std::size_t columns = header.names.size();
  std::vector<std::string> fields = header.commas ? comma_fields(line, columns - 2) : text_fields(line);
  if (header.commas && fields.empty() && split(line, ',').size() >= columns) fields = split(line, ',');
  if (fields.size() < columns) return std::nullopt;
  fields.erase(fields.begin(), fields.end() - static_cast<std::ptrdiff_t>(columns));  // a prefix
  LoggedOp out;
  out.line = number, out.kind = std::string(trim(fields.front())), out.name = std::string(trim(fields.back()));
  out.index = index_of(out.name);
  const std::ptrdiff_t mean = header.place("avg ms"), called = header.place("times called");
  if (mean < 0) return std::nullopt;
  const std::string_view time = trim(fields[static_cast<std::size_t>(mean)]);
  const std::optional<double> ms = log_number(time);
  if (!ms) return log_error(number, "avg ms", in_quotes(time) + " is not a time");
  const std::optional<double> times = called < 0 ? 1 : log_number(trim(fields[static_cast<std::size_t>(called)]));
  out.ms = *ms * times.value_or(1);
  return out;
}

// The value of `key` in "count=50 first=23216 …".
std::optional<double> value_of(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + key.size());
  return log_number(rest.substr(0, std::min(rest.find_first_of(" \t,"), rest.size())));
}

std::optional<LoggedSeries> read_series(std::string_view line, std::int64_t number) {
  const std::optional<double> mean = value_of(line, " avg=");
  if (line.find("count=") == std::string_view::npos || !mean || *mean <= 0) return std::nullopt;
  LoggedSeries out;
  out.line = number, out.mean_ms = *mean / kPerMilli;
  const auto milli = [&](std::string_view key) {
    const std::optional<double> value = value_of(line, key);
    return value ? std::optional(*value / kPerMilli) : std::nullopt;
  };
  out.std_ms = milli(" std="), out.first_ms = milli(" first="), out.last_ms = milli(" curr=");
  out.least_ms = milli(" min=");
  return out;
}

// "Graph: [x]", "Num threads: [4]", "--graph=x": what stands behind a setting; empty: it is not in the line.
std::string setting(std::string_view line, std::string_view label, std::string_view flag) {
  if (const std::size_t at = line.find(label); at != std::string_view::npos) {
    const std::string_view rest = trim(line.substr(at + label.size()));
    const std::size_t open = rest.find('['), close = rest.find(']');
    if (rest.starts_with(":") && open != std::string_view::npos && close != std::string_view::npos && close > open) {
      return std::string(rest.substr(open + 1, close - open - 1));
    }
  }
  if (const std::size_t at = line.find(flag); at != std::string_view::npos) {
    const std::string_view rest = line.substr(at + flag.size());
    return std::string(rest.substr(0, std::min(rest.find_first_of(" \t"), rest.size())));
  }
  return "";
}

class Reader {
 public:
  OpLogs run(std::string_view text) {
    std::int64_t number = 0;
    for (const std::string_view line : log_lines(text)) read(line, ++number);
    finish();
    return std::move(out_);
  }

 private:
  enum class Section : std::uint8_t { kNone, kStart, kOps, kOther };

  void read(std::string_view line, std::int64_t number) {
    read_settings(line);
    if (line.find("Profiling Info for Benchmark Initialization") != std::string_view::npos) section_ = Section::kStart;
    if (line.find("for Regular Benchmark Runs") != std::string_view::npos) section_ = Section::kNone;
    if (line.find("=====") != std::string_view::npos) begin_table(line);
    if (line.find("Timings (microseconds)") != std::string_view::npos) {
      if (section_ != Section::kStart) profiled_ = read_series(line, number);
    } else if (auto series = read_series(line, number)) {
      log_.whole = series;  // the last: those before it are of the warm-up
    }
    if (const std::optional<Header> header = read_header(line)) {
      header_ = *header;
      return;
    }
    if (section_ == Section::kOps && header_) add_row(line, number);
  }

  void begin_table(std::string_view line) {
    header_.reset();
    const bool order = line.find("Run Order") != std::string_view::npos;
    if (section_ == Section::kStart) {
      if (line.find("Summary by node type") != std::string_view::npos) section_ = Section::kOther;
      return;
    }
    section_ = order && log_.ops.empty() ? Section::kOps : Section::kOther;
  }

  void add_row(std::string_view line, std::int64_t number) {
    const std::optional<Result<LoggedOp>> row = read_row(line, *header_, number);
    if (!row) return;
    if (!*row) out_.errors.push_back(row->error());
    else if (!(*row)->kind.starts_with("AllocateTensors") && !(*row)->kind.starts_with("LiteRT::"))
      log_.ops.push_back(**row);
  }

  void read_settings(std::string_view line) {
    if (const std::string graph = setting(line, "Graph", "--graph="); !graph.empty()) {
      if (!log_.model.empty() && log_.model != graph && (log_.whole || !log_.ops.empty())) finish();
      log_.model = graph;
    }
    const std::string threads = setting(line, "Num threads", "--num_threads=");
    if (const auto value = log_number(threads); value && *value >= 1 && *value < 1000)
      threads_ = static_cast<int>(*value);
    const std::string gpu = setting(line, "Use gpu", "--use_gpu=");
    if (!gpu.empty()) gpu_ = gpu == "1" || gpu == "true";
  }

  // The log of one network is complete.
  void finish() {
    if (!log_.whole) log_.whole = profiled_;
    if (gpu_) log_.setup = "tflite-gpu";
    else if (threads_ > 0)
      log_.setup = "tflite-cpu-" + std::to_string(threads_) + (threads_ == 1 ? "thread" : "threads");
    if (log_.whole) check_whole();
    out_.logs.push_back(std::move(log_));
    log_ = {}, profiled_.reset(), header_.reset(), section_ = Section::kNone;
  }

  // The operators of a run take what the run takes, about.
  void check_whole() {
    constexpr double kMostApart = 1.5, kUnit = 200;
    if (const auto reason = throttled(*log_.whole)) {
      out_.errors.push_back(log_error(log_.whole->line, "curr", *reason));
      log_.whole.reset();
      return;
    }
    double sum = 0;
    for (const LoggedOp& op : log_.ops) sum += op.ms;
    if (sum <= 0) return;
    const double apart = std::max(sum / log_.whole->mean_ms, log_.whole->mean_ms / sum);
    if (apart < kMostApart) return;
    const std::string hint = apart < kUnit ? "" : "; one of them is in another unit";
    out_.errors.push_back(log_error(log_.whole->line, "avg",
                                    "the operators take " + fixed(sum, 3) + " ms together, a run " +
                                        fixed(log_.whole->mean_ms, 3) + " ms" + hint + "; the run is left out"));
    log_.whole.reset();
  }

  OpLogs out_;
  OpLog log_;
  std::optional<LoggedSeries> profiled_;
  std::optional<Header> header_;
  Section section_ = Section::kNone;
  int threads_ = 0;
  bool gpu_ = false;
};

}  // namespace

bool is_tflite_log(std::string_view text) {
  for (const std::string_view line : log_lines(text)) {
    if (read_header(line) || line.find("Inference timings in us") != std::string_view::npos) return true;
    if (line.find("count=") != std::string_view::npos && value_of(line, " avg=")) return true;
  }
  return false;
}

OpLogs read_tflite_log(std::string_view text) { return Reader().run(text); }

}  // namespace nngauge
