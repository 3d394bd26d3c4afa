// SPDX-License-Identifier: Apache-2.0
// Owns: hashes of whole files (libcrypto does them).
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"

namespace nngauge {

struct FileHashes {
  std::string md5, sha256;  // lower-case hexadecimal
};
Result<FileHashes> hash_bytes(Bytes bytes);

}  // namespace nngauge
