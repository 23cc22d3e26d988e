#include "lake/store_assignment.h"

#include <algorithm>

#include "base/sql_text.h"
#include "base/variant_type.h"
#include "lake/nested_value.h"

namespace penstock::lake {
namespace {

bool IsWhole(TypeId id) {
  return id == TypeId::kByte || id == TypeId::kShort || id == TypeId::kInteger ||
         id == TypeId::kLong;
}
bool HasFraction(TypeId id) {
  return id == TypeId::kFloat || id == TypeId::kDouble || id == TypeId::kDecimal;
}
bool IsNumber(TypeId id) { return IsWhole(id) || HasFraction(id); }
bool IsTime(TypeId id) {
  return id == TypeId::kDate || id == TypeId::kTimestamp || id == TypeId::kTimestampNtz;
}
std::optional<std::string> StructProblem(const DataType& from, const DataType& to,
                                         const std::string& path) {
  for (const Field& field : from.fields) {
    const std::string name = path + "." + field.name;
    const Field* target = FindField(to.fields, field.name);
    if (target == nullptr) return name + " is not in the table";
    if (auto problem = StoreProblem(field.type, target->type, name)) return problem;
  }
  return std::nullopt;
}

// Structs and maps are no variants to Spark without to_variant_object.
std::optional<std::string> VariantProblem(const DataType& from, const std::string& path) {
  if (from.id == TypeId::kArray) return VariantProblem(from.fields[0].type, path + ".element");
  if (!IsNested(from)) return std::nullopt;
  return path + " is VARIANT, and the value " + ToString(from);
}

// Whether a number anywhere in the value loses a fraction.
bool LosesFraction(const DataType& from, const DataType& to) {
  if (HasFraction(from.id) && IsWhole(to.id)) return true;
  if (from.id != to.id) return false;
  return std::any_of(from.fields.begin(), from.fields.end(), [&](const Field& field) {
    const Field* target = FindField(to.fields, field.name);
    return target != nullptr && LosesFraction(field.type, target->type);
  });
}

// The engine's cast rounds a fraction; Spark cuts it off, also in nested values.
std::string Truncated(const std::string& value, const DataType& from, const DataType& to,
                      int depth) {
  if (!LosesFraction(from, to)) return value;
  if (!IsNested(from)) return "trunc(" + value + ")";
  return RebuiltValue(value, from, depth, [&](size_t i, const std::string& inner) {
    const Field& field = from.fields[i];
    const DataType& target =
        from.id == TypeId::kStruct ? FindField(to.fields, field.name)->type : to.fields[i].type;
    return Truncated(inner, field.type, target, depth + 1);
  });
}

// The engine shows an untyped NULL as an INTEGER.
Result<bool> IsUntypedNull(duck::Connection& connection, const std::string& from,
                           const GivenValue& value) {
  ASSIGN_OR_RETURN(duck::ResultSet rows,
                   connection.Query("SELECT typeof(any_value(v)) FROM (SELECT (" + value.sql +
                                    ") AS v FROM " + from + " LIMIT 0)"));
  ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
  return any && !rows.IsNull(0, 0) && rows.Text(0, 0).find("NULL") != std::string::npos;
}

}  // namespace

std::optional<std::string> StoreProblem(const DataType& from, const DataType& to,
                                        const std::string& path) {
  if (from == to || from.id == TypeId::kVoid) return std::nullopt;
  if (IsNumber(from.id) && IsNumber(to.id)) return std::nullopt;
  if (IsTime(from.id) && IsTime(to.id)) return std::nullopt;
  if (to.id == TypeId::kString && !IsNested(from) && from.id != kVariantType) {
    return std::nullopt;
  }
  if (to.id == kVariantType) return VariantProblem(from, path);
  if (from.id == to.id && to.id == TypeId::kStruct) return StructProblem(from, to, path);
  if (from.id == to.id && to.id == TypeId::kArray) {
    return StoreProblem(from.fields[0].type, to.fields[0].type, path + ".element");
  }
  if (from.id == to.id && to.id == TypeId::kMap) {
    if (auto key = StoreProblem(from.fields[0].type, to.fields[0].type, path + ".key")) return key;
    return StoreProblem(from.fields[1].type, to.fields[1].type, path + ".value");
  }
  return path + " is " + ToString(to) + ", and the value " + ToString(from);
}

std::string StoredValue(const std::string& value, const DataType& from, const DataType& to) {
  return "CAST(" + Truncated("(" + value + ")", from, to, 0) + " AS " + EngineType(to) + ")";
}

Result<std::vector<std::string>> StoredValues(duck::Connection& connection, const std::string& from,
                                              const std::vector<GivenValue>& values) {
  std::vector<std::string> stored;
  if (values.empty()) return stored;
  std::string list;
  for (const GivenValue& value : values) {
    list += (list.empty() ? "" : ", ") + ("(" + value.sql + ")");
  }
  ASSIGN_OR_RETURN(const Schema types, connection.Describe("SELECT " + list + " FROM " + from));
  if (types.size() != values.size()) {
    return UserError("BAD_EXPRESSION", "a value is not one expression: " + list,
                     "Give one expression for each column.");
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const delta::TableColumn& column = *values[i].column;
    const auto problem = StoreProblem(types[i].type, column.type, column.name);
    if (problem && types[i].type.id == TypeId::kInteger) {
      ASSIGN_OR_RETURN(const bool null, IsUntypedNull(connection, from, values[i]));
      if (null) {
        stored.push_back("CAST(NULL AS " + EngineType(column.type) + ")");
        continue;
      }
    }
    if (problem) {
      return UserError("CANNOT_STORE_TYPE",
                       "the value " + values[i].sql + " cannot be stored in the column " +
                           column.name + ": " + *problem,
                       "Write CAST(… AS " + ToString(column.type) + ") if this is meant.");
    }
    stored.push_back(StoredValue(values[i].sql, types[i].type, column.type));
  }
  return stored;
}

}  // namespace penstock::lake
