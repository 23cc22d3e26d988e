#include "lake/merge_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/sql_text.h"
#include "base/text.h"
#include "lake/row_change.h"
#include "lake/table_rules.h"

namespace penstock::lake {
namespace {

using When = MergeClause::When;
using Action = MergeClause::Action;

// A clause with the values that it gives; deletes give none.
struct ValuedClause {
  size_t index = 0;
  const MergeClause* clause = nullptr;
  ColumnValues values;
};

Error ColumnMissing(const std::string& name, const char* action) {
  return UserError(
      "MERGE_COLUMN_MISSING",
      std::string("the source of the MERGE has no column ") + name + ", which " + action + " needs",
      "Name the columns to assign, or add the column to the source.");
}

class MergePlanner {
 public:
  MergePlanner(const Lake& lake, const ChangeTarget& target, const MergeInput& input)
      : lake_(lake), target_(target), input_(input), request_(*input.request) {}

  Result<MergePlan> Plan() {
    RETURN_IF_ERROR(ValueClauses());
    MergePlan plan;
    plan.with_row_ids = KeepsRowIds();
    plan.matches = MatchesQuery();
    plan.unmatched_targets = UnmatchedTargetsQuery();
    plan.may_match_several = matched_.size() == 1 && matched_[0].clause->condition.empty() &&
                             matched_[0].clause->action == Action::kDelete;
    ASSIGN_OR_RETURN(plan.update_rows, UpdateRowsQuery());
    ASSIGN_OR_RETURN(plan.insert_rows, InsertRowsQuery());
    return plan;
  }

 private:
  std::string TargetFrom() const {
    return "(" + input_.relation + ") AS " + QuoteIdentifier(request_.alias);
  }
  std::string SourceFrom() const {
    return input_.source_table + " AS " + QuoteIdentifier(request_.source_alias);
  }
  std::string JoinFrom() const {
    return TargetFrom() + " JOIN " + SourceFrom() + " ON (" + request_.on + ")";
  }

  Status ValueClauses() {
    const auto old = OldValues(target_, request_.alias);
    for (size_t i = 0; i < request_.clauses.size(); ++i) {
      const MergeClause& clause = request_.clauses[i];
      ValuedClause valued{i, &clause, {}};
      if (clause.action != Action::kDelete) {
        ASSIGN_OR_RETURN(const auto assignments, Assignments(clause));
        const bool inserts = IsInsert(clause);
        const std::string from = inserts                         ? SourceFrom()
                                 : clause.when == When::kMatched ? JoinFrom()
                                                                 : TargetFrom();
        ASSIGN_OR_RETURN(valued.values,
                         AssignedValues(lake_, target_.columns, assignments,
                                        inserts ? std::vector<std::string>() : old, from));
      }
      auto& list = clause.when == When::kMatched      ? matched_
                   : clause.when == When::kNotMatched ? not_matched_
                                                      : unmatched_targets_;
      list.push_back(std::move(valued));
    }
    return OkStatus();
  }

  Result<std::vector<Assignment>> Assignments(const MergeClause& clause) const {
    const bool update_star = clause.action == Action::kUpdateStar;
    if (!update_star && clause.action != Action::kInsertStar) return clause.assignments;
    std::vector<Assignment> assignments;
    for (const delta::TableColumn& column : target_.columns) {
      if (const Field* field = FindField(input_.source, column.name)) {
        assignments.push_back(
            {{column.name},
             QuoteIdentifier(request_.source_alias) + "." + QuoteIdentifier(field->name),
             false});
        continue;
      }
      const bool fills_itself =
          column.metadata.contains("delta.generationExpression") ||
          (!update_star && (IsIdentity(column) || column.metadata.contains("CURRENT_DEFAULT")));
      if (!fills_itself && !request_.schema_evolution) {
        return ColumnMissing(column.name, update_star ? "UPDATE SET *" : "INSERT *");
      }
    }
    return assignments;
  }

  // CASE over the conditions of clauses in their order, with `value` of each; NULL when none fits.
  template <typename Value>
  static std::string Choice(const std::vector<ValuedClause>& clauses, const Value& value) {
    std::string text;
    for (const ValuedClause& clause : clauses) {
      if (clause.clause->condition.empty()) {
        return text.empty() ? value(clause) : "CASE" + text + " ELSE " + value(clause) + " END";
      }
      text += " WHEN (" + clause.clause->condition + ") THEN " + value(clause);
    }
    return text.empty() ? "NULL" : "CASE" + text + " END";
  }

  static std::string ClauseNumber(const std::vector<ValuedClause>& clauses) {
    return "CAST(" +
           Choice(clauses, [](const ValuedClause& c) { return std::to_string(c.index); }) +
           " AS INTEGER)";
  }

  bool HasUpdates() const {
    return std::any_of(request_.clauses.begin(), request_.clauses.end(), IsUpdate);
  }

  // Rows that stay the same row in another file take their ids along.
  bool KeepsRowIds() const { return target_.tracks_rows() && HasUpdates(); }

  // ", old values …, new values …" of rows that those clauses change.
  std::string RowValues(const std::vector<ValuedClause>& clauses) const {
    std::string list;
    if (KeepsRowIds()) list = ", " + QuoteIdentifier(request_.alias) + "." + kRowIdColumn;
    const auto old = OldValues(target_, request_.alias);
    for (size_t i = 0; i < target_.columns.size(); ++i) {
      if (target_.change_feed) list += ", " + old[i] + " AS " + NumberedColumn("__p", i);
      if (!HasUpdates()) continue;
      const std::string null = "CAST(NULL AS " + EngineType(target_.columns[i].type) + ")";
      const std::string value = Choice(clauses, [&](const ValuedClause& clause) {
        return clause.values.empty() || !clause.values[i] ? null : *clause.values[i];
      });
      list += ", " + (value == "NULL" ? null : value) + " AS " + NumberedColumn("__n", i);
    }
    return list;
  }

  std::string MatchesQuery() const {
    const std::string source =
        QuoteIdentifier(request_.source_alias) + "." + QuoteIdentifier(kSourceRowColumn);
    if (!NeedsPositions(request_)) {
      return "SELECT DISTINCT " + source + " AS " + QuoteIdentifier(kSourceRowColumn) +
             ", CAST(NULL AS INTEGER) AS " + QuoteIdentifier(kClauseColumn) + " FROM " + JoinFrom();
    }
    std::string query = "SELECT " + Positions() + ", " + source + " AS " +
                        QuoteIdentifier(kSourceRowColumn) + ", " + ClauseNumber(matched_) + " AS " +
                        QuoteIdentifier(kClauseColumn) + RowValues(matched_) + " FROM " +
                        JoinFrom();
    const bool all_matter = !not_matched_.empty() || !unmatched_targets_.empty();
    if (!all_matter) query += " WHERE " + ClauseNumber(matched_) + " IS NOT NULL";
    return query;
  }

  std::string Positions() const {
    const std::string alias = QuoteIdentifier(request_.alias) + ".";
    return alias + QuoteIdentifier(kFileNumberColumn) + ", " + alias +
           QuoteIdentifier(kRowPositionColumn);
  }

  std::string UnmatchedTargetsQuery() const {
    if (unmatched_targets_.empty()) return "";
    const std::string alias = QuoteIdentifier(request_.alias) + ".";
    std::string on;
    for (const char* column : {kFileNumberColumn, kRowPositionColumn}) {
      on += (on.empty() ? "" : " AND ") + alias + QuoteIdentifier(column) + " = \"__known\"." +
            QuoteIdentifier(column);
    }
    const std::string clause = ClauseNumber(unmatched_targets_);
    return "SELECT " + Positions() + ", NULL, " + clause + RowValues(unmatched_targets_) +
           " FROM " + TargetFrom() + " ANTI JOIN (" + PositionsOf(input_.matches_table) +
           ") AS \"__known\" ON " + on + " WHERE " + clause + " IS NOT NULL";
  }

  // Clauses that give values for the same columns read as one.
  Result<std::string> UpdateRowsQuery() const {
    std::map<std::vector<bool>, std::string> groups;
    for (const auto* clauses : {&matched_, &unmatched_targets_}) {
      for (const ValuedClause& clause : *clauses) {
        if (clause.values.empty()) continue;
        std::vector<bool> given;
        for (const auto& value : clause.values) given.push_back(value.has_value());
        std::string& numbers = groups[given];
        numbers += (numbers.empty() ? "" : ", ") + std::to_string(clause.index);
      }
    }
    std::string query;
    for (const auto& [given, numbers] : groups) {
      ColumnValues values(given.size());
      for (size_t i = 0; i < given.size(); ++i) {
        if (given[i]) values[i] = NumberedColumn("__n", i);
      }
      if (KeepsRowIds()) values.emplace_back(kRowIdColumn);
      const std::string from = input_.matches_table + " WHERE " + QuoteIdentifier(kClauseColumn) +
                               " IN (" + numbers + ")";
      ASSIGN_OR_RETURN(const std::string rows, RowsQuery(WrittenColumns(target_, KeepsRowIds()),
                                                         values, from, lake_.translate));
      query += (query.empty() ? "" : " UNION ALL ") + ("(" + rows + ")");
    }
    return query;
  }

  Result<std::string> InsertRowsQuery() const {
    const std::string number = QuoteIdentifier(kSourceRowColumn);
    const std::string from = "(SELECT \"__all\".* FROM " + input_.source_table +
                             " AS \"__all\" ANTI JOIN " + input_.matches_table +
                             " AS \"__known\" ON \"__all\"." + number + " = \"__known\"." + number +
                             ") AS " + QuoteIdentifier(request_.source_alias);
    std::string query, earlier;
    for (const ValuedClause& clause : not_matched_) {
      const std::string& condition = clause.clause->condition;
      const std::string mine = condition.empty() ? "true" : "(" + condition + ")";
      ColumnValues values = clause.values;
      if (KeepsRowIds()) values.emplace_back();
      ASSIGN_OR_RETURN(const std::string rows,
                       RowsQuery(WrittenColumns(target_, KeepsRowIds()), values,
                                 from + " WHERE " + mine + earlier, lake_.translate));
      query += (query.empty() ? "" : " UNION ALL ") + ("(" + rows + ")");
      if (condition.empty()) break;
      earlier += " AND NOT coalesce((" + condition + "), false)";
    }
    return query;
  }

  const Lake& lake_;
  const ChangeTarget& target_;
  const MergeInput& input_;
  const MergeRequest& request_;
  std::vector<ValuedClause> matched_;
  std::vector<ValuedClause> not_matched_;
  std::vector<ValuedClause> unmatched_targets_;
};

}  // namespace

Result<MergePlan> PlanMerge(const Lake& lake, const ChangeTarget& target, const MergeInput& input) {
  return MergePlanner(lake, target, input).Plan();
}

bool NeedsPositions(const MergeRequest& request) {
  return std::any_of(request.clauses.begin(), request.clauses.end(),
                     [](const MergeClause& clause) { return clause.when != When::kNotMatched; });
}

bool IsUpdate(const MergeClause& clause) {
  return clause.action == Action::kUpdate || clause.action == Action::kUpdateStar;
}

bool IsInsert(const MergeClause& clause) {
  return clause.action == Action::kInsert || clause.action == Action::kInsertStar;
}

}  // namespace penstock::lake
