#include "source/option_table.h"

#include <map>
#include <string>

#include "base/text.h"

namespace penstock::source {
namespace {

using enum OptionType;
using enum OptionSupport;

constexpr std::string_view kAll = "jcptb";

const std::vector<OptionRow> kRows = {
    // What is read, and its columns.
    {"format", "", kAll, kChoice, kHonoured, "json csv parquet text binaryfile"},
    {"schema", "", kAll, kSchema},
    {"schemaHints", "", "jcp", kSchema},
    {"inferColumnTypes", "inferSchema", "jc", kBoolean},
    {"prefersDecimal", "", "jc", kBoolean},
    {"inferTimestamp", "", "j", kBoolean},
    {"schemaEvolutionMode", "", "jcp", kChoice, kHonoured,
     "addnewcolumns rescue failonnewcolumns none"},
    {"rescuedDataColumn", "", "jcp"},
    {"readerCaseSensitive", "", "jc", kBoolean},
    {"partitionColumns", "", kAll},
    {"schemaLocation", "", kAll, kText, kNoEffect},
    {"mergeSchema", "", "p", kBoolean, kNoEffect},
    {"columnNameOfCorruptRecord", "", "jc"},
    {"mode", "", "jc", kChoice, kHonoured, "permissive dropmalformed failfast"},
    {"badRecordsPath", "", "jc"},
    {"samplingRatio", "", "jc", kText, kNoEffect},
    // Which files.
    {"pathGlobFilter", "fileNamePattern", kAll},
    {"modifiedAfter", "", kAll, kTimestamp},
    {"modifiedBefore", "", kAll, kTimestamp},
    {"recursiveFileLookup", "", kAll, kBoolean},
    {"maxFilesPerTrigger", "", kAll, kInteger},
    {"maxBytesPerTrigger", "", kAll, kByteSize},
    {"includeExistingFiles", "", kAll, kBoolean},
    {"allowOverwrites", "", kAll, kBoolean},
    {"ignoreMissingFiles", "", kAll, kBoolean, kOnlyOff, "false"},
    {"ignoreCorruptFiles", "", kAll, kBoolean, kOnlyOff, "false"},
    {"useStrictGlobber", "", kAll, kBoolean, kNoEffect},
    {"validateOptions", "", kAll, kBoolean, kOnlyOff, "true"},
    {"latestFirst", "", kAll, kBoolean, kOnlyOff, "false"},
    {"maxFileAge", "", kAll, kText, kRefused, "", "Use modifiedAfter to leave old files out."},
    {"backfillInterval", "", kAll, kText, kNoEffect},
    {"cleanSource", "", kAll, kChoice, kOnlyOff, "off"},
    {"cleanSource.moveDestination", "", kAll, kText, kRefused, "", "Penstock leaves source files."},
    {"cleanSource.retentionDuration", "", kAll, kText, kRefused, "",
     "Penstock leaves source files."},
    {"useNotifications", "", kAll, kBoolean, kOnlyOff, "false"},
    {"useManagedFileEvents", "", kAll, kBoolean, kOnlyOff, "false"},
    {"useIncrementalListing", "", kAll, kText, kNoEffect},
    {"fetchParallelism", "", kAll, kInteger, kNoEffect},
    {"resourceTag", "", kAll, kText, kRefused, "", "Remove it: no cloud resources are made."},
    {"region", "", kAll, kText, kRefused, "", "Remove it: no notification service is used."},
    {"queueUrl", "", kAll, kText, kRefused, "", "Remove it: files are found by listing."},
    // How records are parsed.
    {"multiLine", "", "jc", kBoolean},
    {"encoding", "charset", "jct"},
    {"lineSep", "", "jt"},
    {"dateFormat", "", "jc"},
    {"timestampFormat", "", "jc"},
    {"timestampNTZFormat", "", "jc"},
    {"timeZone", "", "jc", kChoice, kOnlyOff, "utc etc/utc gmt z"},
    {"locale", "", "jc", kChoice, kOnlyOff, "en-us en"},
    {"enableDateTimeParsingFallback", "", "jc", kBoolean, kNoEffect},
    {"ignoreNullFields", "", "j", kBoolean, kNoEffect},
    {"dropFieldIfAllNull", "", "j", kBoolean, kOnlyOff, "false"},
    {"primitivesAsString", "", "j", kBoolean, kOnlyOff, "false"},
    {"allowSingleQuotes", "", "j", kBoolean},
    {"allowComments", "", "j", kBoolean},
    {"allowNonNumericNumbers", "", "j", kBoolean},
    {"allowUnquotedFieldNames", "", "j", kBoolean, kOnlyOff, "false"},
    {"allowNumericLeadingZeros", "", "j", kBoolean, kOnlyOff, "false"},
    {"allowUnquotedControlChars", "", "j", kBoolean, kOnlyOff, "false"},
    {"allowBackslashEscapingAnyCharacter", "", "j", kBoolean, kOnlyOff, "false"},
    {"header", "", "c", kBoolean},
    {"sep", "delimiter", "c"},
    {"quote", "", "c", kCharacter},
    {"escape", "", "c", kCharacter},
    {"charToEscapeQuoteEscaping", "", "c", kCharacter, kRefused, "",
     "Set escape to the character that the file uses."},
    {"comment", "", "c", kCharacter},
    {"nullValue", "", "c"},
    {"emptyValue", "", "c"},
    {"nanValue", "", "c", kChoice, kOnlyOff, "nan"},
    {"positiveInf", "", "c", kChoice, kOnlyOff, "inf"},
    {"negativeInf", "", "c", kChoice, kOnlyOff, "-inf"},
    {"ignoreLeadingWhiteSpace", "", "c", kBoolean},
    {"ignoreTrailingWhiteSpace", "", "c", kBoolean},
    {"enforceSchema", "", "c", kBoolean},
    {"maxColumns", "", "c", kInteger, kNoEffect},
    {"maxCharsPerColumn", "", "c", kText, kNoEffect},
    {"unescapedQuoteHandling", "", "c", kChoice, kOnlyOff, "stop_at_delimiter"},
    {"skipRows", "", "c", kText, kRefused, "", "Mark the lines with a comment character."},
    {"compression", "", "jct", kText, kNoEffect},
    {"wholeText", "", "t", kBoolean},
    {"datetimeRebaseMode", "", "p", kText, kNoEffect},
    {"int96RebaseMode", "", "p", kText, kNoEffect},
};

std::map<std::string, const OptionRow*, std::less<>> IndexOf(const std::vector<OptionRow>& rows) {
  std::map<std::string, const OptionRow*, std::less<>> index;
  for (const OptionRow& row : rows) {
    index[AsciiLower(row.name)] = &row;
    if (!row.aliases.empty()) index[AsciiLower(row.aliases)] = &row;
  }
  return index;
}

}  // namespace

const std::vector<OptionRow>& OptionTable() { return kRows; }

const OptionRow* FindOption(std::string_view name) {
  static const auto kIndex = IndexOf(kRows);
  std::string key = AsciiLower(name);
  constexpr std::string_view kPrefix = "cloudfiles.";
  if (key.starts_with(kPrefix)) key.erase(0, kPrefix.size());
  const auto found = kIndex.find(key);
  return found == kIndex.end() ? nullptr : found->second;
}

}  // namespace penstock::source
