#include "lake/write_columns.h"

#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "lake/store_assignment.h"
#include "lake/table_rules.h"

namespace penstock::lake {
namespace {

using delta::TableColumn;

Error Mismatch(const ChangeTarget& target, const Schema& given, const std::string& difference) {
  return UserError("SCHEMA_MISMATCH",
                   difference + ".\n  the table " + target.path + ": " + ToString(target.schema) +
                       "\n  the rows to write: " + ToString(given),
                   "Change the query, or allow new columns (mergeSchema) or another schema "
                   "(overwriteSchema).");
}

// Which column of the table each column of the query is.
class ColumnMatch {
 public:
  ColumnMatch(const ChangeTarget& target, const WriteRequest& request, const Schema& given)
      : target_(target), request_(request), given_(given) {}

  Result<std::vector<const TableColumn*>> Columns() const {
    if (!request_.columns.empty()) return Listed();
    if (request_.by_name || request_.merge_schema) return ByName();
    return ByPosition();
  }

 private:
  Result<std::vector<const TableColumn*>> Listed() const {
    if (request_.columns.size() != given_.size()) {
      return Mismatch(target_, given_,
                      "the list names " + std::to_string(request_.columns.size()) +
                          " columns, and the query has " + std::to_string(given_.size()));
    }
    std::vector<const TableColumn*> columns;
    for (const std::string& name : request_.columns) {
      RETURN_IF_ERROR(Add(name, &columns));
    }
    return columns;
  }

  Result<std::vector<const TableColumn*>> ByName() const {
    std::vector<const TableColumn*> columns;
    for (const Field& field : given_) RETURN_IF_ERROR(Add(field.name, &columns));
    return columns;
  }

  Status Add(const std::string& name, std::vector<const TableColumn*>* columns) const {
    const TableColumn* column = delta::FindColumn(target_.columns, name);
    if (column == nullptr) {
      return Mismatch(target_, given_, "the table has no column " + name);
    }
    for (const TableColumn* other : *columns) {
      if (other == column) return Mismatch(target_, given_, "the column " + name + " comes twice");
    }
    columns->push_back(column);
    return OkStatus();
  }

  Result<std::vector<const TableColumn*>> ByPosition() const {
    if (given_.size() != target_.columns.size()) {
      return Mismatch(target_, given_,
                      "the table has " + std::to_string(target_.columns.size()) +
                          " columns, and the query " + std::to_string(given_.size()));
    }
    std::vector<const TableColumn*> columns;
    for (const TableColumn& column : target_.columns) columns.push_back(&column);
    return columns;
  }

  const ChangeTarget& target_;
  const WriteRequest& request_;
  const Schema& given_;
};

Status CheckIdentity(const std::vector<const TableColumn*>& columns) {
  for (const TableColumn* column : columns) {
    if (!IsIdentity(*column) || TakesExplicitIdentity(*column)) continue;
    return UserError("IDENTITY_NOT_WRITABLE",
                     "the column " + column->name +
                         " is an identity column, whose values the writer of the table makes up",
                     "Leave the column out.");
  }
  return OkStatus();
}

}  // namespace

Result<std::string> WrittenRowsQuery(const Lake& lake, const ChangeTarget& target,
                                     const WriteRequest& request, const Schema& given) {
  ASSIGN_OR_RETURN(const auto columns, ColumnMatch(target, request, given).Columns());
  RETURN_IF_ERROR(CheckIdentity(columns));
  std::string names;
  std::vector<GivenValue> values;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = QuoteIdentifier("c" + std::to_string(i));
    names += (i > 0 ? ", " : "") + name;
    values.push_back({columns[i], name});
  }
  const std::string from = "(\n" + request.query + "\n) AS \"__penstock_input\"(" + names + ")";
  const auto stored = StoredValues(*lake.connection, from, values);
  if (!stored.ok() && stored.error().code == "CANNOT_STORE_TYPE") {
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto problem = StoreProblem(given[i].type, columns[i]->type, columns[i]->name);
      if (problem) return Mismatch(target, given, *problem);
    }
  }
  if (!stored.ok()) return stored.error();
  ColumnValues all(target.columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    all[columns[i] - target.columns.data()] = (*stored)[i];
  }
  return RowsQuery(target.columns, all, from, lake.translate);
}

}  // namespace penstock::lake
