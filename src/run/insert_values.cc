#include "run/insert_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "delta/table_columns.h"
#include "run/stored_expression.h"

namespace penstock::run {
namespace {

using Row = std::vector<std::optional<model::QueryText>>;

// The columns that the values are of, in their order.
std::vector<std::string> ColumnsOfValues(const sql::InsertRows& insert,
                                         const delta::Metadata& metadata) {
  if (!insert.columns.empty()) return insert.columns;
  std::vector<std::string> names;
  for (const Field& field : metadata.schema) {
    const bool constant = std::any_of(
        insert.partition.begin(), insert.partition.end(), [&](const sql::PartitionEntry& entry) {
          return entry.value && EqualsIgnoreCase(entry.column, field.name);
        });
    if (!constant) names.push_back(field.name);
  }
  return names;
}

class DefaultValues {
 public:
  DefaultValues(const sql::InsertRows& insert, const delta::Metadata& metadata,
                model::Dialect dialect)
      : insert_(insert), metadata_(metadata), dialect_(dialect) {}

  Result<sql::InsertRows> Run() {
    const std::vector<std::string> names = ColumnsOfValues(insert_, metadata_);
    for (const Row& row : insert_.values) {
      if (row.size() == names.size()) continue;
      return UserError("SCHEMA_MISMATCH",
                       fmt::format("a row of VALUES has {} values for {} columns", row.size(),
                                   names.size()),
                       fmt::format("Give one for each of: {}.", fmt::join(names, ", ")))
          .At(insert_.query.where);
    }
    std::vector<size_t> kept;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!IsDefaultEverywhere(i)) kept.push_back(i);
    }
    if (kept.empty()) kept.push_back(0);
    sql::InsertRows filled = insert_;
    filled.values.clear();
    filled.columns.clear();
    for (const size_t i : kept) filled.columns.push_back(names[i]);
    ASSIGN_OR_RETURN(filled.query, Compose(kept, filled.columns));
    return filled;
  }

 private:
  bool IsDefaultEverywhere(size_t column) const {
    return std::all_of(insert_.values.begin(), insert_.values.end(),
                       [&](const Row& row) { return !row[column]; });
  }

  Result<model::QueryText> Compose(const std::vector<size_t>& kept,
                                   const std::vector<std::string>& names) const {
    model::QueryText query{"", insert_.query.where, {}};
    std::vector<std::string> defaults(kept.size());
    const char* before_row = "VALUES (";
    for (const Row& row : insert_.values) {
      const char* separator = before_row;
      for (size_t k = 0; k < kept.size(); ++k) {
        query.text += separator;
        separator = ", ";
        const auto& value = row[kept[k]];
        if (value) {
          Append(*value, &query);
          continue;
        }
        if (defaults[k].empty()) {
          ASSIGN_OR_RETURN(defaults[k], DefaultOf(names[k]));
        }
        query.text += defaults[k];
      }
      query.text += ")";
      before_row = ", (";
    }
    return query;
  }

  static void Append(const model::QueryText& part, model::QueryText* query) {
    const size_t base = query->text.size();
    if (part.anchors.empty() || part.anchors.front().offset > 0) {
      query->anchors.push_back({base, part.where.line, part.where.column, false});
    }
    for (model::TextAnchor anchor : part.anchors) {
      anchor.offset += base;
      query->anchors.push_back(anchor);
    }
    query->text += part.text;
  }

  // In the dialect of the statement.
  Result<std::string> DefaultOf(const std::string& name) const {
    ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata_));
    for (const delta::TableColumn& column : columns) {
      if (!EqualsIgnoreCase(column.name, name)) continue;
      if (column.metadata.contains("delta.generationExpression")) {
        return UserError("UNSUPPORTED_CLAUSE",
                         fmt::format("DEFAULT for the generated column {} in some rows and values "
                                     "in others",
                                     name),
                         "Leave the column out, or write two statements.")
            .At(insert_.query.where);
      }
      const auto found = column.metadata.find("CURRENT_DEFAULT");
      if (found == column.metadata.end() || !found->is_string()) return std::string("NULL");
      const auto& expression = found->get_ref<const std::string&>();
      if (dialect_ != model::Dialect::kDuckdb) {
        return fmt::format("CAST(({}\n) AS {})", expression, ToString(column.type));
      }
      ASSIGN_OR_RETURN(const std::string translated, TranslateStored(expression));
      return fmt::format("CAST(({}\n) AS {})", translated, EngineType(column.type));
    }
    return UserError("COLUMN_NOT_FOUND", fmt::format("the table has no column {}", name),
                     fmt::format("Name one of: {}", ToString(metadata_.schema)))
        .At(insert_.table.text.where);
  }

  const sql::InsertRows& insert_;
  const delta::Metadata& metadata_;
  model::Dialect dialect_;
};

}  // namespace

Result<sql::InsertRows> WithDefaults(const sql::InsertRows& insert, const delta::Metadata& metadata,
                                     model::Dialect dialect) {
  return DefaultValues(insert, metadata, dialect).Run();
}

}  // namespace penstock::run
