// SPDX-License-Identifier: Apache-2.0
// Owns: what a file format is to nngauge, and the list of all formats (formats.cc).
// Adding one: a folder with `sniff` and `read`, and a row in formats.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace nngauge {

class Archive;

// Which layers of a network count, for formats that keep several networks in one file (Caffe).
enum class Phase { kDefault, kTest, kTrain };

// What a reader is given. Readers never open files themselves.
struct ModelSource {
  std::string path;  // as the user gave it: for extensions as hints, never for decisions that structure can make
  Bytes bytes;       // the whole file
  const Companions* companions = nullptr;  // never null once passed to a reader
  // The mapped file that `bytes` lie in, if they do: readers that walk through it give pages back.
  const MappedFile* mapping = nullptr;
  // What the user says of open extents, for formats whose operators mean nothing without shapes; null: nothing.
  // complete_model applies it to all formats.
  const Bindings* bindings = nullptr;
  Phase phase = Phase::kDefault;  // the one that the file is made for
  // The members of the bytes where they are a ZIP file (parsers/containers/archive.h), for formats that are ZIP files;
  // null elsewhere. read_model and identify_format fill it in.
  const Archive* archive = nullptr;
};

// How sure a sniff is: structure that no other format has, structure that fits, or nothing against it.
enum class Confidence { kNone, kPossible, kLikely, kCertain };
std::string_view confidence_name(Confidence confidence);  // "certain"

// What a sniff says: how sure it is, and by what (a literal that goes on from "it has": "the identifier TFL3").
struct Claim {
  Confidence confidence = Confidence::kNone;
  std::string_view why = {};
};

struct Format {
  std::string_view id;           // "tflite"
  std::string_view description;  // one line
  std::string_view extensions;   // ".tflite .lite"; hints only
  Claim (*sniff)(const ModelSource&);
  // Builds the model without shape inference: declared shapes, constants located, small constants decoded.
  // Errors: kNotAModel, kDamaged, kUnsupportedVersion, kTooLarge, kInvalidGraph … with their place in the file.
  Result<Model> (*read)(const ModelSource&);
};

std::span<const Format> formats();

// What a file was taken for.
struct Identity {
  const Format* format = nullptr;
  Claim claim;
};

// The format of the bytes, by structure; nothing where no format claims them.
std::optional<Identity> claimed_format(const ModelSource& source);

// The same. Errors: kNotAModel and its kin with a sentence on what the file is instead (empty, text, HTML, Git LFS
// pointer, archive …).
Result<Identity> identify_format(const ModelSource& source);

// Identifies and reads; `identity`, where given, tells as what.
Result<Model> read_model(const ModelSource& source, Identity* identity = nullptr);

}  // namespace nngauge
