#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <memory>
#include <string>

#include "duck/files/table_files.h"

namespace penstock::duck {

// Makes the engine's reader of Parquet files read those of a TableFilesSpec; not for other rooms.
// Reports errors as the engine's exceptions, which carry ours.
class FilesReader : public duckdb::MultiFileReader {
 public:
  duckdb::vector<duckdb::string> ParsePaths(const duckdb::Value& id) override;
  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(
      duckdb::ClientContext& context, const duckdb::vector<duckdb::string>& paths,
      const duckdb::FileGlobInput& glob_input) override;
  bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList& files,
            duckdb::vector<duckdb::LogicalType>& return_types,
            duckdb::vector<duckdb::string>& names,
            duckdb::MultiFileReaderBindData& bind_data) override;
  duckdb::ReaderInitializeType InitializeReader(
      duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileBindData& bind_data,
      const duckdb::vector<duckdb::MultiFileColumnDefinition>& global_columns,
      const duckdb::vector<duckdb::ColumnIndex>& global_column_ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> table_filters, duckdb::ClientContext& context,
      duckdb::MultiFileGlobalState& state) override;
  duckdb::unique_ptr<duckdb::MultiFileReader> Copy() const override;
};

}  // namespace penstock::duck
