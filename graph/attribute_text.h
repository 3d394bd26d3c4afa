// SPDX-License-Identifier: Apache-2.0
// Owns: attributes as text, field by field: for snapshots, `explain` and tests.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "graph/attributes.h"
#include "graph/graph.h"

namespace nngauge {

// Name of the struct that is held: "conv", "pool"; "none".
std::string_view attribute_type_name(const Attributes& attributes);

// The fields that differ from their defaults, in the order of the struct: {"strides", "[2,2]"}.
std::vector<std::pair<std::string, std::string>> attribute_fields(const Attributes& attributes);

// The inverse. Errors: kDamaged naming the type, the field or the value that is not understood.
Result<Attributes> parse_attributes(std::string_view type_name, const std::map<std::string, std::string>& fields);

std::string_view fused_activation_name(FusedActivation activation);  // "relu6"
std::optional<FusedActivation> find_fused_activation(std::string_view name);
std::string_view operand_role_name(OperandRole role);  // "weight"
std::optional<OperandRole> find_operand_role(std::string_view name);
std::string_view quant_scheme_name(QuantScheme scheme);  // "per-channel"
std::optional<QuantScheme> find_quant_scheme(std::string_view name);

}  // namespace nngauge
