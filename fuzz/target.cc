// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "cost/analysis.h"
#include "cost/memory.h"
#include "graph/shape_inference.h"
#include "parsers/containers/walk.h"
#include "parsers/format.h"

namespace nngauge::fuzz {
namespace {

// One side file that goes by every name.
class SideFile final : public Companions {
 public:
  explicit SideFile(Bytes bytes) : bytes_(bytes) {}
  Result<std::uint64_t> size_bytes(const std::string&) const override { return std::uint64_t{bytes_.size()}; }
  Result<std::shared_ptr<const MappedFile>> open(const std::string&) const override { return MappedFile::over(bytes_); }

 private:
  Bytes bytes_;
};

void analyse_model(Result<Model> model) {
  if (!model || !complete_model(*model, {})) return;
  if (const auto analysis = analyse(*model)) measure_memory(*model);
}

class ReadAll final : public WalkVisitor {
 public:
  void candidates(std::span<const WalkedMember> batch) override {
    for (const WalkedMember& candidate : batch) {
      if (const auto file = candidate.open()) analyse_model(read_model(file->source()));
    }
  }
  void failure(const std::optional<std::string>&, Error) override {}
  void skipped(std::size_t) override {}
};

const Format* find_format(const std::string& id) {
  const auto found = std::find_if(formats().begin(), formats().end(), [&](const Format& f) { return f.id == id; });
  return found == formats().end() ? nullptr : &*found;
}

void read_as(const Format& format, Bytes input) {
  const std::size_t mark = as_text(input).find(kSideMark);
  const bool sided = mark != std::string_view::npos;
  const SideFile side(sided ? input.subspan(mark + kSideMark.size()) : Bytes{});
  const std::string extension = split(format.extensions, ' ').front();
  ModelSource source{"model" + extension, sided ? input.first(mark) : input, sided ? &side : &no_companions()};
  const Bindings none;
  source.bindings = &none;
  if (format.sniff(source).confidence != Confidence::kNone) analyse_model(format.read(source));
}

}  // namespace

std::vector<std::string> targets() {
  std::vector<std::string> out = {"identify", "container"};
  for (const Format& format : formats()) out.emplace_back(format.id);
  return out;
}

bool run(const std::string& target, Bytes input) {
  if (target == "identify") {
    const auto identified = identify_format({"model.bin", input, &no_companions()});
    // Every refusal has a sentence.
    if (!identified && identified.error().message.empty()) std::abort();
    return true;
  }
  if (target == "container") {
    ReadAll visitor;
    ContainerLimits limits;  // small ones, so that an input takes milliseconds
    limits.unpacked_bytes = 8 << 20;
    limits.memory_bytes = 4 << 20;
    const auto walked = walk_content("input", MappedFile::over(input), limits, visitor);
    if (!walked && walked.error().message.empty()) std::abort();
    return true;
  }
  const Format* format = find_format(target);
  if (format == nullptr) return false;
  read_as(*format, input);
  return true;
}

}  // namespace nngauge::fuzz
