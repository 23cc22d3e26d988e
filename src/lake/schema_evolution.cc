#include "lake/schema_evolution.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"
#include "delta/clustering_domain.h"
#include "delta/column_edit.h"
#include "delta/table.h"
#include "delta/table_columns.h"
#include "delta/table_features.h"
#include "lake/clustering.h"

namespace penstock::lake {
namespace {

using delta::TableColumn;

constexpr char kMaxColumnId[] = "delta.columnMapping.maxColumnId";

// Hands out the ids of new columns; 0: the table maps no columns.
class ColumnIds {
 public:
  explicit ColumnIds(const delta::Metadata& metadata)
      : maps_(delta::ColumnMappingOf(metadata) != delta::ColumnMapping::kNone) {
    // Not every writer keeps the property: no id that is there is given again.
    const auto columns = delta::TableColumns(metadata);
    if (columns.ok()) Pass(*columns);
    const auto found = metadata.configuration.find(kMaxColumnId);
    if (found == metadata.configuration.end()) return;
    const std::string& text = found->second;
    int64_t stored = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), stored);
    last_ = std::max(last_, stored);
  }

  void Name(TableColumn* column) {
    if (!maps_) return;
    column->metadata["delta.columnMapping.id"] = ++last_;
    column->metadata["delta.columnMapping.physicalName"] = "col-" + NewUuid();
  }
  void Store(delta::Metadata* metadata) const {
    if (maps_) metadata->configuration[kMaxColumnId] = std::to_string(last_);
  }

 private:
  void Pass(const std::vector<TableColumn>& columns) {
    for (const TableColumn& column : columns) {
      last_ = std::max(last_, delta::ColumnId(column).value_or(0));
      Pass(column.children);
    }
  }

  bool maps_;
  int64_t last_ = 0;
};

TableColumn NewColumn(const Field& field, bool is_part, ColumnIds* ids) {
  TableColumn column{field.name, field.type, true, Json::object(), {}};
  // The parts of arrays and maps are no columns.
  if (!is_part) ids->Name(&column);
  for (size_t i = 0; i < field.type.fields.size(); ++i) {
    const bool part = field.type.id != TypeId::kStruct;
    column.children.push_back(NewColumn(field.type.fields[i], part, ids));
    if (field.type.id == TypeId::kMap && i == 0) column.children.back().nullable = false;
  }
  return column;
}

// Whether something was added to `columns`, the table's or a struct's.
bool AddMissing(const std::vector<Field>& given, std::vector<TableColumn>* columns, ColumnIds* ids);

bool AddInside(const DataType& given, TableColumn* column, ColumnIds* ids) {
  if (given.id != column->type.id) return false;
  if (given.id == TypeId::kStruct) return AddMissing(given.fields, &column->children, ids);
  bool added = false;
  for (size_t i = 0; i < column->children.size() && i < given.fields.size(); ++i) {
    added = AddInside(given.fields[i].type, &column->children[i], ids) || added;
  }
  return added;
}

bool AddMissing(const std::vector<Field>& given, std::vector<TableColumn>* columns,
                ColumnIds* ids) {
  bool added = false;
  for (const Field& field : given) {
    TableColumn* present = nullptr;
    for (TableColumn& column : *columns) {
      if (EqualsIgnoreCase(column.name, field.name)) present = &column;
    }
    if (present != nullptr) {
      added = AddInside(field.type, present, ids) || added;
    } else {
      columns->push_back(NewColumn(field, false, ids));
      added = true;
    }
  }
  return added;
}

void SetColumns(const delta::Snapshot& base, const std::vector<TableColumn>& columns,
                const ColumnIds& ids, delta::Change* change) {
  delta::Metadata metadata = base.metadata();
  metadata.schema = delta::SchemaOf(columns);
  metadata.schema_string = delta::EncodeColumns(columns);
  ids.Store(&metadata);
  delta::Protocol raised = delta::RaisedProtocol(base.protocol(), metadata);
  if (raised != base.protocol()) change->protocol = std::move(raised);
  change->metadata = std::move(metadata);
}

// A constraint of a column that goes would refuse every row from then on.
Status CheckConstraints(const delta::Metadata& metadata, const Schema& given) {
  constexpr std::string_view kPrefix = "delta.constraints.";
  for (const auto& [key, condition] : metadata.configuration) {
    if (!key.starts_with(kPrefix)) continue;
    for (const Field& column : metadata.schema) {
      if (FindField(given, column.name) != nullptr || !delta::Mentions(condition, column.name)) {
        continue;
      }
      const std::string name = key.substr(kPrefix.size());
      return UserError(
          "COLUMN_IN_USE",
          "the new columns lack " + column.name + ", of which the constraint " + name +
              " speaks (" + condition + ")",
          "Drop it first (ALTER TABLE … DROP CONSTRAINT " + name + "), or keep the column.");
    }
  }
  return OkStatus();
}

// The table stays clustered by the same columns if they all remain and have an order; else by none.
Status Recluster(const delta::Snapshot& base, delta::Change* change) {
  ASSIGN_OR_RETURN(const std::vector<ColumnPath> before, ClusteringColumns(base));
  if (before.empty()) return OkStatus();
  auto domain = delta::ClusteringDomain(*change->metadata, before);
  if (!domain.ok()) domain = delta::ClusteringDomain(*change->metadata, {});
  if (!domain.ok()) return std::move(domain).error();
  if (*domain != *base.DomainMetadataOf(domain->domain)) {
    change->domains.push_back(std::move(domain).value());
  }
  return OkStatus();
}

}  // namespace

Status AddColumns(const delta::Snapshot& base, const Schema& given, delta::Change* change) {
  ASSIGN_OR_RETURN(std::vector<TableColumn> columns, delta::TableColumns(base.metadata()));
  ColumnIds ids(base.metadata());
  if (AddMissing(given, &columns, &ids)) SetColumns(base, columns, ids, change);
  return OkStatus();
}

Status ReplaceColumns(const delta::Snapshot& base, const Schema& given, delta::Change* change) {
  for (const std::string& name : base.metadata().partition_columns) {
    if (FindField(given, name) != nullptr) continue;
    return UserError("PARTITION_COLUMN_MISSING",
                     "the new columns lack " + name + ", by which the table is partitioned",
                     "Keep the column, or drop the table and create it anew.");
  }
  RETURN_IF_ERROR(CheckConstraints(base.metadata(), given));
  ColumnIds ids(base.metadata());
  std::vector<TableColumn> columns;
  for (const Field& field : given) columns.push_back(NewColumn(field, false, &ids));
  SetColumns(base, columns, ids, change);
  return Recluster(base, change);
}

}  // namespace penstock::lake
