#include "delta/properties.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"

namespace penstock::delta {

namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kMsPerDay = 24 * 3600 * kMsPerSecond;
constexpr int64_t kDefaultCheckpointInterval = 10;
constexpr int64_t kDefaultLogRetentionMs = 30 * kMsPerDay;
constexpr int64_t kDefaultCheckpointRetentionMs = 2 * kMsPerDay;
constexpr int64_t kDefaultTombstoneRetentionMs = 7 * kMsPerDay;

struct Unit {
  std::string_view name;  // singular
  int64_t microseconds;
};

constexpr Unit kUnits[] = {
    {"week", 7 * kMsPerDay * 1000},
    {"day", kMsPerDay * 1000},
    {"hour", 3600 * kMsPerSecond * 1000},
    {"minute", 60 * kMsPerSecond * 1000},
    {"second", kMsPerSecond * 1000},
    {"millisecond", 1000},
    {"microsecond", 1},
};

std::string_view NextWord(std::string_view& text) {
  text = Trim(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
  text.remove_prefix(word.size());
  return word;
}

std::optional<int64_t> ToInt(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> UnitMicroseconds(std::string_view word) {
  for (const Unit& unit : kUnits) {
    if (word == unit.name || word == std::string(unit.name) + "s") return unit.microseconds;
  }
  return std::nullopt;
}

const std::string* Find(const Metadata& metadata, const char* key) {
  const auto found = metadata.configuration.find(key);
  return found == metadata.configuration.end() ? nullptr : &found->second;
}

bool Flag(const Metadata& metadata, const char* key, bool otherwise) {
  const std::string* value = Find(metadata, key);
  if (value == nullptr) return otherwise;
  const std::string_view text = Trim(*value);
  if (EqualsIgnoreCase(text, "true")) return true;
  return EqualsIgnoreCase(text, "false") ? false : otherwise;
}

int64_t Duration(const Metadata& metadata, const char* key, int64_t otherwise) {
  const std::string* value = Find(metadata, key);
  const std::optional<int64_t> ms = value ? ParseIntervalMs(*value) : std::nullopt;
  return ms && *ms >= 0 ? *ms : otherwise;
}

}  // namespace

std::optional<int64_t> ParseIntervalMs(std::string_view text) {
  const std::string lower = AsciiLower(text);
  std::string_view rest = lower;
  std::string_view word = NextWord(rest);
  if (word == "interval") word = NextWord(rest);
  if (word.empty()) return std::nullopt;
  int64_t total = 0;
  for (; !word.empty(); word = NextWord(rest)) {
    const std::optional<int64_t> count = ToInt(word);
    const std::optional<int64_t> unit = UnitMicroseconds(NextWord(rest));
    int64_t part = 0;
    if (!count || !unit || __builtin_mul_overflow(*count, *unit, &part)) return std::nullopt;
    if (__builtin_add_overflow(total, part, &total)) return std::nullopt;
  }
  return total / 1000;
}

bool IsAppendOnly(const Metadata& metadata) { return Flag(metadata, "delta.appendOnly", false); }

int64_t CheckpointInterval(const Metadata& metadata) {
  const std::string* value = Find(metadata, "delta.checkpointInterval");
  const std::optional<int64_t> commits = value ? ToInt(Trim(*value)) : std::nullopt;
  return commits && *commits > 0 ? *commits : kDefaultCheckpointInterval;
}

int64_t TombstoneRetentionMs(const Metadata& metadata) {
  return Duration(metadata, "delta.deletedFileRetentionDuration", kDefaultTombstoneRetentionMs);
}

int64_t LogRetentionMs(const Metadata& metadata) {
  return Duration(metadata, "delta.logRetentionDuration", kDefaultLogRetentionMs);
}

int64_t CheckpointRetentionMs(const Metadata& metadata) {
  return Duration(metadata, "delta.checkpointRetentionDuration", kDefaultCheckpointRetentionMs);
}

Version ProtectedBefore(const Metadata& metadata) {
  const std::string* value = Find(metadata, kProtectionProperty);
  return value ? ToInt(Trim(*value)).value_or(INT64_MAX) : 0;
}

int64_t TruncationRetentionMs(const Metadata& metadata) {
  return Duration(metadata, "delta.dropFeatureTruncateHistory.retentionDuration", kMsPerDay);
}

bool CleansLog(const Metadata& metadata) {
  return Flag(metadata, "delta.enableExpiredLogCleanup", true);
}

bool UsesInCommitTimestamps(const Metadata& metadata) {
  return Flag(metadata, "delta.enableInCommitTimestamps", false);
}

StatsForms CheckpointStatsForms(const Metadata& metadata) {
  return {Flag(metadata, "delta.checkpoint.writeStatsAsJson", true),
          Flag(metadata, "delta.checkpoint.writeStatsAsStruct", false)};
}

bool WritesV2Checkpoints(const Protocol& protocol, const Metadata& metadata) {
  const auto& features = protocol.writer_features;
  if (std::find(features.begin(), features.end(), "v2Checkpoint") == features.end()) return false;
  const std::string* policy = Find(metadata, "delta.checkpointPolicy");
  return policy != nullptr && EqualsIgnoreCase(Trim(*policy), "v2");
}

}  // namespace penstock::delta
