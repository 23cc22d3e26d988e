#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "delta/file_set.h"
#include "delta/table_features.h"
#include "lake/clustering.h"
#include "lake/compaction_metrics.h"
#include "lake/compaction_plan.h"
#include "lake/dropped_columns.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"
#include "lake/partition_filter.h"
#include "lake/table_commit.h"
#include "lake/table_operation.h"

namespace penstock::lake {
namespace {

constexpr int64_t kDefaultTargetBytes = int64_t{256} << 20;
// What is done is committed after so much: a crash keeps it.
constexpr int64_t kCommitBytes = int64_t{8} << 30;
constexpr size_t kCommitFiles = 20'000;
// How often files that other writers took are left out and the rest is planned again.
constexpr int kMaxRounds = 5;

Result<int64_t> TargetBytes(const delta::Metadata& metadata, const OptimizeRequest& request) {
  if (request.target_file_bytes > 0) return request.target_file_bytes;
  if (!metadata.configuration.contains("delta.targetFileSize")) return kDefaultTargetBytes;
  ASSIGN_OR_RETURN(const WriteOptions options, WriteOptionsOf(metadata));
  return options.target_file_bytes;
}

// New files of one group, not committed yet.
struct Written {
  FileGroup group;
  std::vector<delta::AddFile> files;
};

bool SameFile(const delta::AddFile& a, const delta::AddFile& b) {
  return a.deletion_vector == b.deletion_vector;
}

class Optimizer {
 public:
  Optimizer(const Lake& lake, delta::Table& table, const OptimizeRequest& request)
      : lake_(lake), table_(table), request_(request) {}

  Result<OperationResult> Run() {
    for (int round = 0; round < kMaxRounds; ++round) {
      ASSIGN_OR_RETURN(base_, table_.Latest());
      RETURN_IF_ERROR(delta::CheckWritable(base_->protocol(), base_->metadata()));
      RETURN_IF_ERROR(Prepare());
      ASSIGN_OR_RETURN(std::vector<FileGroup> groups, Plan(round));
      lost_.clear();
      RETURN_IF_ERROR(Rewrite(std::move(groups)));
      if (lost_.empty()) break;
    }
    OperationResult result;
    result.version = version_;
    result.metrics = AnswerMetrics(numbers_);
    return result;
  }

 private:
  // What the table says at this version.
  Status Prepare() {
    const delta::Metadata& metadata = base_->metadata();
    ASSIGN_OR_RETURN(columns_, delta::TableColumns(metadata));
    partition_columns_ = PartitionColumns(metadata, columns_);
    stored_.clear();
    for (const Field& field : metadata.schema) {
      const bool partition = std::any_of(
          partition_columns_.begin(), partition_columns_.end(),
          [&](const auto& column) { return EqualsIgnoreCase(column.name, field.name); });
      if (!partition) stored_.push_back(field);
    }
    ASSIGN_OR_RETURN(rules_.target_bytes, TargetBytes(metadata, request_));
    rules_.min_bytes =
        request_.min_file_bytes > 0 ? request_.min_file_bytes : rules_.target_bytes / 4 * 3;
    return ChooseKind();
  }

  Status ChooseKind() {
    order_.clear();
    rules_.kind = CompactionKind::kBinPacking;
    if (request_.purge_only) {
      rules_.kind = CompactionKind::kPurge;
      return OkStatus();
    }
    ASSIGN_OR_RETURN(const std::vector<ColumnPath> clustering, ClusteringColumns(*base_));
    if (!clustering.empty()) {
      if (!request_.zorder_columns.empty()) {
        return UserError("CLUSTERED_TABLE",
                         "the table is clustered, so ZORDER BY cannot be asked for",
                         "Leave ZORDER BY out: OPTIMIZE orders by the clustering columns.");
      }
      order_ = clustering;
      rules_.kind = request_.full ? CompactionKind::kReclustering : CompactionKind::kClustering;
      return OkStatus();
    }
    for (const std::string& name : request_.zorder_columns) {
      order_.push_back(ParseColumnPath(columns_, name));
      const auto same = [&](const delta::TableColumn& column) {
        return EqualsIgnoreCase(column.name, order_.back().front());
      };
      if (std::any_of(partition_columns_.begin(), partition_columns_.end(), same)) {
        return UserError("INVALID_ZORDER_BY", name + " is a partition column",
                         "Files of one partition hold one value of it; leave it out.");
      }
    }
    if (!order_.empty()) rules_.kind = CompactionKind::kZorder;
    return OkStatus();
  }

  Result<std::vector<FileGroup>> Plan(int round) {
    std::vector<delta::AddFile> files;
    // Without columns in files there are no files to make.
    if (stored_.empty()) return std::vector<FileGroup>();
    std::optional<std::set<delta::PartitionValues>> chosen;
    if (!request_.condition.empty()) {
      ASSIGN_OR_RETURN(chosen, PartitionsWhere(*lake_.connection, base_->files(),
                                               partition_columns_, request_.condition));
    }
    base_->ForEachFile([&](const delta::AddFile& file) {
      if (chosen && !chosen->contains(file.partition_values)) return;
      if (round > 0 && !lost_.contains(file.partition_values)) return;
      files.push_back(file);
    });
    std::set<std::string> with_dropped;
    if (request_.purge_only) {
      ASSIGN_OR_RETURN(with_dropped, FilesWithDroppedColumns(*lake_.connection, table_.path(),
                                                             base_->metadata(), files));
      rules_.must_rewrite = [&](const delta::AddFile& file) {
        return file.deletion_vector.has_value() || with_dropped.contains(file.path);
      };
    }
    if (round == 0) numbers_.considered = static_cast<int64_t>(files.size());
    std::vector<FileGroup> groups = PlanCompaction(files, rules_);
    rules_.must_rewrite = nullptr;
    return groups;
  }

  Status Rewrite(std::vector<FileGroup> groups) {
    std::vector<Written> batch;
    int64_t bytes = 0;
    size_t files = 0;
    for (FileGroup& group : groups) {
      bytes += group.bytes;
      files += group.files.size();
      auto written = Write(std::move(group));
      if (!written.ok()) {
        Discard(batch);
        return std::move(written).error();
      }
      batch.push_back(*std::move(written));
      if (bytes < kCommitBytes && files < kCommitFiles) continue;
      RETURN_IF_ERROR(Commit(std::move(batch)));
      batch.clear();
      bytes = 0;
      files = 0;
    }
    return batch.empty() ? OkStatus() : Commit(std::move(batch));
  }

  bool Ordered() const { return !order_.empty(); }

  Result<Written> Write(FileGroup group) {
    RelationOptions reading;
    reading.files = &group.files;
    reading.with_row_ids = !RowTrackingColumns(base_->metadata()).empty();
    Schema wanted = stored_;
    if (reading.with_row_ids) {
      wanted.push_back({kRowIdColumn, DataType::Of(TypeId::kLong)});
      wanted.push_back({kRowVersionColumn, DataType::Of(TypeId::kLong)});
    }
    ASSIGN_OR_RETURN(const Relation relation, SnapshotRelation(table_.path(), *base_, reading));
    std::string query;
    if (Ordered()) {
      ASSIGN_OR_RETURN(query, ZorderedSql(*lake_.connection, relation.sql, wanted, order_, columns_,
                                          delta::NumRecords(group.files)));
    } else {
      std::string list;
      for (const Field& field : wanted) {
        list += (list.empty() ? "" : ", ") + duck::QuoteIdentifier(field.name);
      }
      query = "SELECT " + list + " FROM (" + relation.sql + ") AS target";
    }
    ASSIGN_OR_RETURN(const WriteOptions options, OptionsFor(group));
    ASSIGN_OR_RETURN(WriteResult result,
                     WriteDataFiles(*lake_.connection, *lake_.storage, table_.path(), query,
                                    stored_, options, NowMs(lake_)));
    for (delta::AddFile& file : result.files) {
      file.partition_values = group.files.front().partition_values;
      file.data_change = false;
      if (IsClustering()) file.clustering_provider = kClusteringProvider;
    }
    return Written{std::move(group), std::move(result.files)};
  }

  // The values of partition columns are those of the group, as the log spells them; files hold the
  // other columns.
  Result<WriteOptions> OptionsFor(const FileGroup& group) const {
    ASSIGN_OR_RETURN(WriteOptions options, WriteOptionsOf(base_->metadata()));
    std::erase_if(options.mapped_columns, [&](const delta::TableColumn& column) {
      return FindField(stored_, column.name) == nullptr;
    });
    options.partition_columns.clear();
    options.folder = FolderOf(group.files);
    options.hidden_columns = RowTrackingColumns(base_->metadata());
    // Packed files of a group are one; rounding must not break it in two.
    options.target_file_bytes = Ordered() ? rules_.target_bytes : 2 * rules_.target_bytes;
    return options;
  }

  bool IsClustering() const {
    return rules_.kind == CompactionKind::kClustering ||
           rules_.kind == CompactionKind::kReclustering;
  }

  // The folder below the table that all the files are in; else empty.
  std::string FolderOf(const std::vector<delta::AddFile>& files) const {
    std::string common;
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string& path = files[i].path;
      const size_t slash = path.rfind('/');
      const bool absolute = path.starts_with('/') || path.find(':') != std::string::npos;
      if (slash == std::string::npos || absolute) return "";
      const std::string folder = path.substr(0, slash);
      if (i > 0 && folder != common) return "";
      common = folder;
    }
    const std::string path = DataFilePath(table_.path(), common);
    const bool below = io::IsInside(table_.path(), path) && path != table_.path();
    return below ? path.substr(table_.path().size() + 1) : "";
  }

  // Commits what still holds: groups of which another writer took a file are left out, and their
  // partitions planned again.
  Status Commit(std::vector<Written> batch) {
    delta::SnapshotPtr base = base_;
    while (!batch.empty()) {
      CompactionNumbers numbers = NumbersOf(batch);
      auto outcome = table_.Commit(base, ChangeOf(batch, numbers));
      if (!outcome.ok()) return std::move(outcome).error();  // it may have happened: files stay
      const auto* conflict = std::get_if<delta::Conflicted>(&*outcome);
      if (conflict == nullptr) {
        version_ = std::get<delta::Committed>(*outcome).version;
        numbers_.Add(numbers);
        CheckpointWhenDue(table_);
        return OkStatus();
      }
      auto latest = table_.Latest();
      if (!latest.ok() || !SameTable(**latest)) {
        Discard(batch);
        return CommitConflict(table_, "OPTIMIZE", *conflict);
      }
      base = *latest;
      LeaveOutLost(*base, &batch);
    }
    return OkStatus();
  }

  bool SameTable(const delta::Snapshot& now) const {
    return now.metadata() == base_->metadata() && now.protocol() == base_->protocol();
  }

  void LeaveOutLost(const delta::Snapshot& now, std::vector<Written>* batch) {
    const auto present = [&](const delta::AddFile& file) {
      const auto found = now.state().files.FindActive(PercentDecode(file.path));
      return found && SameFile(found->Add(), file);
    };
    std::erase_if(*batch, [&](const Written& written) {
      if (std::all_of(written.group.files.begin(), written.group.files.end(), present))
        return false;
      lost_.insert(written.group.files.front().partition_values);
      Discard({written});
      return true;
    });
  }

  void Discard(const std::vector<Written>& batch) {
    for (const Written& written : batch) {
      for (const delta::AddFile& file : written.files) {
        (void)lake_.storage->Delete(DataFilePath(table_.path(), file.path));
      }
    }
  }

  static CompactionNumbers NumbersOf(const std::vector<Written>& batch) {
    CompactionNumbers numbers;
    std::set<delta::PartitionValues> partitions;
    for (const Written& written : batch) {
      partitions.insert(written.group.files.front().partition_values);
      for (const delta::AddFile& file : written.files) numbers.added.push_back(file.size);
      for (const delta::AddFile& file : written.group.files) {
        numbers.removed.push_back(file.size);
        if (file.deletion_vector) ++numbers.vectors_removed;
      }
    }
    numbers.partitions = static_cast<int64_t>(partitions.size());
    numbers.batches = 1;
    return numbers;
  }

  delta::Change ChangeOf(const std::vector<Written>& batch,
                         const CompactionNumbers& numbers) const {
    delta::Change change;
    change.info.operation = request_.purge_only ? "REORG" : "OPTIMIZE";
    change.info.operation_parameters = Parameters();
    change.info.operation_metrics = TextMetrics(CommitMetrics(numbers));
    change.info.is_blind_append = false;
    for (const Written& written : batch) {
      change.adds.insert(change.adds.end(), written.files.begin(), written.files.end());
      for (const delta::AddFile& file : written.group.files) {
        change.read.files.push_back(file.path);
        change.removes.push_back(delta::RemovalOf(file, NowMs(lake_), /*data_change=*/false));
      }
    }
    return change;
  }

  Json Parameters() const {
    Json predicate = Json::array();
    if (!request_.condition.empty()) predicate.push_back(request_.condition);
    Json parameters = {{"predicate", DumpJson(predicate)}};
    if (request_.purge_only) {
      parameters["applyPurge"] = "true";
      return parameters;
    }
    Json cluster = Json::array();
    for (const ColumnPath& path : order_) {
      std::string text;
      for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
      if (IsClustering()) cluster.push_back(text);
    }
    parameters["zOrderBy"] = DumpJson(request_.zorder_columns);
    parameters["clusterBy"] = DumpJson(cluster);
    parameters["auto"] = request_.automatic ? "true" : "false";
    if (IsClustering()) parameters["isFull"] = request_.full ? "true" : "false";
    return parameters;
  }

  const Lake& lake_;
  delta::Table& table_;
  const OptimizeRequest& request_;
  delta::SnapshotPtr base_;  // that the plan is made on
  std::vector<delta::TableColumn> columns_;
  std::vector<delta::TableColumn> partition_columns_;
  Schema stored_;
  CompactionRules rules_;
  std::vector<ColumnPath> order_;
  std::set<delta::PartitionValues> lost_;  // partitions with groups that were left out
  std::optional<delta::Version> version_;
  CompactionNumbers numbers_;
};

}  // namespace

Result<OperationResult> Optimize(const Lake& lake, delta::Table& table,
                                 const OptimizeRequest& request) {
  return Optimizer(lake, table, request).Run();
}

}  // namespace penstock::lake
