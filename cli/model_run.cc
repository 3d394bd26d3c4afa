// SPDX-License-Identifier: Apache-2.0
#include "cli/model_run.h"

#include <algorithm>
#include <exception>
#include <map>
#include <new>
#include <utility>

#include "cli/exit_codes.h"
#include "cli/inputs.h"
#include "cli/parallel.h"
#include "parsers/extensions.h"
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

// A model of an input, or what is wrong with it.
struct Piece {
  std::optional<std::string> member;
  Result<std::string> rendered;
};

// All that came of one input.
struct Pieces {
  std::vector<Piece> items;
  std::size_t skipped = 0;  // members that are no model
  std::optional<WalkedInput> walked;
};

// Whether a model's weights were given as the input while its structure lies beside it under a name of its own: the
// pair is reported once, under the structure's name.
bool is_second_of_pair(const ModelResult& result) {
  const auto structure = [](std::string_view name) {
    const ExtensionInfo* row = find_extension(name);
    return row != nullptr && row->holds == "structure";
  };
  const std::string own = result.member.value_or(result.path);
  return result.model.files.size() > 1 && !structure(own) &&
         std::any_of(result.model.files.begin() + 1, result.model.files.end(),
                     [&](const DataFile& file) { return structure(file.name) && file.size_bytes.has_value(); });
}

// Works on the models of one input.
class Worker final : public WalkVisitor {
 public:
  Worker(const InputFile& input, std::size_t index, const ModelRun& run, const LoadOptions& load, int threads)
      : input_(input), index_(index), run_(run), load_(load), threads_(threads) {}

  void candidates(std::span<const WalkedMember> batch) override {
    const std::function<std::optional<Result<std::string>>(std::size_t)> work = [&](std::size_t i) {
      return work_on(batch[i], next_ + i);
    };
    const std::function<bool(std::size_t, std::optional<Result<std::string>>)> deliver =
        [&](std::size_t i, std::optional<Result<std::string>> result) {
          if (result) out_.items.push_back({batch[i].member, std::move(*result)});
          else ++out_.skipped;
          return true;
        };
    run_in_order(batch.size(), threads_, work, deliver);
    next_ += batch.size();
  }
  void failure(const std::optional<std::string>& member, Error error) override {
    out_.items.push_back({member, std::move(error)});
  }
  void skipped(std::size_t members) override { out_.skipped += members; }

  Pieces take() { return std::move(out_); }

 private:
  // Nothing where a member is no model, or a file that was not named belongs to one beside it.
  std::optional<Result<std::string>> work_on(const WalkedMember& member, std::size_t number) const try {
    const Result<OpenedFile> file = member.open();
    if (!file) return file.error();
    const Result<ModelResult> result = load_model(*file, load_);
    const bool is_named = member.member == input_.member && !input_.folder;
    if (!result) {
      if (!is_named && member.member && is_no_model(result.error(), *member.member)) return std::nullopt;
      return result.error();
    }
    if (!is_named && is_second_of_pair(*result)) return std::nullopt;
    return run_.render(*result, (index_ << 32U) | number);
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::kTooLarge, "not enough memory to read it");
  } catch (const std::exception& error) {
    return make_error(ErrorCode::kInternal, error.what());
  }

  const InputFile& input_;
  std::size_t index_;
  const ModelRun& run_;
  const LoadOptions& load_;
  int threads_;
  std::size_t next_ = 0;
  Pieces out_;
};

Result<WalkedInput> walk(const InputFile& input, const ContainerLimits& limits, Worker& worker) try {
  if (input.error) return *input.error;
  return walk_input({input.path, input.member}, limits, worker);
} catch (const std::bad_alloc&) {
  return make_error(ErrorCode::kTooLarge, "not enough memory to read it");
} catch (const std::exception& error) {
  return make_error(ErrorCode::kInternal, error.what());
}

Pieces work_on(const InputFile& input, std::size_t index, const ModelRun& run, const LoadOptions& load, int threads) {
  Worker worker(input, index, run, load, threads);
  const Result<WalkedInput> walked = walk(input, load.limits, worker);
  Pieces out = worker.take();
  if (!walked) {
    out.items.push_back({input.member, walked.error()});
    return out;
  }
  if (walked->is_container) out.walked = *walked;
  if (walked->is_container && out.items.empty()) {
    out.items.push_back(
        {input.member, make_error(ErrorCode::kNotAModel, "no model among the " + plural(walked->members, "member") +
                                                             " of the " + walked->title)});
  }
  return out;
}

}  // namespace

int json_level(const Session& session) { return session.common.format == OutputFormat::kJson ? kItemLevel : -1; }

Result<int> run_models(const Session& session, const ModelRun& run) {
  const std::vector<InputFile> inputs = list_inputs(session.arguments.operands);
  Console& console = session.console;
  Printer printer(session, run);
  Outcome outcome;
  std::map<std::string, FolderCount> folders;

  LoadOptions load = run.load;
  load.limits = session.common.limits;
  // The threads that the inputs leave over work inside containers.
  const int inner = std::max(1, session.common.threads / static_cast<int>(std::min<std::size_t>(
                                                             std::max<std::size_t>(inputs.size(), 1), 256)));
  const std::function<Pieces(std::size_t)> work = [&](std::size_t i) {
    return work_on(inputs[i], i, run, load, inner);
  };
  const std::function<bool(std::size_t, Pieces)> deliver = [&](std::size_t i, Pieces pieces) {
    const InputFile& input = inputs[i];
    const auto counted = [&](const Piece& piece) {
      return piece.rendered || !input.folder || !is_no_model(piece.rendered.error(), piece.member.value_or(input.path));
    };
    bool any = false;
    for (Piece& piece : pieces.items) {
      if (!counted(piece)) continue;
      any = true;
      if (piece.rendered) {
        ++outcome.used;
        printer.item(*piece.rendered);
      } else {
        outcome.count_failure(piece.rendered.error().code);
        printer.failure({input.path, piece.member, piece.rendered.error()});
      }
    }
    if (any && pieces.walked && pieces.skipped > 0)
      console.print_note(input.path + ": " + plural(pieces.skipped, "member") + " skipped, being no model");
    if (input.folder) ++(any ? folders[*input.folder].models : folders[*input.folder].skipped);
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
