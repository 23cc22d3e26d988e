#include "algebra/join_order.h"

#include <gtest/gtest.h>

#include "algebra/render.h"

namespace penstock::algebra {
namespace {

NodePtr Table(const std::string& name, const std::vector<std::string>& columns) {
  std::vector<Column> typed;
  for (const std::string& column : columns) typed.push_back({column, "BIGINT"});
  return MakeScan(name, std::move(typed));
}

ExpressionPtr Equal(size_t a, size_t b) {
  return Equality(MakeColumn(a, "BIGINT"), MakeColumn(b, "BIGINT"), false);
}

ExpressionPtr IsFive(size_t column) {
  return Equality(MakeColumn(column, "BIGINT"), MakeLiteral("5", "BIGINT"), false);
}

NodePtr Product(NodePtr left, NodePtr right) {
  return MakeJoin(std::move(left), std::move(right), Join{});
}

TEST(JoinOrder, ConditionsOverAProductBecomeKeysAndFiltersOfInputs) {
  // FROM a, b, c WHERE a.x = c.x AND b.y = c.y AND b.y = 5
  const NodePtr plan =
      MakeFilter(Product(Product(Table("a", {"x"}), Table("b", {"y"})), Table("c", {"cx", "cy"})),
                 Conjunction({Equal(0, 2), Equal(1, 3), IsFive(1)}));
  const NodePtr ordered = WithKeyedJoins(plan);
  EXPECT_EQ(Outline(ordered),
            "projection: x, y, cx, cy\n"
            "  inner join: cy = y\n"
            "    inner join: x = cx\n"
            "      scan of a\n"
            "      scan of c\n"
            "    filter: (y = 5)\n"
            "      scan of b\n");
}

TEST(JoinOrder, AConditionOnTheLeftGoesBelowALeftJoinAndOneOnTheRightStays) {
  Join left{JoinKind::kLeft, {{MakeColumn(0, "BIGINT"), MakeColumn(0, "BIGINT")}}, nullptr};
  const NodePtr plan = MakeFilter(MakeJoin(Table("a", {"x"}), Table("b", {"y"}), left),
                                  Conjunction({IsFive(0), IsFive(1)}));
  EXPECT_EQ(Outline(WithKeyedJoins(plan)),
            "filter: (y = 5)\n"
            "  left join: x = y\n"
            "    filter: (x = 5)\n"
            "      scan of a\n"
            "    scan of b\n");
}

TEST(JoinOrder, AConditionStaysAboveWhatSeveralReadAndAboveAFullJoin) {
  const NodePtr shared = Product(Table("a", {"x"}), Table("b", {"y"}));
  const NodePtr filtered = MakeFilter(shared, Equal(0, 1));
  EXPECT_EQ(Outline(WithKeyedJoins(MakeUnionAll({filtered, shared}))),
            "union all\n"
            "  filter: (x = y)\n"
            "    cross join\n"
            "      scan of a\n"
            "      scan of b\n"
            "  cross join (the same as above)\n");
  Join full{JoinKind::kFull, {{MakeColumn(0, "BIGINT"), MakeColumn(0, "BIGINT")}}, nullptr};
  const NodePtr plan = MakeFilter(MakeJoin(Table("a", {"x"}), Table("b", {"y"}), full), IsFive(0));
  EXPECT_EQ(Outline(WithKeyedJoins(plan)),
            "filter: (x = 5)\n"
            "  full join: x = y\n"
            "    scan of a\n"
            "    scan of b\n");
}

TEST(JoinOrder, NodesThatAreGivenStayTheSameAndAreJoinedLast) {
  const NodePtr given = Table("outer", {"o"});
  const NodePtr plan = MakeFilter(Product(Product(given, Table("a", {"x"})), Table("b", {"y"})),
                                  Conjunction({Equal(0, 1), Equal(1, 2)}));
  const NodePtr ordered = WithKeyedJoins(plan, {given});
  EXPECT_EQ(Outline(ordered),
            "projection: o, x, y\n"
            "  inner join: x = o\n"
            "    inner join: x = y\n"
            "      scan of a\n"
            "      scan of b\n"
            "    scan of outer\n");
  EXPECT_EQ(ordered->inputs[0]->inputs[1], given);
}

}  // namespace
}  // namespace penstock::algebra
