#include "lake/row_change.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "delta/deletion_vector.h"
#include "delta/file_set.h"
#include "lake/change_feed_file.h"
#include "lake/file_path.h"
#include "lake/table_transaction.h"

namespace penstock::lake {
namespace {

constexpr int64_t kMicrosPerMs = 1000;

// A file of which some rows stay.
struct PartlyRemoved {
  int64_t number = 0;  // in snapshot.files()
  const delta::AddFile* file = nullptr;
  RowSet rows;  // all deleted ones, also those of before
  int64_t physical_rows = 0;
  int64_t removed_rows = 0;
};

class RowChangeWriter {
 public:
  RowChangeWriter(const Lake& lake, const ChangeTarget& target, const RowChange& rows,
                  std::vector<std::string>* written, delta::Change* change)
      : lake_(lake),
        target_(target),
        rows_(rows),
        written_(written),
        change_(change),
        now_ms_(lake.clock->Now() / kMicrosPerMs) {}

  Result<RowChangeCounts> Write() {
    if (!rows_.removed.empty()) RETURN_IF_ERROR(Remove());
    if (target_.uses_vectors) {
      RETURN_IF_ERROR(WriteVectors());
    } else {
      RETURN_IF_ERROR(SelectKept());
    }
    RETURN_IF_ERROR(WriteRows());
    const bool partly = !partly_.empty();
    const bool says_more = partly || (rows_.updates && !change_->removes.empty());
    if (target_.change_feed && says_more && !rows_.change_rows.empty()) {
      RETURN_IF_ERROR(WriteChanges());
    }
    return counts_;
  }

 private:
  Status Remove() {
    ASSIGN_OR_RETURN(const auto by_file, RowsByFile(*lake_.connection, rows_.removed));
    int64_t next = 0;
    target_.snapshot->ForEachFile([&](const delta::AddFile& file) {
      if (by_file.contains(next)) files_.emplace(next, file);
      ++next;
    });
    for (const auto& [number, rows] : by_file) {
      const auto file = files_.find(number);
      if (file == files_.end()) {
        return InternalError("a row is said to be of the file " + std::to_string(number));
      }
      RETURN_IF_ERROR(RemoveFrom(number, file->second, rows));
    }
    return OkStatus();
  }

  Status RemoveFrom(int64_t number, const delta::AddFile& file, const RowSet& rows) {
    RowSet before;
    if (file.deletion_vector) {
      ASSIGN_OR_RETURN(before, delta::ReadVector(*lake_.storage, target_.path,
                                                 *file.deletion_vector, file.path));
    }
    PartlyRemoved part{number, &file, before.Union(rows), 0, 0};
    part.removed_rows = part.rows.size() - before.size();
    if (part.removed_rows == 0) return OkStatus();
    ASSIGN_OR_RETURN(part.physical_rows, PhysicalRows(file));
    counts_.removed_rows += part.removed_rows;
    change_->removes.push_back(delta::RemovalOf(file, now_ms_));
    if (part.rows.size() < part.physical_rows) {
      partly_.push_back(std::move(part));
    } else {
      CountRemoved(file);
    }
    return OkStatus();
  }

  void CountRemoved(const delta::AddFile& file) {
    ++counts_.removed_files;
    counts_.removed_bytes += file.size;
    if (file.deletion_vector) ++counts_.vectors_removed;
  }

  Result<int64_t> PhysicalRows(const delta::AddFile& file) {
    if (const auto records = delta::NumRecords(file)) return *records;
    const std::string path = EscapeGlob(DataFilePath(target_.path, file.path));
    return QueryNumber(
        *lake_.connection,
        "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(" + QuoteLiteral(path) + ")");
  }

  // The vectors of one commit are in one file.
  Status WriteVectors() {
    if (partly_.empty()) return OkStatus();
    std::vector<RowSet> rows;
    for (const PartlyRemoved& part : partly_) rows.push_back(part.rows);
    const delta::VectorFile file = delta::NewVectorFile(rows, NewUuid());
    const std::string path = io::JoinPath(target_.path, file.path);
    written_->push_back(path);
    RETURN_IF_ERROR(lake_.storage->Write(path, file.bytes));
    for (size_t i = 0; i < partly_.size(); ++i) {
      delta::AddFile add = *partly_[i].file;
      ++(add.deletion_vector ? counts_.vectors_updated : counts_.vectors_added);
      add.deletion_vector = file.vectors[i];
      add.data_change = true;
      add.stats = WideStatistics(add.stats, partly_[i].physical_rows);
      change_->adds.push_back(std::move(add));
    }
    return OkStatus();
  }

  // The rows of rewritten files that stay, in their order.
  Status SelectKept() {
    if (partly_.empty()) return OkStatus();
    std::vector<delta::AddFile> files;
    std::string numbers;
    for (const PartlyRemoved& part : partly_) {
      numbers += (numbers.empty() ? "(" : ", (") + std::to_string(part.number) + "::BIGINT, " +
                 std::to_string(files.size()) + "::BIGINT)";
      files.push_back(*part.file);
      counts_.copied_rows += part.physical_rows - part.rows.size();
      CountRemoved(*part.file);
    }
    RelationOptions options;
    options.files = &files;
    options.with_row_position = true;
    options.with_row_ids = target_.tracks_rows();
    ASSIGN_OR_RETURN(kept_relation_, SnapshotRelation(target_.path, *target_.snapshot, options));
    std::string values;
    for (const std::string& value : OldValues(target_, "kept")) {
      values += (values.empty() ? "" : ", ") + value;
    }
    if (target_.tracks_rows()) {
      values += std::string(", kept.") + kRowIdColumn + ", kept." + kRowVersionColumn;
    }
    const std::string file = QuoteIdentifier(kFileNumberColumn);
    const std::string row = QuoteIdentifier(kRowPositionColumn);
    kept_ = "SELECT " + values + " FROM (" + kept_relation_.sql +
            ") AS kept ANTI JOIN (SELECT numbers.own AS f, removed." + row + " AS r FROM (" +
            rows_.removed + ") AS removed JOIN (VALUES " + numbers +
            ") AS numbers(old, own) ON removed." + file + " = numbers.old) AS gone ON kept." +
            file + " = gone.f AND kept." + row + " = gone.r ORDER BY kept." + file + ", kept." +
            row;
    return OkStatus();
  }

  Status WriteRows() {
    std::string query;
    const bool with_ids = target_.tracks_rows() && (rows_.with_row_ids || !kept_.empty());
    if (!rows_.new_rows.empty()) {
      query =
          RuledQuery(rows_.new_rows, WrittenColumns(target_, rows_.with_row_ids), target_.rules);
      if (with_ids) query = WithoutVersions(query);
    }
    if (!kept_.empty()) {
      query = query.empty() ? kept_ : "(" + kept_ + ") UNION ALL (" + query + ")";
    }
    if (query.empty()) return OkStatus();
    WriteOptions options = target_.options;
    if (with_ids) options.hidden_columns = target_.row_columns;
    Result<WriteResult> result = WriteDataFiles(*lake_.connection, *lake_.storage, target_.path,
                                                query, target_.schema, options, now_ms_);
    if (!result.ok()) {
      return RuleViolation(std::move(result).error(), target_.rules, target_.path);
    }
    counts_.new_rows = result->rows - counts_.copied_rows;
    for (delta::AddFile& add : result->files) {
      written_->push_back(DataFilePath(target_.path, add.path));
      ++counts_.added_files;
      counts_.added_bytes += add.size;
      change_->adds.push_back(std::move(add));
    }
    return OkStatus();
  }

  // New rows with the hidden columns: their version is that of the commit.
  std::string WithoutVersions(const std::string& query) const {
    return std::string("SELECT *") + (rows_.with_row_ids ? "" : ", CAST(NULL AS BIGINT)") +
           ", CAST(NULL AS BIGINT) FROM (" + query + ")";
  }

  Status WriteChanges() {
    ASSIGN_OR_RETURN(change_->cdc_files,
                     WriteChangeFiles(lake_, target_, rows_.change_rows, now_ms_, written_));
    counts_.change_files = static_cast<int64_t>(change_->cdc_files.size());
    return OkStatus();
  }

  const Lake& lake_;
  const ChangeTarget& target_;
  const RowChange& rows_;
  std::vector<std::string>* written_;
  delta::Change* change_;
  const int64_t now_ms_;
  RowChangeCounts counts_;
  std::map<int64_t, delta::AddFile> files_;  // those with removed rows, by number
  std::vector<PartlyRemoved> partly_;
  Relation kept_relation_;
  std::string kept_;
};

}  // namespace

Result<std::map<int64_t, RowSet>> RowsByFile(duck::Connection& connection,
                                             const std::string& query) {
  ASSIGN_OR_RETURN(duck::ResultSet rows, connection.Query(query));
  std::map<int64_t, std::vector<int64_t>> positions;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) break;
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      positions[rows.Int64(row, 0)].push_back(rows.Int64(row, 1));
    }
  }
  std::map<int64_t, RowSet> sets;
  for (auto& [file, list] : positions) sets.emplace(file, RowSet::Of(std::move(list)));
  return sets;
}

Result<RowChangeCounts> ApplyRowChange(const Lake& lake, const ChangeTarget& target,
                                       const RowChange& rows, std::vector<std::string>* written,
                                       delta::Change* change) {
  return RowChangeWriter(lake, target, rows, written, change).Write();
}

void SetFileMetrics(const RowChangeCounts& counts, delta::Change* change) {
  SetMetric(change, "numRemovedFiles", counts.removed_files);
  SetMetric(change, "numRemovedBytes", counts.removed_bytes);
  SetMetric(change, "numAddedFiles", counts.added_files);
  SetMetric(change, "numAddedBytes", counts.added_bytes);
  SetMetric(change, "numCopiedRows", counts.copied_rows);
  SetMetric(change, "numDeletionVectorsAdded", counts.vectors_added);
  SetMetric(change, "numDeletionVectorsUpdated", counts.vectors_updated);
  SetMetric(change, "numDeletionVectorsRemoved", counts.vectors_removed);
  SetMetric(change, "numAddedChangeFiles", counts.change_files);
}

Status StoreNewRows(const ChangeTarget& target, const std::string& query, bool with_row_ids,
                    TempTable* table) {
  Status stored =
      table->Fill(RuledQuery(query, WrittenColumns(target, with_row_ids), target.rules));
  if (stored.ok()) return stored;
  return RuleViolation(std::move(stored).error(), target.rules, target.path);
}

std::string PositionsOf(const std::string& from) {
  return "SELECT " + QuoteIdentifier(kFileNumberColumn) + ", " +
         QuoteIdentifier(kRowPositionColumn) + " FROM " + from;
}

std::string NumberedColumn(const char* prefix, size_t number) {
  return QuoteIdentifier(prefix + std::to_string(number));
}

RowChangeCounts RemoveAllFiles(const ChangeTarget& target, int64_t now_ms, delta::Change* change) {
  RowChangeCounts counts;
  target.snapshot->ForEachFile([&](const delta::AddFile& file) {
    change->removes.push_back(delta::RemovalOf(file, now_ms));
    ++counts.removed_files;
    counts.removed_bytes += file.size;
    counts.removed_rows += delta::NumRecords(file).value_or(0);
    if (file.deletion_vector) {
      ++counts.vectors_removed;
      counts.removed_rows -= file.deletion_vector->cardinality;
    }
  });
  return counts;
}

}  // namespace penstock::lake
