#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/scan/file_scan.h"
#include "run/project_run.h"
#include "source/file_listing.h"
#include "source/file_options.h"
#include "source/offsets.h"
#include "sql/query/query.h"

namespace penstock::run {

// Files that a flow reads, with the columns they have. An inferred schema is kept in the flow's
// folder (schemas.json, by source id) and changes only by the evolution mode.
struct FilesSource {
  std::string path;  // absolute
  source::FileOptions options;
  Schema data_columns;       // read from the records
  Schema partition_columns;  // from folder names
  bool inferred = false;
  std::string schemas_path;  // where the kept schema lies
  std::string source_id;
};

// Checks the options and finds the columns: given, kept from an earlier run, or inferred from the
// files. Writes nothing. EMPTY_INPUT when nothing tells the columns.
Result<FilesSource> OpenFilesSource(Workspace& workspace, const model::Flow& flow,
                                    const sql::FilesInput& input, const std::string& source_id);

// The reading of these files, without metadata or position columns. Not for Parquet.
duck::ScanSpec ScanSpecOf(Workspace& workspace, const FilesSource& source,
                          const std::vector<source::FileEntry>& files);

// The line, from 1, of the byte at `offset` of the (unpacked) file; for messages.
Result<int64_t> LineNumber(Workspace& workspace, const std::string& file, int64_t offset);

// Columns of the relation: data, partition, rescued data.
Schema ColumnsOf(const FilesSource& source);

// The files of one batch (or of a whole reading) as a relation.
struct FilesRelation {
  std::string query;                     // engine SQL
  std::shared_ptr<duck::FileScan> scan;  // keeps the relation alive; null for Parquet
};
struct FilesRelationOptions {
  bool with_metadata = false;
  bool with_position = false;
};
Result<FilesRelation> RelationOf(Workspace& workspace, const FilesSource& source,
                                 const std::vector<source::FileEntry>& files,
                                 const FilesRelationOptions& options);

// What new files do to a kept schema.
struct SchemaChange {
  Schema added;    // columns that the kept schema lacks
  Schema columns;  // the schema from now on
};
// Looks at the files of a batch; nothing when the schema stays. NEW_COLUMNS when the mode is
// failOnNewColumns.
Result<std::optional<SchemaChange>> EvolveSchema(Workspace& workspace, const FilesSource& source,
                                                 const std::vector<source::FileEntry>& files);
// Keeps the schema of an inferred source for later runs.
Status KeepSchema(Workspace& workspace, const FilesSource& source);

}  // namespace penstock::run
