// SPDX-License-Identifier: Apache-2.0
// Owns: protobuf messages of the profiles of devices and of their energy: as text, read with the place of a fault and
// written so that a message of numbers stands on one line; and encoded, as the program bundles them.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace google::protobuf {
class Message;
}

namespace nngauge {

// `what` is said where the parser gives no reason. Errors: kBadProfile, "line 3, column 7: …" for the first fault.
Status parse_profile_message(std::string_view text, std::string_view what, google::protobuf::Message& message);

// The binary form that protoc writes of the same text: some ten times faster to read. Errors: kBadProfile.
Status decode_profile_message(Bytes encoded, google::protobuf::Message& message);

// The file's text: licence, where it comes from, the message. `schema` is the file that describes it.
std::string profile_message_text(const google::protobuf::Message& message, std::string_view schema);

}  // namespace nngauge
