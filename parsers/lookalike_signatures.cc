// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/containers/archive.h"
#include "parsers/containers/zip.h"
#include "parsers/lookalike.h"

namespace nngauge {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  ErrorCode code;
  std::string_view description;
};

constexpr ErrorCode kOther = ErrorCode::kNotAModel, kUnread = ErrorCode::kUnsupportedFormat,
                    kWeights = ErrorCode::kWeightsOnly;

// offset, bytes, code, sentence. The first that fits is taken.
constexpr std::array kMagics = {
    Magic{0, "version https://git-lfs.github.com/spec/"sv, ErrorCode::kGitLfsPointer,
          "a Git LFS pointer stands in place of the model; fetch the real file (git lfs pull)"},
    // Models of formats that are not read.
    Magic{4, "TFL2"sv, ErrorCode::kUnsupportedVersion, "a TensorFlow Lite model of schema version 2"},
    Magic{4, "TFL1"sv, ErrorCode::kUnsupportedVersion, "a TensorFlow Lite model of schema version 1"},
    Magic{4, "CIR0"sv, kUnread, "a Circle model (Samsung ONE)"},
    Magic{4, "BP08"sv, kUnread, "an ExecuTorch program bundled with inputs for its tests; give the .pte inside it"},
    Magic{4, "MSL0"sv, kUnread, "a MindSpore Lite model (version 0)"},
    Magic{4, "MSL1"sv, kUnread, "a MindSpore Lite model (version 1)"},
    Magic{4, "MSL2"sv, kUnread, "a MindSpore Lite model (version 2)"},
    Magic{4, "ARMN"sv, kUnread, "an Arm NN model"},
    Magic{4, "KaNN"sv, kUnread, "a Kalray neural network"},
    Magic{4, "TOSA"sv, kUnread, "a TOSA graph"},
    Magic{4, "DGC0"sv, kUnread, "a graph compiled for a Google Tensor processor"},
    Magic{0, "GGUF"sv, kUnread, "a GGUF model (llama.cpp)"},
    Magic{0, "LITERTLM"sv, kUnread, "a LiteRT-LM bundle"},
    Magic{0, "CYPTRKNN"sv, ErrorCode::kEncrypted, "an encrypted RKNN model (Rockchip)"},
    Magic{0, "RKNN"sv, kUnread, "an RKNN model (Rockchip)"},
    Magic{0, "RKNX"sv, kUnread, "an RKNN model (Rockchip, version 2)"},
    Magic{0, "VPMN"sv, kUnread, "a VeriSilicon OpenVX model"},
    Magic{0, "IMOD"sv, kUnread, "a Huawei offline model (.om)"},
    Magic{0, "PICO"sv, kUnread, "a Huawei PICO model"},
    Magic{0, "ptrt"sv, kUnread, "a TensorRT engine, compiled for one graphics processor"},
    Magic{0, "ftrt"sv, kUnread, "a TensorRT engine, compiled for one graphics processor"},
    Magic{0, "CBM1"sv, kUnread, "a CatBoost model"},
    Magic{0, "LDMK"sv, kUnread, "a Kendryte model (kmodel)"},
    Magic{0, "EDL1"sv, kUnread, "an ESP-DL model"},
    Magic{0, "EDL2"sv, kUnread, "an ESP-DL model"},
    Magic{0, "\0\0\0\2\0\0\0\3"sv, kUnread, "a Qualcomm AI context binary: compiled for one processor"},
    Magic{0, "\0\0\0\2\0\0\0\2"sv, kUnread, "a Qualcomm AI context binary: compiled for one processor"},
    Magic{0, "\0\0\0\2\0\0\0\1"sv, kUnread, "a Qualcomm AI context binary: compiled for one processor"},
    // Weights without a graph.
    Magic{4, "ODTC"sv, kWeights, "a training checkpoint of ONNX Runtime: weights by name and no graph"},
    Magic{4, "FT01"sv, kWeights, "tensors of an ExecuTorch program by name (.ptd) and no graph"},
    Magic{0, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20"sv, kWeights,
          "a PyTorch checkpoint (old form): weights by name and no graph; its pickle is not run"},
    Magic{0, "\x80\x02"sv, kWeights, "a Python pickle (protocol 2): objects and no graph; it is not run"},
    Magic{0, "\x80\x03"sv, kWeights, "a Python pickle (protocol 3): objects and no graph; it is not run"},
    Magic{0, "\x80\x04\x95"sv, kWeights, "a Python pickle (protocol 4): objects and no graph; it is not run"},
    Magic{0, "\x80\x05\x95"sv, kWeights, "a Python pickle (protocol 5): objects and no graph; it is not run"},
    Magic{0, "\x12\1\0\0\0\0\0\0"sv, kWeights, "MXNet parameters: weights by name and no graph"},
    Magic{0, "\x93NUMPY"sv, kWeights, "a NumPy array"},
    Magic{0, "\x89HDF\r\n\x1a\n"sv, kWeights, "an HDF5 file without a Keras model in it"},
    // Neither.
    Magic{0, "\x1f\x8b"sv, kOther, "gzip-compressed data"},
    Magic{0,
          "\xfd"
          "7zXZ"sv,
          kOther, "xz-compressed data"},
    Magic{0, "\x28\xb5\x2f\xfd"sv, kOther, "zstd-compressed data"},
    Magic{0, "BZh"sv, kOther, "bzip2-compressed data"},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, kOther, "a 7-Zip archive"},
    Magic{0, "Rar!\x1a\x07"sv, kOther, "a RAR archive"},
    Magic{0,
          "\x7f"
          "ELF"sv,
          kOther, "an ELF program or library"},
    Magic{0, "dex\n"sv, kOther, "code of an Android app (DEX)"},
    Magic{0, "\xca\xfe\xba\xbe"sv, kOther, "a Java class or a Mach-O program"},
    Magic{0, "\x89PNG"sv, kOther, "a PNG picture"},
    Magic{0, "\xff\xd8\xff"sv, kOther, "a JPEG picture"},
    Magic{0, "GIF8"sv, kOther, "a GIF picture"},
    Magic{0, "RIFF"sv, kOther, "sound, video or a WebP picture (RIFF)"},
    Magic{0, "OggS"sv, kOther, "sound (Ogg)"},
    Magic{0, "ID3"sv, kOther, "sound (MP3)"},
    Magic{0, "\0\1\0\0\0"sv, kOther, "a TrueType font"},
    Magic{0, "OTTO"sv, kOther, "an OpenType font"},
    Magic{4, "ftyp"sv, kOther, "video or sound (MP4)"},
    Magic{0, "UnityFS"sv, kOther, "a Unity asset bundle"},
    Magic{0, "%PDF"sv, kOther, "a PDF document"},
    Magic{0, "SQLite format 3"sv, kOther, "an SQLite database"},
    Magic{0, "bplist00"sv, kOther, "a binary property list"},
    Magic{0, "(* Content-type"sv, kOther, "a Mathematica notebook"},
    Magic{0, "\x03\0\x08\0"sv, kOther, "binary XML of an Android app"},
};

std::uint64_t little_endian_64(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

// u64 bytes of header, then the header as JSON.
bool is_safetensors(Bytes bytes) {
  if (bytes.size() < 10 || bytes[8] != '{') return false;
  const std::uint64_t header = little_endian_64(bytes);
  return header >= 2 && header <= bytes.size() - 8 &&
         as_text(bytes.subspan(8, header)).find("\"data_offsets\"") != std::string_view::npos;
}

Error describe_zip(const ModelSource& source) {
  std::shared_ptr<const Archive> opened;
  const Archive* archive = source.archive;
  if (archive == nullptr) {
    auto result = open_archive(source.path, MappedFile::over(source.bytes), {}, 0);
    if (!result) return result.error();
    opened = *result;
    archive = opened.get();
  }
  const auto any = [&](auto&& test) {
    return std::any_of(archive->members().begin(), archive->members().end(),
                       [&](const ArchiveMember& m) { return test(m.name); });
  };
  const auto ends = [&](std::string_view end) {
    return any([&](std::string_view name) { return name.ends_with(end); });
  };
  if (any([](std::string_view name) { return name == "data.pkl" || name.ends_with("/data.pkl"); })) {
    return make_error(kWeights, "a PyTorch checkpoint: weights by name and no graph; its pickle is not run");
  }
  if (archive->find("configuration.json") && archive->find("coefficients.bin"))
    return make_error(kUnread, "a Deeplearning4j model");
  if (ends(".nntxt") || ends(".nnp")) return make_error(kUnread, "an NNabla model");
  if (ends(".npy")) return make_error(kWeights, "NumPy arrays (.npz) and no graph");
  return make_error(kOther, "a ZIP archive without a model format that is read here");
}

}  // namespace

std::optional<Error> describe_signature(const ModelSource& source) {
  const std::string_view text = as_text(source.bytes);
  for (const Magic& row : kMagics) {
    if (text.size() >= row.offset && text.substr(row.offset).starts_with(row.bytes))
      return make_error(row.code, std::string(row.description));
  }
  if (zip::starts_as_zip(source.bytes)) return describe_zip(source);
  if (const std::uint64_t start = zip::shifted_start(source.bytes); start > 0) {
    return make_error(ErrorCode::kDamaged, "a ZIP archive that begins at byte " + std::to_string(start) +
                                               " is cut short: its directory is missing");
  }
  // The number that ends a sorted table of LevelDB, in which TensorFlow keeps names and places of variables.
  if (text.ends_with("\x57\xfb\x80\x8b\x24\x75\x47\xdb"sv)) {
    return make_error(ErrorCode::kSideFile,
                      "the table of a TensorFlow checkpoint (names and places of variables), not the graph");
  }
  if (is_safetensors(source.bytes)) return make_error(kWeights, "safetensors: weights by name and no graph");
  return std::nullopt;
}

}  // namespace nngauge
