// SPDX-License-Identifier: Apache-2.0
#include "cli/hashes.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace nngauge {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string hexadecimal(const unsigned char* bytes, unsigned int size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

Result<std::string> digest(const Context& context) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context.get(), bytes, &size) != 1) return make_error(ErrorCode::kInternal, "hashing failed");
  return hexadecimal(bytes, size);
}

}  // namespace

Result<FileHashes> hash_bytes(Bytes bytes) {
  const Context md5(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const Context sha256(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!md5 || !sha256 || EVP_DigestInit_ex(md5.get(), EVP_md5(), nullptr) != 1 ||
      EVP_DigestInit_ex(sha256.get(), EVP_sha256(), nullptr) != 1) {
    return make_error(ErrorCode::kInternal, "this libcrypto offers no MD5 or SHA-256");
  }
  constexpr std::size_t kPiece = std::size_t{1} << 20;  // both hashes read a piece while it is in the cache
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const Bytes piece = bytes.subspan(at, std::min(kPiece, bytes.size() - at));
    EVP_DigestUpdate(md5.get(), piece.data(), piece.size());
    EVP_DigestUpdate(sha256.get(), piece.data(), piece.size());
  }
  FileHashes out;
  NNGAUGE_TRY(out.md5, digest(md5));
  NNGAUGE_TRY(out.sha256, digest(sha256));
  return out;
}

}  // namespace nngauge
