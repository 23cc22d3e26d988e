#include "lake/column_values.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "lake/store_assignment.h"
#include "lake/table_rules.h"

namespace penstock::lake {
namespace {

using delta::TableColumn;

std::string Joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

Error ColumnNotFound(const std::string& name, const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  for (const TableColumn& column : columns) names.push_back(column.name);
  const auto nearest = NearestName(name, names);
  return UserError(
      "COLUMN_NOT_FOUND", "the table has no column " + name,
      nearest ? "Did you mean " + *nearest + "?" : "Its columns are: " + Joined(names, ", "));
}

Status CheckIdentity(const TableColumn& column, bool inserts) {
  if (!IsIdentity(column) || (inserts && TakesExplicitIdentity(column))) return OkStatus();
  return UserError("IDENTITY_NOT_WRITABLE",
                   "the column " + column.name +
                       " is an identity column, whose values the writer "
                       "of the table makes up",
                   "Leave the column out of the assignments.");
}

// An assignment and where in its path we are.
struct Part {
  const Assignment* assignment;
  size_t depth;
};

// The value of one column (or field) that assignments are put into.
class ValueBuilder {
 public:
  explicit ValueBuilder(std::map<const Assignment*, std::string> stored)
      : stored_(std::move(stored)) {}

  Result<std::string> Value(const TableColumn& column, const std::string& old,
                            const std::vector<Part>& parts) const {
    const bool whole = std::any_of(parts.begin(), parts.end(), [](const Part& part) {
      return part.depth == part.assignment->column.size();
    });
    if (whole && parts.size() > 1) {
      return UserError("DUPLICATE_ASSIGNMENT",
                       "the column " + column.name + " is assigned more than once",
                       "Assign each column once, whole or field by field.");
    }
    if (whole) return stored_.at(parts[0].assignment);
    return Fields(column, old, parts);
  }

 private:
  Result<std::string> Fields(const TableColumn& column, const std::string& old,
                             const std::vector<Part>& parts) const {
    std::string fields;
    for (const TableColumn& child : column.children) {
      std::string value = old.empty() ? "CAST(NULL AS " + EngineType(child.type) + ")"
                                      : "(" + old + ")." + QuoteIdentifier(child.name);
      std::vector<Part> inner;
      for (const Part& part : parts) {
        if (EqualsIgnoreCase(part.assignment->column[part.depth], child.name)) {
          inner.push_back({part.assignment, part.depth + 1});
        }
      }
      if (!inner.empty()) {
        ASSIGN_OR_RETURN(value, Value(child, old.empty() ? "" : value, inner));
      }
      fields += (fields.empty() ? "" : ", ") + QuoteIdentifier(child.name) + " := " + value;
    }
    return "struct_pack(" + fields + ")";
  }

  const std::map<const Assignment*, std::string> stored_;
};

// The column or field that a path names; its first name is a column of the table.
Result<const TableColumn*> AssignedColumn(const std::vector<TableColumn>& columns,
                                          const std::vector<std::string>& path) {
  const std::vector<TableColumn>* level = &columns;
  const TableColumn* column = nullptr;
  for (const std::string& name : path) {
    if (column != nullptr && column->type.id != TypeId::kStruct) {
      return UserError("COLUMN_NOT_FOUND",
                       "the column " + column->name + " is " + ToString(column->type) +
                           " and has no fields to assign",
                       "Assign the column as a whole.");
    }
    column = delta::FindColumn(*level, name);
    if (column == nullptr) return ColumnNotFound(Joined(path, "."), *level);
    level = &column->children;
  }
  if (column == nullptr) return ColumnNotFound("", columns);
  return column;
}

// What each assignment stores; the engine is asked once for all types.
Result<std::map<const Assignment*, std::string>> StoredAssignments(
    const Lake& lake, const std::vector<TableColumn>& columns,
    const std::vector<Assignment>& assignments, const std::string& from) {
  std::map<const Assignment*, std::string> stored;
  std::vector<GivenValue> given;
  std::vector<const Assignment*> order;
  for (const Assignment& assignment : assignments) {
    ASSIGN_OR_RETURN(const TableColumn* column, AssignedColumn(columns, assignment.column));
    if (assignment.is_default) {
      ASSIGN_OR_RETURN(const auto value, DefaultOf(*column, lake.translate));
      stored[&assignment] =
          "CAST((" + value.value_or("NULL") + ") AS " + EngineType(column->type) + ")";
    } else {
      given.push_back({column, assignment.value});
      order.push_back(&assignment);
    }
  }
  ASSIGN_OR_RETURN(const auto values, StoredValues(*lake.connection, from, given));
  for (size_t i = 0; i < values.size(); ++i) stored[order[i]] = values[i];
  return stored;
}

// The value of a column for which none is given; generated ones come later.
Result<std::string> MissingValue(const TableColumn& column, const ExpressionTranslator& translate) {
  if (IsIdentity(column)) {
    return UserError("IDENTITY_NOT_GENERATED",
                     "the identity column " + column.name +
                         " would have to be filled, which this version of Penstock does not do",
                     "Give its values, or write with the tool that made the table.");
  }
  ASSIGN_OR_RETURN(const auto value, DefaultOf(column, translate));
  return "CAST((" + value.value_or("NULL") + ") AS " + EngineType(column.type) + ")";
}

}  // namespace

Result<std::string> RowsQuery(const std::vector<TableColumn>& columns, const ColumnValues& values,
                              const std::string& from, const ExpressionTranslator& translate) {
  std::string given, all;
  bool generates = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const TableColumn& column = columns[i];
    const std::string name = QuoteIdentifier(column.name);
    std::optional<std::string> generation;
    std::string value;
    if (values[i]) {
      value = *values[i];
    } else {
      ASSIGN_OR_RETURN(generation, GenerationOf(column, translate));
      if (!generation) {
        ASSIGN_OR_RETURN(value, MissingValue(column, translate));
      }
    }
    generates = generates || generation.has_value();
    all += (all.empty() ? "" : ", ") +
           (generation ? "CAST((" + *generation + ") AS " + EngineType(column.type) + ") AS " + name
                       : name);
    if (!generation) given += (given.empty() ? "" : ", ") + (value + " AS " + name);
  }
  std::string query = "SELECT " + given + " FROM " + from;
  if (generates) query = "SELECT " + all + " FROM (\n" + query + "\n) AS \"__penstock_given\"";
  return query;
}

Result<ColumnValues> AssignedValues(const Lake& lake, const std::vector<TableColumn>& columns,
                                    const std::vector<Assignment>& assignments,
                                    const std::vector<std::string>& old, const std::string& from) {
  ASSIGN_OR_RETURN(auto stored, StoredAssignments(lake, columns, assignments, from));
  const ValueBuilder builder(std::move(stored));
  ColumnValues values(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    std::vector<Part> parts;
    for (const Assignment& assignment : assignments) {
      if (EqualsIgnoreCase(assignment.column[0], columns[i].name))
        parts.push_back({&assignment, 1});
    }
    if (!parts.empty()) {
      RETURN_IF_ERROR(CheckIdentity(columns[i], old.empty()));
      ASSIGN_OR_RETURN(values[i], builder.Value(columns[i], old.empty() ? "" : old[i], parts));
    } else if (!old.empty() && !columns[i].metadata.contains("delta.generationExpression")) {
      values[i] = old[i];
    }
  }
  return values;
}

}  // namespace penstock::lake
