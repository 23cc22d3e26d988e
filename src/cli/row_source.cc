#include "cli/row_source.h"

#include <utility>

namespace penstock::cli {

EngineRows::EngineRows(duck::ResultSet rows, const std::set<std::string>& json_columns)
    : rows_(std::move(rows)), text_(rows_) {
  for (size_t i = 0; i < rows_.ColumnCount(); ++i) {
    columns_.push_back({rows_.ColumnName(i), text_.IsNumber(i)});
    is_json_.push_back(json_columns.contains(columns_.back().name));
  }
}

Result<bool> EngineRows::Next() {
  if (row_count_ > 0 && row_ + 1 < row_count_) {
    ++row_;
    return true;
  }
  ASSIGN_OR_RETURN(const bool more, rows_.NextChunk());
  row_ = 0;
  row_count_ = more ? rows_.RowCount() : 0;
  return more;
}

void EngineRows::AppendJson(size_t column, std::string* out) const {
  if (is_json_[column] && !rows_.IsNull(row_, column)) {
    text_.AppendText(row_, column, out);
  } else {
    text_.AppendJson(row_, column, out);
  }
}

void ReportRows::AppendText(size_t column, std::string* out) const {
  const Json& cell = Cell(column);
  if (cell.is_null()) return;
  *out += cell.is_string() ? cell.get<std::string>() : DumpJson(cell);
}

}  // namespace penstock::cli
