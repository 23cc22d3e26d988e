// Pipeline files and questions to `penstock sql` as users type them, in both dialects: reading
// never crashes, and every place that it reports stays inside the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "model/project.h"
#include "sql/pipeline_file.h"
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
  model::Definitions definitions;
  const sql::FileContext context{{{"key", "a'\"`b\\"}, {"n", "1"}}, "c", "s", dialect};
  for (const penstock::Error& error : sql::ParsePipelineFile(text, "f", context, &definitions)) {
    Check(inside(error.where));
  }
  for (const model::Flow& flow : definitions.flows) {
    Check(inside(flow.where));
    for (size_t offset = 0; offset < flow.query.text.size(); ++offset) {
      Check(inside(LocationAt(flow.query, offset)));
    }
  }
  model::Project project;
  project.dialect = dialect;
  project.configuration = context.configuration;
  (void)sql::ParseScript(text, project).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Read(text, model::Dialect::kSpark);
  Read(text, model::Dialect::kDuckdb);
  return 0;
}
