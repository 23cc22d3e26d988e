#include "delta/table_properties.h"

#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"
#include "delta/properties.h"

namespace penstock::delta {

namespace {

constexpr PropertyKind kBool = PropertyKind::kBoolean;
constexpr PropertyKind kInterval = PropertyKind::kInterval;
constexpr PropertyKind kChoice = PropertyKind::kChoice;

constexpr TableProperty kProperties[] = {
    {"delta.appendOnly", kBool, "false", "", "rows are only added, never changed or removed"},
    {"delta.autoOptimize.autoCompact", kBool, "false", "", "small files are packed after writes"},
    {"delta.autoOptimize.optimizeWrite", kBool, "false", "", "kept for other writers"},
    {"delta.checkpoint.writeStatsAsJson", kBool, "true", "", "statistics in checkpoints as text"},
    {"delta.checkpoint.writeStatsAsStruct", kBool, "false", "", "statistics as typed columns"},
    {"delta.checkpointInterval", PropertyKind::kPositive, "10", "", "commits between checkpoints"},
    {"delta.checkpointPolicy", kChoice, "classic", "classic,v2", "the kind of checkpoint"},
    {"delta.checkpointRetentionDuration", kInterval, "interval 2 days", "",
     "how long checkpoints stay that no version needs"},
    {"delta.columnMapping.mode", kChoice, "none", "none,name,id",
     "columns are found in files by other names or by ids; needed to rename and drop columns"},
    {"delta.dataSkippingNumIndexedCols", PropertyKind::kIndexed, "32", "",
     "how many columns get statistics; -1: all"},
    {"delta.dataSkippingStatsColumns", PropertyKind::kText, "", "", "which columns get them"},
    {"delta.deletedFileRetentionDuration", kInterval, "interval 7 days", "",
     "how long VACUUM keeps files that older versions need"},
    {"delta.dropFeatureTruncateHistory.retentionDuration", kInterval, "interval 24 hours", "",
     "how old the last trace of a feature must be that DROP FEATURE … TRUNCATE HISTORY takes away"},
    {"delta.enableChangeDataFeed", kBool, "false", "", "changes of rows are recorded"},
    {"delta.enableDeletionVectors", kBool, "true", "",
     "rows are deleted by marks, not by rewriting files (tables made by Penstock; else false)"},
    {"delta.enableExpiredLogCleanup", kBool, "true", "", "old commits are removed"},
    {"delta.enableInCommitTimestamps", kBool, "false", "", "the time of a commit stands in it"},
    {"delta.enableRowTracking", kBool, "false", "", "rows have ids"},
    {"delta.enableTypeWidening", kBool, "false", "", "types of columns may be widened"},
    {"delta.enableVariantShredding", kBool, "false", "",
     "other writers may store parts of variants as columns"},
    {"delta.isolationLevel", kChoice, "WriteSerializable", "WriteSerializable,Serializable",
     "whether rows appended meanwhile conflict with changes that would have read them"},
    {"delta.logRetentionDuration", kInterval, "interval 30 days", "", "how far back history goes"},
    {"delta.parquet.compression.codec", kChoice, "zstd", "zstd,snappy,gzip,lz4,none,uncompressed",
     "how data files are compressed"},
    {"delta.randomizeFilePrefixes", kBool, "false", "", "kept for other writers"},
    {"delta.randomPrefixLength", PropertyKind::kPositive, "2", "", "kept for other writers"},
    {"delta.rowTrackingSuspended", kBool, "false", "", "new rows get no ids"},
    {"delta.setTransactionRetentionDuration", kInterval, "", "",
     "how long writers' batch numbers are remembered"},
    {"delta.targetFileSize", PropertyKind::kBytes, "", "", "the size of data files to aim at"},
    {"delta.tuneFileSizesForRewrites", kBool, "false", "", "kept for other writers"},
};

template <typename Number>
std::optional<Number> ToNumber(std::string_view text) {
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool AtLeast(std::string_view text, int64_t least) {
  const auto number = ToNumber<int64_t>(text);
  return number && *number >= least;
}

bool IsBytes(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const auto number = ToNumber<int64_t>(text.substr(0, digits));
  if (!number || *number <= 0) return false;
  const std::string unit = AsciiLower(Trim(text.substr(digits)));
  for (const std::string_view known : {"", "b", "k", "kb", "m", "mb", "g", "gb", "t", "tb"}) {
    if (unit == known) return true;
  }
  return false;
}

std::vector<std::string> Choices(const TableProperty& property) {
  std::vector<std::string> choices;
  std::string_view rest = property.choices;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    choices.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return choices;
}

// The value as it is stored, or nothing when it is none.
std::optional<std::string> Stored(const TableProperty& property, std::string_view value) {
  const auto keep = [&](bool good) {
    return good ? std::optional(std::string(value)) : std::nullopt;
  };
  switch (property.kind) {
    case PropertyKind::kBoolean:
      if (EqualsIgnoreCase(value, "true")) return "true";
      if (EqualsIgnoreCase(value, "false")) return "false";
      return std::nullopt;
    case PropertyKind::kCount:
      return keep(AtLeast(value, 0));
    case PropertyKind::kPositive:
      return keep(AtLeast(value, 1));
    case PropertyKind::kIndexed:
      return keep(AtLeast(value, -1));
    case PropertyKind::kInterval:
      return keep(ParseIntervalMs(value).value_or(-1) >= 0);
    case PropertyKind::kBytes:
      return keep(IsBytes(value));
    case PropertyKind::kChoice:
      for (std::string& choice : Choices(property)) {
        if (EqualsIgnoreCase(choice, value)) return std::move(choice);
      }
      return std::nullopt;
    case PropertyKind::kText:
      return std::string(value);
  }
  return std::nullopt;
}

std::string Possible(const TableProperty& property) {
  switch (property.kind) {
    case PropertyKind::kBoolean:
      return "Say true or false.";
    case PropertyKind::kCount:
      return "Give a number from 0.";
    case PropertyKind::kPositive:
      return "Give a number from 1.";
    case PropertyKind::kIndexed:
      return "Give a number from 0, or -1 for all columns.";
    case PropertyKind::kInterval:
      return "Give a time such as 'interval 7 days'.";
    case PropertyKind::kBytes:
      return "Give a size such as '128mb'.";
    case PropertyKind::kChoice:
      return "Say one of: " + std::string(property.choices) + ".";
    case PropertyKind::kText:
      break;
  }
  return "";
}

const TableProperty* FindProperty(std::string_view key) {
  for (const TableProperty& property : kProperties) {
    if (EqualsIgnoreCase(property.name, key)) return &property;
  }
  return nullptr;
}

Error UnknownProperty(const std::string& key) {
  if (AsciiLower(key).starts_with("delta.constraints.")) {
    return UserError("BAD_PROPERTY", "the constraint " + key + " cannot be set as a property",
                     "Use ALTER TABLE … ADD CONSTRAINT name CHECK (…).");
  }
  std::vector<std::string> names;
  for (const TableProperty& property : kProperties) names.emplace_back(property.name);
  const auto nearest = NearestName(key, names);
  return UserError("UNKNOWN_PROPERTY", "there is no table property '" + key + "'",
                   nearest ? "Did you mean " + *nearest + "?"
                           : "docs/delta.md lists them; names of your own do not begin with "
                             "'delta.'.");
}

}  // namespace

std::span<const TableProperty> TableProperties() { return kProperties; }

Result<Configuration> CheckedProperties(const Configuration& properties) {
  Configuration checked;
  for (const auto& [key, value] : properties) {
    if (!AsciiLower(key).starts_with("delta.")) {
      checked[key] = value;
      continue;
    }
    const TableProperty* property = FindProperty(key);
    if (property == nullptr) return UnknownProperty(key);
    std::optional<std::string> stored = Stored(*property, Trim(value));
    if (!stored) {
      return UserError("BAD_PROPERTY", "the property " + key + " cannot be '" + value + "'",
                       Possible(*property));
    }
    checked[std::string(property->name)] = std::move(*stored);
  }
  return checked;
}

}  // namespace penstock::delta
