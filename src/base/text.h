#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

// ASCII case only; other bytes are left as they are.
std::string AsciiLower(std::string_view text);
std::string AsciiUpper(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Whether the bytes are UTF-8 as the standard has it: no surrogates, no longer form than needed.
bool IsUtf8(std::string_view text);
std::string_view Trim(std::string_view text);
// 1234567 → "1,234,567"
std::string Grouped(int64_t number);

// The candidate with the smallest edit distance to `name` (case ignored), if close enough to be a
// likely misspelling; used for "did you mean".
std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& candidates);

// The value of a hex digit in either case, or -1.
int HexDigit(char c);
// Appends a Unicode character; what is none, such as a surrogate, becomes U+FFFD.
void AppendUtf8(uint32_t code, std::string* out);
// `text` as a JSON string, with its quotes.
void AppendJsonString(std::string_view text, std::string* out);
std::string QuoteJson(std::string_view text);

// Percent-encodes every byte outside [A-Za-z0-9_.~-] (upper-case hex) and `kept`; its reverse.
std::string PercentEncode(std::string_view text, std::string_view kept = "");
std::string PercentDecode(std::string_view text);
// "file:///data/a%20b.json" of an absolute path.
std::string FileUri(std::string_view path);

// A random UUID (version 4), lower case.
std::string NewUuid();

// 128-bit XXH3 of the bytes as 32 hex digits: for fingerprints, not for secrets.
std::string Fingerprint(std::string_view bytes);

}  // namespace penstock
