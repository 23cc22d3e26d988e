#include "lake/physical_columns.h"

#include <algorithm>

#include "base/sql_text.h"
#include "lake/nested_value.h"

namespace penstock::lake {
namespace {

using delta::PhysicalName;
using delta::TableColumn;

bool HasOtherNames(const TableColumn& column) {
  return std::any_of(column.children.begin(), column.children.end(), [&](const TableColumn& part) {
    return (column.type.id == TypeId::kStruct && PhysicalName(part) != part.name) ||
           HasOtherNames(part);
  });
}

Field PhysicalField(const TableColumn& column) {
  Field field{PhysicalName(column), column.type, column.nullable, ""};
  for (size_t i = 0; i < column.children.size(); ++i) {
    field.type.fields[i] = PhysicalField(column.children[i]);
  }
  return field;
}

std::string Renamed(const std::string& value, const TableColumn& column, int depth) {
  if (!HasOtherNames(column)) return value;
  const auto part = [&](size_t i, const std::string& inner) {
    return Renamed(inner, column.children[i], depth + 1);
  };
  if (column.type.id == TypeId::kArray) return RebuiltArray(value, depth, part);
  if (column.type.id == TypeId::kMap) return RebuiltMap(value, depth, part);
  std::vector<std::pair<std::string, std::string>> names;
  for (const TableColumn& child : column.children) {
    names.emplace_back(child.name, PhysicalName(child));
  }
  return RebuiltStruct(value, names, part);
}

// "{…}" of the ids below a column, with `own` for the column itself; empty: none.
std::string IdsOf(const std::vector<TableColumn>& columns, const std::string& own,
                  const std::vector<std::string>& names) {
  std::string list = own;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto id = delta::ColumnId(columns[i]);
    const auto& children = columns[i].children;
    std::vector<std::string> inner;
    for (const TableColumn& part : children) inner.push_back(PhysicalName(part));
    if (columns[i].type.id == TypeId::kArray) inner = {"element"};
    if (columns[i].type.id == TypeId::kMap) inner = {"key", "value"};
    const std::string id_text = id ? std::to_string(*id) : "";
    std::string entry = id_text;
    if (!children.empty()) {
      entry = IdsOf(children, id ? "__duckdb_field_id: " + id_text : "", inner);
    }
    if (entry.empty()) continue;
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(names[i]) + ": " + entry;
  }
  return list.empty() ? "" : "{" + list + "}";
}

}  // namespace

Schema PhysicalSchema(const std::vector<TableColumn>& columns) {
  Schema schema;
  for (const TableColumn& column : columns) schema.push_back(PhysicalField(column));
  return schema;
}

std::string PhysicalValue(const std::string& value, const TableColumn& column) {
  return Renamed(value, column, 0);
}

std::string FieldIds(const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  for (const TableColumn& column : columns) names.push_back(PhysicalName(column));
  return IdsOf(columns, "", names);
}

std::vector<std::string> PhysicalPath(const std::vector<TableColumn>& columns,
                                      const std::vector<std::string>& path) {
  std::vector<std::string> physical;
  const std::vector<TableColumn>* level = &columns;
  for (const std::string& name : path) {
    const TableColumn* column = delta::FindColumn(*level, name);
    if (column == nullptr) return {};
    physical.push_back(PhysicalName(*column));
    level = &column->children;
  }
  return physical;
}

}  // namespace penstock::lake
