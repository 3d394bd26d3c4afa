// SPDX-License-Identifier: Apache-2.0
// Protobuf messages have no signature: each row tells what the fields of one look like, and the whole file must fit.
#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/text.h"
#include "parsers/lookalike.h"
#include "parsers/protobuf_wire.h"

namespace nngauge {
namespace {

constexpr int kVarint = 0, kBytes = 2, kFixed32 = 5;

// The top-level fields of a message: what each is and how often it occurs.
struct Message {
  Bytes file;
  std::uint64_t begin = 0, end = 0;
  std::map<std::uint32_t, WireField> first;  // of each number
  std::map<std::uint32_t, std::size_t> count;
  bool whole = false;  // read to its end without a fault

  [[nodiscard]] bool only(std::string_view numbers) const {
    return std::all_of(count.begin(), count.end(), [&](const auto& entry) {
      return entry.first < 128 && numbers.find(static_cast<char>(entry.first)) != std::string_view::npos;
    });
  }
  [[nodiscard]] bool has(std::uint32_t number, int type) const {
    const auto found = first.find(number);
    return found != first.end() && static_cast<int>(found->second.type) == type;
  }
  // Absent, or of this type.
  [[nodiscard]] bool may(std::uint32_t number, int type) const { return first.count(number) == 0 || has(number, type); }
  // The content of the first field of that number as text; empty where it is none.
  [[nodiscard]] std::string_view text(std::uint32_t number) const {
    if (!has(number, kBytes)) return "";
    const WireField& field = first.at(number);
    const std::string_view out = as_text(file.subspan(field.payload, field.size));
    return is_valid_utf8(out) ? out : "";
  }
};

Message look_at(Bytes file, std::uint64_t begin, std::uint64_t end) {
  constexpr std::size_t kMostNumbers = 64, kMostFields = 1'000'000;
  Message out{file, begin, end, {}, {}, false};
  WireReader reader(file, begin, end);
  WireField field;
  std::size_t fields = 0;
  while (reader.next(field)) {
    if (++fields > kMostFields || out.first.size() > kMostNumbers) return out;
    out.first.emplace(field.number, field);
    ++out.count[field.number];
  }
  out.whole = !reader.failed() && !out.first.empty();
  return out;
}

// The first field of that number as a message.
Message child(const Message& message, std::uint32_t number) {
  if (!message.has(number, kBytes)) return {};
  const WireField& field = message.first.at(number);
  return look_at(message.file, field.payload, field.end());
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() < 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' ||
           c == ':';
  });
}

// A bare NodeProto of ONNX: 1 input*, 2 output*, 3 name, 4 op_type, 5 attribute*, 6 doc, 7 domain.
bool is_onnx_node(const Message& m) {
  return m.only("\1\2\3\4\5\6\7") && is_word(m.text(4)) && (m.has(1, kBytes) || m.has(2, kBytes)) && m.may(3, kBytes) &&
         m.may(5, kBytes) && m.count.at(4) == 1;
}

// A bare TensorProto of ONNX: 1 dims, 2 data_type, 4 to 7 values, 8 name, 9 raw_data, 10, 11 values.
bool is_onnx_tensor(const Message& m) {
  if (!m.only("\1\2\4\5\6\7\10\11\12\13\14\15\16") || !m.has(2, kVarint)) return false;
  const std::uint64_t type = m.first.at(2).value;
  return type >= 1 && type <= 32 &&
         (m.has(9, kBytes) || m.has(4, kBytes) || m.has(5, kBytes) || m.has(7, kBytes) || m.has(8, kBytes));
}

// Caffe2 NetDef: 1 name, 2 op* {1 input*, 2 output*, 3 name, 4 type}, 3 type, 4 num_workers, 5 device, 6 arg*, 7, 8.
bool is_caffe2(const Message& m) {
  if (!m.only("\1\2\3\4\5\6\7\10\11") || !m.may(1, kBytes)) return false;
  const Message op = child(m, 2);
  return op.whole && is_word(op.text(4)) && op.may(1, kBytes) && op.may(2, kBytes) && op.may(3, kBytes);
}

// MMdnn IR: TensorFlow's GraphDef {1 node* {1 name, 2 op, 3 input*, 5 attr*}} with operators of its own.
bool is_mmdnn(const Message& m) {
  if (!m.only("\1\2\3\4")) return false;
  WireReader reader(m.file, m.begin, m.end);
  WireField field;
  while (reader.next(field)) {
    if (field.number != 1 || field.type != WireType::kBytes) continue;
    const Message node = look_at(m.file, field.payload, field.end());
    if (!node.whole) return false;
    if (node.text(2) == "DataInput") return true;
  }
  return false;
}

// Keras' saved_metadata: 1 nodes* {2 id, 3 path, 4 identifier "_tf_keras_…", 5 metadata as JSON}.
bool is_keras_metadata(const Message& m) { return m.only("\1") && child(m, 1).text(4).starts_with("_tf_keras_"); }

// TensorFlow's fingerprint: 1 to 5 hashes, 6 version, 7 uuid.
bool is_fingerprint(const Message& m) {
  return m.only("\1\2\3\4\5\6\7") && m.has(1, kVarint) && m.has(2, kVarint) && m.has(3, kVarint) && m.may(4, kVarint) &&
         m.has(5, kVarint) && m.may(6, kBytes);
}

// TensorFlow's OpList: 1 op* {1 name, 2 input_arg*, 3 output_arg*, 4 attr* {1 name, 2 type}, 5 summary, 6 description}.
bool is_op_list(const Message& m) {
  if (!m.only("\1")) return false;
  const Message op = child(m, 1);
  if (!op.whole || !is_word(op.text(1))) return false;
  if (op.has(2, kBytes)) return is_word(child(op, 2).text(1));
  if (op.has(3, kBytes)) return is_word(child(op, 3).text(1));
  return is_word(child(op, 4).text(2));
}

// A set of .proto descriptions: 1 file* {1 name "….proto", 2 package, 4 message*}.
bool is_descriptor_set(const Message& m) { return m.only("\1") && child(m, 1).text(1).ends_with(".proto"); }

// Benchmark data of Protocol Buffers: 1 name, 2 message_name with dots, 3 payload*.
bool is_benchmark_data(const Message& m) {
  return m.only("\1\2\3") && is_word(m.text(1)) && is_word(m.text(2)) &&
         m.text(2).find('.') != std::string_view::npos && m.has(3, kBytes);
}

// Caffe's BlobProto: 1 to 4 extents or 7 shape, 5 packed floats.
bool is_blob(const Message& m) {
  const bool extents = m.has(1, kVarint) && m.has(2, kVarint) && m.has(3, kVarint) && m.has(4, kVarint);
  return m.only("\1\2\3\4\5\6\7\10\11") && (m.has(5, kBytes) || m.has(5, kFixed32) || m.has(8, kBytes)) &&
         (extents || m.has(7, kBytes));
}

// SentencePiece: 1 pieces* {1 piece, 2 score as float, 3 type}; the first is usually <unk>.
bool is_sentencepiece(const Message& m) {
  const Message piece = child(m, 1);
  return m.has(1, kBytes) && m.count.at(1) > 2 && piece.whole && piece.has(1, kBytes) && piece.may(2, kFixed32) &&
         piece.only("\1\2\3") && (piece.text(1).starts_with("<") || piece.has(2, kFixed32));
}

struct Row {
  bool (*fits)(const Message&);
  ErrorCode code;
  std::string_view description;
};

// In the order of how sure each sign is.
constexpr std::array kRows = {
    Row{is_keras_metadata, ErrorCode::kSideFile, "metadata of a Keras SavedModel, not the graph"},
    Row{is_descriptor_set, ErrorCode::kSideFile, "descriptions of protobuf messages"},
    Row{is_benchmark_data, ErrorCode::kSideFile, "benchmark data of Protocol Buffers, no network"},
    Row{is_mmdnn, ErrorCode::kUnsupportedFormat,
        "a network in MMdnn's intermediate form: TensorFlow's container with operators of its own"},
    Row{is_onnx_node, ErrorCode::kSideFile, "a single operator of ONNX (test data), not a model"},
    Row{is_fingerprint, ErrorCode::kSideFile, "the fingerprint of a SavedModel, not the graph"},
    Row{is_onnx_tensor, ErrorCode::kSideFile, "a single tensor of ONNX (test data), not a model"},
    Row{is_op_list, ErrorCode::kSideFile, "a list of TensorFlow's operators, not a graph"},
    Row{is_caffe2, ErrorCode::kUnsupportedFormat, "a Caffe2 network (NetDef), which is another format than Caffe"},
    Row{is_blob, ErrorCode::kSideFile, "a Caffe blob (a mean picture), not a network"},
    Row{is_sentencepiece, ErrorCode::kSideFile, "a SentencePiece vocabulary, not a network"},
};

}  // namespace

std::optional<Error> describe_protobuf(Bytes bytes) {
  const Message message = look_at(bytes, 0, bytes.size());
  if (!message.whole) return std::nullopt;
  for (const Row& row : kRows) {
    if (row.fits(message)) return make_error(row.code, std::string(row.description));
  }
  return std::nullopt;
}

}  // namespace nngauge
