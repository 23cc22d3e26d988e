#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>
#include <string>

#include "base/result.h"
#include "duck/files/table_files.h"

// How the columns of a relation stand in one file; not for other rooms.
namespace penstock::duck {

// The columns of the relation as definitions that name what `stored` (the columns of the file) has
// for them; `missing` is true for those it lacks. Only `needed` ones are looked for. Columns of the
// file are given the engine type of the relation where the bytes are the same (instants without
// zone as INT96 has them). Fails with COLUMN_TYPE_MISMATCH when a column cannot be read as the
// relation's type; names `file`.
struct FileColumns {
  duckdb::vector<duckdb::MultiFileColumnDefinition> columns;
  std::vector<bool> missing;
};
Result<FileColumns> ColumnsOfFile(const std::vector<TableFilesColumn>& wanted,
                                  const std::vector<bool>& needed,
                                  duckdb::vector<duckdb::MultiFileColumnDefinition>& stored,
                                  const std::string& file);

// The same before any file is known.
duckdb::MultiFileColumnDefinition GlobalColumn(const TableFilesColumn& column);

}  // namespace penstock::duck
