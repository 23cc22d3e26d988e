#include "lake/nested_value.h"

#include "base/sql_text.h"

namespace penstock::lake {

bool IsNested(const DataType& type) {
  return type.id == TypeId::kArray || type.id == TypeId::kMap || type.id == TypeId::kStruct;
}

std::string RebuiltArray(const std::string& value, int depth, const PartSql& part) {
  const std::string element = "e" + std::to_string(depth);
  return "list_transform(" + value + ", lambda " + element + ": " + part(0, element) + ")";
}

std::string RebuiltMap(const std::string& value, int depth, const PartSql& part) {
  const std::string entry = "e" + std::to_string(depth);
  return "map_from_entries(list_transform(map_entries(" + value + "), lambda " + entry +
         ": struct_pack(k := " + part(0, entry + ".key") + ", v := " + part(1, entry + ".value") +
         ")))";
}

std::string RebuiltStruct(const std::string& value,
                          const std::vector<std::pair<std::string, std::string>>& names,
                          const PartSql& part) {
  std::string fields;
  for (size_t i = 0; i < names.size(); ++i) {
    fields += (fields.empty() ? "" : ", ") + QuoteIdentifier(names[i].second) +
              " := " + part(i, "(" + value + ")." + QuoteIdentifier(names[i].first));
  }
  return "CASE WHEN " + value + " IS NULL THEN NULL ELSE struct_pack(" + fields + ") END";
}

std::string RebuiltValue(const std::string& value, const DataType& type, int depth,
                         const PartSql& part) {
  if (type.id == TypeId::kArray) return RebuiltArray(value, depth, part);
  if (type.id == TypeId::kMap) return RebuiltMap(value, depth, part);
  std::vector<std::pair<std::string, std::string>> names;
  for (const Field& field : type.fields) names.emplace_back(field.name, field.name);
  return RebuiltStruct(value, names, part);
}

}  // namespace penstock::lake
