// SPDX-License-Identifier: Apache-2.0
// Owns: saying what a file is that no format claims: what stands in a model's place, what belongs to models but is
// none, models of formats that are not read, encrypted content. Each sort has its code and its sentence.
#pragma once

#include <optional>

#include "parsers/format.h"

namespace nngauge {

// The sentence has no full stop: "a Git LFS pointer stands in place of the model …". Never fails to find one.
Error describe_stranger(const ModelSource& source);

// Its parts, one file each; nothing where they have nothing to say.
std::optional<Error> describe_signature(const ModelSource& source);  // lookalike_signatures.cc: first bytes, archives
std::optional<Error> describe_text(Bytes bytes);                     // lookalike_text.cc: an error for every text
std::optional<Error> describe_protobuf(Bytes bytes);                 // lookalike_protobuf.cc
std::optional<Error> describe_flatbuffer(Bytes file);                // lookalike_flatbuffer.cc
std::optional<Error> describe_remains(Bytes file);                   // lookalike_remains.cc: numbers, hidden models

// The beginning of the content is printable UTF-8.
bool looks_like_text(Bytes bytes);

// Bits a byte of a sample of at most 1 MiB, with the bias of a finite sample taken out (Miller and Madow, 1955).
double sampled_entropy(Bytes bytes);

}  // namespace nngauge
