// SPDX-License-Identifier: Apache-2.0
// Owns: operands of one-operator models written as words, for tables of cases.
#pragma once

#include <string>
#include <string_view>

#include "tests/graph/graph_builder.h"

namespace nngauge::test {

// Adds one operand per word, words separated by spaces:
//   [batch,3,?]    a float32 activation; [?...] of unknown rank; i[2,3] an int64 one
//   {1,-1,batch}   a known int64 vector, ? for an element that is not known; 7 a known int64 scalar
//   (1,0.5)        a known float32 vector; 0.5 a known float32 scalar
//   -              absent
void add_operands(OneOp& op, std::string_view words);
OneOp op_with(OpKind kind, Attributes attrs, std::string_view operands, std::size_t results = 1);
// The shapes of all results, separated by spaces, or the error's text.
std::string shapes_of(OneOp& op);
// The elements that folding finds for result i: "{1,batch,?}", "(0.5,?)", or "none". Runs the shape rule first.
std::string folded(OneOp& op, std::size_t i = 0);

}  // namespace nngauge::test
