#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

// The column types of Spark and Delta. kTimestamp is an instant (microseconds, UTC); kTimestampNtz
// has no zone.
enum class TypeId {
  kBoolean,
  kByte,
  kShort,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,
  kTimestampNtz,
  kVoid,
  kArray,
  kMap,
  kStruct,
};

struct Field;

// A column type as a value; nested types own their parts.
struct DataType {
  TypeId id = TypeId::kVoid;
  int precision = 0;  // kDecimal: 1..38
  int scale = 0;      // kDecimal: 0..precision
  std::vector<Field>
      fields;  // kStruct: its fields; kArray: one field "element"; kMap: "key", "value"

  bool operator==(const DataType&) const;

  static DataType Of(TypeId id);
  static DataType Decimal(int precision, int scale);
  static DataType Array(DataType element, bool contains_null = true);
  static DataType Map(DataType key, DataType value, bool value_contains_null = true);
  static DataType Struct(std::vector<Field> fields);
};

// A named column or struct field.
struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  std::string comment = {};

  bool operator==(const Field&) const = default;
};

// The columns of a table or relation, in order. Names compare without regard to case but keep
// theirs.
using Schema = std::vector<Field>;

// The field of that name without regard to ASCII case, or null.
const Field* FindField(const Schema& schema, std::string_view name);

// Spark's spelling: "BIGINT", "DECIMAL(10,2)", "ARRAY<STRING>", "STRUCT<a: INT, b: STRING>".
std::string ToString(const DataType& type);
// "a BIGINT, b STRUCT<...> NOT NULL"
std::string ToString(const Schema& schema);

// Reads Spark DDL: a type ("struct<a:int, b:array<string>>", "decimal(10,2)", "TIMESTAMP_NTZ" …).
// Fails with UNKNOWN_TYPE, naming the text. Accepts the aliases of Spark (int, integer, long,
// bigint …).
Result<DataType> ParseDataType(std::string_view text);
// Reads a column list: "a INT NOT NULL COMMENT 'x', `b c` STRING, d: DATE".
Result<Schema> ParseSchema(std::string_view text);

}  // namespace penstock
