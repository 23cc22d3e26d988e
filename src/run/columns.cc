#include <set>

#include "base/text.h"
#include "run/binder.h"

namespace penstock::run {
namespace {

int IntegerRank(TypeId id) {
  switch (id) {
    case TypeId::kByte:
      return 1;
    case TypeId::kShort:
      return 2;
    case TypeId::kInteger:
      return 3;
    case TypeId::kLong:
      return 4;
    default:
      return 0;
  }
}

int DigitsOfInteger(TypeId id) {
  constexpr int kDigits[] = {0, 3, 5, 10, 19};
  return kDigits[IntegerRank(id)];
}

bool FieldsHold(const std::vector<Field>& to, const std::vector<Field>& from) {
  if (to.size() != from.size()) return false;
  for (size_t i = 0; i < to.size(); ++i) {
    if (!EqualsIgnoreCase(to[i].name, from[i].name) || !CanHold(to[i].type, from[i].type)) {
      return false;
    }
  }
  return true;
}

Error TypeChanged(const Field& field, const DataType& now, const std::string& table) {
  return UserError(
      "COLUMN_TYPE_CHANGED",
      "the column " + field.name + " of " + table + " is " + penstock::ToString(field.type) +
          " and the query now gives " + penstock::ToString(now),
      "Cast it in the query (CAST(" + field.name + " AS " + penstock::ToString(field.type) +
          ")), or rebuild the table with --full-refresh.");
}

}  // namespace

bool CanHold(const DataType& to, const DataType& from) {
  if (from.id == TypeId::kVoid) return true;
  const int to_rank = IntegerRank(to.id);
  const int from_rank = IntegerRank(from.id);
  if (to_rank > 0 && from_rank > 0) return to_rank >= from_rank;
  if (to.id == TypeId::kDouble) {
    return from.id == TypeId::kDouble || from.id == TypeId::kFloat ||
           (from_rank > 0 && from_rank < 4);
  }
  if (to.id == TypeId::kDecimal && from_rank > 0) {
    return to.precision - to.scale >= DigitsOfInteger(from.id);
  }
  if (to.id != from.id) return false;
  if (to.id == TypeId::kDecimal) {
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  }
  return FieldsHold(to.fields, from.fields);
}

Result<Schema> MergeColumns(const Schema& columns, const Schema& added, const std::string& table,
                            const SourceLocation& where) {
  Schema merged = columns;
  for (const Field& field : added) {
    const Field* known = FindField(columns, field.name);
    if (known == nullptr) {
      merged.push_back(field);
      merged.back().nullable = true;
    } else if (!CanHold(known->type, field.type)) {
      return TypeChanged(*known, field.type, table).At(where);
    }
  }
  return merged;
}

Status CheckColumns(const Schema& columns, const SourceLocation& where) {
  std::set<std::string> names;
  for (const Field& field : columns) {
    if (field.name.empty()) {
      return UserError("UNNAMED_COLUMN", "a column of the query has no name",
                       "Give it one: … AS name.")
          .At(where);
    }
    if (!names.insert(AsciiLower(field.name)).second) {
      return UserError("DUPLICATE_COLUMN",
                       "the query gives two columns of the name " + field.name +
                           " (upper and lower case are the same)",
                       "Rename one of them: … AS other_name.")
          .At(where);
    }
    if (field.type.id == TypeId::kVoid) {
      return UserError("UNTYPED_COLUMN", "the column " + field.name + " is NULL without a type",
                       "Give it one: CAST(NULL AS STRING) AS " + field.name + ".")
          .At(where);
    }
  }
  return OkStatus();
}

}  // namespace penstock::run
