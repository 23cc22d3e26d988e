#include "run/source_changes.h"

#include <map>

#include "base/text.h"
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
  Opening(Workspace& workspace, duck::Connection& connection, const BoundFlow& flow,
          const algebra::NodePtr& query)
      : workspace_(workspace), connection_(connection), flow_(flow) {
    algebra::ForEachNode(query, [&](const algebra::NodePtr& node) {
      const auto* scan = std::get_if<algebra::Scan>(&node->op);
      if (scan == nullptr) return;
      for (const algebra::Column& column : node->columns) {
        read_[scan->relation].insert(AsciiLower(column.name));
      }
    });
  }

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

  // What the query reads of the rows that came and went, with weights; how many there are. A row of
  // which other columns changed did not change.
  Result<int64_t> StoreChange(const BoundLeaf& leaf, delta::Table& table,
                              const SourceVersions& source) {
    lake::ChangeRange range;
    range.from_version = source.before + 1;
    range.to_version = source.now;
    ASSIGN_OR_RETURN(lake::Relation feed, lake::ChangeFeedRelation(table, range));
    std::string columns;
    for (const Field& field : ReadOf(leaf)) {
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

  Schema ReadOf(const BoundLeaf& leaf) const {
    Schema columns;
    const auto read = read_.find(leaf.input.placeholder);
    for (const Field& field : leaf.columns) {
      const bool reads = read != read_.end() && read->second.contains(AsciiLower(field.name));
      if (reads) columns.push_back(field);
    }
    if (columns.empty()) columns.push_back(leaf.columns.front());  // rows are counted
    return columns;
  }

  Workspace& workspace_;
  duck::Connection& connection_;
  const BoundFlow& flow_;
  std::map<std::string, std::set<std::string>> read_;  // lower-cased columns by relation
  SourceChanges changes_;
};

}  // namespace

Result<SourceChanges> OpenSources(Workspace& workspace, duck::Connection& connection,
                                  const BoundFlow& flow, const algebra::NodePtr& query,
                                  const std::vector<SourceVersions>& sources) {
  return Opening(workspace, connection, flow, query).Run(sources);
}

}  // namespace penstock::run
