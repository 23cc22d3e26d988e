#pragma once

#include <map>
#include <string>
#include <string_view>

namespace penstock::io::s3 {

using Profile = std::map<std::string, std::string>;  // lower-case key → value

// The sections of an AWS credentials or config file: "[name]" or "[profile name]", then
// "key = value" lines; # and ; begin comments. Lines that are none of these are passed over, and
// so are the indented ones below a key.
std::map<std::string, Profile> ParseProfiles(std::string_view text);

}  // namespace penstock::io::s3
