#include "sql/table_clauses.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "sql/statement.h"

namespace penstock::sql {
namespace {

const std::vector<std::string> kClauses = {
    "AS",          "PARTITIONED BY", "CLUSTER BY",    "COMMENT", "TBLPROPERTIES",
    "PARTITIONED", "CLUSTER",        "LOCATION",      "USING",   "SCHEDULE",
    "TRIGGER ON",  "CONSTRAINT",     "REFRESH POLICY"};

class ClauseParser {
 public:
  ClauseParser(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
               std::vector<model::Warning>* warnings)
      : cursor_(cursor), context_(context), dataset_(dataset), warnings_(warnings) {}

  Status Run() {
    while (!cursor_.AtEnd() && !AtQuery()) RETURN_IF_ERROR(ParseOne());
    return OkStatus();
  }

 private:
  // AS may be left out before a query; FLOW begins a table's own flow.
  bool AtQuery() const {
    return cursor_.LooksAt({"AS"}) || cursor_.LooksAt({"SELECT"}) || cursor_.LooksAt({"FROM"}) ||
           cursor_.LooksAt({"VALUES"}) || cursor_.LooksAt({"FLOW"}) ||
           (cursor_.LooksAt({"WITH"}) && !cursor_.LooksAt({"WITH", "ROW", "FILTER"}));
  }

  Status ParseOne() {
    const Token& first = cursor_.Peek();
    if (LooksAtConstraint(cursor_)) {
      do {
        RETURN_IF_ERROR(ParseConstraint(cursor_, context_, dataset_, warnings_));
      } while (cursor_.AcceptOperator(","));
      return OkStatus();
    }
    const std::string clause = AsciiUpper(first.text);
    if (!seen_.insert(clause).second) {
      return cursor_.ErrorAt(
          first, "SQL_SYNTAX",
          fmt::format("{} is given twice", clause == "(" ? "the column list" : clause),
          "Keep one of them.");
    }
    if (IsOperator(first, "(")) return ParseColumnList(cursor_, context_, dataset_, warnings_);
    if (cursor_.Accept({"PARTITIONED"})) return PartitionedBy();
    if (cursor_.Accept({"CLUSTER"})) return ClusterBy(first);
    if (cursor_.Accept({"COMMENT"})) return Assign(&dataset_->comment, "the comment");
    if (cursor_.Accept({"TBLPROPERTIES"})) return Properties();
    if (cursor_.Accept({"LOCATION"})) return Assign(&dataset_->location.emplace(), "the path");
    if (cursor_.Accept({"USING"})) return Using();
    if (cursor_.LooksAt({"REFRESH"})) return Refresh();
    if (cursor_.LooksAt({"SCHEDULE"}) || cursor_.LooksAt({"TRIGGER"})) return Schedule();
    return Refuse();
  }

  Status Assign(std::string* to, std::string_view what) {
    ASSIGN_OR_RETURN(*to, cursor_.ExpectString(what));
    return OkStatus();
  }

  Status PartitionedBy() {
    RETURN_IF_ERROR(cursor_.Expect({"BY"}));
    RETURN_IF_ERROR(cursor_.ExpectOperator("("));
    do {
      ASSIGN_OR_RETURN(std::string name, cursor_.ExpectName("a column"));
      if (!IsOperator(cursor_.Peek(), ",") && !IsOperator(cursor_.Peek(), ")")) {
        return cursor_.ErrorAt(cursor_.Peek(), "UNSUPPORTED_CLAUSE",
                               fmt::format("PARTITIONED BY takes columns; '{}' is followed by {}",
                                           name, cursor_.Peek().text),
                               "Add the value as a column of the query and name that column here.");
      }
      dataset_->partitioned_by.push_back(std::move(name));
    } while (cursor_.AcceptOperator(","));
    return cursor_.ExpectOperator(")");
  }

  Status ClusterBy(const Token& first) {
    RETURN_IF_ERROR(cursor_.Expect({"BY"}));
    if (cursor_.Accept({"NONE"})) return OkStatus();
    if (cursor_.Accept({"AUTO"})) {
      Warn(first, "CLUSTER BY AUTO has no effect; name the columns to cluster by");
      return OkStatus();
    }
    if (!IsOperator(cursor_.Peek(), "(")) {
      return cursor_.Unexpected("(columns), AUTO or NONE", {"AUTO", "NONE"});
    }
    ASSIGN_OR_RETURN(dataset_->clustered_by, cursor_.ExpectNameList("a column"));
    return OkStatus();
  }

  Result<std::string> PropertyKey() {
    if (IsString(cursor_.Peek())) return cursor_.ExpectString("the key");
    const Token& first = cursor_.Peek();
    size_t end = first.offset;
    while (IsName(cursor_.Peek()) || cursor_.Peek().kind == TokenKind::kNumber) {
      end = cursor_.Next().end();
      if (!IsOperator(cursor_.Peek(), ".") && !IsOperator(cursor_.Peek(), "-")) break;
      end = cursor_.Next().end();
    }
    if (end == first.offset) return cursor_.Unexpected("a property's key");
    return cursor_.Slice(first.offset, end).text;
  }

  Result<std::string> PropertyValue(const std::string& key) {
    if (IsString(cursor_.Peek())) return cursor_.ExpectString("the value");
    const Token& first = cursor_.Peek();
    cursor_.AcceptOperator("-");
    if (cursor_.Peek().kind != TokenKind::kNumber && !IsName(cursor_.Peek())) {
      return cursor_.Unexpected(fmt::format("the value of '{}'", key));
    }
    return cursor_.Slice(first.offset, cursor_.Next().end()).text;
  }

  Status Properties() {
    RETURN_IF_ERROR(cursor_.ExpectOperator("("));
    do {
      const Token& first = cursor_.Peek();
      ASSIGN_OR_RETURN(std::string key, PropertyKey());
      if (!cursor_.AcceptOperator("=")) cursor_.AcceptOperator("==");
      ASSIGN_OR_RETURN(std::string value, PropertyValue(key));
      if (!dataset_->properties.emplace(key, std::move(value)).second) {
        return cursor_.ErrorAt(first, "SQL_SYNTAX",
                               fmt::format("property '{}' is given twice", key),
                               "Keep one of them.");
      }
    } while (cursor_.AcceptOperator(","));
    if (!cursor_.AcceptOperator(")")) return cursor_.Unexpected("',' or ')'");
    return OkStatus();
  }

  Status Using() {
    if (cursor_.Accept({"DELTA"})) return OkStatus();
    return cursor_.ErrorAt(cursor_.Peek(), "UNSUPPORTED_CLAUSE",
                           fmt::format("USING {}: tables are Delta tables", cursor_.Peek().text),
                           "Leave USING out, or write USING DELTA.");
  }

  // REFRESH POLICY AUTO | INCREMENTAL [STRICT] | FULL.
  Status Refresh() {
    const Token& first = cursor_.Peek();
    RETURN_IF_ERROR(cursor_.Expect({"REFRESH", "POLICY"}));
    if (dataset_->kind != model::DatasetKind::kMaterializedView) {
      return cursor_.ErrorAt(
          first, "UNSUPPORTED_CLAUSE",
          fmt::format("REFRESH POLICY on the {} '{}'", model::ToString(dataset_->kind),
                      model::ToString(dataset_->name)),
          "Leave it out: only materialized views are refreshed.");
    }
    if (cursor_.Accept({"AUTO"})) {
      dataset_->refresh = model::RefreshPolicy::kAuto;
    } else if (cursor_.Accept({"FULL"})) {
      dataset_->refresh = model::RefreshPolicy::kFull;
    } else if (cursor_.Accept({"INCREMENTAL"})) {
      dataset_->refresh = cursor_.Accept({"STRICT"}) ? model::RefreshPolicy::kStrict
                                                     : model::RefreshPolicy::kIncremental;
    } else {
      return cursor_.Unexpected("AUTO, INCREMENTAL, INCREMENTAL STRICT or FULL",
                                {"AUTO", "INCREMENTAL", "FULL"});
    }
    return OkStatus();
  }

  // SCHEDULE [REFRESH] EVERY 1 HOUR | CRON '…' [AT TIME ZONE '…'], TRIGGER ON UPDATE [AT MOST EVERY
  // INTERVAL …].
  Status Schedule() {
    const Token& first = cursor_.Peek();
    if (cursor_.Accept({"SCHEDULE"})) {
      cursor_.Accept({"REFRESH"});
      if (cursor_.Accept({"CRON"})) {
        ASSIGN_OR_RETURN(auto cron, cursor_.ExpectString("the schedule"));
        if (cursor_.Accept({"AT", "TIME", "ZONE"})) {
          ASSIGN_OR_RETURN(auto zone, cursor_.ExpectString("the time zone"));
        }
      } else if (cursor_.Accept({"EVERY"})) {
        RETURN_IF_ERROR(Duration());
      } else {
        return cursor_.Unexpected("EVERY or CRON", {"EVERY", "CRON"});
      }
    } else {
      RETURN_IF_ERROR(cursor_.Expect({"TRIGGER", "ON", "UPDATE"}));
      if (cursor_.Accept({"AT", "MOST", "EVERY"})) RETURN_IF_ERROR(Duration());
    }
    Warn(first, fmt::format("{} has no effect: an update runs when penstock run is called",
                            AsciiUpper(first.text)));
    return OkStatus();
  }

  Status Duration() {
    cursor_.Accept({"INTERVAL"});
    if (cursor_.Peek().kind != TokenKind::kNumber && !IsString(cursor_.Peek())) {
      return cursor_.Unexpected("a number and a unit", {}, "For example EVERY 1 HOUR.");
    }
    cursor_.Next();
    ASSIGN_OR_RETURN(auto unit, cursor_.ExpectName("a unit (HOUR, DAY …)"));
    return OkStatus();
  }

  Status Refuse() {
    if (cursor_.LooksAt({"WITH", "ROW", "FILTER"})) {
      return cursor_.ErrorAt(cursor_.Peek(), "UNSUPPORTED_CLAUSE", "ROW FILTER is not supported",
                             "Filter the rows in the query.");
    }
    return cursor_.Unexpected("a clause or AS and a query", kClauses);
  }

  void Warn(const Token& at, std::string message) {
    warnings_->push_back({std::move(message), cursor_.Where(at)});
  }

  TokenCursor& cursor_;
  const FileContext& context_;
  model::Dataset* dataset_;
  std::vector<model::Warning>* warnings_;
  std::set<std::string> seen_;
};

}  // namespace

Status ParseTableClauses(TokenCursor& cursor, const FileContext& context, model::Dataset* dataset,
                         std::vector<model::Warning>* warnings) {
  return ClauseParser(cursor, context, dataset, warnings).Run();
}

}  // namespace penstock::sql
