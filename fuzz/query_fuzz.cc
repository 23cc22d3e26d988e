// Queries and conditions as users type them, in both dialects: translating never crashes, and the
// positions it reports stay inside the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "model/project.h"
#include "sql/query/query.h"

namespace {

namespace model = penstock::model;
namespace sql = penstock::sql;

void Translate(const std::string& text, model::Dialect dialect) {
  const model::QueryText query{text, {"fuzz.sql", 1, 1}};
  sql::QueryContext context;
  context.dialect = dialect;
  const auto translated = sql::TranslateQuery(query, context);
  if (translated.ok()) {
    for (size_t offset = 0; offset <= translated->text.size(); ++offset) {
      if (translated->map.Original(offset) > text.size()) std::abort();
    }
  }
  (void)sql::TranslateExpression(query, context).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Translate(text, model::Dialect::kSpark);
  Translate(text, model::Dialect::kDuckdb);
  return 0;
}
