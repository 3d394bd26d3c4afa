// SPDX-License-Identifier: Apache-2.0
#include "cli/load_model.h"

#include <exception>
#include <new>

#include "base/file.h"
#include "base/text.h"
#include "cli/hashes.h"
#include "parsers/format.h"

namespace nngauge {
namespace {

Result<ModelResult> load(const OpenedFile& file, const LoadOptions& options) {
  ModelResult out;
  out.path = file.path;
  out.member = file.member;
  out.size_bytes = file.file->bytes().size();
  ModelSource source = file.source();
  source.bindings = &options.bindings;
  source.phase = options.phase;
  Identity identity;
  NNGAUGE_TRY(out.model, read_model(source, &identity));
  out.confidence = confidence_name(identity.claim.confidence);
  out.identified_by = identity.claim.why;
  NNGAUGE_CHECK(complete_model(out.model, options.bindings));
  NNGAUGE_TRY(out.analysis, analyse(out.model));
  out.memory = measure_memory(out.model);
  out.kv_cache = find_kv_cache(out.model);
  if (options.hashes) {
    NNGAUGE_TRY(FileHashes hashes, hash_bytes(file.file->bytes()));
    out.md5 = std::move(hashes.md5);
    out.sha256 = std::move(hashes.sha256);
  }
  return out;
}

// Loads the first model, and remembers the names of the others.
class FirstModel final : public WalkVisitor {
 public:
  explicit FirstModel(const LoadOptions& options) : options_(options) {}
  void candidates(std::span<const WalkedMember> batch) override {
    for (const WalkedMember& candidate : batch) {
      auto file = candidate.open();
      if (!file) {
        failure(candidate.member, file.error());
      } else if (models_.empty()) {
        keep(*file, load_model(*file, options_));
      } else if (claimed_format(file->source())) {
        models_.push_back(file->display());
      }
    }
  }
  void failure(const std::optional<std::string>& member, Error error) override {
    if (!failure_) failure_ = member ? error.at(*member) : std::move(error);
  }
  void skipped(std::size_t) override {}

  Result<ModelResult> take(const WalkedInput& input) {
    if (models_.size() > 1) {
      constexpr std::size_t kMostNamed = 8;
      const bool more = models_.size() > kMostNamed;
      const std::string all = join(std::span(models_).first(more ? kMostNamed : models_.size()), ", ");
      return make_error(ErrorCode::kUsage, "the " + input.title + " holds " + std::to_string(models_.size()) +
                                               " models; name one of them: " + all + (more ? ", …" : ""));
    }
    if (result_) return std::move(*result_);
    if (failure_) return *failure_;
    if (refusal_ && !input.is_container) return *refusal_;
    return make_error(ErrorCode::kNotAModel, "no model in the " + input.title);
  }

 private:
  void keep(const OpenedFile& file, Result<ModelResult> result) {
    if (!result) {
      if (!file.member || !is_no_model(result.error(), *file.member)) failure(file.member, result.error());
      else if (!refusal_) refusal_ = result.error();
      return;
    }
    models_.push_back(file.display());
    result_ = std::move(*result);
  }

  const LoadOptions& options_;
  std::optional<ModelResult> result_;
  std::optional<Error> failure_;
  std::optional<Error> refusal_;  // of the first file that is no model
  std::vector<std::string> models_;
};

}  // namespace

Result<ModelResult> load_model(const OpenedFile& file, const LoadOptions& options) {
  try {
    return load(file, options);
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::kTooLarge, "not enough memory to read it");
  } catch (const std::exception& error) {
    return make_error(ErrorCode::kInternal, error.what());
  }
}

Result<ModelResult> load_model(const std::string& path, const LoadOptions& options) {
  FirstModel first(options);
  const InputPath input = split_input_path(path);
  NNGAUGE_TRY(const WalkedInput walked, walk_input(input, options.limits, first));
  return first.take(walked);
}

}  // namespace nngauge
