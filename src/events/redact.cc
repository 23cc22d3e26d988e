#include "events/redact.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace penstock::events {
namespace {

constexpr std::array<std::string_view, 18> kSecretWords = {
    "password",  "passwd",    "pwd",        "passphrase", "pass",        "secret",
    "secrets",   "token",     "tokens",     "credential", "credentials", "apikey",
    "accesskey", "secretkey", "privatekey", "signature",  "sas",         "authorization"};
constexpr std::array<std::string_view, 2> kWeakWords = {"key", "keys"};
// A shorter text would be found by accident everywhere.
constexpr size_t kShortestSecret = 4;
constexpr size_t kShortestWeakSecret = 12;

template <size_t N>
bool Contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> Words(std::string_view key) {
  std::vector<std::string> words(1);
  bool previous_lower = false;
  for (const unsigned char c : key) {
    const bool starts_word = std::isupper(c) && previous_lower;
    if ((!std::isalnum(c) || starts_word) && !words.back().empty()) words.emplace_back();
    if (std::isalnum(c)) words.back() += static_cast<char>(std::tolower(c));
    previous_lower = std::islower(c) || std::isdigit(c);
  }
  return words;
}

bool HasSecretWord(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return Contains(kSecretWords, word); });
}

bool HasWeakWord(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return Contains(kWeakWords, word); });
}

// Letters and digits mixed, long: a key rather than a column's name.
bool LooksRandom(std::string_view value) {
  const auto is = [&](int (*kind)(int)) {
    return std::any_of(value.begin(), value.end(),
                       [&](char c) { return kind(static_cast<unsigned char>(c)) != 0; });
  };
  return value.size() >= kShortestWeakSecret && is(std::isdigit) && is(std::isalpha);
}

bool MustNotBeQuoted(std::string_view key, std::string_view value) {
  const std::vector<std::string> words = Words(key);
  if (HasSecretWord(words)) return value.size() >= kShortestSecret;
  return HasWeakWord(words) && LooksRandom(value);
}

// "://user:password@" → "://user:[REDACTED]@", wherever it stands.
std::string WithoutUrlPasswords(std::string text) {
  size_t from = 0;
  while ((from = text.find("://", from)) != text.npos) {
    from += 3;
    const size_t end = text.find_first_of("/?# \t\n\"'", from);
    const std::string_view authority = std::string_view(text).substr(from, end - from);
    const size_t at = authority.rfind('@');
    const size_t colon = authority.find(':');
    if (at == authority.npos || colon == authority.npos || colon > at) continue;
    text.replace(from + colon + 1, at - colon - 1, kRedacted);
  }
  return text;
}

}  // namespace

bool LooksLikeSecret(std::string_view key) {
  const std::vector<std::string> words = Words(key);
  return HasSecretWord(words) || HasWeakWord(words);
}

std::string Redact(std::string_view key, std::string_view value) {
  if (LooksLikeSecret(key)) return std::string(kRedacted);
  return WithoutUrlPasswords(std::string(value));
}

std::map<std::string, std::string> Redact(const std::map<std::string, std::string>& configuration) {
  std::map<std::string, std::string> shown;
  for (const auto& [key, value] : configuration) shown[key] = Redact(key, value);
  return shown;
}

Redactor::Redactor(const std::map<std::string, std::string>& configuration) {
  for (const auto& [key, value] : configuration) {
    if (MustNotBeQuoted(key, value)) secrets_.push_back(value);
  }
  // A secret that contains another one goes first, or its rest would stay.
  std::sort(secrets_.begin(), secrets_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
}

std::string Redactor::Text(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (size_t at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), kRedacted);
      at += kRedacted.size();
    }
  }
  return WithoutUrlPasswords(std::move(text));
}

void Redactor::Apply(Json& json) const {
  if (json.is_string()) {
    std::string& text = json.get_ref<std::string&>();
    text = Text(std::move(text));
  } else if (json.is_array()) {
    for (Json& element : json) Apply(element);
  } else if (json.is_object()) {
    for (auto& [key, value] : json.items()) {
      Apply(value);
      if (key != "configuration" || !value.is_object()) continue;
      for (auto& [name, setting] : value.items()) {
        if (LooksLikeSecret(name)) setting = kRedacted;
      }
    }
  }
}

}  // namespace penstock::events
