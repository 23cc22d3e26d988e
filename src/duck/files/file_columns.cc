#include "duck/files/file_columns.h"

#include <duckdb/parser/expression/constant_expression.hpp>

#include "base/text.h"
#include "duck/files/engine_value.h"
#include "duck/files/files_registry.h"

namespace penstock::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Definition = duckdb::MultiFileColumnDefinition;
using Definitions = duckdb::vector<Definition>;

// No file has a column of this name.
constexpr char kNowhere[] = "\x01";

bool IsInteger(const LogicalType& type) {
  return type.IsIntegral() && type.id() != LogicalTypeId::HUGEINT &&
         type.id() != LogicalTypeId::UHUGEINT;
}

// Whether a cast from the file's type gives the values that the table means: the same, the
// widenings of PROTOCOL.md ("Type Widening"), and integers of another width, as long as they fit.
bool IsCastable(const LogicalType& from, const LogicalType& to) {
  if (from == to) return true;
  switch (to.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
      return IsInteger(from);
    case LogicalTypeId::DOUBLE:
      return IsInteger(from) || from.id() == LogicalTypeId::FLOAT;
    case LogicalTypeId::DECIMAL:
      return IsInteger(from) ||
             (from.id() == LogicalTypeId::DECIMAL &&
              duckdb::DecimalType::GetScale(from) <= duckdb::DecimalType::GetScale(to));
    case LogicalTypeId::TIMESTAMP:
      return from.id() == LogicalTypeId::DATE || from.id() == LogicalTypeId::TIMESTAMP_NS ||
             from.id() == LogicalTypeId::TIMESTAMP_MS || from.id() == LogicalTypeId::TIMESTAMP_SEC;
    case LogicalTypeId::VARCHAR:
      return from.id() == LogicalTypeId::UUID || from.id() == LogicalTypeId::ENUM ||
             from.IsJSONType();
    default:
      return false;
  }
}

// Whether the bytes of one type are those of the other. Files of old writers have instants without
// saying so, and newer ones local times as instants.
bool IsSameBytes(const LogicalType& from, const LogicalType& to) {
  const auto pair = [&](LogicalTypeId a, LogicalTypeId b) {
    return from.id() == a && to.id() == b;
  };
  return pair(LogicalTypeId::TIMESTAMP, LogicalTypeId::TIMESTAMP_TZ) ||
         pair(LogicalTypeId::TIMESTAMP_TZ, LogicalTypeId::TIMESTAMP) ||
         pair(LogicalTypeId::VARCHAR, LogicalTypeId::BLOB);
}

class Resolver {
 public:
  explicit Resolver(const std::string& file) : file_(file) {}

  // The definition of a column that the file has as `stored`.
  Result<Definition> Resolve(const TableFilesColumn& wanted, Definition& stored,
                             const std::string& path) {
    const LogicalType type = LogicalTypeOf(wanted.type);
    Definition column(wanted.name, type);
    column.identifier = duckdb::Value(stored.name);
    SetDefault(&column);
    switch (wanted.type.id) {
      case TypeId::kStruct:
        RETURN_IF_ERROR(ResolveStruct(wanted, stored, path, &column));
        break;
      case TypeId::kArray:
        if (stored.type.id() != LogicalTypeId::LIST || stored.children.size() != 1) {
          return Mismatch(path, stored.type, wanted.type);
        }
        RETURN_IF_ERROR(AddChild(wanted.children[0], stored.children[0], path, &column));
        stored.type = LogicalType::LIST(stored.children[0].type);
        break;
      case TypeId::kMap:
        RETURN_IF_ERROR(ResolveMap(wanted, stored, path, &column));
        break;
      default:
        if (IsSameBytes(stored.type, type)) stored.type = type;
        if (!IsCastable(stored.type, type)) return Mismatch(path, stored.type, wanted.type);
    }
    // Lists and maps that are as wanted need no work a row.
    const bool is_list = wanted.type.id == TypeId::kArray || wanted.type.id == TypeId::kMap;
    if (is_list && stored.type == type && SameNames(wanted, stored)) column.children.clear();
    return column;
  }

  static Definition Missing(const TableFilesColumn& wanted) {
    Definition column = GlobalColumn(wanted);
    column.identifier = duckdb::Value(kNowhere);
    return column;
  }

  static Definition* Find(const TableFilesColumn& wanted, Definitions& stored) {
    if (wanted.type.id == TypeId::kVoid) return nullptr;
    if (wanted.field_id) {
      for (Definition& column : stored) {
        if (!column.identifier.IsNull() &&
            column.identifier.type().id() == LogicalTypeId::INTEGER &&
            column.GetIdentifierFieldId() == *wanted.field_id) {
          return &column;
        }
      }
      return nullptr;
    }
    for (Definition& column : stored) {
      if (column.name == wanted.stored_name) return &column;
    }
    for (Definition& column : stored) {
      if (EqualsIgnoreCase(column.name, wanted.stored_name)) return &column;
    }
    return nullptr;
  }

  static void SetDefault(Definition* column) {
    column->default_expression =
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(column->type));
  }

 private:
  Error Mismatch(const std::string& path, const LogicalType& from, const DataType& to) const {
    return DataError("COLUMN_TYPE_MISMATCH",
                     "the data file " + file_ + " has the column " + path + " as " +
                         from.ToString() + ", which cannot be read as the table's " + ToString(to),
                     "Restore the table to a version without the file, or write the file's rows "
                     "anew.");
  }

  Status AddChild(const TableFilesColumn& wanted, Definition& stored, const std::string& path,
                  Definition* column) {
    ASSIGN_OR_RETURN(Definition child, Resolve(wanted, stored, path + "." + wanted.name));
    column->children.push_back(std::move(child));
    return OkStatus();
  }

  Status ResolveStruct(const TableFilesColumn& wanted, Definition& stored, const std::string& path,
                       Definition* column) {
    if (stored.type.id() != LogicalTypeId::STRUCT) {
      return Mismatch(path, stored.type, wanted.type);
    }
    for (const TableFilesColumn& child : wanted.children) {
      if (Definition* found = Find(child, stored.children)) {
        RETURN_IF_ERROR(AddChild(child, *found, path, column));
      } else {
        column->children.push_back(Missing(child));
      }
    }
    duckdb::child_list_t<LogicalType> types;
    for (const Definition& child : stored.children) types.emplace_back(child.name, child.type);
    stored.type = LogicalType::STRUCT(std::move(types));
    return OkStatus();
  }

  Status ResolveMap(const TableFilesColumn& wanted, Definition& stored, const std::string& path,
                    Definition* column) {
    if (stored.type.id() != LogicalTypeId::MAP || stored.children.size() != 1 ||
        stored.children[0].children.size() != 2) {
      return Mismatch(path, stored.type, wanted.type);
    }
    Definitions& parts = stored.children[0].children;
    RETURN_IF_ERROR(AddChild(wanted.children[0], parts[0], path, column));
    RETURN_IF_ERROR(AddChild(wanted.children[1], parts[1], path, column));
    stored.type = LogicalType::MAP(parts[0].type, parts[1].type);
    stored.children[0].type =
        LogicalType::STRUCT({{parts[0].name, parts[0].type}, {parts[1].name, parts[1].type}});
    return OkStatus();
  }

  // Types that are equal have equal names of struct fields in the file, which under column mapping
  // are not those of the fields they stand for.
  static bool SameNames(const TableFilesColumn& wanted, const Definition& stored) {
    const Definitions& parts = wanted.type.id == TypeId::kMap && stored.children.size() == 1
                                   ? stored.children[0].children
                                   : stored.children;
    if (parts.size() != wanted.children.size()) return false;
    for (size_t i = 0; i < parts.size(); ++i) {
      const TableFilesColumn& child = wanted.children[i];
      if (wanted.type.id == TypeId::kStruct &&
          Find(child, const_cast<Definitions&>(parts)) != &parts[i]) {
        return false;
      }
      if (!child.children.empty() && !SameNames(child, parts[i])) return false;
    }
    return true;
  }

  const std::string& file_;
};

}  // namespace

Definition GlobalColumn(const TableFilesColumn& column) {
  Definition definition(column.name, LogicalTypeOf(column.type));
  definition.identifier = duckdb::Value(column.stored_name);
  Resolver::SetDefault(&definition);
  for (const TableFilesColumn& child : column.children) {
    definition.children.push_back(GlobalColumn(child));
  }
  return definition;
}

Result<FileColumns> ColumnsOfFile(const std::vector<TableFilesColumn>& wanted,
                                  const std::vector<bool>& needed, Definitions& stored,
                                  const std::string& file) {
  FileColumns result;
  Resolver resolver(file);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const TableFilesColumn& column = wanted[i];
    const bool is_read = needed[i] && !column.constant;
    Definition* found = is_read ? Resolver::Find(column, stored) : nullptr;
    result.missing.push_back(found == nullptr);
    if (found == nullptr) {
      result.columns.push_back(Resolver::Missing(column));
      continue;
    }
    ASSIGN_OR_RETURN(Definition resolved, resolver.Resolve(column, *found, column.name));
    result.columns.push_back(std::move(resolved));
  }
  return result;
}

}  // namespace penstock::duck
