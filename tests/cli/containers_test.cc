// SPDX-License-Identifier: Apache-2.0
// Apps and archives on the command line: every model inside, by its member name; exit codes; bombs.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/run_binary.h"
#include "tests/support/archives.h"

using namespace nngauge::test;
using nlohmann::json;

namespace {

std::string sample(const std::string& name) { return read_text(source_path("data/models/" + name)); }

// path and member of each model, and of each error with its code.
std::string summary(const json& document) {
  std::string out;
  for (const json& model : document["models"])
    out += model["member"].dump() + " " + model["format"].get<std::string>() + "\n";
  for (const json& error : document["errors"])
    out += "error " + error["member"].dump() + " " + error["code"].get<std::string>() + "\n";
  return out;
}

struct Inspected {
  std::string summary, err;
  int exit_code;
};

Inspected inspect(const std::string& path, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"inspect", "--format", "json"});
  options.push_back(path);
  const Output output = run_nngauge(options);
  return {summary(json::parse(output.out)), output.err, output.exit_code};
}

std::string app() {
  const std::string inner = zip_of({{"lstm.onnx", sample("lstm.onnx"), true}, {"readme", "text"}});
  return zip_of({{"AndroidManifest.xml", std::string("\x03\0\x08\0binary", 10)},
                 {"assets/cnn.tflite", sample("cnn_float32.tflite"), false, false, {}, 0xffff, 3},
                 {"assets/deep/cnn.onnx", sample("cnn.onnx"), true},
                 {"assets/pack.zip", inner, true},
                 {"res/raw/quantised", sample("cnn_int8.tflite"), true},
                 {"classes.dex", "dex\n035"},
                 {"lib/arm64-v8a/libx.so",
                  "\x7f"
                  "ELF" +
                      std::string(3000, 'c'),
                  true}});
}

}  // namespace

TEST_CASE("containers: an app's models, stored, deflated and in a ZIP file inside") {
  const std::string path = temporary_file("app.apk", app());
  const Inspected all = inspect(path);
  CHECK(all.exit_code == 0);
  CHECK(all.summary ==
        "\"assets/cnn.tflite\" tflite\n\"assets/deep/cnn.onnx\" onnx\n\"assets/pack.zip!/lstm.onnx\" onnx\n"
        "\"res/raw/quantised\" tflite\n");
  CHECK(all.err == "nngauge: note: " + path + ": 4 members skipped, being no model\n");
  CHECK(inspect(path, {"--threads", "4"}).summary == all.summary);

  // The same numbers as the files alone.
  const json inside =
      json::parse(run_nngauge({"inspect", "--format", "json", "--hash", path + "!/assets/deep/cnn.onnx"}).out);
  const json alone =
      json::parse(run_nngauge({"inspect", "--format", "json", "--hash", source_path("data/models/cnn.onnx")}).out);
  REQUIRE(inside["models"].size() == 1);
  CHECK(inside["models"][0]["path"] == path);
  CHECK(inside["models"][0]["member"] == "assets/deep/cnn.onnx");
  for (const char* key : {"totals", "memory", "sha256", "size_bytes", "coverage"}) {
    INFO(key);
    CHECK(inside["models"][0][key] == alone["models"][0][key]);
  }
}

TEST_CASE("containers: members are addressed with !/, at any depth") {
  const std::string path = temporary_file("app.apk", app());
  CHECK(inspect(path + "!/assets/pack.zip!/lstm.onnx").summary == "\"assets/pack.zip!/lstm.onnx\" onnx\n");
  CHECK(inspect(path + "!/assets/pack.zip").summary == "\"assets/pack.zip!/lstm.onnx\" onnx\n");
  const Output missing = run_nngauge({"inspect", path + "!/assets/cnn.tfl"});
  CHECK(missing.exit_code == 3);
  CHECK(missing.err == "nngauge: error: " + path +
                           "!/assets/cnn.tfl: the Android app (APK) has no member \"assets/cnn.tfl\" (did you mean "
                           "assets/cnn.tflite or assets/pack.zip?) [unreadable]\n");
  const Output no_model = run_nngauge({"inspect", path + "!/classes.dex"});
  CHECK(no_model.exit_code == 3);
  CHECK(no_model.err == "nngauge: error: " + path + "!/classes.dex: code of an Android app (DEX) [not-a-model]\n");
  const Output no_container = run_nngauge({"inspect", source_path("data/models/cnn.onnx") + "!/x"});
  CHECK(no_container.err.find("it is no container, so it has no member \"x\" [unreadable]") != std::string::npos);
  // Commands on one model.
  CHECK(run_nngauge({"export", "--to", "dot", path + "!/res/raw/quantised"}).exit_code == 0);
  const Output refused = run_nngauge({"export", "--to", "dot", path + "!/classes.dex"});
  CHECK(refused.exit_code == 3);
  CHECK(refused.err.find("code of an Android app (DEX) [not-a-model]") != std::string::npos);
  const Output several = run_nngauge({"export", "--to", "dot", path});
  CHECK(several.exit_code == 2);
  CHECK(several.err.find("the Android app (APK) holds 4 models; name one of them: " + path + "!/assets/cnn.tflite, ") !=
        std::string::npos);
}

TEST_CASE("containers: exit codes where models are missing or broken") {
  const std::string none =
      temporary_file("none.apk", zip_of({{"AndroidManifest.xml", "x"}, {"classes.dex", "dex\n035"}}));
  const Output output = run_nngauge({"inspect", none});
  CHECK(output.exit_code == 3);
  CHECK(output.err == "nngauge: error: " + none +
                          ": no model among the 2 members of the Android app (APK) [not-a-model]\n" +
                          "nngauge: note: " + none + ": 2 members skipped, being no model\n");

  const std::string cut = sample("cnn.onnx").substr(0, 2000);
  const std::string mixed =
      temporary_file("mixed.zip", zip_of({{"a.onnx", cut},
                                          {"b.onnx", sample("cnn.onnx")},
                                          {"c.tflite", "version https://git-lfs.github.com/spec/v1\n"}}));
  const Inspected some = inspect(mixed);
  CHECK(some.exit_code == 4);
  CHECK(some.summary == "\"b.onnx\" onnx\nerror \"a.onnx\" damaged\nerror \"c.tflite\" git-lfs-pointer\n");
  const std::string broken = temporary_file("broken.zip", zip_of({{"a.onnx", cut}}));
  CHECK(inspect(broken).exit_code == 3);
  const std::string key = temporary_file("key.zip", zip_of({{"a.onnx", cut, false, true}, {"b.txt", "words"}}));
  CHECK(inspect(key).summary == "error \"a.onnx\" encrypted\n");
  const std::string escape = temporary_file("escape.zip", zip_of({{"../../a.onnx", sample("cnn.onnx")}}));
  CHECK(inspect(escape).summary == "error \"../../a.onnx\" unsafe-path\n");
}

TEST_CASE("containers: a folder of models and apps") {
  const std::filesystem::path folder = temporary_folder();
  std::ofstream(folder / "app.apk", std::ios::binary) << app();
  std::ofstream(folder / "none.zip", std::ios::binary) << zip_of({{"a.txt", "words"}});
  std::ofstream(folder / "words.txt") << "no model";
  const Inspected all = inspect(folder.string());
  CHECK(all.exit_code == 0);
  CHECK(all.err.find(folder.string() + ": 2 files skipped, being no model") != std::string::npos);
  CHECK(all.summary.find("assets/pack.zip!/lstm.onnx") != std::string::npos);
}

TEST_CASE("containers: side files are found among the members, pairs are reported once") {
  const std::string path = temporary_file("external.zip", zip_of({{"m/external.onnx", sample("external.onnx")},
                                                                  {"m/external.bin", sample("external.bin"), true}}));
  const Output output = run_nngauge({"inspect", "--format", "json", path});
  CHECK(output.exit_code == 0);
  const json inside = json::parse(output.out);
  REQUIRE(inside["models"].size() == 1);
  const json alone =
      json::parse(run_nngauge({"inspect", "--format", "json", source_path("data/models/external.onnx")}).out);
  CHECK(inside["models"][0]["diagnostics"] == alone["models"][0]["diagnostics"]);

  const std::string param =
      "7767517\n2 2\nInput data 0 1 data 0=4 1=4 2=3\nConvolution c 1 1 data out 0=2 1=1 5=0 6=6\n";
  const std::string weights(4 + 6 * 4, '\0');
  const std::string pair = temporary_file("pair.zip", zip_of({{"net.bin", weights}, {"net.param", param}}));
  CHECK(inspect(pair).summary == "\"net.param\" ncnn\n");
  CHECK(inspect(pair + "!/net.bin").summary == "\"net.bin\" ncnn\n");
}

TEST_CASE("containers: bombs end at a limit, what came before is kept") {
  const std::string model = sample("cnn.onnx");
  // Three levels more than are allowed.
  std::string nested = zip_of({{"cnn.onnx", model}});
  for (int i = 0; i < 6; ++i) nested = zip_of({{"in.zip", nested, true}, {"top.onnx", model, true}});
  const Inspected deep = inspect(temporary_file("nested.zip", nested));
  CHECK(deep.exit_code == 4);
  CHECK(deep.summary.find("error \"in.zip!/in.zip!/in.zip!/in.zip\" too-large") != std::string::npos);
  CHECK(inspect(temporary_file("nested.zip", nested), {"--max-depth", "7"}).exit_code == 0);

  const std::string zeros(120 << 20, '\0');
  const std::string bomb = zip_of({{"a.onnx", model}, {"b.onnx", zeros, true}, {"c.onnx", model}});
  const Inspected held = inspect(temporary_file("bomb.zip", bomb));
  CHECK(held.summary == "\"a.onnx\" onnx\n\"c.onnx\" onnx\nerror \"b.onnx\" too-large\n");
  const Inspected total = inspect(temporary_file("bomb.zip", bomb), {"--max-unpacked-bytes", "100000000"});
  CHECK(total.summary == "\"a.onnx\" onnx\nerror null too-large\n");
  const Inspected stream = inspect(temporary_file("bomb.onnx.gz", compressed(zeros, "gzip")));
  CHECK(stream.exit_code == 3);
  CHECK(stream.summary == "error null too-large\n");
}

TEST_CASE("containers: compressed models and tar archives") {
  CHECK(inspect(temporary_file("cnn.onnx.gz", compressed(sample("cnn.onnx"), "gzip"))).summary ==
        "\"cnn.onnx\" onnx\n");
  for (const std::string compression : {"", "gzip", "xz", "zstd"}) {
    const std::string tar =
        tar_of({{"./m/cnn.onnx", sample("cnn.onnx")}, {"m/cnn.tflite", sample("cnn_float32.tflite")}}, compression);
    CHECK(inspect(temporary_file("models.tar", tar)).summary == "\"m/cnn.onnx\" onnx\n\"m/cnn.tflite\" tflite\n");
  }
  // A task bundle with bytes before its first member; a TFLite file with packed metadata behind it.
  const std::string task = zip_of({{"detector.tflite", sample("cnn_float32.tflite")}}, std::string(64, '\x01'));
  CHECK(inspect(temporary_file("bundle.task", task)).summary == "\"detector.tflite\" tflite\n");
  CHECK(inspect(temporary_file("app.zip", zip_of({{"bundle.task", task}}))).summary ==
        "\"bundle.task!/detector.tflite\" tflite\n");
  // A language model's bundle: its members have no extensions.
  const std::string model = zip_of({{"METADATA", "\x0a\x03llm"},
                                    {"TF_LITE_PREFILL_DECODE", sample("cnn_int8.tflite")},
                                    {"TOKENIZER_MODEL", "\x0a\x0e\x0a\x05<unk>\x15"}});
  CHECK(inspect(temporary_file("llm.task", model)).summary == "\"TF_LITE_PREFILL_DECODE\" tflite\n");
  const std::string aligned = zip_of({{"a.tflite", sample("cnn_float32.tflite")}}, std::string(4, '\0'));
  CHECK(inspect(temporary_file("aligned.task", aligned)).summary == "\"a.tflite\" tflite\n");
  const Output cut = run_nngauge({"inspect", temporary_file("cut.task", aligned.substr(0, 3000))});
  CHECK(cut.err.find("a ZIP archive that begins at byte 4 is cut short: its directory is missing [damaged]") !=
        std::string::npos);
  const std::string labelled = zip_of({{"labels.txt", "cat\ndog\n"}}, sample("cnn_float32.tflite"));
  CHECK(inspect(temporary_file("labelled.tflite", labelled)).summary == "null tflite\n");
}

TEST_CASE("containers: bundles, sets and expansions of apps") {
  const std::string float32 = sample("cnn_float32.tflite"), int8 = sample("cnn_int8.tflite");
  const auto title = [](const std::string& archive) {
    const Output output = run_nngauge({"export", "--to", "dot", temporary_file("app", archive)});
    const std::size_t at = output.err.find("the ");
    return output.err.substr(at + 4, output.err.find(" holds") - at - 4);
  };
  // Two models of one name in different folders are two models.
  const std::vector<ZipEntry> two = {{"base/assets/a/m.tflite", float32}, {"base/assets/b/m.tflite", int8, true}};
  std::vector<ZipEntry> bundle = two;
  bundle.push_back({"BundleConfig.pb", "\x0a\x02"});
  CHECK(title(zip_of(bundle)) == "Android app bundle (AAB)");
  CHECK(inspect(temporary_file("app.aab", zip_of(bundle))).summary ==
        "\"base/assets/a/m.tflite\" tflite\n\"base/assets/b/m.tflite\" tflite\n");
  const std::string ios = zip_of({{"Payload/A.app/Info.plist", "bplist00"},
                                  {"Payload/A.app/m.tflite", float32, true},
                                  {"Payload/A.app/n.tflite", int8, true}});
  CHECK(title(ios) == "iOS app (IPA)");
  CHECK(inspect(temporary_file("app.ipa", ios)).summary ==
        "\"Payload/A.app/m.tflite\" tflite\n\"Payload/A.app/n.tflite\" tflite\n");
  const std::string expansion = zip_of({{"m.tflite", int8}});
  CHECK(inspect(temporary_file("main.1.app.obb", expansion)).summary == "\"m.tflite\" tflite\n");
  const std::string set =
      zip_of({{"manifest.json", "{}"}, {"app.apk", app()}, {"Android/obb/app/main.1.app.obb", expansion}});
  CHECK(title(set) == "set of Android apps");
  CHECK(inspect(temporary_file("app.xapk", set)).summary ==
        "\"Android/obb/app/main.1.app.obb!/m.tflite\" tflite\n\"app.apk!/assets/cnn.tflite\" tflite\n"
        "\"app.apk!/assets/deep/cnn.onnx\" onnx\n\"app.apk!/assets/pack.zip!/lstm.onnx\" onnx\n"
        "\"app.apk!/res/raw/quantised\" tflite\n");
}

TEST_CASE("containers: capitals in names, a byte order mark, scripts among the members") {
  const std::string param =
      "\xef\xbb\xbf"
      "7767517\r\n2 2\r\nInput data 0 1 data 0=4 1=4 2=3\r\n"
      "Convolution c 1 1 data out 0=2 1=1 5=0 6=6\r\n";
  const std::string pair = temporary_file("pair.zip", zip_of({{"NET.BIN", std::string(4 + 6 * 4, '\0')},
                                                              {"NET.PARAM", param},
                                                              {"M.TFLITE", sample("cnn_int8.tflite")}}));
  CHECK(inspect(pair).summary == "\"M.TFLITE\" tflite\n\"NET.PARAM\" ncnn\n");
  // Under a name that models do not have, a text counts if a format claims it.
  std::string script;
  for (int i = 0; i < 2000; ++i) script += "function f" + std::to_string(i) + "() {}\n";
  const std::string scripts =
      zip_of({{"a.js", script, true}, {"b.js", "var a;", true}, {"net.js", param.substr(3), true}});
  CHECK(inspect(temporary_file("web.zip", scripts)).summary == "\"net.js\" ncnn\n");
}

TEST_CASE("containers: each limit has a flag") {
  const std::string model = sample("cnn.onnx");
  const std::string path = temporary_file("app.zip", zip_of({{"a.onnx", model, true}, {"b.onnx", model, true}}));
  CHECK(inspect(path).exit_code == 0);
  CHECK(inspect(path, {"--max-members", "1"}).summary == "error null too-large\n");
  CHECK(inspect(path, {"--max-memory-bytes", "1000"}).summary ==
        "error \"a.onnx\" too-large\nerror \"b.onnx\" too-large\n");
  CHECK(inspect(path, {"--max-unpacked-bytes", "5000"}).summary == "\"a.onnx\" onnx\nerror null too-large\n");
  const std::string zeros(40 << 20, '\0');
  const std::string bomb = temporary_file("bomb.zip", zip_of({{"a.onnx", zeros, true}}));
  CHECK(inspect(bomb).summary == "error \"a.onnx\" too-large\n");
  CHECK(inspect(bomb, {"--max-ratio", "2000"}).summary == "error null not-a-model\n");
}
