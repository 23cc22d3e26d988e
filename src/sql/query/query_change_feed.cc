#include <utility>

#include "base/text.h"
#include "sql/query/query_parser.h"

namespace penstock::sql {
namespace {

// The parts of a.b.c, each of which may stand in backticks; nothing when it is no name.
std::vector<std::string> NameParts(std::string_view text) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      parts.emplace_back();
    } else if (text[i] == '`') {
      for (++i; i < text.size(); ++i) {
        if (text[i] == '`') {
          if (i + 1 == text.size() || text[i + 1] != '`') break;
          ++i;
        }
        parts.back() += text[i];
      }
      if (i == text.size()) return {};
    } else {
      parts.back() += text[i];
    }
  }
  for (const std::string& part : parts) {
    if (part.empty()) return {};
  }
  return parts;
}

}  // namespace

// table_changes('t' or '/path', from[, to]), table_changes_by_path('/path', from[, to])
void QueryParser::ParseChangeFeed(size_t first) {
  const std::string function = AsciiLower(NameOf(Peek()));
  at_ += 2;
  const size_t name = at_;
  std::string table;
  if (!IsString(Peek()) || !ConstantText(&table)) {
    return Fail(name, "BAD_SOURCE_OPTION", function + " needs the name of a table as a text",
                "Write " + function + "('t', 0) or " + function + "('/path/to/table', 0, 3).");
  }
  ChangesOf changes;
  if (!TakeOperator(",")) {
    return Fail(at_, "BAD_SOURCE_OPTION", function + " does not say where the changes begin",
                "Write the first version or its time: " + function + "('t', 0).");
  }
  if (!ParseChangeEnd(&changes.from)) return;
  if (TakeOperator(",") && !ParseChangeEnd(&changes.to.emplace())) return;
  ExpectClose();
  if (error_) return;
  changes_ = std::move(changes);
  if (function == "table_changes_by_path" || table.find('/') != std::string::npos) {
    const std::vector<std::string> parts = NameParts(table);
    const bool quoted = parts.size() == 2 && EqualsIgnoreCase(parts[0], "delta");
    return AddInput(false, first, function, {}, DeltaPathInput{quoted ? parts[1] : table, {}, {}});
  }
  std::vector<std::string> parts = NameParts(table);
  if (parts.empty() || parts.size() > 3) {
    return Fail(name, "BAD_TABLE_NAME", "\"" + table + "\" is not the name of a table",
                "Write 'catalog.schema.table', or a path with a / in it.");
  }
  AddInput(false, first, function, {}, TableInput{std::move(parts), {}, {}});
}

// A whole number is a version; anything else is a time.
bool QueryParser::ParseChangeEnd(ChangeEnd* end) {
  const size_t first = at_;
  if (Peek().kind == TokenKind::kNumber) {
    end->text = std::string(Peek().text);
    end->is_version = true;
    ++at_;
  } else {
    const size_t node = ParseExpression();
    if (error_) return false;
    end->text = rewrite_.Render(first, nodes_[node].last).text;
  }
  if (AtOperator(",") || AtOperator(")")) return true;
  Fail(first, "BAD_SOURCE_OPTION", "the changes begin and end at a version or a time",
       "Write a version such as 3, or a time such as '2026-01-31 12:00:00'.");
  return false;
}

}  // namespace penstock::sql
