#include "api/lake_state.h"

#include <utility>

#include "sql/token.h"

namespace penstock {
namespace {

// The text in a query of Spark's dialect.
std::string Backticked(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    quoted += c;
    if (c == '`') quoted += c;
  }
  return quoted + "`";
}

model::QueryText TextOf(std::string_view text) { return {std::string(text), {"", 1, 1}, {}}; }

// Texts become parts of a larger one: whatever they open they must close, and nothing else.
Status CheckClosed(const model::QueryText& text) {
  const sql::Tokens tokens = sql::Lex(text.text, model::Dialect::kSpark);
  if (tokens.error) {
    return UserError(tokens.error->code, tokens.error->message, tokens.error->remedy)
        .At(model::LocationAt(text, tokens.error->offset));
  }
  int depth = 0;
  for (const sql::Token& token : tokens.tokens) {
    if (sql::IsOperator(token, "(")) ++depth;
    if (sql::IsOperator(token, ")")) --depth;
    if (depth < 0 || sql::IsOperator(token, ";")) {
      return UserError("SQL_SYNTAX", "unexpected " + std::string(token.text),
                       "Give one expression or query.")
          .At(model::LocationAt(text, token.offset));
    }
  }
  if (depth == 0) return OkStatus();
  return UserError("SQL_SYNTAX", "a ( is not closed", "Give one expression or query.")
      .At(text.where);
}

Result<std::string> PathOf(std::string_view location) {
  while (location.size() > 1 && location.ends_with('/')) location.remove_suffix(1);
  const bool has_scheme = location.find("://") != location.npos;
  if (!has_scheme && !location.starts_with('/')) {
    return UserError("BAD_LOCATION", "\"" + std::string(location) + "\" is no absolute path",
                     "Give the whole path, as /data/orders, or s3://bucket/orders.");
  }
  if (location.find('\0') != location.npos) {
    return UserError("BAD_LOCATION", "the location has a NUL character", "Give a path.");
  }
  return io::JoinPath("/", location);
}

sql::TableReference ReferenceOf(const std::string& path) {
  sql::TableReference reference;
  reference.path = path;
  reference.format = "delta";
  reference.text.text = "delta." + Backticked(path);
  return reference;
}

}  // namespace

Result<std::unique_ptr<DeltaTable::State>> DeltaLake::State::Find(std::string_view location) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(location));
  const sql::TableReference reference = ReferenceOf(path);
  auto state = std::make_unique<DeltaTable::State>();
  state->lake = this;
  state->text = reference.text;
  ASSIGN_OR_RETURN(state->table, run::FindTable(*workspace, context, reference));
  return state;
}

Result<std::unique_ptr<DeltaTable::State>> DeltaLake::State::Open(std::string_view location) {
  ASSIGN_OR_RETURN(auto state, Find(location));
  RETURN_IF_ERROR(run::OpenTable(*workspace, context, ReferenceOf(state->table.path)));
  return state;
}

Result<delta::SnapshotPtr> DeltaTable::State::Changeable(std::string_view what) {
  ASSIGN_OR_RETURN(delta::SnapshotPtr snapshot, table.table->Latest());
  RETURN_IF_ERROR(run::CheckChangeable(table, *snapshot, {}, what));
  return snapshot;
}

OperationTexts::OperationTexts(DeltaLake::State& lake, model::QueryText target)
    : lake_(lake), texts_(model::Dialect::kSpark, std::move(target), "") {}

Status OperationTexts::SetSource(std::string_view query) {
  model::QueryText text = TextOf(query);
  RETURN_IF_ERROR(CheckClosed(text));
  texts_.SetSource(std::move(text), "", {});
  return OkStatus();
}

Status OperationTexts::Add(std::string_view expression, std::optional<size_t>* number,
                           run::TextScope scope) {
  if (expression.empty()) return OkStatus();
  const model::QueryText text = TextOf(expression);
  RETURN_IF_ERROR(CheckClosed(text));
  *number = texts_.Add(text, scope);
  return OkStatus();
}

Status OperationTexts::Bind() { return texts_.Bind(*lake_.workspace, lake_.context); }

lake::Lake OperationTexts::LakeFor(const std::string& path) const {
  lake::Lake lake = run::LakeOf(*lake_.workspace, texts_.connection());
  lake.reading = texts_.ReadingOf(path);
  return lake;
}

std::string OperationTexts::Expression(const std::optional<size_t>& number) const {
  return number ? texts_.Expression(*number) : "";
}

DeltaOutcome OutcomeOf(const lake::OperationResult& result) {
  DeltaOutcome outcome;
  outcome.version = result.version;
  for (const auto& [name, value] : result.metrics.items()) {
    const bool digits =
        value.is_string() && !value.get_ref<const std::string&>().empty() &&
        value.get_ref<const std::string&>().find_first_not_of("0123456789") == std::string::npos;
    if (value.is_number_integer() || digits) {
      outcome.metrics[name] = run::MetricOf(result.metrics, name);
    }
  }
  return outcome;
}

delta::TimeTravel TravelOf(const DeltaVersion& version) {
  return {version.version, version.timestamp_ms};
}

}  // namespace penstock
