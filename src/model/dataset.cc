#include "model/dataset.h"

#include <algorithm>

#include "base/text.h"

namespace penstock::model {
namespace {

bool IsPlain(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

std::string Quoted(std::string_view part) {
  if (IsPlain(part)) return std::string(part);
  std::string quoted = "`";
  for (char c : part) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

}  // namespace

std::string ToString(const TableName& name) {
  std::string text;
  for (const std::string* part : {&name.catalog, &name.schema, &name.table}) {
    if (part->empty()) continue;
    if (!text.empty()) text += '.';
    text += Quoted(*part);
  }
  return text;
}

TableName Key(const TableName& name) {
  return {AsciiLower(name.catalog), AsciiLower(name.schema), AsciiLower(name.table)};
}

std::string_view ToString(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kStreamingTable:
      return "streaming table";
    case DatasetKind::kMaterializedView:
      return "materialized view";
    case DatasetKind::kView:
      return "view";
  }
  return "dataset";
}

std::string_view ToString(RefreshPolicy policy) {
  switch (policy) {
    case RefreshPolicy::kAuto:
      return "AUTO";
    case RefreshPolicy::kIncremental:
      return "INCREMENTAL";
    case RefreshPolicy::kStrict:
      return "INCREMENTAL STRICT";
    case RefreshPolicy::kFull:
      return "FULL";
  }
  return "AUTO";
}

std::string_view ToString(OnViolation action) {
  switch (action) {
    case OnViolation::kWarn:
      return "warn";
    case OnViolation::kDrop:
      return "drop";
    case OnViolation::kFail:
      return "fail";
    case OnViolation::kQuarantine:
      return "quarantine";
  }
  return "warn";
}

SourceLocation LocationAt(const QueryText& text, size_t offset) {
  TextAnchor anchor{0, text.where.line, text.where.column, false};
  for (const TextAnchor& candidate : text.anchors) {
    if (candidate.offset > offset) break;
    anchor = candidate;
  }
  SourceLocation location{text.where.file, anchor.line, anchor.column};
  if (anchor.inserted || anchor.line == 0) return location;
  const size_t end = std::min(offset, text.text.size());
  for (size_t i = anchor.offset; i < end; ++i) {
    if (text.text[i] == '\n') {
      ++location.line;
      location.column = 1;
    } else {
      ++location.column;
    }
  }
  return location;
}

std::optional<QueryText> ConditionText(const Expectation& expectation) {
  if (const auto* row = std::get_if<RowRule>(&expectation.rule)) {
    return QueryText{row->condition, expectation.rule_where, expectation.rule_anchors};
  }
  if (const auto* whole = std::get_if<AggregateRule>(&expectation.rule)) {
    return QueryText{whole->condition, expectation.rule_where, expectation.rule_anchors};
  }
  return std::nullopt;
}

}  // namespace penstock::model
