#include "duck/files/condition.h"

#include <gtest/gtest.h>

namespace penstock::duck {
namespace {

using Op = Comparison::Operator;

class ConditionTest : public testing::Test {
 protected:
  Predicate Of(const std::string& condition) {
    return PredicateOfCondition(
        connection_,
        ParseSchema("a INT, b STRING, d DATE, t TIMESTAMP, n DECIMAL(10,2), s STRUCT<x: BIGINT>, f "
                    "BOOLEAN, r DOUBLE, filename STRING")
            .value(),
        "target", condition);
  }
  static Predicate Is(std::vector<std::string> column, Op op, std::vector<std::string> values) {
    return {Comparison{std::move(column), op, std::move(values)}};
  }
  static Predicate Anything_() { return {Anything{}}; }

  std::unique_ptr<Engine> engine_ = Engine::Open({.threads = 1}).value();
  Connection connection_ = engine_->Connect().value();
};

TEST_F(ConditionTest, ComparisonsWithConstantsAreSaid) {
  EXPECT_EQ(Of("a = 5"), Is({"a"}, Op::kEqual, {"5"}));
  EXPECT_EQ(Of("target.A >= 2 + 3"), Is({"a"}, Op::kGreaterOrEqual, {"5"}));
  EXPECT_EQ(Of("5 > a"), Is({"a"}, Op::kLess, {"5"}));
  EXPECT_EQ(Of("b <> 'x'"), Is({"b"}, Op::kNotEqual, {"x"}));
  EXPECT_EQ(Of("d = DATE '2024-02-29'"), Is({"d"}, Op::kEqual, {"2024-02-29"}));
  EXPECT_EQ(Of("t < TIMESTAMPTZ '2024-01-01 12:00:00.5+00'"),
            Is({"t"}, Op::kLess, {"2024-01-01T12:00:00.5Z"}));
  EXPECT_EQ(Of("n = 1.5"), Is({"n"}, Op::kEqual, {"1.50"}));
  EXPECT_EQ(Of("s.x = 7"), Is({"s", "x"}, Op::kEqual, {"7"}));
  EXPECT_EQ(Of("filename = 'f'"), Is({"filename"}, Op::kEqual, {"f"}));
  EXPECT_EQ(Of("a IS NOT DISTINCT FROM 5"), Is({"a"}, Op::kNullSafeEqual, {"5"}));
}

TEST_F(ConditionTest, NullTestsListsAndJunctionsAreSaid) {
  EXPECT_EQ(Of("a IS NULL"), Is({"a"}, Op::kIsNull, {}));
  EXPECT_EQ(Of("a IS NOT NULL"), Is({"a"}, Op::kIsNotNull, {}));
  EXPECT_EQ(Of("b IN ('x', 'y', NULL)"), Is({"b"}, Op::kIn, {"x", "y"}));
  EXPECT_EQ(Of("f"), Is({"f"}, Op::kEqual, {"true"}));
  EXPECT_EQ(Of("NOT f"), Is({"f"}, Op::kEqual, {"false"}));
  const Predicate a = Is({"a"}, Op::kEqual, {"1"});
  const Predicate b = Is({"b"}, Op::kEqual, {"x"});
  EXPECT_EQ(Of("a = 1 AND b = 'x'"), (Predicate{Conjunction{{a, b}}}));
  EXPECT_EQ(Of("a = 1 OR b = 'x'"), (Predicate{Disjunction{{a, b}}}));
}

TEST_F(ConditionTest, WhatCannotBeSaidIsAnything) {
  EXPECT_EQ(Of("a + 1 = 5 + random()"), Anything_());
  EXPECT_EQ(Of("length(b) = 3"), Anything_());
  EXPECT_EQ(Of("other.a = 3"), Anything_());
  EXPECT_EQ(Of("no sql"), Anything_());
  EXPECT_EQ(Of("a = 1 AND length(b) = 3"), Is({"a"}, Op::kEqual, {"1"}));
  EXPECT_EQ(Of("a = 1 OR length(b) = 3"),
            (Predicate{Disjunction{{Is({"a"}, Op::kEqual, {"1"}), Anything_()}}}));
}

}  // namespace
}  // namespace penstock::duck
