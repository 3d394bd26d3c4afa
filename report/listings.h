// SPDX-License-Identifier: Apache-2.0
// Owns: the tables in the code as tables to print: operator kinds, file formats, error codes, counting conventions.
#pragma once

#include "report/table.h"

namespace nngauge {

Table ops_table();
Table formats_table();
Table extensions_table();  // of file names, also of formats that are not read
Table errors_table();
Table conventions_table();

}  // namespace nngauge
