#include "lake/table_rows.h"

#include <utility>

#include "base/sql_text.h"

namespace penstock::lake {

Result<TableRows> RowsForTable(const delta::Metadata& metadata, const Schema& schema,
                               const std::string& query, const ExpressionTranslator& translate) {
  ASSIGN_OR_RETURN(const auto present, delta::TableColumns(metadata));
  delta::Metadata wanted;
  wanted.schema = schema;
  ASSIGN_OR_RETURN(std::vector<delta::TableColumn> columns, delta::TableColumns(wanted));
  TableRows rows;
  ASSIGN_OR_RETURN(rows.options, WriteOptionsOf(metadata));
  const bool maps = !rows.options.mapped_columns.empty();
  for (size_t i = 0; i < columns.size(); ++i) {
    const Field& field = schema[i];
    const delta::TableColumn* column = delta::FindColumn(present, field.name);
    const bool same = column != nullptr && EngineType(column->type) == EngineType(field.type);
    if (maps && !same) {
      return UserError("COLUMN_MAPPING_FIXED",
                       "the column " + field.name +
                           " would be added or change its type, in a table with column mapping",
                       "Add it first: ALTER TABLE … ADD COLUMN.");
    }
    if (column != nullptr && IsIdentity(*column)) {
      return UserError("IDENTITY_NOT_WRITABLE",
                       "the column " + field.name +
                           " is an identity column, whose values the writer of the table makes up",
                       "Write into a table without identity columns.");
    }
    if (same) {
      columns[i] = *column;
    } else if (column != nullptr) {
      columns[i].metadata = column->metadata;
    }
    columns[i].nullable = field.nullable;
  }
  if (maps) rows.options.mapped_columns = columns;
  ASSIGN_OR_RETURN(rows.rules, TableRules(metadata, columns, translate));
  rows.query = RuledQuery(query, columns, rows.rules);
  return rows;
}

}  // namespace penstock::lake
