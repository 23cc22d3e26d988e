#include "run/row_origin.h"

#include "base/text.h"
#include "ivm/lineage.h"
#include "run/consumed_input.h"
#include "run/files_source.h"
#include "run/leaf_relation.h"
#include "run/relation_sql.h"
#include "source/delta_changes.h"

namespace penstock::run {
namespace {

std::vector<std::string> PathsOf(const std::string& folder,
                                 const std::vector<delta::AddFile>& files) {
  std::vector<std::string> paths;
  for (const delta::AddFile& file : files) {
    const std::string path = PercentDecode(file.path);
    paths.push_back(path.starts_with('/') || path.find("://") != std::string::npos
                        ? path
                        : io::JoinPath(folder, path));
  }
  return paths;
}

std::string WithPlaces(const std::string& query) {
  return std::string("SELECT * EXCLUDE (") + lake::kFileNumberColumn + ", " +
         lake::kRowPositionColumn + "), {'file': CAST(" + lake::kFileNumberColumn +
         " AS VARCHAR), 'record': " + lake::kRowPositionColumn + "} AS " + ivm::kPlaceColumn +
         " FROM (" + query + ")";
}

class LeafPlacing {
 public:
  LeafPlacing(Workspace& workspace, const BoundLeaf& leaf,
              const std::vector<source::Batch>& batches, const source::Batch& versions)
      : workspace_(workspace), leaf_(leaf), batches_(batches), versions_(versions) {}

  Result<PlacedLeaf> Run() {
    placed_.placeholder = leaf_.input.placeholder;
    placed_.dataset = leaf_.dataset;
    RETURN_IF_ERROR(leaf_.files ? PlaceFiles() : PlaceTable());
    return std::move(placed_);
  }

 private:
  Status PlaceFiles() {
    placed_.source = leaf_.files->path;
    std::vector<source::FileEntry> files;
    if (leaf_.input.streaming) {
      std::map<std::string, source::FileEntry> read;
      for (const source::Batch& batch : batches_) {
        const auto range = batch.ranges.find(leaf_.input.source_id);
        if (range == batch.ranges.end()) continue;
        const auto* of_batch = std::get_if<source::FilesRange>(&range->second);
        if (of_batch == nullptr) continue;
        for (const source::FileEntry& file : of_batch->files) read[file.path] = file;
      }
      for (const auto& [path, file] : read) {
        ASSIGN_OR_RETURN(const auto now, workspace_.storage->Stat(path));
        if (now) files.push_back(file);
      }
    } else {
      ASSIGN_OR_RETURN(files, AllFiles(workspace_, *leaf_.files));
    }
    ASSIGN_OR_RETURN(FilesRelation relation, RelationOf(workspace_, *leaf_.files, files,
                                                        {leaf_.input.uses_metadata, true}));
    placed_.query = std::move(relation.query);
    placed_.scan = std::move(relation.scan);
    return OkStatus();
  }

  Status PlaceTable() {
    placed_.source = leaf_.table_name.empty() ? leaf_.table_path : leaf_.table_name;
    if (leaf_.changes) {
      return UserError(
          "NO_ROW_ORIGIN",
          "rows of the change feed of " + placed_.source + " are not followed to rows of the table",
          "Read them with table_changes.");
    }
    std::vector<delta::AddFile> files;
    const auto table = workspace_.catalog->OpenPath(leaf_.table_path);
    if (leaf_.input.streaming) {
      RETURN_IF_ERROR(Consumed(*table, &files));
    } else {
      const auto version = versions_.statics.find(leaf_.input.source_id);
      if (version != versions_.statics.end()) {
        ASSIGN_OR_RETURN(placed_.snapshot, table->At({version->second, std::nullopt}));
      } else {
        ASSIGN_OR_RETURN(placed_.snapshot, SnapshotOf(workspace_, leaf_));
      }
      files = placed_.snapshot->files();
    }
    lake::RelationOptions options;
    options.files = &files;
    options.with_row_position = true;
    options.with_file_metadata = leaf_.input.uses_metadata;
    ASSIGN_OR_RETURN(lake::Relation relation,
                     lake::SnapshotRelation(leaf_.table_path, *placed_.snapshot, options));
    placed_.files = PathsOf(leaf_.table_path, files);
    placed_.scan = std::move(relation.scan);
    Schema given = placed_.snapshot->metadata().schema;
    Schema columns = leaf_.columns;
    if (leaf_.input.uses_metadata) {
      given.push_back(MetadataField(placed_.snapshot->metadata()));
      columns.push_back(leaf_.metadata);
    }
    placed_.query = AlignColumns(WithPlaces(relation.sql), given, columns, /*keep_position=*/true);
    return OkStatus();
  }

  // The files of all ranges, and the state of the table behind the last.
  Status Consumed(delta::Table& table, std::vector<delta::AddFile>* files) {
    std::optional<delta::Version> last;
    for (const source::Batch& batch : batches_) {
      const auto range = batch.ranges.find(leaf_.input.source_id);
      if (range == batch.ranges.end()) continue;
      const auto* read = std::get_if<source::DeltaRange>(&range->second);
      if (read == nullptr) continue;
      ASSIGN_OR_RETURN(
          const auto of_range,
          source::FilesOfRange(table, *read, {leaf_.skip_change_commits}, placed_.source));
      files->insert(files->end(), of_range.begin(), of_range.end());
      last = read->to;
    }
    if (!last) {
      ASSIGN_OR_RETURN(placed_.snapshot, table.Latest());
      return OkStatus();
    }
    ASSIGN_OR_RETURN(placed_.snapshot, table.At({*last, std::nullopt}));
    return OkStatus();
  }

  Workspace& workspace_;
  const BoundLeaf& leaf_;
  const std::vector<source::Batch>& batches_;
  const source::Batch& versions_;
  PlacedLeaf placed_;
};

}  // namespace

Result<std::vector<PlacedLeaf>> PlacedLeaves(Workspace& workspace, const Pipeline& pipeline,
                                             size_t node, size_t flow, const Target& target) {
  const graph::Node& declared = pipeline.graph.nodes[node];
  std::vector<source::Batch> batches;
  source::Batch versions;
  if (declared.dataset.kind == model::DatasetKind::kStreamingTable) {
    ASSIGN_OR_RETURN(batches, ConsumedBy(workspace, declared, declared.flows[flow], target));
    if (!batches.empty()) versions = batches.back();
  } else {
    ASSIGN_OR_RETURN(auto reflected, ReflectedVersions(*target.snapshot));
    if (reflected) versions = *std::move(reflected);
  }
  std::vector<PlacedLeaf> leaves;
  for (const BoundLeaf& leaf : pipeline.bound[node].flows[flow].leaves) {
    ASSIGN_OR_RETURN(PlacedLeaf placed, LeafPlacing(workspace, leaf, batches, versions).Run());
    leaves.push_back(std::move(placed));
  }
  return leaves;
}

Result<PlacedTable> PlacedRows(const std::string& path, const delta::Snapshot& snapshot) {
  lake::RelationOptions options;
  options.with_row_position = true;
  ASSIGN_OR_RETURN(lake::Relation relation, lake::SnapshotRelation(path, snapshot, options));
  return PlacedTable{WithPlaces(relation.sql), PathsOf(path, snapshot.files()),
                     std::move(relation.scan)};
}

}  // namespace penstock::run
