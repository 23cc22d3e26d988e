#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "sql/composed_query.h"
#include "sql/statement.h"

namespace penstock::sql {
namespace {

using model::AutoCdc;
using model::ColumnChoice;
using model::QueryText;

enum class Clause {
  kKeys,
  kIgnoreNulls,
  kDeleteWhen,
  kTruncateWhen,
  kSystemSequence,
  kSequence,
  kColumns,
  kColumnsToUpdate,
  kStoredAs,
  kTrackHistory,
};

struct ClauseWords {
  Clause clause;
  std::string_view name;
  std::array<std::string_view, 4> words;  // empty ones at the end
};
// Longer ones before those that they begin with.
constexpr std::array<ClauseWords, 10> kClauses = {{
    {Clause::kKeys, "KEYS", {"KEYS"}},
    {Clause::kIgnoreNulls, "IGNORE NULL UPDATES", {"IGNORE", "NULL", "UPDATES"}},
    {Clause::kDeleteWhen, "APPLY AS DELETE WHEN", {"APPLY", "AS", "DELETE", "WHEN"}},
    {Clause::kTruncateWhen, "APPLY AS TRUNCATE WHEN", {"APPLY", "AS", "TRUNCATE", "WHEN"}},
    {Clause::kSystemSequence, "SYSTEM SEQUENCE BY", {"SYSTEM", "SEQUENCE", "BY"}},
    {Clause::kSequence, "SEQUENCE BY", {"SEQUENCE", "BY"}},
    {Clause::kColumnsToUpdate, "COLUMNS TO UPDATE", {"COLUMNS", "TO", "UPDATE"}},
    {Clause::kColumns, "COLUMNS", {"COLUMNS"}},
    {Clause::kStoredAs, "STORED AS", {"STORED", "AS"}},
    {Clause::kTrackHistory, "TRACK HISTORY ON", {"TRACK", "HISTORY", "ON"}},
}};
const std::vector<std::string> kClauseNames = {
    "KEYS",        "SEQUENCE BY", "APPLY AS DELETE WHEN", "APPLY AS TRUNCATE WHEN",
    "IGNORE NULL", "COLUMNS",     "STORED AS SCD TYPE",   "TRACK HISTORY ON"};

size_t WordCount(const ClauseWords& words) {
  size_t count = 0;
  while (count < words.words.size() && !words.words[count].empty()) ++count;
  return count;
}

const ClauseWords* ClauseAt(const TokenCursor& cursor) {
  for (const ClauseWords& clause : kClauses) {
    const size_t count = WordCount(clause);
    bool fits = true;
    for (size_t i = 0; i < count; ++i) fits &= IsWord(cursor.Peek(i), clause.words[i]);
    if (fits) return &clause;
  }
  return nullptr;
}

// The names when the tokens are a column, or STRUCT(column, …); else nothing.
std::vector<std::string> PlainColumns(const TokenCursor& cursor, size_t first, size_t end) {
  std::vector<std::string> columns;
  const auto at = [&](size_t i) -> const Token& { return cursor.TokenAt(i); };
  if (end == first + 1 && IsName(at(first))) return {NameOf(at(first))};
  if (end < first + 4 || !IsWord(at(first), "STRUCT") || !IsOperator(at(first + 1), "(")) return {};
  for (size_t i = first + 2; i + 1 < end; i += 2) {
    if (!IsName(at(i)) || !IsOperator(at(i + 1), i + 2 == end ? ")" : ",")) return {};
    columns.push_back(NameOf(at(i)));
  }
  return columns;
}

class CdcParser {
 public:
  CdcParser(TokenCursor& cursor, const FileContext& context,
            const std::optional<model::TableName>& target, model::Flow* flow)
      : cursor_(cursor), context_(context), target_(target), flow_(flow) {}

  Status Run() {
    cdc_.where = cursor_.Where();
    cursor_.Next();
    cursor_.Next();  // AUTO CDC or APPLY CHANGES
    flow_->once = cursor_.Accept({"ONCE"});
    RETURN_IF_ERROR(ParseTarget());
    RETURN_IF_ERROR(ParseSource());
    while (!cursor_.AtEnd()) RETURN_IF_ERROR(ParseClause());
    RETURN_IF_ERROR(Check());
    flow_->query = Compose();
    flow_->cdc = std::move(cdc_);
    flow_->configuration = context_.configuration;
    flow_->current = {context_.catalog, context_.schema, ""};
    return OkStatus();
  }

 private:
  Status ParseTarget() {
    if (target_ && !cursor_.LooksAt({"INTO"})) {
      flow_->target = *target_;
      return OkStatus();
    }
    const Token& first = cursor_.Peek();
    RETURN_IF_ERROR(cursor_.Expect({"INTO"}));
    ASSIGN_OR_RETURN(flow_->target, ParseTableName(cursor_, context_, "the target table"));
    if (target_ && model::Key(flow_->target) != model::Key(*target_)) {
      return cursor_.ErrorAt(first, "SQL_SYNTAX",
                             fmt::format("the flow inside '{}' writes into '{}'",
                                         model::ToString(*target_), model::ToString(flow_->target)),
                             "Leave INTO out, or write CREATE FLOW as a statement of its own.");
    }
    return OkStatus();
  }

  // STREAM t, STREAM(t), a function, SNAPSHOT t: up to the next clause.
  Status ParseSource() {
    RETURN_IF_ERROR(cursor_.Expect({"FROM"}));
    if (cursor_.LooksAt({"SNAPSHOT"}) && !IsOperator(cursor_.Peek(1), ".")) {
      cdc_.from_snapshot = true;
      cursor_.Next();
    }
    // A one-time flow reads all that is there.
    if (flow_->once && cursor_.LooksAt({"STREAM"}) && !IsOperator(cursor_.Peek(1), "."))
      cursor_.Next();
    ASSIGN_OR_RETURN(source_, UpToClause("the source of the changes").first);
    return OkStatus();
  }

  // The text up to the next clause, and the index of its first token.
  std::pair<Result<QueryText>, size_t> UpToClause(std::string_view what) {
    const size_t first = cursor_.index();
    size_t depth = 0;
    while (!cursor_.AtEnd() && (depth > 0 || ClauseAt(cursor_) == nullptr)) {
      const Token& token = cursor_.Next();
      if (IsOperator(token, "(") || IsOperator(token, "[")) ++depth;
      if ((IsOperator(token, ")") || IsOperator(token, "]")) && depth > 0) --depth;
    }
    if (cursor_.index() == first) return {Result<QueryText>(cursor_.Unexpected(what)), first};
    return {
        cursor_.Slice(cursor_.TokenAt(first).offset, cursor_.TokenAt(cursor_.index() - 1).end()),
        first};
  }

  Status ParseClause() {
    const Token& first = cursor_.Peek();
    const ClauseWords* clause = ClauseAt(cursor_);
    if (clause == nullptr) {
      return cursor_.Unexpected("a clause of AUTO CDC", kClauseNames);
    }
    if (!places_.emplace(clause->clause, cursor_.index()).second) {
      return cursor_.ErrorAt(first, "SQL_SYNTAX", fmt::format("{} is given twice", clause->name),
                             "Keep one of them.");
    }
    for (size_t i = WordCount(*clause); i > 0; --i) cursor_.Next();
    switch (clause->clause) {
      case Clause::kKeys:
        return Keys();
      case Clause::kIgnoreNulls:
        return IgnoreNulls();
      case Clause::kDeleteWhen:
        return Text("the condition of APPLY AS DELETE WHEN", &deletes_);
      case Clause::kTruncateWhen:
        cdc_.truncates = true;
        return Text("the condition of APPLY AS TRUNCATE WHEN", &truncates_);
      case Clause::kSequence:
        return Sequence();
      case Clause::kColumns:
        return Choice(&cdc_.columns, "COLUMNS");
      case Clause::kTrackHistory:
        return Choice(&cdc_.track_history, "TRACK HISTORY ON");
      case Clause::kStoredAs:
        return StoredAs();
      case Clause::kSystemSequence:
      case Clause::kColumnsToUpdate:
        break;
    }
    return cursor_.ErrorAt(first, "UNSUPPORTED_CLAUSE",
                           fmt::format("{} is not supported", clause->name),
                           clause->clause == Clause::kColumnsToUpdate
                               ? "IGNORE NULL UPDATES keeps what a change leaves NULL."
                               : "Write SEQUENCE BY with the sequence of the source.");
  }

  Status Text(std::string_view what, std::optional<QueryText>* text) {
    ASSIGN_OR_RETURN(*text, UpToClause(what).first);
    return OkStatus();
  }

  Status Keys() {
    const bool several = IsOperator(cursor_.Peek(), "(");
    if (!several) return cursor_.Unexpected("'(' and the key columns", {}, "Write KEYS (a, b).");
    const Token& first = cursor_.Peek();
    ASSIGN_OR_RETURN(cdc_.keys, cursor_.ExpectNameList("a key column"));
    return CheckDistinct(first, cdc_.keys, "KEYS");
  }

  Status CheckDistinct(const Token& at, const std::vector<std::string>& names,
                       std::string_view clause) const {
    std::set<std::string> distinct;
    for (const std::string& name : names) {
      if (distinct.insert(AsciiLower(name)).second) continue;
      return cursor_.ErrorAt(at, "DUPLICATE_COLUMN",
                             fmt::format("{} names the column {} twice", clause, name),
                             "Name it once.");
    }
    return OkStatus();
  }

  // IGNORE NULL UPDATES [ON columns | * EXCEPT (columns)]
  Status IgnoreNulls() {
    if (cursor_.Accept({"ON"})) return Choice(&cdc_.ignore_null_updates, "IGNORE NULL UPDATES ON");
    if (IsOperator(cursor_.Peek(), "*"))
      return Choice(&cdc_.ignore_null_updates, "IGNORE NULL UPDATES");
    cdc_.ignore_null_updates = ColumnChoice{true, {}};
    return OkStatus();
  }

  // a, b | (a, b) | * EXCEPT (a, b) | *
  Status Choice(std::optional<ColumnChoice>* choice, std::string_view clause) {
    const Token& first = cursor_.Peek();
    choice->emplace();
    if (cursor_.AcceptOperator("*")) {
      (*choice)->except = true;
      if (!cursor_.Accept({"EXCEPT"}) && !cursor_.Accept({"EXCLUDE"})) return OkStatus();
      ASSIGN_OR_RETURN((*choice)->columns, cursor_.ExpectNameList("a column"));
    } else if (IsOperator(cursor_.Peek(), "(")) {
      ASSIGN_OR_RETURN((*choice)->columns, cursor_.ExpectNameList("a column"));
    } else {
      do {
        ASSIGN_OR_RETURN(std::string name, cursor_.ExpectName("columns, or * EXCEPT (columns),"));
        (*choice)->columns.push_back(std::move(name));
      } while (cursor_.AcceptOperator(","));
    }
    return CheckDistinct(first, (*choice)->columns, clause);
  }

  Status Sequence() {
    auto [text, first] = UpToClause("the expression of SEQUENCE BY");
    ASSIGN_OR_RETURN(sequence_, std::move(text));
    cdc_.sequence_columns = PlainColumns(cursor_, first, cursor_.index());
    return OkStatus();
  }

  Status StoredAs() {
    const Token& first = cursor_.Peek();
    if (!cursor_.Accept({"SCD", "TYPE"})) return cursor_.Unexpected("SCD TYPE 1 or SCD TYPE 2");
    const Token& type = cursor_.Next();
    if (type.text == "1" || type.text == "2") {
      cdc_.scd_type = type.text == "1" ? model::ScdType::kOne : model::ScdType::kTwo;
      return OkStatus();
    }
    return cursor_.ErrorAt(first, "UNSUPPORTED_CLAUSE",
                           fmt::format("STORED AS SCD TYPE {} is not supported", type.text),
                           "Write STORED AS SCD TYPE 1 (the latest row of each key) or 2 (all of "
                           "its history).");
  }

  Error Wrong(Clause clause, std::string message, std::string remedy) const {
    return cursor_.ErrorAt(cursor_.TokenAt(places_.at(clause)), "CDC_CLAUSE", std::move(message),
                           std::move(remedy));
  }

  Error Missing(std::string_view clause, std::string remedy) const {
    return UserError(
               "CDC_CLAUSE",
               fmt::format("the changes for {} have no {}", model::ToString(flow_->target), clause),
               std::move(remedy))
        .At(cdc_.where);
  }

  Status Check() const {
    if (cdc_.keys.empty()) {
      return Missing("KEYS", "Name the columns that tell rows apart: KEYS (id).");
    }
    const bool two = cdc_.scd_type == model::ScdType::kTwo;
    if (cdc_.truncates && two) {
      return Wrong(Clause::kTruncateWhen, "APPLY AS TRUNCATE WHEN with SCD type 2",
                   "A history cannot be truncated: use SCD TYPE 1, or leave the clause out.");
    }
    if (cdc_.track_history && !two) {
      return Wrong(Clause::kTrackHistory, "TRACK HISTORY without SCD type 2",
                   "Add STORED AS SCD TYPE 2, or leave TRACK HISTORY out.");
    }
    return cdc_.from_snapshot ? CheckSnapshot() : CheckChanges();
  }

  Status CheckChanges() const {
    if (sequence_) return OkStatus();
    return Missing("SEQUENCE BY", "Say which change is later: SEQUENCE BY updated_at.");
  }

  Status CheckSnapshot() const {
    if (flow_->once) {
      return UserError("CDC_CLAUSE", "ONCE does not go with FROM SNAPSHOT",
                       "A snapshot is compared at every update; leave ONCE out.")
          .At(cdc_.where);
    }
    for (const ClauseWords& words : kClauses) {
      const bool fits = words.clause == Clause::kKeys || words.clause == Clause::kColumns ||
                        words.clause == Clause::kStoredAs || words.clause == Clause::kTrackHistory;
      if (fits || !places_.contains(words.clause)) continue;
      return Wrong(words.clause, fmt::format("{} does not go with FROM SNAPSHOT", words.name),
                   "A snapshot has whole rows, no changes: what is missing was deleted, and the "
                   "time of the update is its sequence.");
    }
    return OkStatus();
  }

  // The changes as a query in the user's dialect; what the user wrote keeps its place.
  QueryText Compose() const {
    ComposedQuery query(cdc_.where);
    query.Add("SELECT *");
    if (!cdc_.from_snapshot) {
      query.Add(", CASE");
      if (truncates_) query.Add(" WHEN (", *truncates_, fmt::format("\n) THEN {}", kTruncate));
      if (deletes_) query.Add(" WHEN (", *deletes_, fmt::format("\n) THEN {}", kDelete));
      query.Add(
          fmt::format("{} {} END AS {}, (", truncates_ || deletes_ ? " ELSE" : " WHEN true THEN",
                      model::kCdcUpsert, model::kCdcChangeColumn),
          *sequence_, fmt::format("\n) AS {}", model::kCdcSequenceColumn));
    }
    query.Add(" FROM ", source_, "");
    return std::move(query).Take();
  }

  static constexpr int kTruncate = model::kCdcTruncate;
  static constexpr int kDelete = model::kCdcDelete;

  TokenCursor& cursor_;
  const FileContext& context_;
  const std::optional<model::TableName>& target_;
  model::Flow* flow_;
  AutoCdc cdc_;
  QueryText source_;
  std::optional<QueryText> deletes_;
  std::optional<QueryText> truncates_;
  std::optional<QueryText> sequence_;
  std::map<Clause, size_t> places_;  // index of the clause's first token
};

}  // namespace

bool LooksAtCdc(const TokenCursor& cursor) {
  return cursor.LooksAt({"AUTO", "CDC"}) || cursor.LooksAt({"APPLY", "CHANGES"});
}

Status ParseCdc(TokenCursor& cursor, const FileContext& context,
                const std::optional<model::TableName>& target, model::Flow* flow) {
  return CdcParser(cursor, context, target, flow).Run();
}

Status ParseApplyChanges(TokenCursor& cursor, const FileContext& context, model::Definitions* out) {
  model::Flow flow;
  flow.where = cursor.Where();
  RETURN_IF_ERROR(ParseCdc(cursor, context, std::nullopt, &flow));
  flow.name = flow.target;
  out->flows.push_back(std::move(flow));
  return OkStatus();
}

}  // namespace penstock::sql
