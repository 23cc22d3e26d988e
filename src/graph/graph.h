#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/project.h"
#include "sql/query/query.h"

// Definitions → a resolved, validated graph. Immutable once made.
namespace penstock::graph {

// A dataset of this graph.
struct DatasetInput {
  size_t dataset = 0;  // index into Graph::nodes
};
// A table that exists in the catalog and that no definition of the pipeline makes.
struct ExistingTable {
  model::TableName name;
};
// A name that was not found: an error says so, or a statement with an error may define it.
struct UnknownTable {};
// What a name, path or function in FROM turned out to be.
using InputTarget =
    std::variant<DatasetInput, ExistingTable, sql::FilesInput, sql::DeltaPathInput, UnknownTable>;

struct ResolvedInput {
  sql::Input input;
  InputTarget target;
};

// A query whose inputs are known. Placeholders of its inputs stand in `query.text`.
struct ResolvedQuery {
  model::QueryText source;
  sql::Query query;
  std::vector<ResolvedInput> inputs;
};

// A row or aggregate rule has its translated condition, other rules have none.
struct ResolvedExpectation {
  model::Expectation declared;
  std::optional<sql::Expression> condition;
};

struct ResolvedFlow {
  model::Flow flow;
  ResolvedQuery query;
};

struct Node {
  model::Dataset dataset;
  std::vector<ResolvedFlow> flows;  // a view has exactly one: its query
  std::vector<ResolvedExpectation> expectations;
  std::vector<size_t> upstream;  // datasets that its flows read, ascending
  // An error leaves open which columns it has: it says nothing about who reads it. Its flows and
  // expectations are those that could be resolved.
  bool broken = false;
};

struct Graph {
  std::vector<Node> nodes;  // every node after those it reads, cycles apart

  // Index of a dataset by name: full, or as a reference standing in `current` (catalog and schema).
  std::optional<size_t> Find(const std::vector<std::string>& parts,
                             const model::TableName& current) const;
};

// Tables that exist outside of the definitions.
class TableLookup {
 public:
  virtual ~TableLookup() = default;
  virtual Result<bool> Exists(const model::TableName& name) = 0;
  virtual std::vector<model::TableName> Names() = 0;  // for "did you mean"
};

struct ResolveOutcome {
  Graph graph;
  std::vector<Error> errors;  // when not empty the graph serves to find further ones
};

// Resolves names, orders datasets, and checks: duplicates, missing targets, cycles, kinds (a
// streaming table reads a stream, a materialized view does not), operations that need state over a
// stream, expectations.
ResolveOutcome Resolve(const model::Definitions& definitions, const model::Project& project,
                       TableLookup& lookup);

// Completes one to three name parts with `current`.
model::TableName CompleteName(const std::vector<std::string>& parts,
                              const model::TableName& current);

// The query of one input, made out of a flow's query and the views it reads, ready to run: each
// view reference is an instance of its own.
struct ViewInstance {
  std::string placeholder;   // the relation name that the reader uses
  size_t dataset = 0;        // the view
  std::string text;          // its query, over placeholders made before it
  std::string carried_text;  // with __penstock_position, when every step on the way is row-to-row
  bool streaming = false;
};
struct LeafInput {
  std::string placeholder;
  InputTarget target;     // never a view
  std::string source_id;  // stable over runs: what it reads, and a number if the flow reads it
                          // several times
  bool streaming = false;
  bool uses_metadata = false;
  std::map<std::string, std::string> options;  // of a streamed table, names in lower case
  std::optional<std::string> version;          // time travel, constant text
  std::optional<std::string> timestamp;
  std::optional<sql::ChangesOf> changes;  // of the table instead of its rows
  SourceLocation where;
};
struct FlowQuery {
  std::string text;
  std::string carried_text;         // empty when a result row does not come from one input row
  std::vector<ViewInstance> views;  // inner ones first
  std::vector<LeafInput> leaves;
  bool time_dependent = false;
  bool nondeterministic = false;
};
Result<FlowQuery> ExpandFlow(const Graph& graph, const ResolvedFlow& flow,
                             const model::Project& project);

}  // namespace penstock::graph
