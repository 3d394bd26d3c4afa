// SPDX-License-Identifier: Apache-2.0
// The commands that print a table in the code: ops, formats, errors, conventions.
#include "report/listings.h"

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/print_table.h"

namespace nngauge {

const CommandSpec kOpsSpec{
    .name = "ops",
    .summary = "the operator kinds that nngauge knows",
    .operands = "",
    .description =
        "The name of a kind is the same whatever the file format. `least` and `most` bound its operands; flops and\n"
        "special functions are per element of the result, for element-wise kinds.",
    .options = {},
    .most_operands = 0,
};

const CommandSpec kFormatsSpec{
    .name = "formats",
    .summary = "the file formats that nngauge reads, and the extensions of model files",
    .operands = "",
    .description =
        "The content of a file decides what it is, its extension is a hint only. The second table has all extensions\n"
        "under which networks are found, also of formats that are recognised and not read.",
    .options = {},
    .most_operands = 0,
};

const CommandSpec kErrorsSpec{
    .name = "errors",
    .summary = "the error codes, what they mean and what to do",
    .operands = "",
    .description =
        "An error stands on standard error as `nngauge: error: PATH: WHERE: WHAT [CODE]`, in JSON in errors[].",
    .options = {},
    .most_operands = 0,
};

const CommandSpec kConventionsSpec{
    .name = "conventions",
    .summary = "how other tools count: the names for `inspect --convention`",
    .operands = "",
    .description = "",
    .options = {},
    .most_operands = 0,
};

Result<int> run_ops(const Session& session) { return print_table(session, ops_table(), "ops", "ops"); }
Result<int> run_formats(const Session& session) {
  const NamedTable tables[] = {{"formats", formats_table()}, {"extensions", extensions_table()}};
  return print_tables(session, tables, "formats");
}
Result<int> run_errors(const Session& session) { return print_table(session, errors_table(), "errors", "codes"); }
Result<int> run_conventions(const Session& session) {
  return print_table(session, conventions_table(), "conventions", "conventions");
}

}  // namespace nngauge
