#include "run/leaf_relation.h"

#include "base/text.h"
#include "run/relation_sql.h"
#include "source/delta_changes.h"

namespace penstock::run {
namespace {

std::string WithPosition(const std::string& query) {
  const Field position = PositionField();
  return "SELECT *, CAST(NULL AS " + duck::EngineType(position.type) + ") AS \"" + kPositionColumn +
         "\" FROM (" + query + ")";
}

class LeafReader {
 public:
  LeafReader(Workspace& workspace, const LeafReading& reading)
      : workspace_(workspace), reading_(reading) {}

  Status Add(const BoundLeaf& leaf) {
    auto query = leaf.files ? FilesQuery(leaf) : TableQuery(leaf);
    if (!query.ok()) return std::move(query).error().At(leaf.input.where);
    relations_.queries.emplace_back(leaf.input.placeholder, *std::move(query));
    return OkStatus();
  }

  LeafRelations Take() { return std::move(relations_); }

 private:
  const source::SourceRange* RangeOf(const BoundLeaf& leaf) const {
    if (reading_.batch == nullptr || !leaf.input.streaming) return nullptr;
    const auto range = reading_.batch->ranges.find(leaf.input.source_id);
    return range == reading_.batch->ranges.end() ? nullptr : &range->second;
  }

  // A stream without a range in this batch has nothing new.
  bool Idle(const BoundLeaf& leaf) const {
    return leaf.input.streaming && reading_.batch != nullptr && RangeOf(leaf) == nullptr;
  }

  Result<std::string> FilesQuery(const BoundLeaf& leaf) {
    std::vector<source::FileEntry> files;
    if (const auto* range = RangeOf(leaf)) {
      files = std::get<source::FilesRange>(*range).files;
    } else if (!Idle(leaf)) {
      ASSIGN_OR_RETURN(files, AllFiles(workspace_, *leaf.files));
    }
    ASSIGN_OR_RETURN(FilesRelation relation,
                     RelationOf(workspace_, *leaf.files, files,
                                {leaf.input.uses_metadata, reading_.with_position}));
    if (relation.scan != nullptr) {
      relations_.scans.push_back(relation.scan);
      if (leaf.files->options.bad_records_path) {
        relations_.bad_records.emplace_back(*leaf.files->options.bad_records_path, relation.scan);
      }
    }
    return std::move(relation.query);
  }

  Result<std::string> TableQuery(const BoundLeaf& leaf) {
    ASSIGN_OR_RETURN(std::string query, TableRows(leaf));
    return reading_.with_position ? WithPosition(query) : query;
  }

  Result<std::string> TableRows(const BoundLeaf& leaf) {
    Schema columns = leaf.columns;
    if (leaf.input.uses_metadata) columns.push_back(leaf.metadata);
    if (Idle(leaf)) return EmptyRelation(columns);
    if (leaf.changes) {
      relations_.tables.push_back(leaf.changes->scan);
      return leaf.changes->sql;
    }
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, Pinned(leaf));
    lake::RelationOptions options;
    options.with_file_metadata = leaf.input.uses_metadata;
    std::vector<delta::AddFile> files;
    if (const auto* range = RangeOf(leaf)) {
      const auto& delta = std::get<source::DeltaRange>(*range);
      const auto table = workspace_.catalog->OpenPath(leaf.table_path);
      ASSIGN_OR_RETURN(
          files, source::FilesOfRange(*table, delta, {leaf.skip_change_commits}, leaf.table_name));
      options.files = &files;
    }
    ASSIGN_OR_RETURN(lake::Relation relation,
                     lake::SnapshotRelation(leaf.table_path, *snapshot, options));
    relations_.tables.push_back(std::move(relation.scan));
    if (!leaf.input.version && !leaf.input.timestamp) {
      relations_.versions.emplace_back(leaf.table_path, snapshot->version());
    }
    Schema given = snapshot->metadata().schema;
    if (leaf.input.uses_metadata) given.push_back(MetadataField(snapshot->metadata()));
    return AlignColumns(relation.sql, given, columns, /*keep_position=*/false);
  }

  Result<delta::SnapshotPtr> Pinned(const BoundLeaf& leaf) {
    if (reading_.batch != nullptr) {
      const auto version = reading_.batch->statics.find(leaf.input.source_id);
      if (version != reading_.batch->statics.end()) {
        return workspace_.catalog->OpenPath(leaf.table_path)->At({version->second, std::nullopt});
      }
    }
    return SnapshotOf(workspace_, leaf);
  }

  Workspace& workspace_;
  const LeafReading& reading_;
  LeafRelations relations_;
};

}  // namespace

Result<LeafRelations> RelationsOf(Workspace& workspace, const BoundFlow& flow,
                                  const LeafReading& reading) {
  LeafReader reader(workspace, reading);
  for (const BoundLeaf& leaf : flow.leaves) RETURN_IF_ERROR(reader.Add(leaf));
  return reader.Take();
}

namespace {

Status CreateViews(duck::Connection& connection, const BoundFlow& flow) {
  for (const graph::ViewInstance& view : flow.query.views) {
    RETURN_IF_ERROR(CreateView(connection, view.placeholder, view.text));
  }
  return OkStatus();
}

}  // namespace

Status CreateInputs(duck::Connection& connection, const BoundFlow& flow,
                    const LeafRelations& leaves) {
  for (const auto& [name, query] : leaves.queries) {
    RETURN_IF_ERROR(CreateView(connection, name, query));
  }
  return CreateViews(connection, flow);
}

Status CreateEmptyInputs(duck::Connection& connection, const BoundFlow& flow) {
  for (const BoundLeaf& leaf : flow.leaves) {
    Schema columns = leaf.columns;
    if (leaf.input.uses_metadata) columns.push_back(leaf.metadata);
    RETURN_IF_ERROR(connection.Execute("CREATE OR REPLACE TEMP TABLE " +
                                       duck::QuoteIdentifier(leaf.input.placeholder) + " AS " +
                                       EmptyRelation(columns)));
  }
  return CreateViews(connection, flow);
}

Result<std::vector<source::FileEntry>> AllFiles(Workspace& workspace, const FilesSource& source) {
  ASSIGN_OR_RETURN(const source::FileListing listing,
                   source::ListFiles(*workspace.storage, source.path, source.options));
  std::vector<source::FileEntry> files;
  for (const io::FileInfo& file : listing.files) {
    files.push_back({file.path, file.size, file.modified});
  }
  return files;
}

Result<Json> StateOf(Workspace& workspace, const BoundLeaf& leaf) {
  if (leaf.files) {
    ASSIGN_OR_RETURN(const auto files, AllFiles(workspace, *leaf.files));
    std::string listed;
    for (const source::FileEntry& file : files) {
      listed += file.path + '\0' + std::to_string(file.size) + '\0' +
                std::to_string(file.modified) + '\0';
    }
    return Json{{"files", Fingerprint(listed)}, {"count", files.size()}};
  }
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, SnapshotOf(workspace, leaf));
  return Json{{"table", snapshot->metadata().id}, {"version", snapshot->version()}};
}

}  // namespace penstock::run
