#include "cdc/sql_names.h"

#include "base/sql_text.h"

namespace penstock::cdc {

std::string Column(const std::string& alias, const std::string& name) {
  return alias + "." + QuoteIdentifier(name);
}

std::string Join(const std::vector<std::string>& names, const std::string& between,
                 const std::function<std::string(const std::string&)>& item) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + item(name);
  return text;
}

std::string List(const std::string& alias, const std::vector<std::string>& names) {
  return Join(names, ", ", [&](const std::string& name) { return Column(alias, name); });
}

std::vector<std::string> Names(const Schema& columns) {
  std::vector<std::string> names;
  for (const Field& field : columns) names.push_back(field.name);
  return names;
}

std::string SameKeys(const Shape& shape, const std::string& a, const std::string& b) {
  return Join(shape.keys, " AND ",
              [&](const std::string& key) { return Column(a, key) + " = " + Column(b, key); });
}

std::string Rank(const Schema& columns, const std::string& alias) {
  if (columns.empty()) return "row(0)";
  return "row(" +
         Join(Names(columns), ", ",
              [&](const std::string& name) {
                const std::string value = Column(alias, name);
                return value + " IS NOT NULL, " + value;
              }) +
         ")";
}

std::string StoredSequenceOf(const Shape& shape, const std::string& alias) {
  if (shape.stored_sequence.size() == 1 && shape.sequence.id != TypeId::kStruct) {
    return Column(alias, shape.stored_sequence[0]);
  }
  std::string text;
  for (size_t i = 0; i < shape.stored_sequence.size(); ++i) {
    text += (i == 0 ? "" : ", ") + QuoteIdentifier(shape.sequence.fields[i].name) +
            " := " + Column(alias, shape.stored_sequence[i]);
  }
  return "struct_pack(" + text + ")";
}

std::string Null(const DataType& type) { return "CAST(NULL AS " + EngineType(type) + ")"; }

std::string Timestamp(TimestampMicros micros) {
  return "make_timestamptz(" + std::to_string(micros) + ")";
}

std::string From(const std::string& relation, const std::string& alias) {
  return "(" + relation + ") AS " + alias;
}

std::string LiveFacts(const Shape& shape, const std::string& facts, TimestampMicros horizon) {
  const bool two = shape.type == model::ScdType::kTwo;
  const std::string of_deleted =
      two ? QuoteIdentifier(kFactChange) + " = " + std::to_string(model::kCdcDelete)
          : QuoteIdentifier(kFactSequence) + " IS NULL";
  return "SELECT * FROM (" + facts + ") WHERE NOT (" + of_deleted + " AND " +
         QuoteIdentifier(kFactRecordedAt) + " < " + Timestamp(horizon) + ")";
}

std::string Steps::Table(const std::string& name) const {
  return QuoteIdentifier(prefix_ + "_" + name);
}

void Steps::Create(const std::string& name, const std::string& query) {
  plan_->tables.push_back(Table(name));
  plan_->steps.push_back("CREATE TEMP TABLE " + Table(name) + " AS " + query);
}

}  // namespace penstock::cdc
