#include "lake/change_feed.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/sql_text.h"
#include "base/text.h"
#include "delta/table_columns.h"
#include "delta/type_widening.h"
#include "lake/change_feed_file.h"

namespace penstock::lake {
namespace {

using delta::AddFile;
using delta::TableColumn;
using delta::Version;

// A list of files to read, with what their rows are in the feed.
struct FeedFiles {
  std::vector<AddFile> files;
  std::vector<delta::DeletionVector> deleted_by;  // of each file; none: all its rows
  std::string labels;                             // VALUES rows of (number, kind, version, time)

  void Add(AddFile file, const char* kind, Version version, int64_t timestamp_ms) {
    labels += (labels.empty() ? "(" : ", (") + std::to_string(files.size()) + "::BIGINT, " +
              (kind == nullptr ? "NULL::VARCHAR" : QuoteLiteral(kind)) + ", " +
              std::to_string(version) + "::BIGINT, make_timestamptz(" +
              std::to_string(timestamp_ms) + "::BIGINT * 1000))";
    files.push_back(std::move(file));
  }
};

struct Feed {
  FeedFiles whole;    // every row of the file came or went
  FeedFiles part;     // rows that a deletion vector has, and the file's other one has not
  FeedFiles changes;  // change files
};

AddFile AsAdd(const delta::RemoveFile& remove) {
  AddFile file;
  file.path = remove.path;
  file.partition_values = remove.partition_values;
  file.size = remove.size.value_or(0);
  file.deletion_vector = remove.deletion_vector;
  return file;
}

AddFile AsAdd(const delta::AddCdcFile& changes) {
  AddFile file;
  file.path = changes.path;
  file.partition_values = changes.partition_values;
  file.size = changes.size;
  return file;
}

int64_t TimeOf(const delta::CommitEntry& commit) {
  for (const delta::Action& action : commit.actions) {
    const auto* info = std::get_if<delta::CommitInfo>(&action);
    if (info == nullptr) continue;
    const auto exact = info->extra.find("inCommitTimestamp");
    if (exact != info->extra.end() && exact->is_number_integer()) return exact->get<int64_t>();
    return info->timestamp_ms;
  }
  return 0;
}

bool AddChangeFiles(const delta::CommitEntry& commit, int64_t time, Feed* feed) {
  bool any = false;
  for (const delta::Action& action : commit.actions) {
    const auto* changes = std::get_if<delta::AddCdcFile>(&action);
    if (changes == nullptr) continue;
    feed->changes.Add(AsAdd(*changes), nullptr, commit.version, time);
    any = true;
  }
  return any;
}

// A file that stays: rows went that its vector now has, and came that the one before had.
void AddVectors(const AddFile& after, const std::optional<delta::DeletionVector>& vector_before,
                Version version, int64_t time, Feed* feed) {
  if (after.deletion_vector == vector_before) return;
  AddFile before = after;
  before.deletion_vector = vector_before;
  if (after.deletion_vector) {
    feed->part.Add(before, "delete", version, time);
    feed->part.deleted_by.push_back(*after.deletion_vector);
  }
  if (vector_before) {
    feed->part.Add(after, "insert", version, time);
    feed->part.deleted_by.push_back(*vector_before);
  }
}

void AddCommit(const delta::CommitEntry& commit, Feed* feed) {
  const int64_t time = TimeOf(commit);
  if (AddChangeFiles(commit, time, feed)) return;
  std::map<std::string, const delta::RemoveFile*> removes;
  for (const delta::Action& action : commit.actions) {
    const auto* remove = std::get_if<delta::RemoveFile>(&action);
    if (remove != nullptr && remove->data_change) removes[PercentDecode(remove->path)] = remove;
  }
  for (const delta::Action& action : commit.actions) {
    const auto* add = std::get_if<AddFile>(&action);
    if (add == nullptr || !add->data_change) continue;
    const auto pair = removes.find(PercentDecode(add->path));
    if (pair == removes.end()) {
      feed->whole.Add(*add, "insert", commit.version, time);
      continue;
    }
    AddVectors(*add, pair->second->deletion_vector, commit.version, time, feed);
    removes.erase(pair);
  }
  for (const auto& [path, remove] : removes) {
    feed->whole.Add(AsAdd(*remove), "delete", commit.version, time);
  }
}

Error SchemaChanged(const std::string& what, Version version) {
  return UserError("CHANGE_FEED_SCHEMA",
                   "the changes cannot be read with one schema: " + what + " after version " +
                       std::to_string(version),
                   "Read the changes up to that one and those after it apart.");
}

// Whether all of `before` can be read as `after`, which may have more.
Status CheckAdditive(const std::vector<TableColumn>& before, const std::vector<TableColumn>& after,
                     Version version) {
  for (const TableColumn& column : before) {
    const TableColumn* now = nullptr;
    for (const TableColumn& candidate : after) {
      if (delta::PhysicalName(candidate) == delta::PhysicalName(column)) now = &candidate;
    }
    if (now == nullptr) {
      return SchemaChanged("the column " + column.name + " was dropped or renamed", version);
    }
    const bool nested = !column.children.empty() && column.type.id == now->type.id;
    if (!nested && !(column.type == now->type) && !delta::CanWiden(column.type, now->type)) {
      return SchemaChanged("the column " + column.name + " changed from " + ToString(column.type) +
                               " to " + ToString(now->type),
                           version);
    }
    if (nested) RETURN_IF_ERROR(CheckAdditive(column.children, now->children, version));
  }
  return OkStatus();
}

Status CheckSchemas(const delta::Metadata& first, Version first_version,
                    const std::vector<delta::CommitEntry>& commits,
                    const std::vector<TableColumn>& columns) {
  ASSIGN_OR_RETURN(const auto at_first, delta::TableColumns(first));
  RETURN_IF_ERROR(CheckAdditive(at_first, columns, first_version));
  for (const delta::CommitEntry& commit : commits) {
    for (const delta::Action& action : commit.actions) {
      const auto* metadata = std::get_if<delta::Metadata>(&action);
      if (metadata == nullptr) continue;
      ASSIGN_OR_RETURN(const auto then, delta::TableColumns(*metadata));
      RETURN_IF_ERROR(CheckAdditive(then, columns, commit.version));
    }
  }
  return OkStatus();
}

// Writers may leave out what a removed file was (PROTOCOL.md, "Add File and Remove File"): its
// partition values are then those of the add of the same path before.
class RemovedFiles {
 public:
  RemovedFiles(const delta::Metadata& metadata, std::vector<delta::CommitEntry>* commits)
      : partitioned_(!metadata.partition_columns.empty()), commits_(*commits) {}

  // `before` is the state before the first of the commits; null: not known.
  Status Complete(const delta::Snapshot* before) {
    if (!partitioned_) return OkStatus();
    for (delta::CommitEntry& commit : commits_) {
      for (delta::Action& action : commit.actions) {
        if (auto* remove = std::get_if<delta::RemoveFile>(&action)) Note(*remove);
      }
    }
    if (wanted_.empty()) return OkStatus();
    if (before != nullptr) {
      for (const AddFile& file : before->files()) Know(file);
    }
    for (delta::CommitEntry& commit : commits_) RETURN_IF_ERROR(Complete(&commit));
    return OkStatus();
  }

 private:
  static bool Lacks(const delta::RemoveFile& remove) {
    return remove.data_change && remove.partition_values.empty();
  }
  void Note(const delta::RemoveFile& remove) {
    if (Lacks(remove)) wanted_.emplace(PercentDecode(remove.path), std::nullopt);
  }
  void Know(const AddFile& add) {
    const auto found = wanted_.find(PercentDecode(add.path));
    if (found != wanted_.end()) found->second = add.partition_values;
  }

  Status Complete(delta::CommitEntry* commit) {
    for (delta::Action& action : commit->actions) {
      auto* remove = std::get_if<delta::RemoveFile>(&action);
      if (remove == nullptr || !Lacks(*remove)) continue;
      const auto& known = wanted_.at(PercentDecode(remove->path));
      if (!known) {
        return DataError("CHANGE_FEED_INCOMPLETE",
                         "version " + std::to_string(commit->version) + " removes " + remove->path +
                             " without its partition values, and the log no longer has the version "
                             "that added it",
                         "Read the changes after that version.");
      }
      remove->partition_values = *known;
    }
    for (const delta::Action& action : commit->actions) {
      if (const auto* add = std::get_if<AddFile>(&action)) Know(*add);
    }
    return OkStatus();
  }

  const bool partitioned_;
  std::vector<delta::CommitEntry>& commits_;
  std::map<std::string, std::optional<delta::PartitionValues>> wanted_;  // by path
};

// Puts the parts of the feed together.
class FeedSql {
 public:
  FeedSql(std::string table_path, const delta::Metadata& metadata,
          const std::vector<TableColumn>& columns)
      : table_path_(std::move(table_path)), metadata_(metadata), columns_(columns) {}

  Status Add(const FeedFiles& files) {
    if (files.files.empty()) return OkStatus();
    ASSIGN_OR_RETURN(const std::string rows, Rows(metadata_, files));
    Append(rows, "l.kind", files.labels, "");
    return OkStatus();
  }
  Status AddChanges(const FeedFiles& files) {
    if (files.files.empty()) return OkStatus();
    TableColumn kind;
    kind.name = kChangeTypeColumn;
    kind.type = DataType::Of(TypeId::kString);
    std::vector<TableColumn> columns = columns_;
    columns.push_back(std::move(kind));
    delta::Metadata metadata = metadata_;
    metadata.schema = delta::SchemaOf(columns);
    metadata.schema_string = delta::EncodeColumns(columns);
    ASSIGN_OR_RETURN(const std::string rows, Rows(metadata, files));
    Append(rows, std::string("r.") + QuoteIdentifier(kChangeTypeColumn), files.labels, "");
    return OkStatus();
  }

  Result<Relation> Finish() {
    if (sql_.empty()) {
      ASSIGN_OR_RETURN(const std::string rows, Rows(metadata_, {}));
      Append(rows, "l.kind", "(0::BIGINT, NULL::VARCHAR, 0::BIGINT, make_timestamptz(0::BIGINT))",
             " WHERE false");
    }
    return Relation{sql_, std::make_shared<const Scans>(std::move(scans_))};
  }

 private:
  using Scans = std::vector<std::shared_ptr<const void>>;

  Result<std::string> Rows(const delta::Metadata& metadata, const FeedFiles& files) {
    RelationOptions options;
    options.with_row_position = true;
    if (!files.deleted_by.empty()) options.deleted_by = &files.deleted_by;
    ASSIGN_OR_RETURN(Relation relation,
                     RelationOfFiles(table_path_, metadata, files.files, options));
    scans_.push_back(relation.scan);
    return std::move(relation.sql);
  }

  void Append(const std::string& rows, const std::string& kind, const std::string& labels,
              const std::string& where) {
    std::string values;
    for (const TableColumn& column : columns_) {
      values += "r." + QuoteIdentifier(column.name) + ", ";
    }
    if (!sql_.empty()) sql_ += "\nUNION ALL\n";
    sql_ += "SELECT " + values + kind + " AS _change_type, l.version AS _commit_version, " +
            "l.moment AS _commit_timestamp FROM (" + rows + ") AS r JOIN (VALUES " + labels +
            ") AS l(number, kind, version, moment) ON r." + QuoteIdentifier(kFileNumberColumn) +
            " = l.number" + where;
  }

  std::string table_path_;
  const delta::Metadata& metadata_;
  const std::vector<TableColumn>& columns_;
  std::string sql_;
  Scans scans_;
};

// The first version at or after the time.
Result<Version> FirstSince(delta::Table& table, int64_t timestamp_ms) {
  const auto at = table.At({std::nullopt, timestamp_ms});
  if (at.ok()) return (*at)->version() + ((*at)->timestamp_ms() < timestamp_ms ? 1 : 0);
  if (at.error().code != "TIMESTAMP_OUT_OF_RANGE") return at.error();
  ASSIGN_OR_RETURN(const auto history, table.History(0));
  if (history.empty()) return at.error();
  return history.back().version;
}

struct Versions {
  Version from = 0;
  delta::SnapshotPtr to;
};

Result<Versions> Resolve(delta::Table& table, const ChangeRange& range) {
  const bool from_both = range.from_version && range.from_timestamp_ms;
  const bool from_none = !range.from_version && !range.from_timestamp_ms;
  if (from_both || from_none || (range.to_version && range.to_timestamp_ms)) {
    return UserError("BAD_CHANGE_RANGE", "each end of the changes is a version or a time",
                     "Give the first version or time, and at most one of both for the last.");
  }
  Versions versions;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr latest, table.Latest());
  if (range.from_version) {
    versions.from = *range.from_version;
  } else {
    ASSIGN_OR_RETURN(versions.from, FirstSince(table, *range.from_timestamp_ms));
  }
  const Version last = range.to_version.value_or(latest->version());
  if (versions.from < 0 || versions.from > latest->version() || last > latest->version()) {
    return UserError("VERSION_NOT_FOUND",
                     "the changes from version " + std::to_string(versions.from) + " to " +
                         std::to_string(last) + " of " + table.path() +
                         " are not there: its newest version is " +
                         std::to_string(latest->version()),
                     "Ask for versions that it has.");
  }
  ASSIGN_OR_RETURN(versions.to, table.At({range.to_version, range.to_timestamp_ms}));
  if (versions.to->version() < versions.from) {
    return UserError("BAD_CHANGE_RANGE",
                     "the changes begin with version " + std::to_string(versions.from) +
                         ", after their end, version " + std::to_string(versions.to->version()),
                     "Give a first version that is not above the last.");
  }
  return versions;
}

}  // namespace

Result<Relation> ChangeFeedRelation(delta::Table& table, const ChangeRange& range) {
  ASSIGN_OR_RETURN(const Versions versions, Resolve(table, range));
  const delta::Metadata& metadata = versions.to->metadata();
  ASSIGN_OR_RETURN(auto commits, table.Commits(versions.from - 1, versions.to->version()));
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(metadata));
  // What the first commit removes was written with the schema before it.
  const Version first = std::max<Version>(versions.from - 1, 0);
  const auto before = table.At({first, std::nullopt});
  const delta::Metadata& at_first = before.ok() ? (*before)->metadata() : metadata;
  RETURN_IF_ERROR(CheckSchemas(at_first, first, commits, columns));
  RETURN_IF_ERROR(RemovedFiles(metadata, &commits)
                      .Complete(before.ok() && versions.from > 0 ? before->get() : nullptr));
  Feed feed;
  for (const delta::CommitEntry& commit : commits) AddCommit(commit, &feed);
  FeedSql sql(table.path(), metadata, columns);
  RETURN_IF_ERROR(sql.Add(feed.whole));
  RETURN_IF_ERROR(sql.Add(feed.part));
  RETURN_IF_ERROR(sql.AddChanges(feed.changes));
  return sql.Finish();
}

}  // namespace penstock::lake
