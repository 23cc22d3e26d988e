#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sql/statement.h"
#include "sql/table_clauses.h"

namespace penstock::sql {
namespace {

using model::DatasetKind;

// The words between CREATE and the name.
struct Kind {
  DatasetKind kind = DatasetKind::kView;
  bool temporary = false;
  bool live = false;
};

constexpr std::string_view kWhatIsCreated =
    "Write CREATE STREAMING TABLE, CREATE MATERIALIZED VIEW, CREATE VIEW or CREATE FLOW.";

Error RefusedCreate(const TokenCursor& cursor) {
  static const std::vector<std::string> kWords = {"STREAMING", "MATERIALIZED", "VIEW",
                                                  "TABLE",     "FLOW",         "TEMPORARY",
                                                  "PRIVATE",   "LIVE",         "OR REFRESH"};
  static const std::set<std::string> kKnown = {"SCHEMA", "DATABASE", "CATALOG",  "FUNCTION",
                                               "INDEX",  "SINK",     "EXTERNAL", "GLOBAL",
                                               "MACRO",  "TYPE",     "VOLUME",   "CONNECTION"};
  const Token& token = cursor.Peek();
  const std::string word = AsciiUpper(token.text);
  if (kKnown.contains(word)) {
    std::string remedy(kWhatIsCreated);
    if (word == "FUNCTION" || word == "MACRO") remedy = "Write what it computes in the queries.";
    if (word == "SINK") remedy = "penstock export writes a table to a file.";
    if (word == "SCHEMA" || word == "DATABASE" || word == "CATALOG") {
      remedy = "Remove it: they are made with their first table.";
    }
    return cursor.ErrorAt(token, "UNSUPPORTED_STATEMENT",
                          fmt::format("CREATE {} is not supported in a pipeline file", word),
                          std::move(remedy));
  }
  return cursor.Unexpected("what to create", kWords, kWhatIsCreated);
}

// The words behind CREATE [OR …] [TEMPORARY …] up to TABLE or VIEW.
Result<Kind> ParseTableKind(TokenCursor& cursor, bool temporary) {
  Kind kind;
  kind.temporary = temporary;
  const Token& first = cursor.Peek();
  // The oldest files say INCREMENTAL LIVE TABLE.
  const bool streaming = cursor.Accept({"STREAMING"}) || (cursor.LooksAt({"INCREMENTAL", "LIVE"}) &&
                                                          cursor.Accept({"INCREMENTAL"}));
  kind.live = cursor.Accept({"LIVE"});
  const bool materialized = !streaming && !kind.live && cursor.Accept({"MATERIALIZED"});
  if (materialized) {
    RETURN_IF_ERROR(cursor.Expect({"VIEW"}));
    kind.kind = DatasetKind::kMaterializedView;
    return kind;
  }
  if (cursor.Accept({"VIEW"})) {
    if (streaming && !kind.live) {
      return cursor.ErrorAt(first, "SQL_SYNTAX", "STREAMING does not go with VIEW",
                            "Write CREATE VIEW; it may read STREAM(t) as it is.");
    }
    kind.temporary = temporary || kind.live;
    return kind;
  }
  if (!cursor.Accept({"TABLE"})) {
    if (streaming || kind.live) return cursor.Unexpected("TABLE", {"TABLE", "VIEW", "LIVE"});
    return RefusedCreate(cursor);
  }
  if (!streaming && !kind.live) {
    return cursor.ErrorAt(
        first, "UNSUPPORTED_STATEMENT", "CREATE TABLE in a pipeline file",
        "Write CREATE STREAMING TABLE (each input row is processed once) or CREATE "
        "MATERIALIZED VIEW (the result of a query).");
  }
  kind.kind = streaming ? DatasetKind::kStreamingTable : DatasetKind::kMaterializedView;
  return kind;
}

Status ParseDatasetName(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset) {
  const Token& first = cursor.Peek();
  const std::string what = fmt::format("the name of the {}", model::ToString(dataset->kind));
  if (dataset->kind != DatasetKind::kView || !dataset->temporary) {
    ASSIGN_OR_RETURN(dataset->name, ParseTableName(cursor, context, what));
    return OkStatus();
  }
  ASSIGN_OR_RETURN(auto parts, cursor.ExpectNameParts(what));
  if (parts.size() == 2 && EqualsIgnoreCase(parts[0], "LIVE")) parts.erase(parts.begin());
  if (parts.size() > 1) {
    return cursor.ErrorAt(
        first, "SQL_SYNTAX",
        fmt::format("a temporary view has no catalog or schema: {}", fmt::join(parts, ".")),
        fmt::format("Name it {}.", parts.back()));
  }
  dataset->name.table = std::move(parts.back());
  return OkStatus();
}

Status CheckExpectationNames(const model::Dataset& dataset) {
  std::set<std::string> names;
  for (const model::Expectation& expectation : dataset.expectations) {
    if (names.insert(AsciiLower(expectation.name)).second) continue;
    return UserError("DUPLICATE_EXPECTATION",
                     fmt::format("'{}' has two expectations named '{}'",
                                 model::ToString(dataset.name), expectation.name),
                     "Rename one: results are counted by name.")
        .At(expectation.where);
  }
  return OkStatus();
}

Status CheckView(const TokenCursor& cursor, const Token& first, const model::Dataset& dataset) {
  if (dataset.kind != DatasetKind::kView) return OkStatus();
  const char* clause = !dataset.partitioned_by.empty() ? "PARTITIONED BY"
                       : !dataset.clustered_by.empty() ? "CLUSTER BY"
                       : dataset.location              ? "LOCATION"
                                                       : nullptr;
  if (clause == nullptr) return OkStatus();
  return cursor.ErrorAt(
      first, "UNSUPPORTED_CLAUSE",
      fmt::format("{} on view '{}', which stores nothing", clause, model::ToString(dataset.name)),
      "Leave it out, or create a materialized view.");
}

// FLOW AUTO CDC … inside CREATE STREAMING TABLE.
Status ParseTableFlow(TokenCursor& cursor, const FileContext& context,
                      const model::Dataset& dataset, model::Definitions* out) {
  if (dataset.kind != DatasetKind::kStreamingTable) {
    return cursor.ErrorAt(cursor.Peek(), "UNSUPPORTED_CLAUSE",
                          fmt::format("FLOW inside the {} '{}'", model::ToString(dataset.kind),
                                      model::ToString(dataset.name)),
                          "Only a streaming table takes flows.");
  }
  cursor.Next();
  if (!LooksAtCdc(cursor)) {
    return cursor.ErrorAt(
        cursor.Peek(), "UNSUPPORTED_CLAUSE", "FLOW inside CREATE STREAMING TABLE",
        "Write CREATE FLOW name AS INSERT INTO t BY NAME SELECT … as a statement.");
  }
  model::Flow flow;
  flow.name = dataset.name;
  flow.where = dataset.where;
  RETURN_IF_ERROR(ParseCdc(cursor, context, dataset.name, &flow));
  out->flows.push_back(std::move(flow));
  return OkStatus();
}

// AS query, as the flow of the dataset's own name.
Status ParseOwnFlow(TokenCursor& cursor, const FileContext& context, const model::Dataset& dataset,
                    model::Definitions* out) {
  if (cursor.LooksAt({"FLOW"})) return ParseTableFlow(cursor, context, dataset, out);
  if (!cursor.Accept({"AS"}) && cursor.AtEnd()) {
    if (dataset.kind == DatasetKind::kStreamingTable) return OkStatus();
    return cursor.ErrorAt(cursor.Peek(), "MISSING_QUERY",
                          fmt::format("{} '{}' has no query", model::ToString(dataset.kind),
                                      model::ToString(dataset.name)),
                          "Add AS SELECT … at its end.");
  }
  model::Flow flow;
  ASSIGN_OR_RETURN(flow.query, ParseQuery(cursor));
  flow.name = dataset.name;
  flow.target = dataset.name;
  flow.configuration = context.configuration;
  flow.current = {context.catalog, context.schema, ""};
  flow.where = dataset.where;
  out->flows.push_back(std::move(flow));
  return OkStatus();
}

Status ParseDataset(TokenCursor& cursor, const Token& first, const Kind& kind,
                    const FileContext& context, model::Definitions* out) {
  model::Dataset dataset;
  dataset.kind = kind.kind;
  dataset.temporary = kind.temporary;
  dataset.where = cursor.Where(first);
  dataset.if_not_exists = cursor.Accept({"IF", "NOT", "EXISTS"});
  RETURN_IF_ERROR(ParseDatasetName(cursor, context, &dataset));
  RETURN_IF_ERROR(ParseTableClauses(cursor, context, &dataset, &out->warnings));
  RETURN_IF_ERROR(CheckView(cursor, first, dataset));
  if (dataset.temporary && dataset.kind != DatasetKind::kView) {
    out->warnings.push_back({fmt::format("'{}' is private: it is stored and listed like any other "
                                         "table all the same",
                                         model::ToString(dataset.name)),
                             dataset.where});
  }
  RETURN_IF_ERROR(CheckExpectationNames(dataset));
  RETURN_IF_ERROR(ParseOwnFlow(cursor, context, dataset, out));
  out->datasets.push_back(std::move(dataset));
  return OkStatus();
}

}  // namespace

Status ParseCreate(TokenCursor& cursor, const Token& first, const FileContext& context,
                   model::Definitions* out) {
  if (cursor.Accept({"OR"}) && !cursor.Accept({"REFRESH"}) && !cursor.Accept({"REPLACE"})) {
    return cursor.Unexpected("REFRESH or REPLACE", {"REFRESH", "REPLACE"});
  }
  const bool temporary =
      cursor.Accept({"TEMPORARY"}) || cursor.Accept({"TEMP"}) || cursor.Accept({"PRIVATE"});
  if (cursor.Accept({"FLOW"})) return ParseCreateFlow(cursor, first, context, out);
  ASSIGN_OR_RETURN(const Kind kind, ParseTableKind(cursor, temporary));
  return ParseDataset(cursor, first, kind, context, out);
}

}  // namespace penstock::sql
