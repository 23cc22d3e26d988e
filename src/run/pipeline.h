#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "lake/lake_table.h"
#include "quality/rules.h"
#include "run/files_source.h"
#include "run/project_run.h"
#include "run/relation_sql.h"

namespace penstock::run {

// An input of a flow with its columns known.
struct BoundLeaf {
  graph::LeafInput input;
  Schema columns;
  std::optional<FilesSource> files;  // for read_files, cloud_files and path queries
  std::string table_path;            // for tables
  std::string table_name;            // for messages
  std::optional<size_t> dataset;     // the node that makes the table
  // Of a streamed table: commits that change rows are passed over, by WITH (skipChangeCommits =
  // true) after the table, or by SET pipelines.skipChangeCommits = true before the statement.
  bool skip_change_commits = false;
  Field metadata = MetadataField();  // of the _metadata column, where it is used
  // Of table_changes(…): the rows of the feed; the range ends where the table did when it was
  // bound.
  std::optional<lake::Relation> changes;
};

// The table of a leaf as it is now, or at the version or time it asks for.
Result<delta::SnapshotPtr> SnapshotOf(Workspace& workspace, const BoundLeaf& leaf);

// The rows of table_changes(…), whose range the leaf's input gives.
Result<lake::Relation> ChangesOf(Workspace& workspace, const BoundLeaf& leaf);

struct BoundFlow {
  graph::FlowQuery query;
  std::vector<BoundLeaf> leaves;  // as query.leaves
  Schema output;                  // of the query as it stands
  Schema given;                   // what the table gets of it: `output`, or what changes make
};

struct BoundNode {
  std::vector<BoundFlow> flows;  // as the node's flows
  Schema
      columns;  // of the dataset: declared ones, or what its flows give, after what the table has
  std::vector<quality::Rule> rules;
};

// A pipeline whose every query is bound: nothing is misspelt, every type is known.
struct Pipeline {
  graph::Graph graph;
  std::vector<BoundNode> bound;          // as graph.nodes
  std::vector<model::Warning> warnings;  // of its files
};

struct PipelineOutcome {
  std::optional<Pipeline> pipeline;
  Errors errors;
};

// Reads the project's files, resolves and binds them; writes nothing. All errors come at once, in
// the order of files and lines; what only follows from another error is not one.
PipelineOutcome LoadPipeline(Workspace& workspace);
// What of the definitions is sound. The others' errors are added to `errors`; what has one, or
// reads such, lacks flows in `bound`.
Result<Pipeline> BindSound(Workspace& workspace, const model::Definitions& definitions,
                           Errors* errors);

}  // namespace penstock::run
