// SPDX-License-Identifier: Apache-2.0
// Archives as lists of members: what lies where, what is refused.
#include <catch2/catch.hpp>
#include <deque>

#include "parsers/containers/archive.h"
#include "parsers/containers/walk.h"
#include "parsers/containers/zip.h"
#include "tests/cli/run_binary.h"
#include "tests/support/archives.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

constexpr std::uint64_t kRoom = 1 << 20;

Result<std::shared_ptr<const Archive>> open(const std::string& bytes, const ContainerLimits& limits = {},
                                            std::uint64_t most = kRoom) {
  return open_archive("test.zip", MappedFile::over(as_bytes(bytes)), limits, most);
}
// An archive points into the bytes that it was opened over: those that nobody else holds are kept.
Result<std::shared_ptr<const Archive>> open(std::string&& bytes) {
  static std::deque<std::string> kept;
  kept.push_back(std::move(bytes));
  return open(kept.back());
}

std::string error_of(const std::string& bytes, const ContainerLimits& limits = {}, std::uint64_t most = kRoom) {
  const auto archive = open(bytes, limits, most);
  return archive ? "" : archive.error().text();
}

std::string content(const Archive& archive, const std::string& name, std::uint64_t most = kRoom) {
  const ArchiveMember* member = archive.find(name);
  REQUIRE(member != nullptr);
  const auto file = archive.open(*member, most);
  return file ? std::string(as_text((*file)->bytes())) : file.error().text();
}

}  // namespace

TEST_CASE("containers: members of a ZIP file, stored in place and deflated") {
  const std::string text(5000, 'x');
  const std::string bytes = zip_of({{"b/stored.bin", "0123456789", false, false, {}, 0xffff, 13},
                                    {"a.txt", text, true},
                                    {"folder/", ""},
                                    {"empty", ""}});
  const auto opened = open(bytes);
  REQUIRE(opened);
  const Archive& archive = **opened;
  CHECK(archive.kind() == "ZIP");
  REQUIRE(archive.members().size() == 3);
  CHECK(archive.members()[0].name == "a.txt");
  CHECK(archive.members()[2].name == "empty");
  CHECK(content(archive, "a.txt") == text);
  CHECK(content(archive, "empty").empty());
  CHECK(content(archive, "b/stored.bin") == "0123456789");

  const ArchiveMember* stored = archive.find("b/stored.bin");
  const auto offset = archive.offset_of(*stored);
  REQUIRE(offset);
  CHECK(**offset == 30 + 12 + 13);
  const auto file = archive.open(*stored, 0);
  REQUIRE(file);
  CHECK((*file)->bytes().data() == as_bytes(bytes).data() + 55);
  const auto nowhere = archive.offset_of(*archive.find("a.txt"));
  REQUIRE(nowhere);
  CHECK_FALSE(nowhere->has_value());
  const auto head = archive.head(*archive.find("a.txt"), 7);
  REQUIRE(head);
  CHECK(*head == "xxxxxxx");
}

TEST_CASE("containers: bytes before the first member and a comment after the last are allowed for") {
  const std::string bytes = zip_of({{"m", "content"}, {"n", "other", true}}, std::string(777, '\xee'), "a comment");
  CHECK(looks_like_archive(as_bytes(bytes)));
  const auto archive = open(bytes);
  REQUIRE(archive);
  CHECK(content(**archive, "m") == "content");
  CHECK(content(**archive, "n") == "other");
  CHECK_FALSE(looks_like_archive(as_bytes("no archive at all")));
}

TEST_CASE("containers: damaged and hostile ZIP files") {
  const std::string good = zip_of({{"m", std::string(100, 'a')}});
  CHECK(error_of(good.substr(0, good.size() - 30)) ==
        "the ZIP archive is cut short: its directory is missing [damaged]");
  CHECK(error_of("nothing") == "not an archive [not-a-model]");
  CHECK(error_of(zip_of({{"m", "x", false, true}})) == "every member of the ZIP archive is encrypted [encrypted]");

  std::string many = good;
  many[many.size() - 12] = static_cast<char>(200);  // members in all
  CHECK(error_of(many) == "the ZIP directory states 200 members in 47 bytes [damaged]");
  ContainerLimits few;
  few.members = 1;
  CHECK(error_of(zip_of({{"a", ""}, {"b", ""}}), few) ==
        "the archive has 2 members, the limit is 1 (--max-members) [too-large]");

  std::string far = good;
  far[far.size() - 22 - 47 + 42] = 60;  // the member's header
  const auto moved = open(far);
  REQUIRE(moved);
  CHECK(content(**moved, "m") == "ZIP member \"m\" does not lie where the directory says [damaged]");

  // Two entries that use the same bytes: more content than the file has.
  std::string twice = zip_of({{"a", std::string(200, 'a')}, {"b", std::string(200, 'b')}});
  const std::size_t second = twice.rfind("PK\x01\x02");
  twice[second + 20] = static_cast<char>(0xff);
  twice[second + 21] = 1;
  CHECK(error_of(twice) == "the members of the ZIP archive overlap [damaged]");
}

TEST_CASE("containers: members that lie about their size, are encrypted or packed in another way") {
  const std::string text(5000, 'x');
  const auto lying = open(zip_of(
      {{"small", text, true, false, 4000}, {"large", text, true, false, 6000}, {"plain", text, false, false, 4999}}));
  REQUIRE(lying);
  const std::string refused = "the packed content cannot be unpacked to the size that the archive states [damaged]";
  CHECK(content(**lying, "small") == refused);
  CHECK(content(**lying, "large") == refused);
  CHECK(content(**lying, "plain") == "the stored member states two sizes, 4999 and 5000 bytes [damaged]");

  const auto odd = open(zip_of({{"key", text, true, true}, {"lzma", text, true, false, {}, 14}, {"ok", "y"}}));
  REQUIRE(odd);
  CHECK(content(**odd, "key") == "the member is encrypted in its ZIP archive [encrypted]");
  CHECK(content(**odd, "lzma") == "the member is compressed by ZIP method 14, which is not read [unsupported-version]");

  const auto bomb = open(zip_of({{"zeros", std::string(40 << 20, '\0'), true}}));
  REQUIRE(bomb);
  CHECK(content(**bomb, "zeros", 1 << 20) ==
        "it unpacks to 41.94 MB, the limit is 1.049 MB (--max-unpacked-bytes, --max-memory-bytes) [too-large]");
  CHECK(content(**bomb, "zeros", 1 << 30).find("times its size, the limit is 250 (--max-ratio) [too-large]") !=
        std::string::npos);
}

TEST_CASE("containers: tar and compressed streams") {
  const std::vector<TarEntry> entries = {
      {"./b/model.graph", std::string(1500, 'm')}, {"a", ""}, {std::string(150, 'n'), "long"}};
  for (const std::string compression : {"", "gzip", "xz", "zstd", "bzip2"}) {
    INFO(compression);
    const std::string bytes = tar_of(entries, compression);
    CHECK(looks_like_archive(as_bytes(bytes)));
    const auto archive = open(bytes);
    REQUIRE(archive);
    CHECK((*archive)->kind() == (compression.empty() ? "tar" : "tar." + compression));
    REQUIRE((*archive)->members().size() == 3);
    CHECK(content(**archive, "b/model.graph") == entries[0].content);
    CHECK(content(**archive, entries[2].name) == "long");
  }
  const std::string stream = compressed("some content", "gzip");
  const auto archive = open_archive("folder/model.pb.gz", MappedFile::over(as_bytes(stream)), {}, kRoom);
  REQUIRE(archive);
  CHECK((*archive)->kind() == "gzip");
  CHECK(content(**archive, "model.pb") == "some content");

  const std::string zeros = compressed(std::string(80 << 20, '\0'), "xz");
  CHECK(error_of(zeros, {}, 1 << 20) ==
        "it unpacks to more than 1.049 MB, the limit (--max-unpacked-bytes, --max-memory-bytes) [too-large]");
  CHECK(error_of(zeros, {}, 1 << 30) ==
        "it unpacks to more than 250 times its size, the limit (--max-ratio) [too-large]");
  CHECK(error_of(stream.substr(0, 20)).find("the gzip stream is broken") == 0);
  const std::string tar = tar_of({{"big", std::string(100'000, 'b')}}, "");
  CHECK(error_of(tar.substr(0, 50'000)).find("[damaged]") != std::string::npos);
}

TEST_CASE("containers: names that lead out of the container") {
  const std::pair<std::string, std::string> cases[] = {{"a/b.bin", ""},
                                                       {"..a/b..", ""},
                                                       {"a/../b", "`..` in the path"},
                                                       {"..", "`..` in the path"},
                                                       {"a\\..\\b", "`..` in the path"},
                                                       {"/etc", "absolute path"},
                                                       {"\\x", "absolute path"},
                                                       {"c:x", "drive letter"},
                                                       {"", "empty name"},
                                                       {std::string("a\0b", 3), "NUL in the name"}};
  for (const auto& [name, why] : cases) {
    INFO(name);
    CHECK(unsafe_name(name) == why);
  }
  const auto archive = open(zip_of({{"m/x.param", "p"}, {"m/x.bin", "weights", true}, {"other/y", "z"}}));
  REQUIRE(archive);
  const auto side = member_companions(*archive, "m/x.param", kRoom);
  REQUIRE(side->open("x.bin"));
  CHECK(as_text((*side->open("./x.bin"))->bytes()) == "weights");
  CHECK(*side->size_bytes("x.bin") == 7);
  CHECK(side->open("../other/y").error().text() == "side file \"../other/y\" refused: `..` in the path [unsafe-path]");
  CHECK(side->open("y").error().text() == "side file \"y\" is no member of the archive [unreadable]");
}

TEST_CASE("containers: a path with a member") {
  const std::string apk = temporary_file("app.apk", "x"), odd = temporary_file("odd!", "x");
  CHECK(split_input_path(apk).member == std::nullopt);
  const InputPath member = split_input_path(apk + "!/assets/in.zip!/x.tflite");
  CHECK(member.path == apk);
  CHECK(member.member == "assets/in.zip!/x.tflite");
  CHECK(split_input_path(odd).member == std::nullopt);
  CHECK(split_input_path(odd + "/x").path == odd + "/x");
  CHECK(split_input_path(apk + "missing!/x").path == apk + "missing!/x");
}
