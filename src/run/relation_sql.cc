#include "run/relation_sql.h"

#include "duck/engine.h"
#include "lake/change_target.h"
#include "lake/lake_table.h"

namespace penstock::run {
namespace {

std::string NullColumn(const Field& field) {
  return "CAST(NULL AS " + duck::EngineType(field.type) + ") AS " +
         duck::QuoteIdentifier(field.name);
}

Field StringField(std::string name) { return {std::move(name), DataType::Of(TypeId::kString)}; }
Field LongField(std::string name) { return {std::move(name), DataType::Of(TypeId::kLong)}; }

bool SameColumns(const Schema& from, const Schema& to) {
  if (from.size() != to.size()) return false;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i].name != to[i].name ||
        duck::EngineType(from[i].type) != duck::EngineType(to[i].type)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string EmptyRelation(const Schema& schema) {
  std::string columns;
  for (const Field& field : schema) {
    if (!columns.empty()) columns += ", ";
    columns += NullColumn(field);
  }
  if (columns.empty()) columns = "NULL AS \"empty\"";
  return "SELECT " + columns + " WHERE false";
}

Field MetadataField() { return {"_metadata", lake::FileMetadataType()}; }

Field MetadataField(const delta::Metadata& metadata) {
  return {"_metadata", lake::FileMetadataType(metadata)};
}

Field PositionField() {
  return {kPositionColumn, DataType::Struct({StringField("file"), LongField("record")})};
}

std::string AlignColumns(const std::string& query, const Schema& from, const Schema& to,
                         bool keep_position) {
  if (SameColumns(from, to)) return query;
  std::string columns;
  for (const Field& field : to) {
    if (!columns.empty()) columns += ", ";
    const Field* source = FindField(from, field.name);
    if (source == nullptr) {
      columns += NullColumn(field);
      continue;
    }
    std::string value = duck::QuoteIdentifier(source->name);
    const std::string type = duck::EngineType(field.type);
    if (type != duck::EngineType(source->type)) value = "CAST(" + value + " AS " + type + ")";
    columns += value + " AS " + duck::QuoteIdentifier(field.name);
  }
  if (keep_position) columns += std::string(", \"") + kPositionColumn + "\"";
  return "SELECT " + columns + " FROM (" + query + ")";
}

Status CreateView(duck::Connection& connection, const std::string& name, const std::string& query) {
  return connection.Execute("CREATE OR REPLACE TEMP VIEW " + duck::QuoteIdentifier(name) + " AS " +
                            query);
}

Result<std::string> EqualityWith(duck::Connection& connection, const std::string& left,
                                 const std::string& right, const std::string& relation,
                                 const std::string& column, const std::string& where) {
  ASSIGN_OR_RETURN(const int64_t nulls,
                   lake::QueryNumber(connection, "SELECT count(*) FROM " + relation + " WHERE " +
                                                     column + " IS NULL AND " + where));
  return left + (nulls > 0 ? " IS NOT DISTINCT FROM " : " = ") + right;
}

}  // namespace penstock::run
