#pragma once

#include <memory>
#include <optional>
#include <string>

#include "delta/table.h"
#include "run/pipeline.h"
#include "source/offsets.h"

namespace penstock::run {

// Keys of Penstock's own in a table's configuration (docs/formats/tables.md).
inline constexpr char kPipelineKey[] = "penstock.pipeline";
inline constexpr char kKindKey[] = "penstock.kind";
inline constexpr char kGenerationKey[] = "penstock.generation";
inline constexpr char kDefinitionKey[] = "penstock.definition";
inline constexpr char kSourcesKey[] = "penstock.sources";
inline constexpr char kRefreshedVersionKey[] = "penstock.refreshedVersion";
inline constexpr char kRefreshPolicyKey[] = "penstock.refreshPolicy";
inline constexpr char kAdoptKey[] = "penstock.adopt";
inline constexpr char kVectorsKey[] = "delta.enableDeletionVectors";

// What a configuration has under a key; empty when it has not.
std::string ValueOf(const delta::Configuration& configuration, const char* key);

// A table that flows write, as it is now.
struct Target {
  std::shared_ptr<delta::Table> table;
  std::string path;
  delta::SnapshotPtr snapshot;  // null: not there yet
  std::string generation;       // streaming tables: what the next commit belongs to
  // The next commit takes all older rows out (full refresh, or a table that was adopted).
  bool Replaces() const;
  // It is there and has no rows: its columns and partitioning may still become any.
  bool IsEmpty() const;
};

// Opens the target of a node. TABLE_NOT_OURS when another tool or pipeline made it, and
// penstock.adopt is not set; TABLE_KIND_CHANGED when the definition became of another kind.
Result<Target> OpenTarget(Workspace& workspace, const model::Dataset& dataset);

// The versions of tables that a view's table reflects, by source id, as `statics`; nothing when it
// does not say. Files have none.
Result<std::optional<source::Batch>> ReflectedVersions(const delta::Snapshot& snapshot);

// The metadata a commit needs: that of a new table, or the present one with what the definition
// changed (columns, comment, properties, and `own` keys); nothing when it stays as it is. With
// `replace`, columns become exactly `columns`.
Result<std::optional<delta::Metadata>> NextMetadata(const model::Dataset& dataset,
                                                    const Schema& columns, const Target& target,
                                                    const std::string& pipeline,
                                                    const delta::Configuration& own, bool replace,
                                                    int64_t now_ms);

// The columns it is partitioned by, spelt as in `columns`. COLUMN_NOT_FOUND when one is not there.
Result<std::vector<std::string>> PartitionColumns(const model::Dataset& dataset,
                                                  const Schema& columns);

// The columns the table will have.
Result<Schema> NextColumns(const model::Dataset& dataset, const Schema& given, const Target& target,
                           bool replace);

}  // namespace penstock::run
