#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace penstock::events {

// What stands in place of a secret.
inline constexpr std::string_view kRedacted = "[REDACTED]";

// Whether a configuration key names a secret: one of its words is password, secret, token, key,
// credential … (words are split at punctuation and at capitals: "fs.azure.account.key.x", "apiKey",
// "DB_PASSWORD").
bool LooksLikeSecret(std::string_view key);

// The value as it may be shown: kRedacted for a key that looks like a secret; otherwise the text
// with the password of a URL ("scheme://user:password@host") replaced.
std::string Redact(std::string_view key, std::string_view value);
std::map<std::string, std::string> Redact(const std::map<std::string, std::string>& configuration);

// Removes the secret values of one configuration from texts that may quote them (messages, queries,
// errors). Immutable, thread-safe. Short values and values of weak keys ("partition.key") are left
// where they are words.
class Redactor {
 public:
  explicit Redactor(const std::map<std::string, std::string>& configuration);

  std::string Text(std::string text) const;
  // Every text in `json`, and by key what stands in an object named "configuration".
  void Apply(Json& json) const;

 private:
  std::vector<std::string> secrets_;  // longest first
};

}  // namespace penstock::events
