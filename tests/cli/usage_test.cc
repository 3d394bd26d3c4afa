// SPDX-License-Identifier: Apache-2.0
// Every way to get the command line wrong, with the exact text and exit code.
#include <catch2/catch.hpp>

#include "tests/cli/run_binary.h"

using nngauge::test::Output;
using nngauge::test::run_shell;
using nngauge::test::temporary_file;

namespace {

struct Case {
  const char* line;  // after "nngauge"
  int exit_code;
  const char* message;  // standard error, "nngauge: error: " and the line break apart
};

const Case kCases[] = {
    {"inspct x", 2, "unknown command \"inspct\" (did you mean inspect?); `nngauge help` lists the commands [usage]"},
    {"xyzzyx", 2, "unknown command \"xyzzyx\"; `nngauge help` lists the commands [usage]"},
    {"--format json", 2, "the command comes before option --format; `nngauge help` lists the commands [usage]"},
    {"help inspec", 2, "help: unknown command \"inspec\" (did you mean inspect?) [usage]"},
    {"help inspect explain", 2, "help: unexpected operand \"explain\" [usage]"},
    {"inspect", 2, "inspect: the path of a model is missing [usage]"},
    {"inspect --layer x", 2, "inspect: unknown option --layer (did you mean --layers?) [usage]"},
    {"inspect --fromat=json x", 2, "inspect: unknown option --fromat (did you mean --format?) [usage]"},
    {"inspect --zzzzzzzzzz x", 2, "inspect: unknown option --zzzzzzzzzz [usage]"},
    {"inspect --format jsn x", 2, "inspect: option --format has no value \"jsn\" (did you mean json or csv?) [usage]"},
    {"inspect --format yamlyaml x", 2,
     "inspect: option --format has no value \"yamlyaml\"; allowed are text, json, csv, ndjson [usage]"},
    {"inspect x --format", 2, "inspect: option --format needs a value [usage]"},
    {"inspect x --dim", 2, "inspect: option --dim needs a value [usage]"},
    {"inspect --format json --format text x", 2, "inspect: option --format is given twice [usage]"},
    {"inspect --dim seq x", 2, "inspect: option --dim takes NAME=VALUE, not \"seq\" [usage]"},
    {"inspect --dim =4 x", 2, "inspect: option --dim takes NAME=VALUE, not \"=4\" [usage]"},
    {"inspect --dim seq=four x", 2, "inspect: option --dim: \"four\" is no whole number [usage]"},
    {"inspect --dim seq=-1 x", 2, "inspect: option --dim: \"-1\" is no whole number [usage]"},
    {"inspect --dim seq=99999999999999999999 x", 2,
     "inspect: option --dim: \"99999999999999999999\" is no whole number [usage]"},
    {"inspect --input a=1,,3 x", 2, "inspect: option --input: \"\" is no whole number [usage]"},
    {"inspect --trip loop=x x", 2, "inspect: option --trip: \"x\" is no whole number [usage]"},
    {"inspect --threads 0 x", 2, "inspect: option --threads takes a whole number from 1 to 256, not \"0\" [usage]"},
    {"inspect --threads many x", 2,
     "inspect: option --threads takes a whole number from 1 to 256, not \"many\" [usage]"},
    {"inspect --top -3 x", 2, "inspect: option --top takes a whole number from 0 to 2147483647, not \"-3\" [usage]"},
    {"inspect --convention fvcor x", 2, "inspect: unknown convention \"fvcor\" (did you mean fvcore?) [usage]"},
    {"inspect --convention palmistry x", 2,
     "inspect: unknown convention \"palmistry\"; known are fvcore, timm, ptflops, torchinfo, tensorflow, onnx-tool, "
     "ncnn, netscope, qed_usc [usage]"},
    {"scenario --energy-mj 1 --voltage 4", 2, "scenario: option --battery-mah is missing [usage]"},
    {"scenario --energy-mj 1 --battery-mah 4000", 2, "scenario: option --voltage is missing [usage]"},
    {"scenario --battery-mah 0 --voltage 4 --energy-mj 1", 2,
     "scenario: option --battery-mah takes a number above 0 [usage]"},
    {"scenario --battery-mah 4000 --voltage 4", 2, "scenario: a model or option --energy-mj is missing [usage]"},
    {"scenario --battery-mah 4000 --voltage 4 --energy-mj -1", 2,
     "scenario: option --energy-mj takes a number from 0 up, not \"-1\" [usage]"},
    {"scenario --battery-mah 4000 --voltage 4 --energy-mj 1 --scenario typng", 2,
     "scenario: unknown scenario \"typng\" (did you mean typing?) [usage]"},
    {"scenario --battery-mah 4000 --voltage 4 --energy-mj 1 --rate-per-s 2", 2,
     "scenario: option --duration-s is missing [usage]"},
    {"scenario --battery-mah 4000 --voltage 4 x.tflite", 2,
     "scenario: option --device is missing; `nngauge devices` lists the devices [usage]"},
    {"offload", 2, "offload: the path of a model or option --choose is missing [usage]"},
    {"offload --choose", 2, "offload: option --candidates is missing [usage]"},
    {"offload --choose --candidates x.csv", 2, "offload: option --deadline-ms is missing [usage]"},
    {"offload --choose --candidates x.csv --deadline-ms -5", 2,
     "offload: option --deadline-ms takes a number from 0 up, not \"-5\" [usage]"},
    {"offload --choose --candidates x.csv --deadline-ms 5", 2,
     "offload: option --network or --one-way-ms is missing [usage]"},
    {"offload --choose --candidates x.csv --deadline-ms 5 --network home-wify", 2,
     "offload: unknown network \"home-wify\" (did you mean home-wifi?) [usage]"},
    {"offload x.tflite", 2,
     "offload: option --device or --preset is missing; `nngauge devices` lists the devices [usage]"},
    {"offload --device pixel4 x.tflite", 2, "offload: option --network or --upload-mbps is missing [usage]"},
    {"offload --device pixel4 --preset ic2e18 --network lte x.tflite", 2,
     "offload: options --device and --preset exclude each other [usage]"},
    {"offload --device pixel4 --network lte --deadline-ms -1 x.tflite", 2,
     "offload: option --deadline-ms takes a number from 0 up, not \"-1\" [usage]"},
    {"offload --device pixel4 --network lt x.tflite", 2,
     "offload: unknown network \"lt\" (did you mean lte or lte-hotspot?) [usage]"},
    {"offload --device pixel4 --network lte --server cloud-cpy x.tflite", 2,
     "offload: unknown server \"cloud-cpy\" (did you mean cloud-cpu or cloud-gpu?) [usage]"},
    {"offload --preset ic2e19 --network lte x.tflite", 2,
     "offload: unknown preset \"ic2e19\" (did you mean ic2e18?) [usage]"},
    {"offload --device pixel4 --upload-mbps 0 x.tflite", 2,
     "offload: option --upload-mbps takes a number above 0 [usage]"},
    {"offload --choose --candidates x.csv x.tflite", 2, "offload: a model and --choose exclude each other [usage]"},
    {"predict --device pixel4 --batch 1,two x.tflite", 2,
     "predict: option --batch takes whole numbers from 1 to 65536 with commas between, not \"1,two\" [usage]"},
    {"predict --device pixel4 --sweep voltage x.tflite", 2,
     "predict: option --sweep has no value \"voltage\"; allowed are freq, threads [usage]"},
    {"predict --device kirin990 --sweep freq x.tflite", 2,
     "predict: device kirin990, setup tflite-cpu has no table of clocks [usage]"},
    {"predict --device pixel4 --freq-mhz 0 x.tflite", 2,
     "predict: option --freq-mhz takes a number above 0 [usage]"},
    {"calibrate --kernel-runs a.csv --power-runs b.csv -o x", 2,
     "calibrate: options --kernel-runs and --power-runs exclude each other [usage]"},
    {"calibrate --power-runs b.csv", 2,
     "calibrate: option --output is missing: where the profile is to be written [usage]"},
    {"explain x", 2, "explain: option --op is missing [usage]"},
    {"explain --op 0", 2, "explain: the path of a model is missing [usage]"},
    {"explain --op 0 --format csv x", 2,
     "explain: option --format has no value \"csv\"; allowed are text, json, ndjson [usage]"},
    {"explain --op 99 tests/golden/models/tiny.graph", 2,
     "tests/golden/models/tiny.graph: no operator 99; the model has 7 operators [usage]"},
    {"explain --op dnse tests/golden/models/tiny.graph", 2,
     "tests/golden/models/tiny.graph: no operator is called \"dnse\" (did you mean dense?) [usage]"},
    {"export --to svg x", 2, "export: option --to has no value \"svg\"; allowed are snapshot, dot, json [usage]"},
    {"export a b", 2, "export: unexpected operand \"b\" [usage]"},
    {"completion", 2, "completion: the shell, bash or zsh, is missing [usage]"},
    {"completion fish", 2, "completion: unknown shell \"fish\"; known are bash, zsh [usage]"},
    {"ops conv", 2, "ops: unexpected operand \"conv\" [usage]"},
    {"inspect no/such.tflite", 3, "no/such.tflite: No such file or directory [unreadable]"},
    {"inspect 'a\nb.tflite'", 3, "a\\x0ab.tflite: No such file or directory [unreadable]"},
    {"inspect LICENSE/x", 3, "LICENSE/x: Not a directory [unreadable]"},
    {"inspect /dev/null", 3, "/dev/null: is not a regular file [unreadable]"},
    {"explain --op 0 no/such.tflite", 3, "no/such.tflite: No such file or directory [unreadable]"},
    {"export no/such.tflite", 3, "no/such.tflite: No such file or directory [unreadable]"},
    {"inspect tests/golden/golden", 3, "tests/golden/golden: No such file or directory [unreadable]"},
    {"ops -o no/such/folder/x", 3, "no/such/folder/x: cannot write: No such file or directory [unreadable]"},
    {"predict x", 2, "predict: option --device is missing; `nngauge devices` lists the devices [usage]"},
    {"predict --device pixel4", 2, "predict: the path of a model is missing [usage]"},
    {"calibrate", 2, "calibrate: option --runs is missing [usage]"},
    {"calibrate --runs r.csv", 2, "calibrate: option --output is missing: where the profile is to be written [usage]"},
    {"calibrate --runs no.csv --device a/b -o x", 2,
     "calibrate: option --device: an id has no slash and no blank, unlike \"a/b\" [usage]"},
    {"calibrate --runs no/such.csv --device new -o x", 3, "no/such.csv: No such file or directory [unreadable]"},
    {"validate --split half", 2,
     "validate: option --split has no value \"half\"; allowed are none, model, family [usage]"},
    {"validate --max-mape -1", 2, "validate: option --max-mape takes a number from 0 up, not \"-1\" [usage]"},
    {"validate --max-mape lots", 2, "validate: option --max-mape takes a number from 0 up, not \"lots\" [usage]"},
    {"validate --runs no/such.csv", 3, "no/such.csv: No such file or directory [unreadable]"},
    {"devices a b", 2, "devices: unexpected operand \"b\" [usage]"},
    {"inspect --dim nothing=3 tests/golden/models/custom.graph", 2, nullptr},
};

}  // namespace

TEST_CASE("cli: wrong command lines are told exactly what is wrong") {
  for (const Case& c : kCases) {
    INFO(c.line);
    const Output output = run_shell(std::string("\"$NNGAUGE\" ") + c.line);
    CHECK(output.exit_code == c.exit_code);
    CHECK(output.out == "");
    if (c.message) CHECK(output.err == std::string("nngauge: error: ") + c.message + "\n");
  }
}

TEST_CASE("cli: without a command the overview goes to standard error") {
  const Output output = run_shell("\"$NNGAUGE\"");
  CHECK(output.exit_code == 2);
  CHECK(output.out == "");
  CHECK(output.err.find("Commands:\n  inspect") != std::string::npos);
  CHECK(output.err.find("nngauge: error: no command is given [usage]\n") != std::string::npos);
}

TEST_CASE("cli: a folder as --output, a full disk and an empty folder are errors") {
  const std::string folder = nngauge::test::temporary_folder();
  CHECK(run_shell("\"$NNGAUGE\" ops -o .").exit_code == 3);
  CHECK(run_shell("\"$NNGAUGE\" ops >/dev/full").err ==
        "nngauge: error: standard output: cannot write: No space left on device [unreadable]\n");
  const Output empty = run_shell("\"$NNGAUGE\" inspect \"" + folder + "\"");
  CHECK(empty.exit_code == 3);
  CHECK(empty.err == "nngauge: error: " + folder + ": the folder holds no file [not-a-model]\n");
}

TEST_CASE("cli: a file that is no model is an error when named and skipped when found") {
  const std::string text = temporary_file("notes.txt", "nothing to see here\n");
  const std::string folder = text.substr(0, text.rfind('/'));
  const Output named = run_shell("\"$NNGAUGE\" inspect \"" + text + "\"");
  CHECK(named.exit_code == 3);
  CHECK(named.err.find("nngauge: error: " + text + ": ") == 0);
  CHECK(named.err.find("[not-a-model]\n") != std::string::npos);

  const Output found = run_shell("\"$NNGAUGE\" inspect \"" + folder + "\"");
  CHECK(found.exit_code == 3);
  CHECK(found.err == "nngauge: error: " + folder + ": no model among the folder's 1 file [not-a-model]\n");

  const Output beside =
      run_shell("cp tests/golden/models/tiny.graph \"" + folder + "\" && \"$NNGAUGE\" inspect \"" + folder + "\"");
  CHECK(beside.exit_code == 0);
  CHECK(beside.err == "nngauge: note: " + folder + ": 1 file skipped, being no model\n");
  CHECK(run_shell("\"$NNGAUGE\" inspect --quiet \"" + folder + "\"").err == "");
}
