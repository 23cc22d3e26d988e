#include "run/change_rules.h"

#include "run/execute.h"
#include "run/quarantine.h"
#include "run/view_rows.h"

namespace penstock::run {
namespace {

using duck::QuoteIdentifier;
using model::OnViolation;

constexpr char kRow[] = "__penstock_row";
constexpr char kCopies[] = "__penstock_copies";

// "(a) IS FALSE OR …" of the conditions of such rules; a condition that is NULL holds.
template <typename Takes>
std::string Broken(const std::vector<const quality::Rule*>& rules, const Takes& takes) {
  std::string text;
  for (const quality::Rule* rule : rules) {
    if (!takes(*rule)) continue;
    text += (text.empty() ? "((" : " OR ((") + rule->condition + ") IS FALSE)";
  }
  return text;
}

bool SetsAside(const quality::Rule& rule) {
  return rule.declared.on_violation == OnViolation::kQuarantine;
}

}  // namespace

const quality::Rule* RuleOfMoreThanARow(const std::vector<quality::Rule>& rules) {
  for (const quality::Rule& rule : rules) {
    if (!std::holds_alternative<model::RowRule>(rule.declared.rule) &&
        !std::holds_alternative<model::ColumnsRule>(rule.declared.rule)) {
      return &rule;
    }
  }
  return nullptr;
}

ChangeRules::ChangeRules(UpdateContext& context, size_t node, const algebra::NodePtr& query,
                         duck::Connection& connection)
    : context_(context),
      node_(context.pipeline.graph.nodes[node]),
      bound_(context.pipeline.bound[node]),
      query_(query),
      connection_(connection),
      taken_out_(&connection) {
  std::vector<duck::RowRuleSpec> specs;
  for (const quality::Rule& rule : bound_.rules) {
    if (!quality::JudgesRows(rule)) continue;
    rules_.push_back(&rule);
    specs.push_back(quality::RowRuleOf(rule, {}));
  }
  if (!rules_.empty()) check_ = std::make_unique<duck::RowCheck>(std::move(specs), true);
}

Result<std::optional<std::string>> ChangeRules::TakeOut(const ivm::Program& program) {
  const std::string broken =
      Broken(rules_, [](const quality::Rule& rule) { return quality::TakesRowsOut(rule); });
  if (broken.empty()) return std::optional<std::string>();
  const auto places = PlacesOf(*query_, bound_.columns);
  if (!places) return std::optional<std::string>("its columns are not those of the query");
  const std::string table =
      QuoteIdentifier(program.replacement ? program.replacement->rows : program.change);
  const std::string copies =
      program.replacement ? "1" : "c" + std::to_string(query_->columns.size());
  RETURN_IF_ERROR(taken_out_.Fill(
      "SELECT * FROM (SELECT rowid AS " + std::string(kRow) + ", " + copies + " AS " + kCopies +
      ", " + StepColumns(*places, bound_.columns) + " FROM " + table + ") WHERE " + broken));
  const std::string set_aside = Broken(rules_, SetsAside);
  if (!set_aside.empty()) {
    ASSIGN_OR_RETURN(const int64_t gone, Count("(" + set_aside + ") AND " + kCopies + " < 0"));
    bool empty = true;
    if (program.replacement) {
      ASSIGN_OR_RETURN(empty, QuarantineIsEmpty());
    }
    if (gone > 0 || !empty) {
      return std::optional<std::string>("rows that it set aside may be no rows of it any more");
    }
  }
  RETURN_IF_ERROR(connection_.Execute("DELETE FROM " + table + " WHERE rowid IN (SELECT " + kRow +
                                      " FROM " + taken_out_.name() + ")"));
  return std::optional<std::string>();
}

Result<quality::RowCounts> ChangeRules::Judge(const std::string& added) {
  quality::RowCounts counts;
  const std::string dataset = model::ToString(node_.dataset.name);
  if (check_) {
    std::string names;
    for (const Field& field : bound_.columns) {
      names += (names.empty() ? "" : ", ") + QuoteIdentifier(field.name);
    }
    std::string rows = "SELECT " + names + " FROM " + added;
    if (quality::TakesRowsOut(bound_.rules)) {
      rows += " UNION ALL SELECT " + names + " FROM (SELECT *, unnest(range(" + kCopies +
              ")) FROM " + taken_out_.name() + " WHERE " + kCopies + " > 0)";
    }
    lake::TempTable judged(&connection_);
    Status filled = judged.Fill(check_->Wrap(rows, /*has_position=*/false));
    if (!filled.ok()) return Explained(std::move(filled).error());
    const duck::RowCheck::Counts found = check_->counts();
    counts.rows_in = found.rows_in;
    counts.dropped = found.dropped;
    counts.quarantined = found.quarantined;
    counts.rows_out = found.rows_in - found.dropped - found.quarantined;
    for (size_t i = 0; i < rules_.size(); ++i) {
      counts.rules.push_back({rules_[i]->declared.name, dataset, rules_[i]->declared.on_violation,
                              found.passed[i], found.failed[i]});
    }
  } else {
    ASSIGN_OR_RETURN(counts.rows_in,
                     lake::QueryNumber(connection_, "SELECT count(*) FROM " + added));
    counts.rows_out = counts.rows_in;
  }
  for (const quality::Rule& rule : bound_.rules) {
    const auto* columns = std::get_if<model::ColumnsRule>(&rule.declared.rule);
    if (columns == nullptr) continue;
    const bool holds = quality::HoldsForColumns(*columns, bound_.columns);
    counts.rules.push_back(
        {rule.declared.name, dataset, rule.declared.on_violation, holds ? 1 : 0, holds ? 0 : 1});
  }
  return counts;
}

Result<std::vector<std::string>> ChangeRules::SpoolSetAside() {
  if (!check_ || check_->counts().quarantined == 0) return std::vector<std::string>();
  SetAsideSpool spool(context_, node_, rules_);
  RETURN_IF_ERROR(
      check_->TakeSetAside([&](const duck::SetAsideRow& row) { return spool.Add(row); }));
  return spool.Finish();
}

Result<bool> ChangeRules::QuarantineIsEmpty() const {
  const auto table = context_.workspace.catalog->OpenPath(
      context_.workspace.catalog->layout().QuarantinePath(node_.dataset.name));
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (!exists) return true;
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
  return snapshot->NumFiles() == 0;
}

Result<int64_t> ChangeRules::Count(const std::string& where) const {
  return lake::QueryNumber(connection_,
                           "SELECT count(*) FROM " + taken_out_.name() + " WHERE " + where);
}

Error ChangeRules::Explained(Error error) const {
  const auto failure = check_->failure();
  if (!failure) return error;
  return ExpectationFailed(*rules_[failure->first], model::ToString(node_.dataset.name),
                           failure->second);
}

}  // namespace penstock::run
