// SPDX-License-Identifier: Apache-2.0
// Damaged, cut and mutated TFLite files: an error that says where, or a model; never anything else.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "cost/analysis.h"
#include "flatbuffers/flexbuffers.h"
#include "graph/shape_inference.h"
#include "parsers/format.h"
#include "tests/parsers/tflite_text.h"

namespace nngauge::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> out;
  if (!fs::is_directory(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string content(const fs::path& path) {
  const auto file = MappedFile::open(path.string());
  REQUIRE(file);
  return std::string(as_text((*file)->bytes()));
}

// Everything that inspect does with a file; the error's text, "" for none.
std::string run(std::string_view bytes, const std::string& path = "m.tflite") {
  Result<Model> model = read_bytes(bytes, path);
  if (!model) return model.error().text();
  Bindings bindings;
  if (const Status status = complete_model(*model, bindings); !status) return status.error().text();
  const Result<Analysis> analysis = analyse(*model);
  return analysis ? "" : analysis.error().text();
}

std::string small_model() {
  TfliteText t;
  const int x = t.input("[1,4,4,2]");
  const int w = t.constant("[3,1,1,2]");
  const int y = t.tensor("[1,4,4,3]");
  t.op("CONV_2D", {x, w, -1}, {y}, "Conv2DOptions", "padding:SAME, stride_w:1, stride_h:1");
  return t.bytes();
}

struct Random {
  std::uint64_t state = 88172645463325252ULL;
  std::uint64_t next() {  // xorshift64, Marsaglia 2003
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
  }
};

}  // namespace

TEST_CASE("tflite damage: a file cut at any byte is refused, and never with an empty word") {
  const std::string whole = small_model();
  REQUIRE(run(whole).empty());
  std::set<std::string> codes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string text = run(std::string_view(whole).substr(0, size));
    INFO("cut at " << size << " of " << whole.size() << ": " << text);
    CHECK_FALSE(text.empty());
    codes.insert(text.substr(text.rfind('[')));
  }
  CHECK(codes == std::set<std::string>{"[damaged]", "[not-a-model]"});
}

TEST_CASE("tflite damage: messages name the place") {
  std::string bytes = small_model();
  const auto put = [&](std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, 4); };
  const auto get = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, 4);
    return value;
  };
  const std::string size = std::to_string(bytes.size());
  const std::size_t root = get(0);
  SECTION("root offset") {
    put(0, 0x7FFFFFF0);
    CHECK(run(bytes) == "(byte 0x0): the root table would lie at byte 2147483632, the file has " + size + " [damaged]");
  }
  SECTION("no root offset") {
    put(0, 0);
    CHECK(run(bytes) == "(byte 0x0): the offset of the root table is 0 [damaged]");
  }
  SECTION("vtable before the file") {
    put(root, 0x7FFFFFFF);
    const std::string text = run(bytes);
    CHECK(text.find("its vtable would lie at byte -") != std::string::npos);
  }
  SECTION("a root that no table may have") {
    put(0, static_cast<std::uint32_t>(root + 1));
    char place[32];
    std::snprintf(place, sizeof place, "%zx", root + 1);
    CHECK(run(bytes) == "(byte 0x" + std::string(place) + "): lies at a byte that is no multiple of 4 [damaged]");
  }
  SECTION("eight bytes") {
    bytes.resize(8);
    CHECK(run(bytes) == "(byte 0x0): the file has 8 bytes, too few for a root table [damaged]");
  }
  SECTION("a vector that is longer than the file") {
    // The model's vector of subgraphs: slot 2 of the root table.
    const std::size_t vtable = root - get(root);
    std::uint16_t field = 0;
    std::memcpy(&field, bytes.data() + vtable + 4 + 2 * 2, 2);
    const std::size_t vector = root + field + get(root + field);
    put(vector, 1'000'000);
    char place[32];
    std::snprintf(place, sizeof place, "%zx", vector);
    CHECK(run(bytes) == "subgraphs (byte 0x" + std::string(place) +
                            "): a vector of 1000000 elements of 4 bytes runs past the end of the file at " + size +
                            " bytes [damaged]");
  }
}

namespace {

// One to four changes: a random byte, a flipped bit, an extreme byte, or the end cut off.
std::string mutate(std::string bytes, Random& random) {
  const std::uint64_t changes = 1 + random.next() % 4;
  for (std::uint64_t k = 0; k < changes; ++k) {
    const std::size_t at = random.next() % bytes.size();
    switch (random.next() % 4) {
      case 0:
        bytes[at] = static_cast<char>(random.next());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.next() % 8));
        break;
      case 2:
        bytes[at] = random.next() % 2 ? '\xFF' : '\x7F';
        break;
      default:
        bytes.resize(std::max<std::size_t>(at, 1));
    }
  }
  return bytes;
}

// Custom options of all forms that are read: FlexBuffer map, FlexBuffer vector with a NodeDef, plain numbers.
std::string custom_model() {
  flexbuffers::Builder detection;
  detection.Map([&] {
    detection.Int("max_detections", 10);
    detection.Int("max_classes_per_detection", 1);
    detection.Float("nms_iou_threshold", 0.5F);
  });
  detection.Finish();
  flexbuffers::Builder node;
  node.Vector([&] {
    node.String("StridedSlice");
    node.String(
        std::string("\x2A\x10\x0A\x0A"
                    "begin_mask\x12\x02\x18\x01",
                    18));
  });
  node.Finish();
  const auto numbers = [](const std::vector<std::uint8_t>& bytes) {
    return std::vector<int>(bytes.begin(), bytes.end());
  };
  TfliteText t;
  const int boxes = t.input("[1,20,4]"), scores = t.input("[1,20,3]"), anchors = t.constant("[20,4]");
  const int a = t.tensor("[1,10,4]"), b = t.tensor("[1,10]"), c = t.tensor("[1,10]"), n = t.tensor("[1]");
  t.custom("TFLite_Detection_PostProcess", {boxes, scores, anchors}, {a, b, c, n}, numbers(detection.GetBuffer()));
  const int begin = t.ints({0, 0, 0}), end = t.ints({1, 5, 4}), step = t.ints({1, 1, 1}), cut = t.tensor("[1,5,4]");
  t.custom("FlexStridedSlice", {a, begin, end, step}, {cut}, numbers(node.GetBuffer()));
  const int map = t.tensor("[1,1,5,4]"), filter = t.constant("[2,2,2,4]"), bias = t.constant("[2]"),
            y = t.tensor("[1,2,10,2]");
  t.op("EXPAND_DIMS", {cut, t.scalar(0)}, {map});
  t.custom("Convolution2DTransposeBias", {map, filter, bias}, {y}, {1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0});
  return t.bytes();
}

}  // namespace

TEST_CASE("tflite damage: a file at any address reads the same") {
  const std::string whole = small_model();
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, ' ') + whole;
    CHECK(run(std::string_view(moved).substr(shift)) == "");
  }
}

TEST_CASE("tflite damage: thousands of mutants") {
  std::vector<std::string> samples = {custom_model()};
  for (const fs::path& path : files_of(NNGAUGE_SOURCE_DIR "/data/models")) {
    if (path.extension() == ".tflite") samples.push_back(content(path));
  }
  CHECK(samples.size() >= 6);
  Random random;
  std::size_t tried = 0, refused = 0;
  for (const std::string& whole : samples) {
    CHECK(run(whole) == "");
    for (int mutant = 0; mutant < 800; ++mutant) {
      ++tried;
      if (!run(mutate(whole, random)).empty()) ++refused;
    }
  }
  CHECK(refused > tried / 4);
  CHECK(refused < tried);
}

TEST_CASE("tflite damage: content shared without end is refused, not copied") {
  // 40,000 operators that share one vector of 40,000 operands would be 1.6 billion operands.
  std::string operands = "[0";
  for (int i = 1; i < 40'000; ++i) operands += ",0";
  const std::string json =
      "{version:3, operator_codes:[{builtin_code:ADD_N}], subgraphs:[{tensors:[{shape:[4]},{shape:[4]}], "
      "inputs:[0], outputs:[1], operators:[{inputs:" +
      operands + "], outputs:[1]}]}], buffers:[{}]}";
  std::string bytes = tflite_from_json(json);
  // A vector of 40,000 offsets to the one operator, put behind the file.
  const auto get = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, 4);
    return std::size_t{value};
  };
  const auto field = [&](std::size_t table, std::size_t slot) {
    const std::size_t vtable = table - get(table);
    std::uint16_t offset = 0;
    std::memcpy(&offset, bytes.data() + vtable + 4 + 2 * slot, 2);
    return table + offset;
  };
  const auto follow = [&](std::size_t at) { return at + get(at); };
  const std::size_t subgraph = follow(follow(field(get(0), 2)) + 4);
  const std::size_t slot = field(subgraph, 3);
  // Offsets point forwards only: the operator's table has to lie behind the vector, so its place moves there too.
  const std::size_t op = follow(follow(slot) + 4), op_vtable = op - get(op);
  std::uint16_t table_bytes = 0;
  std::memcpy(&table_bytes, bytes.data() + op_vtable + 2, 2);
  bytes.resize((bytes.size() + 7) / 4 * 4);
  const std::size_t vector = bytes.size();
  const std::uint32_t count = 40'000;
  const std::size_t moved = vector + 4 + 4 * count;
  const auto append = [&](std::uint32_t value) { bytes.append(reinterpret_cast<const char*>(&value), 4); };
  append(count);
  for (std::uint32_t i = 0; i < count; ++i) append(static_cast<std::uint32_t>(moved - (vector + 4 + 4 * i)));
  append(static_cast<std::uint32_t>(moved - op_vtable));
  // The operator's two vectors again, behind it: the big one and the results.
  const std::size_t inputs = follow(field(op, 1)), outputs = follow(field(op, 2));
  bytes.resize(moved + table_bytes);
  const std::string inputs_copy = bytes.substr(inputs, 4 + 4 * get(inputs)), outputs_copy = bytes.substr(outputs, 8);
  const auto put = [&](std::size_t at, std::size_t value) {
    const auto word = static_cast<std::uint32_t>(value);
    std::memcpy(bytes.data() + at, &word, 4);
  };
  while (bytes.size() % 4) bytes.push_back('\0');
  put(moved + (field(op, 1) - op), bytes.size() - (moved + (field(op, 1) - op)));
  bytes += inputs_copy;
  put(moved + (field(op, 2) - op), bytes.size() - (moved + (field(op, 2) - op)));
  bytes += outputs_copy;
  put(slot, vector - slot);
  const Result<Model> model = read_bytes(bytes);
  REQUIRE_FALSE(model);
  CHECK(model.error().text().find("[too-large]") != std::string::npos);
}

TEST_CASE("tflite: every real file is read, every malformed one refused") {
  const std::vector<fs::path> good = files_of(NNGAUGE_SOURCE_DIR "/../shared/models/tflite");
  if (good.empty()) {
    WARN("the folder of real models is absent: skipped");
    return;
  }
  for (const fs::path& path : good) {
    const auto file = MappedFile::open(path.string());
    REQUIRE(file);
    INFO(path.filename().string());
    CHECK(run(as_text((*file)->bytes()), path.string()).empty());
  }
  std::size_t refused = 0;
  for (const fs::path& path : files_of(NNGAUGE_SOURCE_DIR "/../shared/models/malformed")) {
    const std::string name = path.filename().string();
    if (name.find("tflite") == std::string::npos) continue;
    // A test of a partitioner, not of files: its operators are in a valid order and the runtime executes it.
    if (name.find("topo_sort_fork_violation") != std::string::npos) continue;
    const auto file = MappedFile::open(path.string());
    REQUIRE(file);
    INFO(name);
    CHECK_FALSE(run(as_text((*file)->bytes()), path.string()).empty());
    ++refused;
  }
  CHECK(refused >= 35);
}

}  // namespace nngauge::test
