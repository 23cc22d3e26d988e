#include "delta/column_edit.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "delta/type_widening.h"

namespace penstock::delta {

namespace {

constexpr char kMode[] = "delta.columnMapping.mode";
constexpr char kMaxId[] = "delta.columnMapping.maxColumnId";
constexpr char kId[] = "delta.columnMapping.id";
constexpr char kPhysicalName[] = "delta.columnMapping.physicalName";
constexpr char kGenerated[] = "delta.generationExpression";
constexpr char kDefault[] = "CURRENT_DEFAULT";
constexpr std::string_view kConstraint = "delta.constraints.";
constexpr std::string_view kUnmappable = " ,;{}()\n\t=";

Error ColumnNotFound(const ColumnPath& path, const std::vector<TableColumn>& level,
                     const std::string& name) {
  std::vector<std::string> names;
  for (const TableColumn& column : level) names.push_back(column.name);
  const auto nearest = NearestName(name, names);
  return UserError("COLUMN_NOT_FOUND", "the table has no column " + PathText(path),
                   nearest ? "Did you mean " + *nearest + "?" : "DESCRIBE shows its columns.");
}

Result<size_t> PlaceOf(const ColumnPlace& place, const std::vector<TableColumn>& level) {
  if (place.first) return size_t{0};
  if (place.after.empty()) return level.size();
  for (size_t i = 0; i < level.size(); ++i) {
    if (EqualsIgnoreCase(level[i].name, place.after)) return i + 1;
  }
  return ColumnNotFound({place.after}, level, place.after);
}

std::optional<std::string> Text(const TableColumn& column, const char* key) {
  const auto found = column.metadata.find(key);
  if (found == column.metadata.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}

int64_t CountColumns(const std::vector<TableColumn>& level, bool parts, int64_t highest) {
  for (const TableColumn& column : level) {
    if (!parts) highest = std::max(highest, ColumnId(column).value_or(0));
    highest = CountColumns(column.children, column.type.id != TypeId::kStruct, highest);
  }
  return highest;
}

}  // namespace

std::string PathText(const ColumnPath& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

bool Mentions(std::string_view expression, std::string_view column) {
  for (size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    if (c == '\'' || c == '"' || c == '`') {
      size_t end = i + 1;
      while (end < expression.size() && expression[end] != c) {
        end += expression[end] == '\\' && c != '`' ? 2 : 1;
      }
      end = std::min(end, expression.size());
      if (c == '`' && EqualsIgnoreCase(expression.substr(i + 1, end - i - 1), column)) return true;
      i = end + 1;
    } else if (IsWord(c)) {
      size_t end = i;
      while (end < expression.size() && IsWord(expression[end])) ++end;
      if (EqualsIgnoreCase(expression.substr(i, end - i), column)) return true;
      i = end;
    } else {
      ++i;
    }
  }
  return false;
}

Result<ColumnSpot> FindSpot(std::vector<TableColumn>* columns, const ColumnPath& path) {
  if (path.empty()) return UserError("COLUMN_NOT_FOUND", "no column is named", "Name one.");
  std::vector<TableColumn>* level = columns;
  for (size_t part = 0;; ++part) {
    size_t index = 0;
    while (index < level->size() && !EqualsIgnoreCase((*level)[index].name, path[part])) ++index;
    if (index == level->size()) return ColumnNotFound(path, *level, path[part]);
    if (part + 1 == path.size()) return ColumnSpot{level, index};
    level = &(*level)[index].children;
  }
}

Result<ColumnEdit> ColumnEdit::Of(const Metadata& metadata, std::vector<std::string> clustered) {
  ColumnEdit edit(metadata);
  ASSIGN_OR_RETURN(edit.columns_, TableColumns(metadata));
  edit.clustered_ = std::move(clustered);
  const auto stored = metadata.configuration.find(kMaxId);
  if (stored != metadata.configuration.end()) {
    const std::string& text = stored->second;
    (void)std::from_chars(text.data(), text.data() + text.size(), edit.last_id_);
  }
  edit.last_id_ = CountColumns(edit.columns_, false, edit.last_id_);
  return edit;
}

Metadata ColumnEdit::Finish() const {
  Metadata metadata = metadata_;
  metadata.schema = SchemaOf(columns_);
  metadata.schema_string = EncodeColumns(columns_);
  if (ColumnMappingOf(metadata) != ColumnMapping::kNone) {
    metadata.configuration[kMaxId] = std::to_string(last_id_);
  }
  return metadata;
}

void ColumnEdit::Identify(TableColumn* column) {
  if (ColumnMappingOf(metadata_) == ColumnMapping::kNone) return;
  column->metadata[kId] = ++last_id_;
  column->metadata[kPhysicalName] = "col-" + NewUuid();
}

TableColumn ColumnEdit::Built(const Field& field, bool is_part) {
  TableColumn column{field.name, field.type, field.nullable, Json::object(), {}};
  if (!is_part) {
    if (!field.comment.empty()) column.metadata["comment"] = field.comment;
    Identify(&column);
  }
  for (const Field& part : field.type.fields) {
    column.children.push_back(Built(part, field.type.id != TypeId::kStruct));
  }
  return column;
}

void ColumnEdit::MapLevel(std::vector<TableColumn>* level, bool parts, bool new_table) {
  for (TableColumn& column : *level) {
    if (!parts) {
      column.metadata[kId] = ++last_id_;
      column.metadata[kPhysicalName] = new_table ? "col-" + NewUuid() : column.name;
    }
    MapLevel(&column.children, column.type.id != TypeId::kStruct, new_table);
  }
}

void ColumnEdit::MapColumns(bool new_table) { MapLevel(&columns_, false, new_table); }

Status ColumnEdit::Add(const NewColumn& column, bool if_not_exists, bool new_table) {
  const std::string& name = column.field.name;
  std::vector<TableColumn>* level = &columns_;
  if (!column.parents.empty()) {
    ASSIGN_OR_RETURN(const ColumnSpot parent, FindSpot(&columns_, column.parents));
    if (parent.column().type.id != TypeId::kStruct) {
      return UserError("COLUMN_NOT_FOUND", PathText(column.parents) + " is no struct",
                       "Fields are added to structs; the elements of an array a are a.element.");
    }
    level = &parent.column().children;
  }
  if (FindColumn(*level, name) != nullptr) {
    if (if_not_exists) return OkStatus();
    return UserError(new_table ? "DUPLICATE_COLUMN" : "COLUMN_EXISTS",
                     "there is a column " + name + " already", "Give it another name.");
  }
  const bool maps = ColumnMappingOf(metadata_) != ColumnMapping::kNone;
  if (name.empty() || (!maps && name.find_first_of(kUnmappable) != std::string::npos)) {
    return UserError("BAD_COLUMN_NAME", "a column cannot be named '" + name + "'",
                     "Leave out blanks and any of ,;{}()=, or set "
                     "'delta.columnMapping.mode' = 'name'.");
  }
  if (!new_table && (!column.field.nullable || column.generated || column.default_value)) {
    return UserError("COLUMN_NEEDS_VALUES",
                     "the rows that are there have no value for the new column " + name,
                     "Add it plain, UPDATE the rows, then SET NOT NULL or SET DEFAULT with ALTER "
                     "COLUMN; generated columns come with CREATE TABLE.");
  }
  ASSIGN_OR_RETURN(const size_t place, PlaceOf(column.place, *level));
  TableColumn built = Built(column.field, false);
  if (column.generated) built.metadata[kGenerated] = *column.generated;
  if (column.default_value) built.metadata[kDefault] = *column.default_value;
  level->insert(level->begin() + static_cast<std::ptrdiff_t>(place), std::move(built));
  return OkStatus();
}

Status ColumnEdit::NeedMapping(std::string_view what) const {
  if (ColumnMappingOf(metadata_) != ColumnMapping::kNone) return OkStatus();
  return UserError("COLUMN_MAPPING_NEEDED",
                   "columns can be " + std::string(what) + " only where files name them otherwise",
                   "Switch it on first: ALTER TABLE … SET TBLPROPERTIES "
                   "('delta.columnMapping.mode' = 'name').");
}

Status ColumnEdit::NotInUse(const ColumnPath& path, const std::string& what) const {
  std::string users;
  const auto use = [&](const std::string& user) { users += (users.empty() ? "" : ", ") + user; };
  for (const auto& [key, condition] : metadata_.configuration) {
    if (key.starts_with(kConstraint) && Mentions(condition, path.front())) {
      use("the constraint " + key.substr(kConstraint.size()));
    }
    if (key == "delta.dataSkippingStatsColumns" && Mentions(condition, path.front())) use(key);
  }
  for (const TableColumn& column : columns_) {
    const auto generated = Text(column, kGenerated);
    if (generated && Mentions(*generated, path.front())) {
      use("the generated column " + column.name);
    }
    const auto invariant = Text(column, "delta.invariants");
    if (invariant && EqualsIgnoreCase(column.name, path.front())) {
      use("the invariant of " + column.name);
    }
  }
  if (users.empty()) return OkStatus();
  return UserError(
      "COLUMN_IN_USE",
      "the column " + PathText(path) + " cannot be " + what + ": " + users + " depends on it",
      "Drop what depends on it first.");
}

Status ColumnEdit::Rename(const RenameColumn& request) {
  RETURN_IF_ERROR(NeedMapping("renamed"));
  ASSIGN_OR_RETURN(const ColumnSpot spot, FindSpot(&columns_, request.column));
  RETURN_IF_ERROR(NotInUse(request.column, "renamed"));
  const TableColumn* other = FindColumn(*spot.level, request.to);
  if (other != nullptr && other != &spot.column()) {
    return UserError("COLUMN_EXISTS", "there is a column " + other->name + " already",
                     "Give it another name.");
  }
  if (request.to.empty()) {
    return UserError("BAD_COLUMN_NAME", "the new name is empty", "Give the column a name.");
  }
  if (!spot.column().metadata.contains(kPhysicalName)) {
    return UserError("COLUMN_MAPPING_NEEDED",
                     PathText(request.column) + " is a part of an array or map and has no name",
                     "Rename the column or a field of a struct.");
  }
  if (request.column.size() == 1) {
    for (std::string& name : metadata_.partition_columns) {
      if (EqualsIgnoreCase(name, request.column.front())) name = request.to;
    }
  }
  spot.column().name = request.to;
  return OkStatus();
}

Status ColumnEdit::Drop(const ColumnPath& path, bool if_exists) {
  RETURN_IF_ERROR(NeedMapping("dropped"));
  const Result<ColumnSpot> spot = FindSpot(&columns_, path);
  if (!spot.ok()) return if_exists ? OkStatus() : Status(spot.error());
  RETURN_IF_ERROR(NotInUse(path, "dropped"));
  const auto refuse = [&](const std::string& why) {
    return UserError("COLUMN_IN_USE", "the column " + PathText(path) + " cannot be dropped: " + why,
                     "Make the table anew without it: CREATE TABLE … AS SELECT.");
  };
  const auto& partitions = metadata_.partition_columns;
  const bool partition = std::any_of(partitions.begin(), partitions.end(), [&](const auto& name) {
    return path.size() == 1 && EqualsIgnoreCase(name, path.front());
  });
  if (partition) return refuse("the table is partitioned by it");
  if (spot->level->size() == 1) return refuse("it is the last one");
  if (!spot->column().metadata.contains(kPhysicalName)) {
    return refuse("it is a part of an array or map");
  }
  ASSIGN_OR_RETURN(const ColumnSpot top, FindSpot(&columns_, {path.front()}));
  const std::string physical = PhysicalName(top.column());
  if (std::find(clustered_.begin(), clustered_.end(), physical) != clustered_.end()) {
    return UserError(
        "COLUMN_IN_USE",
        "the column " + PathText(path) + " cannot be dropped: the table is clustered by it",
        "Cluster it otherwise first: ALTER TABLE … CLUSTER BY NONE.");
  }
  spot->level->erase(spot->level->begin() + static_cast<std::ptrdiff_t>(spot->index));
  return OkStatus();
}

Status ColumnEdit::ChangeType(const ColumnPath& path, const DataType& to) {
  ASSIGN_OR_RETURN(const ColumnSpot spot, FindSpot(&columns_, path));
  const DataType from = SchemaOf({spot.column()}).front().type;
  if (from == to) return OkStatus();
  if (!CanWiden(from, to)) {
    const std::string wider = WiderTypes(from);
    return UserError("UNSUPPORTED_TYPE_CHANGE",
                     "the column " + PathText(path) + " cannot become " + ToString(to) +
                         ": it is " + ToString(from),
                     wider.empty() ? "Its type cannot be changed; add a column of the new type."
                                   : "It can be widened to " + wider + ".");
  }
  const auto enabled = metadata_.configuration.find("delta.enableTypeWidening");
  if (enabled == metadata_.configuration.end() || !EqualsIgnoreCase(enabled->second, "true")) {
    return UserError("TYPE_WIDENING_NEEDED",
                     "types of columns are widened only where the table allows it",
                     "Switch it on first: ALTER TABLE … SET TBLPROPERTIES "
                     "('delta.enableTypeWidening' = 'true').");
  }
  RETURN_IF_ERROR(NotInUse(path, "widened"));
  // Up to the nearest field of a struct: parts of arrays and maps have no metadata.
  TableColumn* owner = nullptr;
  std::string inside;
  ColumnPath prefix;
  TypeId above = TypeId::kStruct;
  for (const std::string& part : path) {
    prefix.push_back(part);
    ASSIGN_OR_RETURN(const ColumnSpot at, FindSpot(&columns_, prefix));
    if (above == TypeId::kStruct) {
      owner = &at.column();
      inside.clear();
    } else {
      inside += (inside.empty() ? "" : ".") + at.column().name;
    }
    above = at.column().type.id;
  }
  RecordTypeChange(from, to, inside, owner);
  spot.column().type = to;
  return OkStatus();
}

Status ColumnEdit::Change(const ChangeColumn& request) {
  ASSIGN_OR_RETURN(const ColumnSpot spot, FindSpot(&columns_, request.column));
  if (request.type) RETURN_IF_ERROR(ChangeType(request.column, *request.type));
  TableColumn& column = spot.column();
  if (request.nullable) column.nullable = *request.nullable;
  if (request.comment) column.metadata["comment"] = *request.comment;
  if (request.default_value) column.metadata[kDefault] = *request.default_value;
  if (request.drop_default) column.metadata.erase(kDefault);
  if (!request.place.first && request.place.after.empty()) return OkStatus();
  if (EqualsIgnoreCase(request.place.after, column.name)) return OkStatus();
  TableColumn moved = std::move(column);
  std::vector<TableColumn> level = *spot.level;
  level.erase(level.begin() + static_cast<std::ptrdiff_t>(spot.index));
  ASSIGN_OR_RETURN(const size_t place, PlaceOf(request.place, level));
  level.insert(level.begin() + static_cast<std::ptrdiff_t>(place), std::move(moved));
  *spot.level = std::move(level);
  return OkStatus();
}

}  // namespace penstock::delta
