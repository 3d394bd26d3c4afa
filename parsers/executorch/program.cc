// SPDX-License-Identifier: Apache-2.0
#include "parsers/executorch/program.h"

#include <cstring>

#include "base/text.h"
#include "flat_tensor_generated.h"
#include "parsers/flatbuffer.h"

namespace nngauge::executorch {
namespace {

constexpr FlatSchema kSideSchema{ptd::FlatTensorTypeTable, [](flatbuffers::Verifier& verifier) {
                                   return verifier.VerifyBuffer<ptd::FlatTensor>(nullptr);
                                 }};

// Where segments begin: told by the header behind the identifier, if there is one.
std::uint64_t segment_base(Bytes bytes) {
  const bool extended = bytes.size() >= 32 && as_text(bytes.subspan(8, 4)) == "eh00";
  return extended ? number_at<std::uint64_t>(bytes, 24) : 0;
}

// The same of a file of tensors, whose header also says where the tables are.
std::uint64_t side_segment_base(Bytes bytes) {
  const bool extended = bytes.size() >= 40 && as_text(bytes.subspan(8, 4)) == "FH01";
  return extended ? number_at<std::uint64_t>(bytes, 32) : 0;
}

Error no_segment(std::uint64_t index, std::size_t segments) {
  return make_error(ErrorCode::kDamaged, "names segment " + std::to_string(index) + " of " + std::to_string(segments));
}

}  // namespace

Result<DataRef> place_in_file(Count begin, std::uint64_t size, std::uint64_t file_bytes, std::int32_t file) {
  if (begin.overflowed() || begin.value() > file_bytes || size > file_bytes - begin.value()) {
    const std::string at = begin.overflowed() ? "beyond 64 bits" : std::to_string(begin.value());
    return make_error(ErrorCode::kDamaged, std::to_string(size) + " bytes at byte " + at +
                                               " run past the end of the file at " + std::to_string(file_bytes) +
                                               " bytes");
  }
  return DataRef{file, begin.value(), size};
}

Program::Program(const ModelSource& source, Bytes aligned, Model& model)
    : source_(source),
      bytes_(aligned),
      tables_(*flatbuffers::GetRoot<fb::Program>(aligned.data())),
      model_(model),
      budget_(aligned.size(), 4),
      segment_base_(segment_base(aligned)) {
  for (std::size_t i = 0; i < length(tables_.named_data()); ++i) {
    const fb::NamedData& entry = get(tables_.named_data(), i);
    if (!spend(64 + length(entry.key()))) break;
    names_.emplace(text_of(entry.key()), entry.segment());
  }
}

void Program::remark_once(const std::string& code, const std::string& message) {
  if (!told_[code]) model_.diagnostics.warn(code, "", message);
  told_[code] = true;
}

Result<DataRef> Program::in_segment(std::uint64_t index, std::uint64_t offset, std::uint64_t size) const {
  if (index >= length(tables_.segments())) return no_segment(index, length(tables_.segments()));
  const fb::Segment& segment = get(tables_.segments(), static_cast<std::size_t>(index));
  if (offset > segment.size() || size > segment.size() - offset) {
    return make_error(ErrorCode::kDamaged, std::to_string(size) + " bytes at byte " + std::to_string(offset) +
                                               " of a segment of " + std::to_string(segment.size()) + " bytes");
  }
  return place_in_file(Count(segment_base_) + Count(segment.offset()) + Count(offset), size, bytes_.size(), 0);
}

Result<DataRef> Program::segment(std::uint64_t index) const {
  if (index >= length(tables_.segments())) return no_segment(index, length(tables_.segments()));
  return in_segment(index, 0, get(tables_.segments(), static_cast<std::size_t>(index)).size());
}

Result<DataRef> Program::constant(std::uint32_t index, std::uint64_t size) {
  const auto* segment = tables_.constant_segment();
  if (segment && index < length(segment->offsets()))
    return in_segment(segment->segment(), number_of(segment->offsets(), index), size);
  if (index >= length(tables_.constant_buffer())) {
    return make_error(ErrorCode::kDamaged,
                      "is constant " + std::to_string(index) + " of " +
                          std::to_string(segment ? length(segment->offsets()) : length(tables_.constant_buffer())));
  }
  const auto* storage = get(tables_.constant_buffer(), index).storage();
  if (length(storage) < size) {
    return make_error(ErrorCode::kDamaged, "needs " + std::to_string(size) + " bytes, its constant holds " +
                                               std::to_string(length(storage)));
  }
  return size == 0 ? DataRef{} : DataRef{0, offset_of(storage->data()), size};
}

// A file of tensors by name beside the program: `<stem>.ptd`, or the name that the exporter gives it by itself.
void Program::open_side_file() {
  side_opened_ = true;
  const std::string file = source_.path.substr(source_.path.find_last_of("/\\!") + 1);
  const std::size_t dot = file.rfind('.');
  if (dot == std::string::npos || dot == 0) return;
  std::string name = file.substr(0, dot) + ".ptd";
  auto side = source_.companions->open(name);
  if (!side) side = source_.companions->open(name = "_default_external_constant.ptd");
  if (!side || flat_identifier((*side)->bytes()) != "FT01") return;
  const AlignedBytes aligned((*side)->bytes());
  if (!check_flat_structure(kSideSchema, aligned.get(), side->get())) {
    model_.diagnostics.warn("side-file-damaged", "", "the file of tensors " + in_quotes(name) + " is damaged");
    return;
  }
  const auto& tables = *flatbuffers::GetRoot<ptd::FlatTensor>(aligned.get().data());
  const auto id = static_cast<std::int32_t>(model_.files.size());
  model_.files.push_back({name, aligned.get().size()});
  const Count base(side_segment_base(aligned.get()));
  for (std::size_t i = 0; i < length(tables.named_data()); ++i) {
    const ptd::NamedData& entry = get(tables.named_data(), i);
    if (entry.segment() >= length(tables.segments()) || !spend(64 + length(entry.key()))) continue;
    const ptd::Segment& segment = get(tables.segments(), entry.segment());
    const auto place = place_in_file(base + Count(segment.offset()), segment.size(), aligned.get().size(), id);
    if (place) side_names_.emplace(text_of(entry.key()), *place);
  }
}

Result<DataRef> Program::named(const std::string& name, std::uint64_t size) {
  const auto check = [&](const DataRef& found) -> Result<DataRef> {
    if (found.size_bytes < size) {
      return make_error(ErrorCode::kDamaged, "needs " + std::to_string(size) + " bytes, the data named " +
                                                 in_quotes(name) + " has " + std::to_string(found.size_bytes));
    }
    return DataRef{found.file, found.offset, size};
  };
  if (const auto found = names_.find(name); found != names_.end()) {
    NNGAUGE_TRY(const DataRef whole, segment(found->second));
    return check(whole);
  }
  if (!side_opened_) open_side_file();
  if (const auto found = side_names_.find(name); found != side_names_.end()) return check(found->second);
  remark_once("external-weights", "constants lie in another file, which is not beside the program");
  return DataRef{};
}

Result<DataRef> Program::blob(const fb::Delegate& delegate) const {
  const fb::BlobPlace* place = delegate.processed();
  if (!place) return DataRef{};
  if (place->location() == 1) return segment(place->index());
  if (place->index() >= length(tables_.delegate_data())) {
    return make_error(ErrorCode::kDamaged, "names the data of delegate " + std::to_string(place->index()) + " of " +
                                               std::to_string(length(tables_.delegate_data())));
  }
  const auto* storage = get(tables_.delegate_data(), place->index()).storage();
  if (length(storage) == 0) return DataRef{};
  return DataRef{0, offset_of(storage->data()), storage->size()};
}

}  // namespace nngauge::executorch
