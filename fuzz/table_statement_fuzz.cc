// Statements on tables as users type them into `penstock sql`, in both dialects: reading never
// crashes, and every place stays inside the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "model/project.h"
#include "sql/query/query.h"
#include "sql/sql_statement.h"

namespace {

namespace model = penstock::model;
namespace sql = penstock::sql;

void Check(bool holds) {
  if (!holds) std::abort();
}

void Read(const std::string& text, model::Dialect dialect) {
  const int lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto inside = [&](const penstock::SourceLocation& where) {
    return where.line >= 1 && where.line <= lines && where.column >= 1 &&
           where.column <= static_cast<int>(text.size()) + 1;
  };
  model::Project project;
  project.dialect = dialect;
  project.configuration = {{"key", "a'\"`b\\"}, {"n", "1"}};
  const auto script = sql::ParseScript(text, project);
  if (!script.ok()) {
    Check(script.error().code == "MISSING_QUERY" || inside(script.error().where));
    return;
  }
  for (const sql::ScriptStatement& statement : *script) {
    Check(inside(statement.where));
    const auto* table = std::get_if<sql::TableStatement>(&statement.statement);
    if (table == nullptr) continue;
    if (const auto* merge = std::get_if<sql::MergeRows>(table)) {
      for (size_t offset = 0; offset < merge->source.text.size(); ++offset) {
        Check(inside(LocationAt(merge->source, offset)));
      }
      (void)sql::TranslateQuery(merge->source, {dialect}).ok();
    }
    if (const auto* rows = std::get_if<sql::DeleteRows>(table);
        rows != nullptr && rows->condition) {
      (void)sql::TranslateExpression(*rows->condition, {dialect}).ok();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Read(text, model::Dialect::kSpark);
  Read(text, model::Dialect::kDuckdb);
  return 0;
}
