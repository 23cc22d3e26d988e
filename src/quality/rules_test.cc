#include "quality/rules.h"

#include <gtest/gtest.h>

#include "quality/metrics.h"

namespace penstock::quality {
namespace {

Rule RuleOf(model::Rule rule, model::OnViolation action = model::OnViolation::kWarn) {
  Rule made;
  made.declared.name = "r";
  made.declared.rule = std::move(rule);
  made.declared.on_violation = action;
  return made;
}

TEST(JudgesRows, RowUniqueAndForeignKeyRulesDo) {
  EXPECT_TRUE(JudgesRows(RuleOf(model::RowRule{"a > 0"})));
  EXPECT_TRUE(JudgesRows(RuleOf(model::UniqueRule{{"a"}})));
  EXPECT_TRUE(JudgesRows(RuleOf(model::ForeignKeyRule{{"a"}, {}, {"b"}})));
  EXPECT_FALSE(JudgesRows(RuleOf(model::NotEmptyRule{})));
  EXPECT_FALSE(JudgesRows(RuleOf(model::AggregateRule{"count(*) > 1"})));
}

TEST(RowRuleOf, UniqueOrdersByPositionAndLooksAtTheTable) {
  RowRuleContext context;
  context.has_position = true;
  context.existing = "(SELECT 1)";
  const auto spec =
      RowRuleOf(RuleOf(model::UniqueRule{{"a\"b"}}, model::OnViolation::kDrop), context);
  EXPECT_EQ(spec.action, duck::RowAction::kDrop);
  EXPECT_NE(spec.condition.find("PARTITION BY \"a\"\"b\" ORDER BY"), std::string::npos);
  EXPECT_NE(spec.condition.find("FROM (SELECT 1)"), std::string::npos);
  context.existing.clear();
  EXPECT_EQ(RowRuleOf(RuleOf(model::UniqueRule{{"a"}}), context).condition.find(" IN ("),
            std::string::npos);
}

TEST(TableQuestion, AsksForRowsOrTheConditionAndNothingForColumns) {
  EXPECT_EQ(*TableQuestion(RuleOf(model::NotEmptyRule{}), "t"), "SELECT count(*) > 0 FROM t");
  Rule aggregate = RuleOf(model::AggregateRule{"count(*) > 1"});
  aggregate.condition = "count(*) > 1";
  EXPECT_EQ(*TableQuestion(aggregate, "t"), "SELECT (count(*) > 1) FROM t");
  EXPECT_FALSE(TableQuestion(RuleOf(model::ColumnsRule{{"a"}}), "t").has_value());
}

TEST(MissingColumn, ProposesTheNearestColumn) {
  const Schema columns = {{"customer", DataType::Of(TypeId::kString)}};
  const auto error = MissingColumn(RuleOf(model::UniqueRule{{"custmer"}}), columns);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, "COLUMN_NOT_FOUND");
  EXPECT_NE(error->remedy.find("customer"), std::string::npos);
  EXPECT_FALSE(MissingColumn(RuleOf(model::UniqueRule{{"CUSTOMER"}}), columns).has_value());
  EXPECT_TRUE(HoldsForColumns({{"Customer"}}, columns));
  EXPECT_FALSE(HoldsForColumns({{"customer", "city"}}, columns));
}

TEST(Reconciles, RowsInAreOutDroppedAndQuarantined) {
  RowCounts counts{10, 7, 2, 1, 5, {}};
  EXPECT_TRUE(Reconciles(counts));
  counts.dropped = 3;
  EXPECT_FALSE(Reconciles(counts));
}

TEST(ToEventDetails, HasTheFieldsThatQueriesOverEventLogsRead) {
  RowCounts counts{10, 7, 2, 1, 0, {{"valid", "main.default.t", model::OnViolation::kDrop, 8, 2}}};
  const Json details = ToEventDetails(counts);
  EXPECT_EQ(details["metrics"]["num_output_rows"], 7);
  EXPECT_EQ(details["data_quality"]["dropped_records"], 2);
  const Json& rule = details["data_quality"]["expectations"][0];
  EXPECT_EQ(rule["name"], "valid");
  EXPECT_EQ(rule["dataset"], "main.default.t");
  EXPECT_EQ(rule["passed_records"], 8);
  EXPECT_EQ(rule["failed_records"], 2);
}

}  // namespace
}  // namespace penstock::quality
