#include "delta/table_columns.h"

#include <utility>

#include "base/text.h"
#include "delta/table.h"

namespace penstock::delta {

namespace {

constexpr char kPhysicalName[] = "delta.columnMapping.physicalName";
constexpr char kColumnId[] = "delta.columnMapping.id";
constexpr char kMappingMode[] = "delta.columnMapping.mode";

std::vector<TableColumn> Children(const DataType& type, const Json& json);

// `json` is the stored field. The schema was read from the same text, so both have one shape.
TableColumn ColumnOf(const Field& field, const Json& json) {
  TableColumn column{field.name, field.type, field.nullable, Json::object(), {}};
  if (json.contains("metadata") && json["metadata"].is_object()) column.metadata = json["metadata"];
  column.children = Children(field.type, json["type"]);
  return column;
}

TableColumn PartOf(const Field& field, const Json& type) {
  return {field.name, field.type, field.nullable, Json::object(), Children(field.type, type)};
}

std::vector<TableColumn> Children(const DataType& type, const Json& json) {
  std::vector<TableColumn> children;
  if (type.id == TypeId::kStruct) {
    for (size_t i = 0; i < type.fields.size(); ++i) {
      children.push_back(ColumnOf(type.fields[i], json["fields"][i]));
    }
  } else if (type.id == TypeId::kArray) {
    children.push_back(PartOf(type.fields[0], json["elementType"]));
  } else if (type.id == TypeId::kMap) {
    children.push_back(PartOf(type.fields[0], json["keyType"]));
    children.push_back(PartOf(type.fields[1], json["valueType"]));
  }
  return children;
}

Json TypeJson(const TableColumn& column);

Json FieldsJson(const std::vector<TableColumn>& columns) {
  Json fields = Json::array();
  for (const TableColumn& column : columns) {
    fields.push_back({{"name", column.name},
                      {"type", TypeJson(column)},
                      {"nullable", column.nullable},
                      {"metadata", column.metadata}});
  }
  return {{"type", "struct"}, {"fields", std::move(fields)}};
}

Json TypeJson(const TableColumn& column) {
  const auto& parts = column.children;
  switch (column.type.id) {
    case TypeId::kStruct:
      return FieldsJson(parts);
    case TypeId::kArray:
      return {{"type", "array"},
              {"elementType", TypeJson(parts[0])},
              {"containsNull", parts[0].nullable}};
    case TypeId::kMap:
      return {{"type", "map"},
              {"keyType", TypeJson(parts[0])},
              {"valueType", TypeJson(parts[1])},
              {"valueContainsNull", parts[1].nullable}};
    default: {
      const Schema one{Field{"c", column.type}};
      return Json::parse(SchemaToJson(one))["fields"][0]["type"];
    }
  }
}

Field FieldOf(const TableColumn& column) {
  Field field{column.name, column.type, column.nullable, ""};
  if (column.metadata.contains("comment") && column.metadata["comment"].is_string()) {
    field.comment = column.metadata["comment"].get<std::string>();
  }
  if (!column.children.empty()) {
    for (size_t i = 0; i < column.children.size(); ++i) {
      if (i < field.type.fields.size()) {
        field.type.fields[i] = FieldOf(column.children[i]);
      } else {
        field.type.fields.push_back(FieldOf(column.children[i]));
      }
    }
    field.type.fields.resize(column.children.size());
  }
  return field;
}

}  // namespace

Result<std::vector<TableColumn>> TableColumns(const Metadata& metadata) {
  const std::string text =
      metadata.schema_string.empty() ? SchemaToJson(metadata.schema) : metadata.schema_string;
  ASSIGN_OR_RETURN(const Schema schema, SchemaFromJson(text));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "the table's schema"));
  return Children(DataType::Struct(schema), json);
}

std::string EncodeColumns(const std::vector<TableColumn>& columns) {
  return DumpJson(FieldsJson(columns));
}

Schema SchemaOf(const std::vector<TableColumn>& columns) {
  Schema schema;
  for (const TableColumn& column : columns) schema.push_back(FieldOf(column));
  return schema;
}

std::string PhysicalName(const TableColumn& column) {
  const auto found = column.metadata.find(kPhysicalName);
  if (found == column.metadata.end() || !found->is_string()) return column.name;
  return found->get<std::string>();
}

std::optional<int64_t> ColumnId(const TableColumn& column) {
  const auto found = column.metadata.find(kColumnId);
  if (found == column.metadata.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<int64_t>();
}

const TableColumn* FindColumn(const std::vector<TableColumn>& columns, std::string_view name) {
  for (const TableColumn& column : columns) {
    if (EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

ColumnMapping ColumnMappingOf(const Metadata& metadata) {
  const auto found = metadata.configuration.find(kMappingMode);
  if (found == metadata.configuration.end()) return ColumnMapping::kNone;
  if (EqualsIgnoreCase(found->second, "name")) return ColumnMapping::kName;
  return EqualsIgnoreCase(found->second, "id") ? ColumnMapping::kId : ColumnMapping::kNone;
}

}  // namespace penstock::delta
