#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

// ASCII case only; other bytes are left as they are.
std::string AsciiLower(std::string_view text);
std::string AsciiUpper(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view Trim(std::string_view text);

// The candidate with the smallest edit distance to `name` (case ignored), if close enough to be a
// likely misspelling; used for "did you mean".
std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& candidates);

// Percent-encodes every byte outside [A-Za-z0-9_.~-] (upper-case hex), and its reverse.
std::string PercentEncode(std::string_view text);
std::string PercentDecode(std::string_view text);

// A random UUID (version 4), lower case.
std::string NewUuid();

// 128-bit XXH3 of the bytes as 32 hex digits: for fingerprints, not for secrets.
std::string Fingerprint(std::string_view bytes);

}  // namespace penstock
