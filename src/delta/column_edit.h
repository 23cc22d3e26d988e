#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "delta/alter.h"
#include "delta/table_columns.h"

// The columns of a table while they are changed. Pure.
namespace penstock::delta {

// A table's columns with what else of the metadata speaks of them.
class ColumnEdit {
 public:
  static Result<ColumnEdit> Of(const Metadata& metadata, std::vector<std::string> clustered);

  const std::vector<TableColumn>& columns() const { return columns_; }

  Status Add(const NewColumn& column, bool if_not_exists, bool new_table);
  Status Rename(const RenameColumn& request);
  Status Drop(const ColumnPath& path, bool if_exists);
  Status Change(const ChangeColumn& request);

  // Gives every column an id and a physical name: its own, or for a new table a fresh one.
  void MapColumns(bool new_table);

  // The metadata with the columns as they are now.
  Metadata Finish() const;

 private:
  explicit ColumnEdit(Metadata metadata) : metadata_(std::move(metadata)) {}

  TableColumn Built(const Field& field, bool is_part);
  void Identify(TableColumn* column);
  void MapLevel(std::vector<TableColumn>* level, bool parts, bool new_table);
  Status NeedMapping(std::string_view what) const;
  Status NotInUse(const ColumnPath& path, const std::string& what) const;
  Status ChangeType(const ColumnPath& path, const DataType& to);

  Metadata metadata_;
  std::vector<TableColumn> columns_;
  std::vector<std::string> clustered_;  // first parts of the physical names of clustering columns
  int64_t last_id_ = 0;
};

// The list that has the last name of `path`, and its place in it; COLUMN_NOT_FOUND proposes the
// nearest name.
struct ColumnSpot {
  std::vector<TableColumn>* level;
  size_t index;
  TableColumn& column() const { return (*level)[index]; }
};
Result<ColumnSpot> FindSpot(std::vector<TableColumn>* columns, const ColumnPath& path);

// Whether a Spark expression names the column; texts in quotes do not count.
bool Mentions(std::string_view expression, std::string_view column);

std::string PathText(const ColumnPath& path);

}  // namespace penstock::delta
