#include <utility>

#include "api/lake_state.h"
#include "delta/table_columns.h"
#include "lake/clustering.h"

namespace penstock {
namespace {

lake::WriteMode ModeOf(DeltaWriteMode mode) {
  switch (mode) {
    case DeltaWriteMode::kAppend:
      return lake::WriteMode::kAppend;
    case DeltaWriteMode::kOverwrite:
      return lake::WriteMode::kOverwrite;
    case DeltaWriteMode::kReplaceWhere:
      return lake::WriteMode::kReplaceWhere;
    case DeltaWriteMode::kDynamicPartitions:
      return lake::WriteMode::kDynamicPartitions;
  }
  return lake::WriteMode::kAppend;
}

lake::MergeClause::When WhenOf(DeltaMergeClause::When when) {
  switch (when) {
    case DeltaMergeClause::When::kMatched:
      return lake::MergeClause::When::kMatched;
    case DeltaMergeClause::When::kNotMatched:
      return lake::MergeClause::When::kNotMatched;
    case DeltaMergeClause::When::kNotMatchedBySource:
      return lake::MergeClause::When::kNotMatchedBySource;
  }
  return lake::MergeClause::When::kMatched;
}

lake::MergeClause::Action ActionOf(DeltaMergeClause::Action action) {
  switch (action) {
    case DeltaMergeClause::Action::kUpdate:
      return lake::MergeClause::Action::kUpdate;
    case DeltaMergeClause::Action::kUpdateAll:
      return lake::MergeClause::Action::kUpdateStar;
    case DeltaMergeClause::Action::kDelete:
      return lake::MergeClause::Action::kDelete;
    case DeltaMergeClause::Action::kInsert:
      return lake::MergeClause::Action::kInsert;
    case DeltaMergeClause::Action::kInsertAll:
      return lake::MergeClause::Action::kInsertStar;
  }
  return lake::MergeClause::Action::kDelete;
}

// What a row of each kind may be asked.
run::TextScope ScopeOf(DeltaMergeClause::When when) {
  return {when != DeltaMergeClause::When::kNotMatched,
          when != DeltaMergeClause::When::kNotMatchedBySource};
}

// Assignments on their way to the engine.
class Assignments {
 public:
  Status Add(const std::vector<DeltaAssignment>& assignments,
             const std::vector<delta::TableColumn>& columns, run::TextScope scope,
             OperationTexts* texts) {
    for (const DeltaAssignment& assignment : assignments) {
      lake::Assignment made;
      made.column = lake::ParseColumnPath(columns, assignment.column);
      made.is_default = !assignment.value;
      made.value = "DEFAULT";
      std::optional<size_t> number;
      if (assignment.value) {
        RETURN_IF_ERROR(texts->Add(*assignment.value, &number, scope));
        if (!number) {
          return UserError("SQL_SYNTAX", "the value for " + assignment.column + " is empty",
                           "Give an expression, such as NULL or ''.");
        }
      }
      made_.push_back(std::move(made));
      numbers_.push_back(number);
    }
    return OkStatus();
  }

  std::vector<lake::Assignment> Bound(const OperationTexts& texts) const {
    std::vector<lake::Assignment> bound = made_;
    for (size_t i = 0; i < bound.size(); ++i) {
      if (!bound[i].is_default) bound[i].value = texts.Expression(numbers_[i]);
    }
    return bound;
  }

 private:
  std::vector<lake::Assignment> made_;
  std::vector<std::optional<size_t>> numbers_;
};

// The clauses of a merge on their way to the engine.
class MergeClauses {
 public:
  Status Add(const DeltaMerge& merge, const std::vector<delta::TableColumn>& columns,
             OperationTexts* texts) {
    for (const DeltaMergeClause& clause : merge.clauses) {
      Part part;
      part.made.when = WhenOf(clause.when);
      part.made.action = ActionOf(clause.action);
      const run::TextScope scope = ScopeOf(clause.when);
      RETURN_IF_ERROR(texts->Add(clause.condition, &part.condition, scope));
      RETURN_IF_ERROR(part.assignments.Add(clause.assignments, columns, scope, texts));
      parts_.push_back(std::move(part));
    }
    return OkStatus();
  }

  std::vector<lake::MergeClause> Bound(const OperationTexts& texts) const {
    std::vector<lake::MergeClause> bound;
    for (const Part& part : parts_) {
      bound.push_back(part.made);
      bound.back().condition = texts.Expression(part.condition);
      bound.back().assignments = part.assignments.Bound(texts);
    }
    return bound;
  }

 private:
  struct Part {
    lake::MergeClause made;
    std::optional<size_t> condition;
    Assignments assignments;
  };
  std::vector<Part> parts_;
};

Error Missing(const char* what, const char* remedy) { return UserError("USAGE", what, remedy); }

Result<DeltaOutcome> WriteOnce(DeltaTable::State& state, std::string_view query,
                               const DeltaWrite& write) {
  RETURN_IF_ERROR(state.Changeable("a write"));
  const bool replaces = write.mode == DeltaWriteMode::kReplaceWhere;
  if (replaces == write.replace_where.empty()) {
    return Missing("replace_where and the mode kReplaceWhere come together", "Give both or none.");
  }
  if (write.overwrite_schema && write.mode != DeltaWriteMode::kOverwrite) {
    return Missing("overwrite_schema goes with the mode kOverwrite alone", "Change the mode.");
  }
  OperationTexts texts(*state.lake, state.text);
  std::optional<size_t> replaced;
  RETURN_IF_ERROR(texts.SetSource(query));
  RETURN_IF_ERROR(texts.Add(write.replace_where, &replaced));
  RETURN_IF_ERROR(texts.Bind());
  lake::WriteRequest request;
  request.query = texts.source();
  request.by_name = !write.by_position;
  request.mode = ModeOf(write.mode);
  request.replace_where = texts.Expression(replaced);
  request.merge_schema = write.merge_schema;
  request.overwrite_schema = write.overwrite_schema;
  if (write.transaction) {
    request.transactions = {{write.transaction->first, write.transaction->second, {}}};
  }
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::WriteRows(texts.LakeFor(state.table.path), *state.table.table, request));
  return OutcomeOf(result);
}

Result<DeltaOutcome> DeleteOnce(DeltaTable::State& state, std::string_view condition) {
  RETURN_IF_ERROR(state.Changeable("a delete"));
  OperationTexts texts(*state.lake, state.text);
  std::optional<size_t> number;
  RETURN_IF_ERROR(texts.Add(condition, &number));
  RETURN_IF_ERROR(texts.Bind());
  lake::DeleteRequest request;
  request.alias = texts.alias();
  request.condition = texts.Expression(number);
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::DeleteRows(texts.LakeFor(state.table.path), *state.table.table, request));
  return OutcomeOf(result);
}

Result<DeltaOutcome> UpdateOnce(DeltaTable::State& state,
                                const std::vector<DeltaAssignment>& assignments,
                                std::string_view condition) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state.Changeable("an update"));
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(snapshot->metadata()));
  if (assignments.empty()) return Missing("the update assigns nothing", "Name a column.");
  OperationTexts texts(*state.lake, state.text);
  Assignments values;
  std::optional<size_t> number;
  RETURN_IF_ERROR(values.Add(assignments, columns, {}, &texts));
  RETURN_IF_ERROR(texts.Add(condition, &number));
  RETURN_IF_ERROR(texts.Bind());
  lake::UpdateRequest request;
  request.alias = texts.alias();
  request.assignments = values.Bound(texts);
  request.condition = texts.Expression(number);
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::UpdateRows(texts.LakeFor(state.table.path), *state.table.table, request));
  return OutcomeOf(result);
}

Result<DeltaOutcome> MergeOnce(DeltaTable::State& state, const DeltaMerge& merge) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, state.Changeable("a merge"));
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(snapshot->metadata()));
  if (merge.on.empty() || merge.clauses.empty()) {
    return Missing("a merge needs a condition and a clause", "Fill `on` and `clauses`.");
  }
  OperationTexts texts(*state.lake, state.text);
  std::optional<size_t> on;
  MergeClauses clauses;
  RETURN_IF_ERROR(texts.SetSource(merge.source));
  RETURN_IF_ERROR(texts.Add(merge.on, &on, {true, true}));
  RETURN_IF_ERROR(clauses.Add(merge, columns, &texts));
  RETURN_IF_ERROR(texts.Bind());
  lake::MergeRequest request;
  request.source = texts.source();
  request.source_alias = texts.source_alias();
  request.alias = texts.alias();
  request.on = texts.Expression(on);
  request.clauses = clauses.Bound(texts);
  request.schema_evolution = merge.schema_evolution;
  ASSIGN_OR_RETURN(const lake::OperationResult result,
                   lake::MergeRows(texts.LakeFor(state.table.path), *state.table.table, request));
  return OutcomeOf(result);
}

// Of an operation that other writers overtake; each binds its texts to the newest state.
constexpr int kAttempts = 10;

template <typename Operation>
Result<DeltaOutcome> Repeated(DeltaTable::State& state, const Operation& once) {
  const std::lock_guard lock(state.mutex);
  for (int attempt = 1;; ++attempt) {
    Result<DeltaOutcome> outcome = once(state);
    const bool overtaken = !outcome.ok() && outcome.error().code == "COMMIT_CONFLICT";
    if (!overtaken || attempt == kAttempts) return outcome;
  }
}

}  // namespace

Result<DeltaOutcome> DeltaTable::Write(std::string_view query, const DeltaWrite& write) {
  return Repeated(*state_, [&](State& state) { return WriteOnce(state, query, write); });
}

Result<DeltaOutcome> DeltaTable::Delete(std::string_view condition) {
  return Repeated(*state_, [&](State& state) { return DeleteOnce(state, condition); });
}

Result<DeltaOutcome> DeltaTable::Update(const std::vector<DeltaAssignment>& assignments,
                                        std::string_view condition) {
  return Repeated(*state_, [&](State& state) { return UpdateOnce(state, assignments, condition); });
}

Result<DeltaOutcome> DeltaTable::Merge(const DeltaMerge& merge) {
  return Repeated(*state_, [&](State& state) { return MergeOnce(state, merge); });
}

}  // namespace penstock
