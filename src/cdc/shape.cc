#include "cdc/shape.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace penstock::cdc {
namespace {

using model::ColumnChoice;
using model::ScdType;

bool IsOwn(const std::string& name) {
  return name == model::kCdcChangeColumn || name == model::kCdcSequenceColumn;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& known) { return EqualsIgnoreCase(known, name); });
}

bool Chosen(const ColumnChoice& choice, const std::string& name) {
  return Contains(choice.columns, name) != choice.except;
}

std::vector<std::string> NamesOf(const Schema& columns) {
  std::vector<std::string> names;
  for (const Field& field : columns) names.push_back(field.name);
  return names;
}

Error Refused(const BoundCdc& flow, std::string message, std::string remedy) {
  return UserError("CDC_COLUMNS", std::move(message), std::move(remedy)).At(flow.cdc->where);
}

Schema SourceColumns(const BoundCdc& flow) {
  Schema columns;
  for (const Field& field : *flow.output) {
    if (!IsOwn(field.name)) columns.push_back(field);
  }
  return columns;
}

Status CheckNames(const BoundCdc& flow, const std::vector<std::string>& names, const char* clause,
                  const Schema& columns) {
  for (const std::string& name : names) {
    if (FindField(columns, name) != nullptr) continue;
    const auto nearest = NearestName(name, NamesOf(columns));
    return Refused(
        flow, std::string(clause) + " names the column " + name + ", which is not there",
        nearest ? "Did you mean " + *nearest + "?" : "There are: " + penstock::ToString(columns));
  }
  return OkStatus();
}

Status CheckReserved(const BoundCdc& flow, const Schema& columns) {
  for (const Field& field : columns) {
    const std::string lower = AsciiLower(field.name);
    const bool end =
        flow.cdc->scd_type == ScdType::kTwo &&
        (lower == AsciiLower(model::kStartAtColumn) || lower == AsciiLower(model::kEndAtColumn));
    if (!end && lower != "rowid" && !lower.starts_with(model::kReservedPrefix)) continue;
    return Refused(flow, "the source has a column " + field.name + ", whose name is reserved",
                   "Leave it out (COLUMNS * EXCEPT (" + field.name + ")), or rename it in a view.");
  }
  return OkStatus();
}

Status CheckKeys(const BoundCdc& flow, const Schema& columns) {
  for (const std::string& key : flow.cdc->keys) {
    const Field* field = FindField(columns, key);
    if (field == nullptr) {
      return Refused(flow, "the key column " + key + " is not among the columns of the table",
                     "Keys are stored: add " + key + " to COLUMNS.");
    }
    const TypeId id = field->type.id;
    if (id != TypeId::kMap && id != TypeId::kArray && id != TypeId::kStruct && id != TypeId::kVoid)
      continue;
    return Refused(flow,
                   "the key column " + field->name + " is of the type " +
                       penstock::ToString(field->type) + ", by which rows cannot be told apart",
                   "Name columns with plain values; a field of a struct can be one in a view.");
  }
  return OkStatus();
}

Status CheckChoices(const BoundCdc& flow, const Schema& chosen) {
  const model::AutoCdc& cdc = *flow.cdc;
  if (cdc.ignore_null_updates) {
    RETURN_IF_ERROR(
        CheckNames(flow, cdc.ignore_null_updates->columns, "IGNORE NULL UPDATES", chosen));
  }
  if (cdc.track_history) {
    RETURN_IF_ERROR(CheckNames(flow, cdc.track_history->columns, "TRACK HISTORY ON", chosen));
  }
  return OkStatus();
}

// The columns that hold the sequence of a flow's rows in its table.
std::vector<std::string> StoredSequence(const BoundCdc& flow, const Schema& table) {
  const DataType type = SequenceType(flow);
  const auto given = ColumnsOf(flow);
  std::vector<std::string> stored;
  const auto& named = flow.cdc->sequence_columns;
  const bool several = type.id == TypeId::kStruct && named.size() == type.fields.size();
  if (!given.ok() || named.empty() || (!several && named.size() != 1)) return {};
  for (size_t i = 0; i < named.size(); ++i) {
    const Field* field = FindField(table, named[i]);
    if (field == nullptr || FindField(*given, named[i]) == nullptr) return {};
    if (!(field->type == (several ? type.fields[i].type : type))) return {};
    stored.push_back(field->name);
  }
  return stored;
}

Json ChoiceJson(const std::optional<ColumnChoice>& choice) {
  if (!choice) return nullptr;
  std::set<std::string> names;
  for (const std::string& name : choice->columns) names.insert(AsciiLower(name));
  return {{"except", choice->except}, {"columns", names}};
}

}  // namespace

DataType SequenceType(const BoundCdc& flow) {
  const Field* field = FindField(*flow.output, model::kCdcSequenceColumn);
  return field == nullptr ? DataType::Of(TypeId::kTimestamp) : field->type;
}

Result<Schema> ColumnsOf(const BoundCdc& flow) {
  const model::AutoCdc& cdc = *flow.cdc;
  const Schema source = SourceColumns(flow);
  Schema columns;
  if (!cdc.columns) {
    columns = source;
  } else {
    RETURN_IF_ERROR(CheckNames(flow, cdc.columns->columns, "COLUMNS", source));
    for (const Field& field : source) {
      if (Chosen(*cdc.columns, field.name)) columns.push_back(field);
    }
  }
  RETURN_IF_ERROR(CheckNames(flow, cdc.keys, "KEYS", source));
  RETURN_IF_ERROR(CheckKeys(flow, columns));
  RETURN_IF_ERROR(CheckReserved(flow, columns));
  RETURN_IF_ERROR(CheckChoices(flow, columns));
  if (cdc.scd_type == ScdType::kTwo) {
    columns.push_back({model::kStartAtColumn, SequenceType(flow)});
    columns.push_back({model::kEndAtColumn, SequenceType(flow)});
  }
  return columns;
}

Result<Shape> ShapeOf(const BoundCdc& flow, const std::vector<BoundCdc>& all,
                      const Schema& table_columns) {
  const model::AutoCdc& cdc = *flow.cdc;
  Shape shape;
  shape.type = cdc.scd_type;
  shape.sequence = SequenceType(flow);
  for (const Field& field : table_columns) {
    const bool end =
        shape.type == ScdType::kTwo && (EqualsIgnoreCase(field.name, model::kStartAtColumn) ||
                                        EqualsIgnoreCase(field.name, model::kEndAtColumn));
    if (end) continue;
    shape.columns.push_back(field);
    if (Contains(cdc.keys, field.name)) {
      shape.keys.push_back(field.name);
      continue;
    }
    const bool tracked = !cdc.track_history || Chosen(*cdc.track_history, field.name);
    if (tracked) shape.tracked.push_back(field.name);
    if (cdc.ignore_null_updates && Chosen(*cdc.ignore_null_updates, field.name)) {
      shape.ignoring.push_back(field.name);
    }
  }
  if (shape.type == ScdType::kOne) shape.stored_sequence = StoredSequence(flow, table_columns);
  for (const BoundCdc& other : all) {
    shape.truncates |= other.cdc->truncates;
    if (!(SequenceType(other) == shape.sequence)) {
      return UserError("CDC_SEQUENCE_TYPE",
                       "the flows of one table have sequences of the types " +
                           penstock::ToString(shape.sequence) + " and " +
                           penstock::ToString(SequenceType(other)),
                       "Cast them to one type: SEQUENCE BY CAST(ts AS TIMESTAMP).")
          .At(other.cdc->where);
    }
    if (StoredSequence(other, table_columns) != shape.stored_sequence &&
        shape.type == ScdType::kOne) {
      shape.stored_sequence.clear();
    }
  }
  return shape;
}

std::string DefinitionOf(const BoundCdc& flow, const Shape& shape) {
  std::set<std::string> keys;
  for (const std::string& key : shape.keys) keys.insert(AsciiLower(key));
  Json stored = Json::array();
  for (const std::string& name : shape.stored_sequence) stored.push_back(AsciiLower(name));
  return DumpJson({{"keys", keys},
                   {"type", shape.type == ScdType::kOne ? 1 : 2},
                   {"tracked", ChoiceJson(flow.cdc->track_history)},
                   {"ignore_null", ChoiceJson(flow.cdc->ignore_null_updates)},
                   {"sequence", penstock::ToString(shape.sequence)},
                   {"stored_sequence", stored},
                   {"snapshot", flow.cdc->from_snapshot}});
}

std::string DifferenceOf(const std::string& before, const std::string& now) {
  static constexpr std::pair<const char*, const char*> kClauses[] = {
      {"keys", "KEYS"},
      {"type", "STORED AS SCD TYPE"},
      {"snapshot", "FROM"},
      {"sequence", "the type of SEQUENCE BY"},
      {"stored_sequence", "SEQUENCE BY, or whether the table has its column,"},
      {"tracked", "TRACK HISTORY ON"},
      {"ignore_null", "IGNORE NULL UPDATES"}};
  const auto old = ParseJson(before, "the table's definition of its changes");
  const auto current = ParseJson(now, "the definition of the changes");
  if (!old.ok() || !current.ok() || !old->is_object()) return "its definition";
  for (const auto& [key, clause] : kClauses) {
    if (old->value(key, Json()) != current->value(key, Json())) return clause;
  }
  return "its definition";
}

Schema TableColumns(const Shape& shape) {
  Schema columns = shape.columns;
  if (shape.type == ScdType::kTwo) {
    columns.push_back({model::kStartAtColumn, shape.sequence});
    columns.push_back({model::kEndAtColumn, shape.sequence});
  }
  return columns;
}

Schema ValueColumns(const Shape& shape) {
  Schema columns;
  for (const Field& field : shape.columns) {
    if (!Contains(shape.keys, field.name)) columns.push_back(field);
  }
  return columns;
}

}  // namespace penstock::cdc
