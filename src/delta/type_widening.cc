#include "delta/type_widening.h"

#include <algorithm>

#include "delta/table.h"

namespace penstock::delta {

namespace {

constexpr char kTypeChanges[] = "delta.typeChanges";

// Byte, short, integer, long in ascending order; -1: none of them.
int IntegerRank(TypeId id) {
  constexpr TypeId kIntegers[] = {TypeId::kByte, TypeId::kShort, TypeId::kInteger, TypeId::kLong};
  const auto* found = std::find(std::begin(kIntegers), std::end(kIntegers), id);
  return found == std::end(kIntegers) ? -1 : static_cast<int>(found - std::begin(kIntegers));
}

// decimal(p, s) into decimal(p + k1, s + k2) with k1 >= k2 >= 0.
bool DecimalHolds(int precision, int scale, const DataType& to) {
  const int more_scale = to.scale - scale;
  return more_scale >= 0 && to.precision - precision >= more_scale;
}

std::string StoredName(const DataType& type) {
  return Json::parse(SchemaToJson({Field{"c", type}}))["fields"][0]["type"].get<std::string>();
}

}  // namespace

bool CanWiden(const DataType& from, const DataType& to) {
  const int rank = IntegerRank(from.id);
  const int wider = IntegerRank(to.id);
  if (rank >= 0 && wider >= 0) return wider > rank;
  const bool is_long = from.id == TypeId::kLong;
  if (rank >= 0 && to.id == TypeId::kDecimal) return DecimalHolds(is_long ? 20 : 10, 0, to);
  if (to.id == TypeId::kDouble) return from.id == TypeId::kFloat || (rank >= 0 && !is_long);
  if (from.id == TypeId::kDate) return to.id == TypeId::kTimestampNtz;
  return from.id == TypeId::kDecimal && to.id == TypeId::kDecimal && !(from == to) &&
         DecimalHolds(from.precision, from.scale, to);
}

std::string WiderTypes(const DataType& from) {
  switch (from.id) {
    case TypeId::kByte:
      return "SMALLINT, INT, BIGINT, DOUBLE or DECIMAL(10,0) and wider";
    case TypeId::kShort:
      return "INT, BIGINT, DOUBLE or DECIMAL(10,0) and wider";
    case TypeId::kInteger:
      return "BIGINT, DOUBLE or DECIMAL(10,0) and wider";
    case TypeId::kLong:
      return "DECIMAL(20,0) and wider";
    case TypeId::kFloat:
      return "DOUBLE";
    case TypeId::kDate:
      return "TIMESTAMP_NTZ";
    case TypeId::kDecimal:
      return "DECIMAL with more digits before the point or as many, and as many or more behind it";
    default:
      return "";
  }
}

void RecordTypeChange(const DataType& from, const DataType& to, const std::string& field_path,
                      TableColumn* column) {
  Json change = {{"fromType", StoredName(from)}, {"toType", StoredName(to)}};
  if (!field_path.empty()) change["fieldPath"] = field_path;
  Json& changes = column->metadata[kTypeChanges];
  if (!changes.is_array()) changes = Json::array();
  changes.push_back(std::move(change));
}

}  // namespace penstock::delta
