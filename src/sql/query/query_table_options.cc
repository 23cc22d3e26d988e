#include "base/text.h"
#include "sql/query/query_parser.h"

namespace penstock::sql {
namespace {

constexpr std::string_view kSkipChangeCommits = "skipChangeCommits";

// Options of Delta streams elsewhere, and what to do instead.
struct RefusedOption {
  std::string_view name;
  std::string_view remedy;
};
constexpr RefusedOption kRefused[] = {
    {"ignoreChanges", "skipChangeCommits = true passes over commits that change or delete rows."},
    {"ignoreDeletes", "skipChangeCommits = true passes over commits that change or delete rows."},
    {"startingVersion", "The whole table is read first; filter in the query."},
    {"startingTimestamp", "The whole table is read first; filter in the query."},
    {"readChangeFeed", "Rows that are appended are read without it."},
    {"maxFilesPerTrigger", "All that is new in a table is one batch."},
    {"maxBytesPerTrigger", "All that is new in a table is one batch."},
};

}  // namespace

// WITH (key [=] value, …) behind a table, names in lower case.
std::map<std::string, std::string> QueryParser::ParseTableOptions(bool is_delta_stream) {
  std::map<std::string, std::string> options;
  if (error_ || !AtWord("WITH") || !AtOperator("(", 1)) return options;
  if (!is_delta_stream) {
    Fail(at_, "UNSUPPORTED_OPTION", "WITH (…) behind what is not a streamed table",
         "Options of files go into read_files(…); only STREAM t takes WITH (skipChangeCommits = "
         "true).");
    return options;
  }
  at_ += 2;
  do {
    const size_t token = at_;
    if (!IsName(Peek()) && !IsString(Peek())) {
      Fail(token, "SYNTAX_ERROR", "the name of an option is expected here",
           "Write WITH (skipChangeCommits = true).");
      return options;
    }
    const std::string name =
        IsString(Peek()) ? StringValue(Peek(), context_.dialect) : NameOf(Peek());
    ++at_;
    TakeOperator("=");
    std::string value;
    if (!ConstantText(&value)) return options;
    CheckTableOption(token, name, value);
    options[AsciiLower(name)] = AsciiLower(value);
  } while (!error_ && TakeOperator(","));
  ExpectClose();
  return options;
}

void QueryParser::CheckTableOption(size_t token, const std::string& name,
                                   const std::string& value) {
  for (const RefusedOption& refused : kRefused) {
    if (!EqualsIgnoreCase(name, refused.name)) continue;
    return Fail(token, "UNSUPPORTED_OPTION",
                "the option " + std::string(refused.name) + " of a streamed table",
                std::string(refused.remedy));
  }
  if (!EqualsIgnoreCase(name, kSkipChangeCommits)) {
    return Fail(token, "UNKNOWN_OPTION", "a streamed table has no option " + name,
                NearestName(name, {std::string(kSkipChangeCommits)})
                    ? "Did you mean skipChangeCommits?"
                    : "skipChangeCommits is the one there is.");
  }
  if (!EqualsIgnoreCase(value, "true") && !EqualsIgnoreCase(value, "false")) {
    Fail(token, "BAD_OPTION", "skipChangeCommits is \"" + value + "\"", "Write true or false.");
  }
}

}  // namespace penstock::sql
