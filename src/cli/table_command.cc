#include <algorithm>
#include <utility>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/table_rows.h"
#include "cli/target.h"
#include "lake/clustering.h"
#include "lake/table_layout.h"
#include "run/storage_lock.h"

namespace penstock::cli {
namespace {

constexpr int64_t kMicrosPerMs = 1000;

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

std::string CommitTime(int64_t ms) {
  std::string text = FormatTimestamp(ms * kMicrosPerMs);
  return text.substr(0, text.size() - 4) + "Z";  // commits know milliseconds
}

// A workspace and a table in it.
struct Opened {
  std::unique_ptr<run::Workspace> workspace;
  Target target;
};
Result<Opened> OpenTable(Session& session, const std::string& text) {
  ASSIGN_OR_RETURN(std::unique_ptr<run::Workspace> workspace, session.OpenAnywhere());
  ASSIGN_OR_RETURN(Target target, OpenTarget(*workspace, text));
  return Opened{std::move(workspace), std::move(target)};
}

const delta::CommitInfo* InfoOf(const delta::CommitEntry& commit) {
  for (const delta::Action& action : commit.actions) {
    if (const auto* info = std::get_if<delta::CommitInfo>(&action)) return info;
  }
  return nullptr;
}

// What other writers say of a commit.
Json Extra(const delta::CommitInfo& info, const char* name) {
  return info.extra.is_object() && info.extra.contains(name) ? info.extra[name] : Json();
}

// The clustering columns as dotted names; one that cannot be understood is no reason to show
// nothing.
Json ClusteringNames(const delta::Snapshot& snapshot) {
  Json names = Json::array();
  const auto columns = lake::ClusteringColumns(snapshot);
  if (!columns.ok()) return names;
  for (const lake::ColumnPath& path : *columns) {
    std::string name;
    for (const std::string& part : path) name += (name.empty() ? "" : ".") + part;
    names.push_back(name);
  }
  return names;
}

// "version 12 of 15 through main.default.silver"; for programs an object.
Json ReflectedVersion(const run::Staleness::Source& source, Format format) {
  if (format == Format::kJson || format == Format::kJsonl) {
    return {{"version", source.version},
            {"newest", OrNull(source.newest)},
            {"through", source.through}};
  }
  std::string text = "version " + std::to_string(source.version);
  text += source.newest ? " of " + std::to_string(*source.newest) : ", cannot be read any more";
  for (size_t i = 0; i < source.through.size(); ++i) {
    text += (i == 0 ? " through " : ", ") + source.through[i];
  }
  return text;
}

Result<ReportRows> HistoryRows(Session& session, const std::string& table) {
  ASSIGN_OR_RETURN(const Opened opened, OpenTable(session, table));
  ASSIGN_OR_RETURN(const std::vector<delta::CommitEntry> commits, opened.target.table->History(0));
  ReportRows rows({{"version", true},
                   {"timestamp"},
                   {"userId"},
                   {"userName"},
                   {"operation"},
                   {"operationParameters"},
                   {"operationMetrics"},
                   {"engineInfo"},
                   {"isBlindAppend"},
                   {"readVersion", true}});
  for (const delta::CommitEntry& commit : commits) {
    const delta::CommitInfo* info = InfoOf(commit);
    if (info == nullptr) {
      rows.Add(
          {commit.version, Json(), Json(), Json(), Json(), Json(), Json(), Json(), Json(), Json()});
      continue;
    }
    rows.Add({commit.version, CommitTime(info->timestamp_ms), Extra(*info, "userId"),
              Extra(*info, "userName"), info->operation, info->operation_parameters,
              info->operation_metrics, info->engine_info, OrNull(info->is_blind_append),
              OrNull(info->read_version)});
  }
  return rows;
}

Result<ReportRows> DetailRows(Session& session, const std::string& table) {
  ASSIGN_OR_RETURN(const Opened opened, OpenTable(session, table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, opened.target.table->Latest());
  const delta::Metadata& metadata = snapshot->metadata();
  const delta::Protocol& protocol = snapshot->protocol();
  const lake::TableLayout layout = lake::LayoutOf(*snapshot);
  std::vector<std::string> features = protocol.reader_features;
  for (const std::string& feature : protocol.writer_features) {
    if (std::find(features.begin(), features.end(), feature) == features.end())
      features.push_back(feature);
  }
  ReportRows rows({{"format"},
                   {"id"},
                   {"name"},
                   {"description"},
                   {"location"},
                   {"createdAt"},
                   {"lastModified"},
                   {"partitionColumns"},
                   {"clusteringColumns"},
                   {"version", true},
                   {"numFiles", true},
                   {"numRecords", true},
                   {"sizeInBytes", true},
                   {"minFileSize", true},
                   {"medianFileSize", true},
                   {"maxFileSize", true},
                   {"numPartitions", true},
                   {"numFilesWithDeletionVectors", true},
                   {"numDeletedRows", true},
                   {"properties"},
                   {"minReaderVersion", true},
                   {"minWriterVersion", true},
                   {"tableFeatures"}});
  rows.Add({"delta",
            metadata.id,
            opened.target.name ? Json(model::ToString(*opened.target.name)) : OrNull(metadata.name),
            OrNull(metadata.description),
            opened.target.table->path(),
            metadata.created_time_ms ? Json(CommitTime(*metadata.created_time_ms)) : Json(),
            CommitTime(snapshot->timestamp_ms()),
            metadata.partition_columns,
            ClusteringNames(*snapshot),
            snapshot->version(),
            snapshot->NumFiles(),
            OrNull(snapshot->NumRecords()),
            snapshot->TotalBytes(),
            layout.least_bytes,
            layout.median_bytes,
            layout.most_bytes,
            layout.partitions,
            layout.files_with_vectors,
            layout.deleted_rows,
            metadata.configuration,
            protocol.min_reader_version,
            protocol.min_writer_version,
            features});
  return rows;
}

Result<ReportRows> ShowRows(Session& session, const std::string& table) {
  ASSIGN_OR_RETURN(const Opened opened, OpenTable(session, table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, opened.target.table->Latest());
  const delta::Metadata& metadata = snapshot->metadata();
  ReportRows rows({{"property"}, {"value"}});
  rows.Add({"table", opened.target.label});
  rows.Add({"path", opened.target.table->path()});
  rows.Add({"version", snapshot->version()});
  rows.Add({"changed", CommitTime(snapshot->timestamp_ms())});
  rows.Add({"rows", OrNull(snapshot->NumRecords())});
  rows.Add({"files", snapshot->NumFiles()});
  rows.Add({"bytes", snapshot->TotalBytes()});
  if (metadata.description) rows.Add({"comment", *metadata.description});
  if (!metadata.partition_columns.empty()) rows.Add({"partitioned by", metadata.partition_columns});
  const auto policy = metadata.configuration.find("penstock.refreshPolicy");
  if (policy != metadata.configuration.end()) rows.Add({"refresh policy", policy->second});
  for (const std::string& advice :
       lake::LayoutAdvice(lake::LayoutOf(*snapshot), snapshot->TotalBytes(), table)) {
    rows.Add({"advice", advice});
  }
  if (opened.target.name && !opened.workspace->project.file.empty()) {
    const Result<run::Staleness> staleness =
        run::CheckStaleness(*opened.workspace, *opened.target.name);
    if (staleness.ok()) {
      rows.Add({"up to date", !staleness->stale});
      for (const std::string& reason : staleness->reasons) rows.Add({"stale because", reason});
      ASSIGN_OR_RETURN(const Format format, session.OutputFormat());
      for (const run::Staleness::Source& source : staleness->sources) {
        rows.Add({"reflects " + source.table, ReflectedVersion(source, format)});
      }
    }
  }
  if (opened.target.name) {
    if (const auto kept = run::FindKeptGroups(*opened.workspace, *opened.target.name)) {
      rows.Add({"kept groups", kept->groups});
      rows.Add({"kept bytes", kept->bytes});
      rows.Add({"seconds to keep anew", kept->build_seconds});
    }
  }
  for (const Field& field : metadata.schema) {
    rows.Add({"column " + field.name, ToString(field.type) + (field.nullable ? "" : " NOT NULL") +
                                          (field.comment.empty() ? "" : "  -- " + field.comment)});
  }
  return rows;
}

Result<ReportRows> ListRows(Session& session) {
  ASSIGN_OR_RETURN(const std::unique_ptr<run::Workspace> workspace, session.Open());
  ASSIGN_OR_RETURN(const std::vector<model::TableName> names, workspace->catalog->List());
  ReportRows rows({{"table"},
                   {"kind"},
                   {"version", true},
                   {"rows", true},
                   {"files", true},
                   {"bytes", true},
                   {"path"}});
  for (const model::TableName& name : names) {
    ASSIGN_OR_RETURN(const std::shared_ptr<delta::Table> table, workspace->catalog->Open(name));
    ASSIGN_OR_RETURN(const bool external, workspace->catalog->IsExternal(name));
    ASSIGN_OR_RETURN(const bool exists, table->Exists());
    const char* kind = external ? "external" : "managed";
    if (!exists && !external) continue;  // an update was killed before its first commit
    if (!exists) {
      rows.Add({model::ToString(name), kind, Json(), Json(), Json(), Json(), table->path()});
      continue;
    }
    const Result<delta::SnapshotPtr> snapshot = table->Latest();
    if (!snapshot.ok()) {
      PrintWarning(ToString(snapshot.error()));
      rows.Add({model::ToString(name), kind, Json(), Json(), Json(), Json(), table->path()});
      continue;
    }
    const delta::Snapshot& state = *snapshot.value();
    rows.Add({model::ToString(name), kind, state.version(), OrNull(state.NumRecords()),
              state.NumFiles(), state.TotalBytes(), table->path()});
  }
  return rows;
}

ExitStatus PrintOrFail(Session& session, Result<ReportRows> rows) {
  return rows.ok() ? session.Print(rows.value()) : Fail(rows.error());
}

Result<delta::SnapshotPtr> StateAt(delta::Table& table, const TableReadCommand& command) {
  if (command.version) return table.At({*command.version, std::nullopt});
  if (command.timestamp.empty()) return table.Latest();
  ASSIGN_OR_RETURN(const int64_t timestamp_ms, ParseTimestampMs(command.timestamp));
  return table.At({std::nullopt, timestamp_ms});
}

Result<ExitStatus> ReadTable(Session& session, const TableReadCommand& command) {
  ASSIGN_OR_RETURN(const Opened opened, OpenTable(session, command.table));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, StateAt(*opened.target.table, command));
  ASSIGN_OR_RETURN(const lake::Relation relation, TableRelation(opened.target, snapshot));
  ASSIGN_OR_RETURN(duck::Connection connection, opened.workspace->engine->Connect());
  std::string query = relation.sql;
  if (command.limit) {
    query = "SELECT * FROM (" + query + ") AS t LIMIT " + std::to_string(*command.limit);
  }
  ASSIGN_OR_RETURN(duck::ResultSet result, connection.Query(query));
  EngineRows rows(std::move(result));
  return session.Print(rows);
}

// What a drop deletes, as text for people.
Result<std::string> DropText(run::Workspace& workspace, const model::TableName& name,
                             bool external) {
  ASSIGN_OR_RETURN(const std::string path, workspace.catalog->PathOf(name));
  if (external)
    return "the registration of " + model::ToString(name) + "; the files at " + path + " stay";
  ASSIGN_OR_RETURN(const std::vector<io::FileInfo> files, workspace.storage->ListRecursive(path));
  int64_t bytes = 0;
  for (const io::FileInfo& file : files) bytes += file.size;
  return model::ToString(name) + ": " + std::to_string(files.size()) + " files, " +
         std::to_string(bytes) + " bytes at " + path + ", and its quarantine";
}

Result<ExitStatus> DropTable(Session& session, const TableDropCommand& command) {
  ASSIGN_OR_RETURN(const std::unique_ptr<run::Workspace> workspace, session.Open());
  ASSIGN_OR_RETURN(const model::TableName name, ParseTableName(command.table, workspace->project));
  ASSIGN_OR_RETURN(const bool external, workspace->catalog->IsExternal(name));
  // What an interrupted drop left behind has no log any more and can still be dropped.
  ASSIGN_OR_RETURN(const bool leftovers,
                   workspace->storage->IsFolder(workspace->catalog->layout().TablePath(name)));
  if (!external && !leftovers) {
    RETURN_IF_ERROR(OpenTarget(*workspace, command.table));
  }
  ASSIGN_OR_RETURN(const std::string what, DropText(*workspace, name, external));
  if (command.dry_run) {
    PrintNote("would delete " + what);
    return kDone;
  }
  ASSIGN_OR_RETURN(const auto lock, run::StorageLock::Acquire(*workspace, /*wait=*/false));
  RETURN_IF_ERROR(workspace->catalog->Drop(name));
  PrintNote("deleted " + what);
  return kDone;
}

ExitStatus StatusOrFail(const Result<ExitStatus>& result) {
  return result.ok() ? result.value() : Fail(result.error());
}

}  // namespace

ExitStatus Execute(Session& session, const TableListCommand&) {
  return PrintOrFail(session, ListRows(session));
}
ExitStatus Execute(Session& session, const TableShowCommand& command) {
  return PrintOrFail(session, ShowRows(session, command.table));
}
ExitStatus Execute(Session& session, const TableHistoryCommand& command) {
  return PrintOrFail(session, HistoryRows(session, command.table));
}
ExitStatus Execute(Session& session, const TableDetailCommand& command) {
  return PrintOrFail(session, DetailRows(session, command.table));
}
ExitStatus Execute(Session& session, const TableReadCommand& command) {
  return StatusOrFail(ReadTable(session, command));
}
ExitStatus Execute(Session& session, const TableDropCommand& command) {
  return StatusOrFail(DropTable(session, command));
}

}  // namespace penstock::cli
