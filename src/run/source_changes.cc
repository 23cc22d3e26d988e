#include "run/source_changes.h"

#include "ivm/program.h"
#include "lake/change_feed.h"
#include "lake/change_target.h"
#include "lake/lake_table.h"
#include "run/relation_sql.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;

class Opening {
 public:
  Opening(Workspace& workspace, duck::Connection& connection, const BoundFlow& flow)
      : workspace_(workspace), connection_(connection), flow_(flow) {}

  Result<SourceChanges> Run(const std::vector<SourceVersions>& sources) {
    for (const SourceVersions& source : sources) RETURN_IF_ERROR(OpenSource(source));
    return std::move(changes_);
  }

 private:
  Status OpenVersion(const BoundLeaf& leaf, delta::Table& table, delta::Version version,
                     const std::string& name) {
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.At({version, std::nullopt}));
    ASSIGN_OR_RETURN(lake::Relation relation, lake::SnapshotRelation(leaf.table_path, *snapshot));
    changes_.scans.push_back(std::move(relation.scan));
    return CreateView(connection_, name,
                      AlignColumns(relation.sql, snapshot->metadata().schema, leaf.columns, false));
  }

  Status OpenSource(const SourceVersions& source) {
    const BoundLeaf& leaf = flow_.leaves[source.leaf];
    const auto table = workspace_.catalog->OpenPath(leaf.table_path);
    const std::string& name = leaf.input.placeholder;
    RETURN_IF_ERROR(OpenVersion(leaf, *table, source.now, name));
    if (source.before == source.now) return OkStatus();
    RETURN_IF_ERROR(OpenVersion(leaf, *table, source.before, ivm::OldRelation(name)));
    ASSIGN_OR_RETURN(const int64_t rows, StoreChange(leaf, *table, source));
    changes_.rows += rows;
    if (rows > 0) changes_.changed.insert(name);
    return OkStatus();
  }

  // The rows that came and went, with their weights; how many there are.
  Result<int64_t> StoreChange(const BoundLeaf& leaf, delta::Table& table,
                              const SourceVersions& source) {
    lake::ChangeRange range;
    range.from_version = source.before + 1;
    range.to_version = source.now;
    ASSIGN_OR_RETURN(lake::Relation feed, lake::ChangeFeedRelation(table, range));
    std::string columns;
    for (const Field& field : leaf.columns) {
      const std::string name = QuoteIdentifier(field.name);
      columns += "CAST(" + name + " AS " + duck::EngineType(field.type) + ") AS " + name + ", ";
    }
    const std::string change = QuoteIdentifier(ivm::ChangeRelation(leaf.input.placeholder));
    const std::string weight = QuoteIdentifier(ivm::kWeightColumn);
    RETURN_IF_ERROR(connection_.Execute(
        "CREATE OR REPLACE TEMP TABLE " + change + " AS SELECT * EXCLUDE (" + weight +
        "), CAST(sum(" + weight + ") AS BIGINT) AS " + weight + " FROM (SELECT " + columns +
        "CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE -1 END AS " + weight +
        " FROM (" + feed.sql + ")) GROUP BY ALL HAVING sum(" + weight + ") <> 0"));
    return lake::QueryNumber(connection_, "SELECT sum(abs(" + weight + "))::BIGINT FROM " + change);
  }

  Workspace& workspace_;
  duck::Connection& connection_;
  const BoundFlow& flow_;
  SourceChanges changes_;
};

}  // namespace

Result<SourceChanges> OpenSources(Workspace& workspace, duck::Connection& connection,
                                  const BoundFlow& flow,
                                  const std::vector<SourceVersions>& sources) {
  return Opening(workspace, connection, flow).Run(sources);
}

}  // namespace penstock::run
