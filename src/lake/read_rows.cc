#include "lake/read_rows.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "base/text.h"
#include "base/word.h"
#include "duck/files/condition.h"

namespace penstock::lake {
namespace {

// Each query in parentheses begins with one of these words or contains it.
bool MayHoldQuery(std::string_view text) {
  static constexpr std::string_view kWords[] = {"SELECT", "FROM",    "VALUES",   "TABLE",
                                                "PIVOT",  "UNPIVOT", "DESCRIBE", "SUMMARIZE",
                                                "SHOW",   "WITH",    "CALL"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return HasWord(text, word); });
}

}  // namespace

delta::ReadSet ReadSetOf(const Lake& lake, const RowsRead& rows) {
  delta::ReadSet read;
  read.whole_table = rows.condition.empty() || MayHoldQuery(rows.condition) ||
                     std::any_of(rows.others.begin(), rows.others.end(), MayHoldQuery);
  if (read.whole_table) return read;
  Predicate predicate = duck::PredicateOfCondition(*lake.connection, rows.columns, rows.alias,
                                                   rows.condition, rows.joined);
  read.whole_table = std::holds_alternative<Anything>(predicate.value);
  if (!read.whole_table) read.predicates.push_back(std::move(predicate));
  return read;
}

}  // namespace penstock::lake
