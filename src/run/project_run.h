#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "duck/engine.h"
#include "duck/scan/file_scan.h"
#include "io/leased_storage.h"
#include "io/storage.h"
#include "model/project.h"
#include "quality/metrics.h"

// What the commands do with a project.
namespace penstock::run {

// Which tables an update touches. Names are as the user wrote them.
struct Selection {
  std::vector<std::string> refresh;
  std::vector<std::string> full_refresh;
  bool full_refresh_all = false;
  std::vector<std::string> select;  // "+t", "t+", "+t+", "t"; globs
};

// What is open while a project is worked on. Borrowed parts outlive it.
struct Workspace {
  model::Project project;
  io::Storage* storage = nullptr;
  Clock* clock = nullptr;
  // When the storage root is in an object store: `storage`, which writes nothing once the lease of
  // an update is lost.
  std::unique_ptr<io::LeasedStorage> leased = nullptr;
  std::unique_ptr<duck::Engine> engine;
  std::unique_ptr<delta::CheckpointCodec> codec;
  std::unique_ptr<catalog::Catalog> catalog;
  // By table path: columns that a table is taken to have when the pipeline is bound, to see what a
  // change of them would break.
  std::map<std::string, Schema> assumed_columns = {};
};

// Opens engine and catalog for a project. Configuration understood: penstock.threads,
// penstock.memory_limit, spark.sql.session.timeZone.
Result<std::unique_ptr<Workspace>> OpenWorkspace(model::Project project, io::Storage* storage,
                                                 Clock* clock);

// All errors of the definitions, in the order of files.
using Errors = std::vector<Error>;

struct DatasetSummary {
  model::TableName name;
  std::string kind;  // "streaming table", "materialized view", "view"
  std::vector<std::string> flows;
  std::vector<std::string> inputs;  // names and paths
  Schema columns;
  std::vector<std::string> expectations;
};

// The resolved graph, in dependency order; writes nothing.
struct DryRunReport {
  std::vector<DatasetSummary> datasets;
  std::vector<std::string> warnings;
};
struct DryRunOutcome {
  DryRunReport report;
  Errors errors;  // when not empty the report is empty
};
DryRunOutcome DryRun(Workspace& workspace);

// What refreshing a view by one technique would cost, estimated from logs.
struct TechniquePlan {
  std::string technique;  // "full recomputation", "by the change", "by the keys that changed" …
  bool chosen = false;
  int64_t read_rows = 0;
  int64_t read_bytes = 0;
  int64_t written_rows = 0;
  int64_t written_bytes = 0;
  double seconds = 0;   // for comparing only
  std::string why_not;  // of one that is not chosen: the reason, with file and line
};

// What an update would do to one table.
struct TablePlan {
  model::TableName table;
  std::string kind;
  // "append", "incremental", "full recomputation", "unchanged", "full refresh", "view"; "fails"
  // where the refresh policy does not let it be recomputed
  std::string mode;
  std::string reason;
  std::optional<int64_t> rows;   // estimated rows to read
  std::optional<int64_t> bytes;  // to read
  std::optional<int64_t> files;
  std::optional<int64_t> files_present;  // of the inputs; `files` of them would be read
  std::optional<int64_t> rows_to_write;  // estimated, at most
  // As long as the last run of this mode took, else the last one that changed this table.
  std::optional<double> seconds;
  // What a full refresh would read, and how long the last one took.
  std::optional<int64_t> full_rows;
  std::optional<int64_t> full_bytes;
  std::optional<double> full_seconds;
  std::string policy;                          // REFRESH POLICY of a materialized view: "AUTO" …
  std::vector<TechniquePlan> techniques = {};  // where a refresh by changes could be planned
};
struct PlanOutcome {
  std::vector<TablePlan> tables;
  Errors errors;
};
PlanOutcome Plan(Workspace& workspace, const Selection& selection);

// A table compared with what it is made of: a materialized view with a recomputation over the
// versions of its sources that it reflects, a streaming table with all that its flows have read,
// put through their queries again, or sorted where they are changes.
struct TableVerification {
  model::TableName table;
  std::string result;  // "equal", "different", "not verified"
  std::string reason;  // why not verified, or what of it was not compared
  int64_t rows = 0;    // of the table
  int64_t missing = 0;
  int64_t extra = 0;
  std::vector<std::string> examples;  // "missing: {…}", "extra: {…}": a few rows as JSON
};
struct VerifyOutcome {
  std::vector<TableVerification> tables;
  Errors errors;
};
// Of the named tables; none named: of all. Floating-point numbers are the same up to 1e-9 of their
// size.
VerifyOutcome Verify(Workspace& workspace, const std::vector<std::string>& tables);

// Where rows of a table come from.
struct WhyRequest {
  model::TableName table;
  // Column and value as text that identify the rows; the text NULL: no value.
  std::vector<std::pair<std::string, std::string>> key;
  int64_t depth = 0;   // how many hops at most; 0: as far as it goes
  int64_t limit = 20;  // rows shown of each source
};
// One row that rows of `table` come from, or, with `note`, what is said of the source as a whole.
struct SourceRow {
  int64_t depth = 0;   // 0: the rows asked for; 1: their sources …
  std::string table;   // whose rows are explained
  std::string source;  // the table or files that the row is in
  std::optional<int64_t> version;
  std::string file;            // path
  std::optional<int64_t> row;  // physical position in the file, from 0
  std::string values;          // JSON object by column, every digit exact; empty: none
  std::string note;            // "153 more rows"; why it goes no further
};
struct WhyOutcome {
  std::vector<SourceRow> rows;
  Errors errors;
};
// ROW_NOT_FOUND, COLUMN_NOT_FOUND, TABLE_NOT_FOUND. Writes nothing.
WhyOutcome Why(Workspace& workspace, const WhyRequest& request);

// How a view is computed and refreshed, as text for people.
struct ViewExplanation {
  model::TableName table;
  std::string kind;
  SourceLocation where;  // of its query
  std::string query;     // the operators, one a line, inputs indented; empty: not understood
  std::string refresh;   // how it follows changes, or why it does not
  struct Step {
    std::string table;  // that it fills
    std::string purpose;
    std::string plan;
    std::string sql;
  };
  std::vector<Step> steps;
};
struct ExplainOutcome {
  std::vector<ViewExplanation> views;
  Errors errors;
};
// Of the named materialized views; none named: of all. Writes nothing.
ExplainOutcome Explain(Workspace& workspace, const std::vector<std::string>& tables);

// What is kept of the groups of a view (docs/formats/view-state.md).
struct KeptGroups {
  int64_t groups = 0;
  int64_t bytes = 0;
  double build_seconds = 0;  // that the refresh which made it took for it
};
// Nothing where there is none, or it cannot be read.
std::optional<KeptGroups> FindKeptGroups(Workspace& workspace, const model::TableName& view);

enum class UpdateState { kCompleted, kFailed, kCanceled };

// One flow's state for progress lines; sent when it changes and a few times a second while it runs.
struct FlowProgress {
  std::string dataset;  // "schema.table" or the full name when outside of the project's catalog
  std::string flow;
  std::string status;  // QUEUED PLANNING STARTING RUNNING COMPLETED FAILED SKIPPED STOPPED EXCLUDED
  std::string mode;    // as in TablePlan
  std::string reason;
  int64_t rows_in = 0;
  int64_t rows_out = 0;
  int64_t dropped = 0;
  int64_t quarantined = 0;
  int64_t batches = 0;
  double seconds = 0;
  double percent = -1;                                // of the running query, negative when unknown
  std::vector<quality::RuleCount> rules;              // how the expectations fared
  std::optional<quality::ChangeCounts> changes = {};  // of flows that apply changes
};

struct UpdateObserver {
  std::function<void(const Json& event)> on_event;            // every event as stored
  std::function<void(const FlowProgress& progress)> on_flow;  // one at a time, any thread
};

struct UpdateOptions {
  Selection selection;
  UpdateObserver observer;
  // Set by a signal handler: 1 stops between batches, 2 interrupts running queries.
  const std::atomic<int>* stop = nullptr;
  bool wait_for_lock = false;
};

struct UpdateOutcome {
  UpdateState state = UpdateState::kCompleted;
  std::string update_id;
  std::vector<FlowProgress> flows;  // final states in dependency order
  Errors errors;                    // definition errors (nothing ran) or failures of flows
  bool definition_errors = false;   // exit status 2 instead of 1
};
// One triggered update. Refused with the other's process id when another runs on this storage.
UpdateOutcome RunUpdate(Workspace& workspace, const UpdateOptions& options);

// A view of the project that queries may read (not a temporary one).
struct ViewSummary {
  model::TableName name;
  std::string comment;
  std::string query;  // as written
};
// Of the statements that can be read, in their order.
std::vector<ViewSummary> ListViews(Workspace& workspace);
// The columns of such a view, or why they are not known.
Result<Schema> ColumnsOfView(Workspace& workspace, const model::TableName& name);

// Runs a query of `penstock sql`: names resolve to tables and (non-temporary) views of the project,
// paths to files and Delta tables. The caller reads the rows from the connection's result.
struct SqlResult {
  std::vector<std::shared_ptr<const void>> relations;  // what the query reads; outlive rows
  std::unique_ptr<duck::Connection> connection;        // outlives rows
  std::optional<duck::ResultSet> rows;
};
Result<SqlResult> RunSql(Workspace& workspace, const std::string& query);
// The engine SQL of a query of `penstock sql`, with its relations created on the connection: for
// export.
struct PreparedSql {
  std::vector<std::shared_ptr<const void>> relations;  // what the query reads
  std::unique_ptr<duck::Connection> connection;
  std::string query;
  // Path and version of each reference to a table as it is now.
  std::vector<std::pair<std::string, delta::Version>> versions = {};
};
Result<PreparedSql> PrepareSql(Workspace& workspace, const std::string& query);

// The status of a table for `table show`: staleness against its recorded sources.
struct Staleness {
  bool stale = false;
  std::vector<std::string> reasons;  // "main.default.silver: reflects version 4, now 6"
  // The tables that it was made of, those that these were made of in turn, and so on.
  struct Source {
    std::string table;
    delta::Version version = 0;             // that it reflects
    std::optional<delta::Version> newest;   // nothing: the table cannot be read
    std::vector<std::string> through = {};  // the tables in between, the nearest first
  };
  std::vector<Source> sources = {};
};
Result<Staleness> CheckStaleness(Workspace& workspace, const model::TableName& table);

}  // namespace penstock::run
