#include "source/file_options.h"

#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/text.h"
#include "source/option_table.h"

namespace penstock::source {
namespace {

std::vector<std::string> Words(std::string_view text, char separator) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = text.find(separator);
    const std::string_view word = Trim(text.substr(0, end));
    if (!word.empty()) words.emplace_back(word);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
  return words;
}

Error BadOption(const OptionRow& row, const std::string& value, const std::string& expected) {
  return UserError("BAD_OPTION",
                   "the option " + std::string(row.name) + " cannot be \"" + value + "\"",
                   "Give " + expected + ".");
}

Error UnknownOption(const std::string& name) {
  std::vector<std::string> known;
  for (const OptionRow& row : OptionTable()) known.emplace_back(row.name);
  std::string_view bare = name;
  if (AsciiLower(name).starts_with("cloudfiles.")) bare.remove_prefix(11);
  const auto nearest = NearestName(bare, known);
  return UserError("UNKNOWN_OPTION", "there is no option \"" + name + "\" for reading files",
                   nearest ? "Did you mean " + *nearest + "?"
                           : "docs/files.md lists the options and their defaults.");
}

Status CheckColumnNames(const Schema& columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!EqualsIgnoreCase(columns[i].name, columns[j].name)) continue;
      return UserError("DUPLICATE_COLUMN",
                       "the schema has two columns of the name " + columns[i].name +
                           " (upper and lower case are the same)",
                       "Take one of them out, or rename it.");
    }
  }
  return OkStatus();
}

Result<bool> ReadBoolean(const OptionRow& row, const std::string& value) {
  if (EqualsIgnoreCase(value, "true")) return true;
  if (EqualsIgnoreCase(value, "false")) return false;
  return BadOption(row, value, "true or false");
}

Result<int64_t> ReadInteger(const OptionRow& row, const std::string& value) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure != std::errc{} || end != value.data() + value.size() || number <= 0) {
    return BadOption(row, value, "a whole number above 0");
  }
  return number;
}

// "10g", "512 MB", "1000": bytes, units are powers of 1024.
Result<int64_t> ReadByteSize(const OptionRow& row, const std::string& value) {
  int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, failure] = std::from_chars(value.data(), end, number);
  std::string unit = AsciiLower(Trim(std::string_view(rest, end - rest)));
  if (unit.size() > 1 && unit.back() == 'b') unit.pop_back();
  if (unit.empty() || unit == "b") unit = "-";
  const size_t power = std::string_view("-kmgt").find(unit);
  int64_t bytes = 0;
  if (failure != std::errc{} || number <= 0 || unit.size() != 1 ||
      power == std::string_view::npos ||
      __builtin_mul_overflow(number, int64_t{1} << (10 * power), &bytes)) {
    return BadOption(row, value, "a number of bytes such as 1000, 512m or 10g");
  }
  return bytes;
}

// 2024-01-31[T12:00[:00[.5]]][Z|±hh:mm]
Result<TimestampMicros> ReadTimestamp(const OptionRow& row, const std::string& value) {
  const Error bad = BadOption(row, value, "a time such as 2024-01-31T12:00:00Z (UTC)");
  std::tm time{};
  int used = 0;
  if (std::sscanf(value.c_str(), "%4d-%2d-%2d%n", &time.tm_year, &time.tm_mon, &time.tm_mday,
                  &used) != 3) {
    return bad;
  }
  const char* rest = value.c_str() + used;
  int more = 0;
  if ((*rest == 'T' || *rest == ' ') &&
      std::sscanf(rest + 1, "%2d:%2d%n", &time.tm_hour, &time.tm_min, &more) == 2) {
    rest += 1 + more;
    if (*rest == ':' && std::sscanf(rest, ":%2d%n", &time.tm_sec, &more) == 1) rest += more;
    if (*rest == '.') rest += 1 + std::string_view(rest + 1).find_first_not_of("0123456789");
    if (rest > value.c_str() + value.size()) rest = value.c_str() + value.size();
  }
  int zone_hours = 0;
  int zone_minutes = 0;
  if (*rest == 'Z') {
    ++rest;
  } else if ((*rest == '+' || *rest == '-') &&
             std::sscanf(rest + 1, "%2d:%2d%n", &zone_hours, &zone_minutes, &more) == 2) {
    const int sign = *rest == '-' ? -1 : 1;
    zone_hours *= sign;
    zone_minutes *= sign;
    rest += 1 + more;
  }
  if (*rest != 0 || time.tm_mon < 1 || time.tm_mon > 12 || time.tm_mday < 1 || time.tm_mday > 31) {
    return bad;
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  const int64_t seconds = timegm(&time) - zone_hours * 3600 - zone_minutes * 60;
  return seconds * 1000000;
}

// The value, lower case, if it is one of the row's choices.
Result<std::string> ReadChoice(const OptionRow& row, const std::string& value) {
  const std::string lower = AsciiLower(value);
  std::string list;
  for (const std::string& choice : Words(row.choices, ' ')) {
    if (choice == lower) return lower;
    list += (list.empty() ? "" : ", ") + choice;
  }
  return BadOption(row, value, "one of " + list);
}

Status CheckCharacter(const OptionRow& row, const std::string& value) {
  if (value.size() <= 1) return OkStatus();
  return BadOption(row, value, "one ASCII character, or nothing to switch it off");
}

Status CheckOnlyOff(const OptionRow& row, const std::string& name, const std::string& value) {
  for (const std::string& choice : Words(row.choices, ' ')) {
    if (EqualsIgnoreCase(choice, value)) return OkStatus();
  }
  return UserError("UNSUPPORTED_OPTION",
                   "the option " + name + " = \"" + value + "\" is known but not supported",
                   row.remedy.empty()
                       ? "Remove it; only \"" + std::string(row.choices) + "\" is accepted."
                       : std::string(row.remedy));
}

// header => true beside format => 'json' is common, and means nothing to the reader.
bool ConcernsFormat(const OptionRow& row, const std::string& format) {
  static const std::map<std::string, char> kLetters = {
      {"json", 'j'}, {"csv", 'c'}, {"parquet", 'p'}, {"text", 't'}, {"binaryfile", 'b'}};
  const auto letter = kLetters.find(format);
  return letter == kLetters.end() || row.formats.find(letter->second) != row.formats.npos;
}

SchemaEvolutionMode EvolutionOf(const std::string& choice) {
  if (choice == "rescue") return SchemaEvolutionMode::kRescue;
  if (choice == "failonnewcolumns") return SchemaEvolutionMode::kFailOnNewColumns;
  if (choice == "none") return SchemaEvolutionMode::kNone;
  return SchemaEvolutionMode::kAddNewColumns;
}

// What was given beside the values that FileOptions holds; decides the defaults that depend on each
// other.
struct Given {
  bool evolution = false;
  bool rescued = false;
};

// Sets the member of `options` that belongs to the row, or leaves the option to the parser.
Status Apply(const OptionRow& row, const std::string& value, FileOptions* options, Given* given) {
  const auto text = [&](std::string* member) { *member = value; };
  const auto boolean = [&](bool* member) -> Status {
    ASSIGN_OR_RETURN(*member, ReadBoolean(row, value));
    return OkStatus();
  };
  const std::string name = AsciiLower(row.name);
  if (name == "format") return OkStatus();
  if (name == "schema") {
    ASSIGN_OR_RETURN(options->schema, ParseSchema(value));
    return CheckColumnNames(*options->schema);
  } else if (name == "schemahints") {
    ASSIGN_OR_RETURN(options->schema_hints, ParseSchema(value));
  } else if (name == "schemaevolutionmode") {
    ASSIGN_OR_RETURN(const std::string choice, ReadChoice(row, value));
    options->evolution = EvolutionOf(choice);
    given->evolution = true;
  } else if (name == "infercolumntypes") {
    return boolean(&options->infer_column_types);
  } else if (name == "prefersdecimal") {
    return boolean(&options->prefers_decimal);
  } else if (name == "infertimestamp") {
    return boolean(&options->infer_timestamp);
  } else if (name == "rescueddatacolumn") {
    options->rescued_data_column = value;
    given->rescued = true;
  } else if (name == "columnnameofcorruptrecord") {
    text(&options->corrupt_column);
  } else if (name == "mode") {
    ASSIGN_OR_RETURN(const std::string choice, ReadChoice(row, value));
    options->mode = AsciiUpper(choice);
  } else if (name == "badrecordspath") {
    options->bad_records_path = value;
  } else if (name == "pathglobfilter") {
    text(&options->path_glob_filter);
  } else if (name == "modifiedafter") {
    ASSIGN_OR_RETURN(options->modified_after, ReadTimestamp(row, value));
  } else if (name == "modifiedbefore") {
    ASSIGN_OR_RETURN(options->modified_before, ReadTimestamp(row, value));
  } else if (name == "recursivefilelookup") {
    return boolean(&options->recursive_file_lookup);
  } else if (name == "partitioncolumns") {
    options->partition_columns = Words(value, ',');
  } else if (name == "maxfilespertrigger") {
    ASSIGN_OR_RETURN(options->max_files_per_trigger, ReadInteger(row, value));
  } else if (name == "maxbytespertrigger") {
    ASSIGN_OR_RETURN(options->max_bytes_per_trigger, ReadByteSize(row, value));
  } else if (name == "includeexistingfiles") {
    return boolean(&options->include_existing_files);
  } else if (name == "allowoverwrites") {
    return boolean(&options->allow_overwrites);
  } else {
    if (row.type == OptionType::kBoolean) RETURN_IF_ERROR(ReadBoolean(row, value));
    if (row.type == OptionType::kCharacter) RETURN_IF_ERROR(CheckCharacter(row, value));
    options->parsing[name] = value == "\\t" ? "\t" : value;  // Spark takes both spellings of a tab
  }
  return OkStatus();
}

Status ApplyOne(const std::string& name, const std::string& value, FileOptions* options,
                Given* given) {
  const OptionRow* row = FindOption(name);
  if (row == nullptr) return UnknownOption(name);
  if (!ConcernsFormat(*row, options->format)) return OkStatus();
  switch (row->support) {
    case OptionSupport::kNoEffect:
      return OkStatus();
    case OptionSupport::kOnlyOff:
      return CheckOnlyOff(*row, name, value);
    case OptionSupport::kRefused:
      return UserError("UNSUPPORTED_OPTION", "the option " + name + " is known but not supported",
                       std::string(row->remedy));
    case OptionSupport::kHonoured:
      break;
  }
  return Apply(*row, value, options, given);
}

Result<std::string> ReadFormat(const std::string& format,
                               const std::map<std::string, std::string>& options) {
  std::string text = format;
  for (const auto& [name, value] : options) {
    const OptionRow* row = FindOption(name);
    if (row != nullptr && row->name == "format") text = value;
  }
  if (text.empty()) return text;
  return ReadChoice(*FindOption("format"), text);
}

}  // namespace

Result<FileOptions> ParseFileOptions(const std::string& format,
                                     const std::map<std::string, std::string>& options,
                                     bool defaults_from_read_files) {
  FileOptions parsed;
  parsed.infer_column_types = defaults_from_read_files;
  ASSIGN_OR_RETURN(parsed.format, ReadFormat(format, options));
  Given given;
  for (const auto& [name, value] : options) {
    RETURN_IF_ERROR(ApplyOne(name, value, &parsed, &given));
  }
  if (parsed.schema && !given.evolution) parsed.evolution = SchemaEvolutionMode::kNone;
  if (parsed.schema && parsed.evolution == SchemaEvolutionMode::kAddNewColumns) {
    return UserError("BAD_OPTION",
                     "schemaEvolutionMode addNewColumns has no meaning with a given schema",
                     "Give schemaHints instead of schema, or choose rescue, failOnNewColumns or "
                     "none.");
  }
  const bool records = parsed.format != "text" && parsed.format != "binaryfile";
  if (!parsed.schema && !given.rescued && records) parsed.rescued_data_column = "_rescued_data";
  if (given.rescued && parsed.rescued_data_column->empty()) parsed.rescued_data_column.reset();
  return parsed;
}

}  // namespace penstock::source
