// SPDX-License-Identifier: Apache-2.0
#include "cli/model_run.h"

#include <exception>
#include <map>
#include <utility>

#include "cli/exit_codes.h"
#include "cli/inputs.h"
#include "cli/parallel.h"
#include "report/document.h"

namespace nngauge {
namespace {

// Prints results one by one in the session's format.
class Printer {
 public:
  Printer(const Session& session, const ModelRun& run) : console_(session.console), format_(session.common.format) {
    if (format_ == OutputFormat::kJson) console_.print(document_opening(run.command, "models"));
    if (format_ == OutputFormat::kCsv) console_.print(run.csv_header);
  }

  void item(const std::string& text) {
    switch (format_) {
      case OutputFormat::kText:
        console_.print((any_ && !text.empty() ? "\n" : "") + text);
        break;
      case OutputFormat::kJson:
        console_.print(document_item(text, !any_));
        break;
      case OutputFormat::kCsv:
        console_.print(text);
        break;
      case OutputFormat::kNdjson:
        console_.print(text + "\n");
        console_.flush();
        break;
    }
    any_ = any_ || !text.empty();
  }

  void failure(FailedInput failed) {
    console_.flush();
    console_.print_error(failed);
    if (format_ == OutputFormat::kNdjson) {
      console_.print(failed_input_line(failed));
      console_.flush();
    }
    failures_.push_back(std::move(failed));
  }

  void end() {
    if (format_ == OutputFormat::kJson) console_.print(document_closing(any_, failures_));
  }

 private:
  Console& console_;
  OutputFormat format_;
  bool any_ = false;
  std::vector<FailedInput> failures_;
};

// What a folder held: a folder without any model is an error of its own.
struct FolderCount {
  std::size_t skipped = 0, models = 0;
};

Result<std::string> work_on(const InputFile& input, std::size_t index, const ModelRun& run) {
  if (input.error) return *input.error;
  NNGAUGE_TRY(const ModelResult result, load_model(input.path, run.load));
  try {
    return run.render(result, index);
  } catch (const std::exception& error) {
    return make_error(ErrorCode::kInternal, error.what());
  }
}

}  // namespace

int json_level(const Session& session) { return session.common.format == OutputFormat::kJson ? kItemLevel : -1; }

Result<int> run_models(const Session& session, const ModelRun& run) {
  const std::vector<InputFile> inputs = list_inputs(session.arguments.operands);
  Console& console = session.console;
  Printer printer(session, run);
  Outcome outcome;
  std::map<std::string, FolderCount> folders;

  const std::function<Result<std::string>(std::size_t)> work = [&](std::size_t i) {
    return work_on(inputs[i], i, run);
  };
  const std::function<bool(std::size_t, Result<std::string>)> deliver = [&](std::size_t i, Result<std::string> result) {
    const InputFile& input = inputs[i];
    if (!result && input.folder && result.error().code == ErrorCode::kNotAModel) {
      ++folders[*input.folder].skipped;
      return true;
    }
    if (input.folder) ++folders[*input.folder].models;
    if (result) {
      ++outcome.used;
      printer.item(*result);
    } else {
      outcome.count_failure(result.error().code);
      printer.failure({input.path, {}, result.error()});
    }
    console.show_progress(i + 1, inputs.size());
    return !console.reader_has_gone();
  };
  run_in_order(inputs.size(), session.common.threads, work, deliver);

  for (const auto& [folder, count] : folders) {
    if (count.models == 0) {
      const Error error =
          make_error(ErrorCode::kNotAModel, "no model among the folder's " + plural(count.skipped, "file"));
      outcome.count_failure(error.code);
      printer.failure({folder, {}, error});
    } else if (count.skipped > 0) {
      console.print_note(folder + ": " + plural(count.skipped, "file") + " skipped, being no model");
    }
  }
  if (session.common.format == OutputFormat::kText && run.text_ending) printer.item(run.text_ending());
  printer.end();
  if (console.reader_has_gone()) return int{kExitDone};
  return int{exit_code(outcome)};
}

}  // namespace nngauge
