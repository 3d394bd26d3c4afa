// SPDX-License-Identifier: Apache-2.0
// Owns: the frame of every JSON document: schema, tool, convention, the list of results, errors.
// Long lists are printed piece by piece: opening(), each item as it is ready, closing().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "report/json_fwd.h"

namespace nngauge {

std::string_view tool_version();

// An input that could not be used.
struct FailedInput {
  std::string path;
  std::optional<std::string> member;  // inside a container
  Error error;
};

// `nngauge: error: <path>: <where>: <what> [<code>]` without a line break; names from files are made printable.
std::string error_line(const FailedInput& failed);

// The frame up to and including the opening of the list `list`; `members` stand before it.
std::string document_opening(std::string_view command, std::string_view list);
std::string document_opening(std::string_view command, std::string_view list, const Json& members);
// An item of that list. `item` is printed at level 2.
std::string document_item(std::string_view item, bool first);
// Closes the list (`any`: it has items) and adds errors[] and the end.
std::string document_closing(bool any, std::span<const FailedInput> errors);
// errors[] alone: one object, compact, for ndjson.
std::string failed_input_line(const FailedInput& failed);

// A whole document around `list`.
std::string document(std::string_view command, std::string_view list, const Json& items);
// A whole document of several members, put between the frame's head and errors[].
std::string document_of(std::string_view command, const Json& members);

// The level that items of a document's list stand at, for json_text().
inline constexpr int kItemLevel = 2;

}  // namespace nngauge
