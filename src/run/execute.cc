#include "run/execute.h"

#include "base/text.h"
#include "delta/transaction.h"
#include "duck/instant.h"
#include "lake/table_rows.h"
#include "run/quarantine.h"
#include "run/relation_sql.h"
#include "run/stored_expression.h"

namespace penstock::run {
namespace {

using model::OnViolation;

bool NeedsPosition(const quality::Rule& rule) {
  return rule.declared.on_violation == OnViolation::kQuarantine ||
         std::holds_alternative<model::UniqueRule>(rule.declared.rule);
}

// Of the rules over single rows that take rows out.
std::vector<std::string> ConditionsThatKeep(const BoundNode& bound) {
  std::vector<std::string> conditions;
  for (const quality::Rule& rule : bound.rules) {
    if (quality::TakesRowsOut(rule) && std::holds_alternative<model::RowRule>(rule.declared.rule)) {
      conditions.push_back(rule.condition);
    }
  }
  return conditions;
}

// The rules of one dataset while a query runs through them.
struct DatasetCheck {
  std::string dataset;
  std::vector<const quality::Rule*> rules;
  std::unique_ptr<duck::RowCheck> check;
};

class Execution {
 public:
  Execution(UpdateContext& context, const QueryRun& run, duck::Connection connection)
      : context_(context), run_(run), connection_(std::move(connection)) {}

  Result<QueryOutcome> Run() {
    const QueryScope scope(context_.queries,
                           {&connection_, model::ToString(run_.node.dataset.name), [this] {
                              int64_t rows = 0;
                              for (const auto& scan : run_.leaves.scans) {
                                rows += scan->counts().records;
                              }
                              return rows;
                            }});
    if (run_.replaces && run_.target.snapshot != nullptr) {
      RETURN_IF_ERROR(delta::CheckRemovable(run_.target.snapshot->metadata()));
    }
    for (const auto& [name, query] : run_.leaves.queries)
      RETURN_IF_ERROR(CreateView(connection_, name, query));
    RETURN_IF_ERROR(CreateViews());
    ASSIGN_OR_RETURN(std::string query, RootQuery());
    if (run_.instant) RETURN_IF_ERROR(duck::BeginAt(connection_, *run_.instant, query));
    if (run_.store) return Stored(query);
    ASSIGN_OR_RETURN(const lake::TableRows rows, Ruled(std::move(query)));
    auto written =
        lake::WriteDataFiles(connection_, *context_.workspace.storage, run_.target.path, rows.query,
                             run_.columns, rows.options, context_.workspace.clock->Now() / 1000);
    if (!written.ok()) {
      return Explained(
          lake::RuleViolation(std::move(written).error(), rows.rules, run_.target.path));
    }
    QueryOutcome outcome;
    outcome.written = *std::move(written);
    if (run_.instant) RETURN_IF_ERROR(connection_.Execute("COMMIT"));
    Status finished = Finish(&outcome);
    if (!finished.ok()) {
      RemoveWritten(outcome.written);
      return std::move(finished).error();
    }
    return outcome;
  }

 private:
  Result<QueryOutcome> Stored(const std::string& query) {
    auto written = run_.store(connection_, query);
    if (!written.ok()) return Explained(std::move(written).error());
    QueryOutcome outcome;
    outcome.written = *std::move(written);
    outcome.written.files.clear();
    RETURN_IF_ERROR(Finish(&outcome));
    return outcome;
  }

  // A table that is there has rules of its own, also for what another tool set.
  Result<lake::TableRows> Ruled(std::string query) const {
    if (run_.target.snapshot == nullptr) {
      return lake::TableRows{std::move(query), WriteOptionsOf(), {}};
    }
    ASSIGN_OR_RETURN(
        lake::TableRows rows,
        lake::RowsForTable(run_.target.snapshot->metadata(), run_.columns, query, TranslateStored));
    rows.options.partition_columns = WriteOptionsOf().partition_columns;
    return rows;
  }

  Status CreateViews() {
    for (const graph::ViewInstance& view : run_.flow.query.views) {
      std::string query =
          run_.with_position && !view.carried_text.empty() ? view.carried_text : view.text;
      ASSIGN_OR_RETURN(query, Checked(view.dataset, std::move(query)));
      RETURN_IF_ERROR(CreateView(connection_, view.placeholder, query));
    }
    return OkStatus();
  }

  // A view's rules count where the view is read.
  Result<std::string> Checked(size_t dataset, std::string query) {
    const BoundNode& bound = context_.pipeline.bound[dataset];
    if (bound.rules.empty()) return query;
    const auto& node = context_.pipeline.graph.nodes[dataset];
    ASSIGN_OR_RETURN(DatasetCheck check, CheckOf(model::ToString(node.dataset.name), bound, false));
    query = check.check->WrapForReaders(query, run_.with_position);
    checks_.push_back(std::move(check));
    return query;
  }

  Result<std::string> RootQuery() {
    const std::string& text =
        run_.with_position ? run_.flow.query.carried_text : run_.flow.query.text;
    std::string query = AlignColumns(text, run_.flow.output, run_.columns, run_.with_position);
    ASSIGN_OR_RETURN(DatasetCheck check,
                     CheckOf(model::ToString(run_.node.dataset.name), run_.bound, true));
    if (check.rules.empty()) return query;
    query = check.check->Wrap(query, run_.with_position);
    root_check_ = checks_.size();
    checks_.push_back(std::move(check));
    return query;
  }

  Result<DatasetCheck> CheckOf(std::string dataset, const BoundNode& bound, bool is_root) {
    DatasetCheck check{std::move(dataset), {}, nullptr};
    std::vector<duck::RowRuleSpec> specs;
    for (const quality::Rule& rule : bound.rules) {
      if (!quality::JudgesRows(rule)) continue;
      quality::RowRuleContext rows;
      rows.has_position = run_.with_position;
      rows.kept_when = ConditionsThatKeep(bound);
      if (is_root) {
        ASSIGN_OR_RETURN(rows.existing, ExistingRelation());
      }
      if (const auto* key = std::get_if<model::ForeignKeyRule>(&rule.declared.rule)) {
        ASSIGN_OR_RETURN(rows.referenced, ReferencedRelation(rule, *key));
      }
      specs.push_back(quality::RowRuleOf(rule, rows));
      check.rules.push_back(&rule);
    }
    check.check = std::make_unique<duck::RowCheck>(std::move(specs), /*null_passes=*/true);
    return check;
  }

  // A relation that queries may use until the execution ends.
  Result<std::string> Kept(Result<lake::Relation> relation) {
    RETURN_IF_ERROR(relation);
    kept_.push_back(std::move(relation->scan));
    return "(" + relation->sql + ")";
  }

  Result<std::string> ExistingRelation() {
    if (run_.target.snapshot == nullptr || run_.replaces) return std::string();
    const auto& snapshot = *run_.target.snapshot;
    return Kept(lake::SnapshotRelation(run_.target.path, snapshot));
  }

  Result<std::string> ReferencedRelation(const quality::Rule& rule,
                                         const model::ForeignKeyRule& key) {
    ASSIGN_OR_RETURN(const auto table, context_.workspace.catalog->Open(key.references));
    auto snapshot = table->Latest();
    if (!snapshot.ok()) {
      return std::move(snapshot)
          .error()
          .Because("the expectation " + rule.declared.name + " refers to " +
                   model::ToString(key.references))
          .At(rule.declared.where);
    }
    return Kept(lake::SnapshotRelation(table->path(), **snapshot));
  }

  lake::WriteOptions WriteOptionsOf() const {
    lake::WriteOptions options;
    for (const std::string& name : run_.node.dataset.partitioned_by) {
      const Field* field = FindField(run_.columns, name);
      if (field != nullptr) options.partition_columns.push_back(field->name);
    }
    return options;
  }

  // Names the expectation that ended the query, with the row.
  Error Explained(Error error) const {
    for (const DatasetCheck& check : checks_) {
      const auto failure = check.check->failure();
      if (!failure) continue;
      return ExpectationFailed(*check.rules[failure->first], check.dataset, failure->second);
    }
    return error;
  }

  Status Finish(QueryOutcome* outcome) {
    outcome->counts.rows_out = outcome->written.rows;
    outcome->counts.rows_in = outcome->written.rows;
    for (size_t i = 0; i < checks_.size(); ++i) {
      const auto counts = checks_[i].check->counts();
      if (root_check_ == i) {
        outcome->counts.rows_in = counts.rows_in;
        outcome->counts.dropped = counts.dropped;
        outcome->counts.quarantined = counts.quarantined;
      }
      for (size_t rule = 0; rule < checks_[i].rules.size(); ++rule) {
        const model::Expectation& declared = checks_[i].rules[rule]->declared;
        outcome->counts.rules.push_back({declared.name, checks_[i].dataset, declared.on_violation,
                                         counts.passed[rule], counts.failed[rule]});
      }
    }
    for (const auto& scan : run_.leaves.scans) outcome->counts.malformed += scan->counts().dropped;
    if (!quality::Reconciles(outcome->counts)) {
      return InternalError("rows in " + std::to_string(outcome->counts.rows_in) + " are not out " +
                           std::to_string(outcome->counts.rows_out) + " + dropped " +
                           std::to_string(outcome->counts.dropped) + " + quarantined " +
                           std::to_string(outcome->counts.quarantined));
    }
    RETURN_IF_ERROR(AskTableRules(outcome));
    return SpoolSetAside(outcome);
  }

  Status AskTableRules(QueryOutcome* outcome) {
    std::string relation;
    for (const quality::Rule& rule : run_.bound.rules) {
      if (quality::JudgesRows(rule)) continue;
      bool holds = true;
      if (const auto* columns = std::get_if<model::ColumnsRule>(&rule.declared.rule)) {
        holds = quality::HoldsForColumns(*columns, run_.columns);
      } else {
        if (relation.empty()) {
          ASSIGN_OR_RETURN(relation, RelationAfter(outcome->written));
        }
        ASSIGN_OR_RETURN(holds, Ask(*quality::TableQuestion(rule, relation)));
      }
      outcome->counts.rules.push_back({rule.declared.name, model::ToString(run_.node.dataset.name),
                                       rule.declared.on_violation, holds ? 1 : 0, holds ? 0 : 1});
      if (!holds && rule.declared.on_violation == OnViolation::kFail) {
        return DataError("EXPECTATION_FAILED",
                         "the expectation " + rule.declared.name + " of " +
                             model::ToString(run_.node.dataset.name) +
                             " does not hold for the table as it would be",
                         "Repair the input or the rule; nothing was committed.")
            .At(rule.declared.where);
      }
    }
    return OkStatus();
  }

  // The table as it would be after the commit.
  Result<std::string> RelationAfter(const lake::WriteResult& written) {
    std::vector<delta::AddFile> files = written.files;
    if (run_.target.snapshot != nullptr && !run_.replaces) {
      const auto& present = run_.target.snapshot->files();
      files.insert(files.end(), present.begin(), present.end());
    }
    const delta::Metadata metadata =
        delta::NewMetadata(run_.columns, WriteOptionsOf().partition_columns, {}, std::nullopt, 0);
    return Kept(lake::RelationOfFiles(run_.target.path, metadata, files));
  }

  Result<bool> Ask(const std::string& question) {
    ASSIGN_OR_RETURN(duck::ResultSet rows, connection_.Query(question));
    ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
    return !any || rows.IsNull(0, 0) || rows.Int64(0, 0) != 0;
  }

  Status SpoolSetAside(QueryOutcome* outcome) {
    if (!root_check_ || outcome->counts.quarantined == 0) return OkStatus();
    const DatasetCheck& check = checks_[*root_check_];
    SetAsideSpool spool(context_, run_.node, check.rules);
    RETURN_IF_ERROR(
        check.check->TakeSetAside([&](const duck::SetAsideRow& row) { return spool.Add(row); }));
    ASSIGN_OR_RETURN(outcome->set_aside_files, spool.Finish());
    return OkStatus();
  }

  void RemoveWritten(const lake::WriteResult& written) {
    for (const delta::AddFile& file : written.files) {
      // Nothing refers to the file; what cannot be removed only takes space.
      (void)context_.workspace.storage->Delete(
          io::JoinPath(run_.target.path, PercentDecode(file.path)));
    }
  }

  UpdateContext& context_;
  const QueryRun& run_;
  std::vector<std::shared_ptr<const void>> kept_;
  duck::Connection connection_;
  std::vector<DatasetCheck> checks_;
  std::optional<size_t> root_check_;
};

}  // namespace

Error ExpectationFailed(const quality::Rule& rule, const std::string& dataset,
                        const std::string& row) {
  return DataError("EXPECTATION_FAILED",
                   "the expectation " + rule.declared.name + " of " + dataset +
                       " failed, for instance for the row " + row,
                   "Repair the input, or choose ON VIOLATION DROP ROW or QUARANTINE; nothing "
                   "was committed.")
      .At(rule.declared.where);
}

bool WantsPosition(const BoundNode& bound, const BoundFlow& flow) {
  if (flow.query.carried_text.empty()) return false;
  bool needed = false;
  for (const quality::Rule& rule : bound.rules) needed |= NeedsPosition(rule);
  return needed;
}

Result<QueryOutcome> ExecuteQuery(UpdateContext& context, const QueryRun& run) {
  ASSIGN_OR_RETURN(duck::Connection connection, context.workspace.engine->Connect());
  return Execution(context, run, std::move(connection)).Run();
}

}  // namespace penstock::run
