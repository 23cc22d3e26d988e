#include "sql/query/reserved_word.h"

#include <algorithm>

#include "base/text.h"

namespace penstock::sql {
namespace {

constexpr std::string_view kReserved[] = {
    "analyse",    "analyze",   "anti",          "any",          "asc",         "asof",
    "asymmetric", "at",        "authorization", "binary",       "both",        "check",
    "collate",    "collation", "column",        "concurrently", "constraint",  "default",
    "deferrable", "desc",      "describe",      "do",           "end",         "fetch",
    "for",        "foreign",   "freeze",        "glob",         "group",       "initially",
    "into",       "lambda",    "leading",       "limit",        "offset",      "only",
    "order",      "overlaps",  "pivot",         "pivot_longer", "pivot_wider", "placing",
    "positional", "primary",   "qualify",       "references",   "returning",   "semi",
    "show",       "similar",   "some",          "summarize",    "symmetric",   "table",
    "to",         "trailing",  "union",         "unique",       "unpack",      "unpivot",
    "using",      "variadic",  "verbose",       "window"};

}  // namespace

bool IsReservedByEngineOnly(std::string_view word) {
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [&](std::string_view reserved) { return EqualsIgnoreCase(word, reserved); });
}

}  // namespace penstock::sql
