// SPDX-License-Identifier: Apache-2.0
#include "cli/load_model.h"

#include <exception>
#include <new>

#include "base/file.h"
#include "cli/hashes.h"
#include "parsers/format.h"

namespace nngauge {
namespace {

Result<ModelResult> load(const std::string& path, const LoadOptions& options) {
  NNGAUGE_TRY(const auto file, MappedFile::open(path));
  const auto companions = folder_companions(path);
  ModelResult out;
  out.path = path;
  out.size_bytes = file->bytes().size();
  NNGAUGE_TRY(out.model, read_model({path, file->bytes(), companions.get(), file.get(), &options.bindings, options.phase}));
  NNGAUGE_CHECK(complete_model(out.model, options.bindings));
  NNGAUGE_TRY(out.analysis, analyse(out.model));
  out.memory = measure_memory(out.model);
  if (options.hashes) {
    NNGAUGE_TRY(FileHashes hashes, hash_bytes(file->bytes()));
    out.md5 = std::move(hashes.md5);
    out.sha256 = std::move(hashes.sha256);
  }
  return out;
}

}  // namespace

Result<ModelResult> load_model(const std::string& path, const LoadOptions& options) {
  try {
    return load(path, options);
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::kTooLarge, "not enough memory to read it");
  } catch (const std::exception& error) {
    return make_error(ErrorCode::kInternal, error.what());
  }
}

}  // namespace nngauge
