#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// Z85, the base-85 text of ZeroMQ's RFC 32: five characters for four bytes. Bytes that are no
// multiple of four are filled up with zeros.
std::string EncodeZ85(std::string_view bytes);
// The reverse, filling zeros included; nothing when it is no Z85.
std::optional<std::string> DecodeZ85(std::string_view text);

}  // namespace penstock
