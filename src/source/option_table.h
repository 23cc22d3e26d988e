#pragma once

#include <string_view>
#include <vector>

// Every option of read_files, cloud_files and the Spark readers that Penstock knows, as a table.
namespace penstock::source {

enum class OptionType {
  kText,
  kBoolean,
  kInteger,    // greater than zero
  kByteSize,   // "10g", "512m", "1000"
  kCharacter,  // one character or none
  kTimestamp,  // ISO, UTC unless it says otherwise
  kChoice,     // one of OptionRow::choices
  kSchema,     // Spark DDL
};

enum class OptionSupport {
  kHonoured,
  kNoEffect,  // accepted: it concerns what Penstock does by itself or tunes the other engine
  kOnlyOff,   // only a value that switches the feature off is accepted (OptionRow::choices)
  kRefused,
};

struct OptionRow {
  std::string_view name;     // as Databricks spells it, without "cloudFiles."
  std::string_view aliases;  // the other name it goes by
  std::string_view formats;  // letters: j JSON, c CSV, p Parquet, t text, b binary
  OptionType type = OptionType::kText;
  OptionSupport support = OptionSupport::kHonoured;
  std::string_view choices = {};  // separated by spaces
  std::string_view remedy = {};   // of a refused one: what to do instead
};

const std::vector<OptionRow>& OptionTable();

// The row of an option by name or alias, case and a "cloudFiles." prefix ignored; null when
// unknown.
const OptionRow* FindOption(std::string_view name);

}  // namespace penstock::source
