#include "run/statement_texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace penstock::run {
namespace {

constexpr std::string_view kSourceName = "__penstock_source";

bool SameScope(TextScope a, TextScope b) { return a.target == b.target && a.source == b.source; }

}  // namespace

StatementTexts::StatementTexts(model::Dialect dialect, model::QueryText target, std::string alias)
    : dialect_(dialect),
      target_(std::move(target)),
      alias_(alias.empty() ? "target" : std::move(alias)) {}

void StatementTexts::SetSource(model::QueryText query, std::string alias,
                               std::vector<std::string> columns) {
  source_ = std::move(query);
  source_alias_ = alias.empty() ? "source" : std::move(alias);
  source_columns_ = std::move(columns);
}

size_t StatementTexts::Add(const model::QueryText& expression, TextScope scope) {
  expressions_.push_back({expression, scope, ""});
  return expressions_.size() - 1;
}

void StatementTexts::Composed::Add(std::string_view text) {
  // What no user wrote stands where the text before it does.
  model::TextAnchor anchor{query.text.size(), query.where.line, query.where.column, true};
  if (!query.anchors.empty()) {
    anchor.line = query.anchors.back().line;
    anchor.column = query.anchors.back().column;
  }
  query.anchors.push_back(anchor);
  query.text += text;
}

void StatementTexts::Composed::Add(const model::QueryText& text) {
  const size_t base = query.text.size();
  if (text.anchors.empty() || text.anchors.front().offset > 0) {
    query.anchors.push_back({base, text.where.line, text.where.column, false});
  }
  for (model::TextAnchor anchor : text.anchors) {
    anchor.offset += base;
    query.anchors.push_back(anchor);
  }
  query.text += text.text;
}

std::string StatementTexts::Quoted(std::string_view name) const {
  if (dialect_ == model::Dialect::kDuckdb) return QuoteIdentifier(name);
  std::string quoted = "`";
  for (const char c : name) {
    quoted += c;
    if (c == '`') quoted += c;
  }
  return quoted + "`";
}

std::string StatementTexts::Marker(std::string_view what, size_t number) const {
  return fmt::format("'{}_{}_{}_'", mark_, what, number);
}

// A comment at the end of the user's text must not swallow what follows: hence the line feeds.
void StatementTexts::ComposeSource(Composed* out) const {
  out->Add(fmt::format("WITH __penstock_a AS (SELECT {} AS x), {} AS (SELECT * FROM (",
                       Marker("begin", 0), kSourceName));
  out->Add(*source_);
  std::string columns;
  for (const std::string& column : source_columns_) {
    columns += (columns.empty() ? "(" : ", ") + Quoted(column);
  }
  if (!columns.empty()) columns += ")";
  out->Add(fmt::format("\n) AS __penstock_s{}), __penstock_e AS (SELECT {} AS x) ", columns,
                       Marker("end", 0)));
}

void StatementTexts::ComposeScope(TextScope scope, Composed* out) {
  out->Add(" EXISTS (SELECT 1 AS x FROM ");
  if (scope.target) {
    ++target_scopes_;
    out->Add(target_);
    out->Add(" AS " + Quoted(alias_));
  }
  if (scope.source) {
    out->Add(fmt::format("{}{} AS {}", scope.target ? " CROSS JOIN " : "", kSourceName,
                         Quoted(source_alias_)));
  }
  out->Add(" WHERE TRUE");
  for (size_t i = 0; i < expressions_.size(); ++i) {
    if (!SameScope(expressions_[i].scope, scope)) continue;
    out->Add(fmt::format(" AND {} IS NULL AND (", Marker("from", i)));
    out->Add(expressions_[i].text);
    out->Add(fmt::format("\n) IS NULL AND {} IS NULL", Marker("to", i)));
  }
  out->Add(")");
}

model::QueryText StatementTexts::Compose() {
  Composed out;
  target_scopes_ = 0;
  out.query.where = target_.where;
  if (source_) ComposeSource(&out);
  out.Add("SELECT 1 AS x WHERE TRUE");
  for (const TextScope scope : {TextScope{true, true}, TextScope{false, true}, TextScope{true}}) {
    if (scope.source && !source_) continue;
    const bool used = std::any_of(expressions_.begin(), expressions_.end(),
                                  [&](const Part& part) { return SameScope(part.scope, scope); });
    const bool target_alone = !scope.source;
    if (!used && !target_alone && !(scope.source && !scope.target)) continue;
    out.Add(" AND");
    ComposeScope(scope, &out);
  }
  return out.query;
}

// Cuts the translated texts out of the probe's. The markers are literals, which stay what they are.
Status StatementTexts::Extract() {
  const std::string& text = prepared_.query;
  const auto after = [&](const std::string& marker, std::string_view next) {
    const size_t at = text.find(marker);
    if (at == text.npos) return text.npos;
    const size_t found = text.find(next, at + marker.size());
    return found == text.npos ? text.npos : found + next.size();
  };
  const auto cut = [&](size_t begin, size_t end) -> Result<std::string> {
    if (begin == text.npos || end == text.npos || end < begin) {
      return InternalError("a part of the statement is not found in its translation");
    }
    return std::string(Trim(std::string_view(text).substr(begin, end - begin)));
  };
  if (source_) {
    const size_t begin = after(Marker("begin", 0), kSourceName);
    const size_t open = begin == text.npos ? begin : text.find('(', begin);
    const size_t marker = text.find(Marker("end", 0));
    const size_t name = marker == text.npos ? marker : text.rfind("__penstock_e", marker);
    const size_t close = name == text.npos ? name : text.rfind(')', name);
    ASSIGN_OR_RETURN(source_text_, cut(open == text.npos ? open : open + 1, close));
  }
  for (size_t i = 0; i < expressions_.size(); ++i) {
    const size_t begin = after(Marker("from", i), "(");
    const size_t marker = text.find(Marker("to", i));
    const size_t close = marker == text.npos ? marker : text.rfind(')', marker);
    ASSIGN_OR_RETURN(std::string inside, cut(begin, close));
    expressions_[i].translated = "(" + inside + "\n)";
  }
  return OkStatus();
}

Status StatementTexts::Bind(Workspace& workspace, const StatementContext& context) {
  mark_ = "__penstock_mark";
  const auto occurs = [&] {
    if (source_ && source_->text.find(mark_) != std::string::npos) return true;
    return std::any_of(expressions_.begin(), expressions_.end(), [&](const Part& part) {
      return part.text.text.find(mark_) != std::string::npos;
    });
  };
  while (occurs()) mark_ += "_";
  const SqlSurroundings surroundings{context.catalog, context.schema, context.configuration};
  ASSIGN_OR_RETURN(prepared_, PrepareSql(workspace, Compose(), surroundings));
  return Extract();
}

std::optional<lake::TargetReading> StatementTexts::ReadingOf(const std::string& path) const {
  std::optional<lake::TargetReading> reading;
  size_t references = 0;
  for (const auto& [table, version] : prepared_.versions) {
    if (table != path) continue;
    ++references;
    // References that saw different versions agree with none.
    const bool agrees = !reading || reading->version == version;
    reading = lake::TargetReading{agrees ? version : -1, false};
  }
  if (reading) reading->by_user = references > target_scopes_;
  return reading;
}

}  // namespace penstock::run
