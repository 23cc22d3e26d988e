#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/table_rows.h"
#include "cli/target.h"

namespace penstock::cli {
namespace {

// A connection with what to read from it.
struct Source {
  std::unique_ptr<run::Workspace> workspace;
  std::vector<std::shared_ptr<const void>> scans;  // of what the query reads
  std::unique_ptr<duck::Connection> connection;
  std::string query;
};

Result<Source> OpenSource(Session& session, const ExportCommand& command) {
  Source source;
  ASSIGN_OR_RETURN(source.workspace, session.OpenAnywhere());
  if (!command.query.empty()) {
    ASSIGN_OR_RETURN(run::PreparedSql prepared, run::PrepareSql(*source.workspace, command.query));
    source.scans = std::move(prepared.relations);
    source.connection = std::move(prepared.connection);
    source.query = std::move(prepared.query);
    return source;
  }
  ASSIGN_OR_RETURN(const Target target, OpenTarget(*source.workspace, command.table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, target.table->Latest());
  ASSIGN_OR_RETURN(lake::Relation relation, TableRelation(target, snapshot));
  source.query = std::move(relation.sql);
  source.scans.push_back(std::move(relation.scan));
  ASSIGN_OR_RETURN(duck::Connection connection, source.workspace->engine->Connect());
  source.connection = std::make_unique<duck::Connection>(std::move(connection));
  return source;
}

Status WriteCsvFile(Source& source, const std::string& path) {
  ASSIGN_OR_RETURN(duck::ResultSet result, source.connection->Query(source.query));
  EngineRows rows(std::move(result));
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr)
    return SystemError("IO_ERROR", "cannot write " + path + ": " + std::strerror(errno));
  Status written = WriteRows(rows, Format::kCsv, file, 0);
  if (std::fclose(file) != 0 && written.ok()) {
    written = SystemError("IO_ERROR", "cannot write " + path + ": " + std::strerror(errno));
  }
  return written;
}

Status WriteParquetFile(Source& source, const std::string& path) {
  return source.connection->Execute("COPY (" + source.query + "\n) TO " + duck::QuoteLiteral(path) +
                                    " (FORMAT parquet)");
}

Status Export(Session& session, const ExportCommand& command) {
  const std::string target = io::JoinPath(CurrentFolder(), command.to);
  const std::string ending = AsciiLower(std::filesystem::path(target).extension().string());
  if (ending != ".parquet" && ending != ".csv") {
    return UserError("USAGE",
                     "cannot export to " + command.to + ": the ending is not .parquet or .csv",
                     "Name the file for example result.parquet.");
  }
  const std::string folder = io::ParentPath(target);
  if (std::error_code failure; !std::filesystem::is_directory(folder, failure)) {
    return UserError("USAGE", "cannot export to " + command.to + ": there is no folder " + folder,
                     "Make the folder first.");
  }
  ASSIGN_OR_RETURN(Source source, OpenSource(session, command));
  // Beside the target, so that the rename replaces it in one step.
  const std::string partial = target + ".partial-" + NewUuid();
  Status status =
      ending == ".csv" ? WriteCsvFile(source, partial) : WriteParquetFile(source, partial);
  if (status.ok()) status = session.storage().Sync(partial);
  if (status.ok() && std::rename(partial.c_str(), target.c_str()) != 0) {
    status = SystemError("IO_ERROR", "cannot write " + target + ": " + std::strerror(errno));
  }
  if (!status.ok()) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
  }
  return status;
}

}  // namespace

ExitStatus Execute(Session& session, const ExportCommand& command) {
  const Status exported = Export(session, command);
  if (!exported.ok()) return Fail(exported.error());
  PrintNote("wrote " + command.to);
  return kDone;
}

}  // namespace penstock::cli
