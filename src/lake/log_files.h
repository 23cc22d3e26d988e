#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/file_set.h"
#include "delta/packed_file.h"
#include "delta/table_columns.h"
#include "duck/files/table_files.h"

namespace penstock::lake {

// Files that the log names, as the engine reads them; numbered in the order given, those of a
// snapshot by path. Immutable.
class LogFiles : public duck::DataFiles {
 public:
  LogFiles(std::string table_path, delta::Metadata metadata,
           std::vector<delta::TableColumn> columns, delta::FileSet files);
  // `deleted_by`, when there: one vector for each file. Only the rows that it deletes and the
  // file's own does not.
  LogFiles(std::string table_path, delta::Metadata metadata,
           std::vector<delta::TableColumn> columns, const std::vector<delta::AddFile>& files,
           const std::vector<delta::DeletionVector>* deleted_by);

  const std::string& table_path() const { return table_path_; }
  const std::vector<delta::TableColumn>& columns() const { return columns_; }

  size_t size() const override { return files_.size(); }
  duck::DataFile File(size_t number) const override;
  int64_t Rows(size_t number) const override;
  // Of the partition columns, in their order, then baseRowId and defaultRowCommitVersion.
  std::vector<std::optional<std::string>> FileConstants(size_t number) const override;
  Result<duck::RowSelection> Selection(size_t number, const duck::ReadBytes& read) const override;
  duck::FileNumbers Matching(const Predicate& condition,
                             const duck::FileNumbers* among) const override;

 private:
  Result<RowSet> RowsOf(const delta::DeletionVector& vector, const std::string& file,
                        const duck::ReadBytes& read) const;

  std::string table_path_;
  delta::Metadata metadata_;
  std::vector<delta::TableColumn> columns_;
  std::vector<std::string> partition_keys_;  // as the log names the partition columns
  delta::FileSet set_;                       // owns the files, or
  delta::FilePack pack_;                     // this does
  std::vector<delta::PackedFile> files_;
  std::optional<std::vector<delta::DeletionVector>> deleted_by_;
};

}  // namespace penstock::lake
