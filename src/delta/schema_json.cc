#include <charconv>
#include <optional>

#include "base/json.h"
#include "base/variant_type.h"
#include "delta/json_document.h"
#include "delta/table.h"

namespace penstock::delta {

namespace {

struct PrimitiveName {
  TypeId id;
  std::string_view name;
};

constexpr PrimitiveName kPrimitives[] = {
    {TypeId::kBoolean, "boolean"},     {TypeId::kByte, "byte"},
    {TypeId::kShort, "short"},         {TypeId::kInteger, "integer"},
    {TypeId::kLong, "long"},           {TypeId::kFloat, "float"},
    {TypeId::kDouble, "double"},       {TypeId::kString, "string"},
    {TypeId::kBinary, "binary"},       {TypeId::kDate, "date"},
    {TypeId::kTimestamp, "timestamp"}, {TypeId::kTimestampNtz, "timestamp_ntz"},
    {TypeId::kVoid, "void"},           {TypeId::kVoid, "null"},  // older writers
    {kVariantType, "variant"},
};

Error BadSchema(const std::string& message) {
  return DataError("BAD_TABLE_SCHEMA", "in the table's schema: " + message,
                   "Look at metaData.schemaString in the table's _delta_log.");
}

Json TypeToJson(const DataType& type);

Json FieldToJson(const Field& field) {
  Json metadata = Json::object();
  if (!field.comment.empty()) metadata["comment"] = field.comment;
  return Json{{"name", field.name},
              {"type", TypeToJson(field.type)},
              {"nullable", field.nullable},
              {"metadata", std::move(metadata)}};
}

Json StructToJson(const std::vector<Field>& fields) {
  Json list = Json::array();
  for (const Field& field : fields) list.push_back(FieldToJson(field));
  return Json{{"type", "struct"}, {"fields", std::move(list)}};
}

Json TypeToJson(const DataType& type) {
  switch (type.id) {
    case TypeId::kStruct:
      return StructToJson(type.fields);
    case TypeId::kArray:
      return Json{{"type", "array"},
                  {"elementType", TypeToJson(type.fields[0].type)},
                  {"containsNull", type.fields[0].nullable}};
    case TypeId::kMap:
      return Json{{"type", "map"},
                  {"keyType", TypeToJson(type.fields[0].type)},
                  {"valueType", TypeToJson(type.fields[1].type)},
                  {"valueContainsNull", type.fields[1].nullable}};
    case TypeId::kDecimal:
      return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    default:
      for (const PrimitiveName& primitive : kPrimitives) {
        if (primitive.id == type.id) return primitive.name;
      }
      return "void";
  }
}

// "decimal(10,2)"; "decimal" alone is decimal(10,0).
std::optional<DataType> ParseDecimal(std::string_view text) {
  if (text == "decimal") return DataType::Decimal(10, 0);
  constexpr std::string_view kOpen = "decimal(";
  if (!text.starts_with(kOpen) || !text.ends_with(')')) return std::nullopt;
  text = text.substr(kOpen.size(), text.size() - kOpen.size() - 1);
  int precision = 0;
  int scale = 0;
  const char* const end = text.data() + text.size();
  auto at = std::from_chars(text.data(), end, precision);
  if (at.ec != std::errc() || at.ptr == end || *at.ptr != ',') return std::nullopt;
  const char* rest = at.ptr + 1;
  while (rest != end && *rest == ' ') ++rest;
  at = std::from_chars(rest, end, scale);
  if (at.ec != std::errc() || at.ptr != end) return std::nullopt;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
  return DataType::Decimal(precision, scale);
}

Result<DataType> PrimitiveFromName(std::string_view name) {
  for (const PrimitiveName& primitive : kPrimitives) {
    if (primitive.name == name) return DataType::Of(primitive.id);
  }
  if (const auto decimal = ParseDecimal(name)) return *decimal;
  return DataError(
      "UNSUPPORTED_TYPE",
      "the table's schema has the type '" + std::string(name) + "', which is not supported",
      "Change the column to a supported type with the tool that wrote the table.");
}

Result<DataType> TypeFromJson(JsonElement json);

Result<bool> BoolOr(JsonElement object, std::string_view key, bool otherwise) {
  const JsonElement value = object[key];
  if (value.IsNull()) return otherwise;
  if (const auto flag = value.Bool()) return *flag;
  return BadSchema("'" + std::string(key) + "' is not true or false");
}

Result<Field> FieldFromJson(JsonElement json) {
  Field field;
  const auto name = json["name"].String();
  if (!name) return BadSchema("a field has no name");
  field.name = *name;
  ASSIGN_OR_RETURN(field.type, TypeFromJson(json["type"]));
  ASSIGN_OR_RETURN(field.nullable, BoolOr(json, "nullable", true));
  field.comment = json["metadata"]["comment"].String().value_or("");
  return field;
}

Result<Schema> FieldsFromJson(JsonElement json) {
  const auto list = json["fields"].Array();
  if (!list) return BadSchema("a struct has no list 'fields'");
  Schema fields;
  for (const JsonElement entry : *list) {
    ASSIGN_OR_RETURN(Field field, FieldFromJson(entry));
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<DataType> TypeFromJson(JsonElement json) {
  if (const auto name = json.String()) return PrimitiveFromName(*name);
  const std::string kind = json["type"].String().value_or("");
  if (kind == "struct") {
    ASSIGN_OR_RETURN(Schema fields, FieldsFromJson(json));
    return DataType::Struct(std::move(fields));
  }
  if (kind == "array") {
    ASSIGN_OR_RETURN(DataType element, TypeFromJson(json["elementType"]));
    ASSIGN_OR_RETURN(const bool contains_null, BoolOr(json, "containsNull", true));
    return DataType::Array(std::move(element), contains_null);
  }
  if (kind == "map") {
    ASSIGN_OR_RETURN(DataType key, TypeFromJson(json["keyType"]));
    ASSIGN_OR_RETURN(DataType value, TypeFromJson(json["valueType"]));
    ASSIGN_OR_RETURN(const bool contains_null, BoolOr(json, "valueContainsNull", true));
    return DataType::Map(std::move(key), std::move(value), contains_null);
  }
  return BadSchema("a type is neither a name nor a struct, array or map");
}

}  // namespace

std::string SchemaToJson(const Schema& schema) { return DumpJson(StructToJson(schema)); }

Result<Schema> SchemaFromJson(std::string_view json) {
  JsonDocument document;
  ASSIGN_OR_RETURN(const JsonElement root, document.Parse(json, "the table's schema"));
  if (root["type"].String() != "struct") return BadSchema("the outermost type is not a struct");
  return FieldsFromJson(root);
}

}  // namespace penstock::delta
