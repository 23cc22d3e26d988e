#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <memory>

#include "duck/files/table_files.h"

namespace penstock::duck {

// The files of a relation that a query reads, as the engine wants them; not for other rooms.
class SelectedFiles : public duckdb::MultiFileList {
 public:
  // `numbers` null: all of them.
  SelectedFiles(std::shared_ptr<const TableFilesSpec> spec,
                std::shared_ptr<const FileNumbers> numbers);

  const TableFilesSpec& spec() const { return *spec_; }
  size_t FileCount() const { return size(); }
  // The number of the file at that place of this list.
  size_t NumberOf(size_t index) const { return numbers_ == nullptr ? index : (*numbers_)[index]; }

  duckdb::unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
      duckdb::ClientContext& context, const duckdb::MultiFileOptions& options,
      duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const override;
  duckdb::unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(
      duckdb::ClientContext& context, const duckdb::MultiFileOptions& options,
      const duckdb::vector<duckdb::string>& names, const duckdb::vector<duckdb::LogicalType>& types,
      const duckdb::vector<duckdb::column_t>& column_ids,
      duckdb::TableFilterSet& filters) const override;
  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override;
  duckdb::vector<duckdb::OpenFileInfo> GetDisplayFileList(
      duckdb::optional_idx max_files) const override;
  duckdb::FileExpandResult GetExpandResult() const override;
  duckdb::idx_t GetTotalFileCount() const override;
  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(
      duckdb::ClientContext& context) const override;
  duckdb::unique_ptr<duckdb::MultiFileList> Copy() const override;

 protected:
  bool FileIsAvailable(duckdb::idx_t index) const override;
  duckdb::OpenFileInfo GetFile(duckdb::idx_t index) const override;

 private:
  size_t size() const { return numbers_ == nullptr ? spec_->files->size() : numbers_->size(); }
  // Null when every file may match.
  duckdb::unique_ptr<duckdb::MultiFileList> Narrowed(const Predicate& condition) const;
  std::string ColumnName(duckdb::column_t column) const;

  std::shared_ptr<const TableFilesSpec> spec_;
  std::shared_ptr<const FileNumbers> numbers_;
};

}  // namespace penstock::duck
