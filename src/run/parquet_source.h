#pragma once

#include <string>
#include <vector>

#include "run/files_source.h"

// Parquet files of a source: their columns, and their rows as a query of the engine.
namespace penstock::run {

// The columns that the files have; of a column whose type differs the one that holds all values.
Result<Schema> InferParquet(Workspace& workspace, const std::vector<source::FileEntry>& files);

// The rows of the files with the columns of the source. A value that does not fit its column ends
// the query, or is kept in the rescue column when the source has one, which also takes the columns
// that the source lacks.
Result<std::string> ParquetQuery(Workspace& workspace, const FilesSource& source,
                                 const std::vector<source::FileEntry>& files,
                                 const FilesRelationOptions& options);

}  // namespace penstock::run
