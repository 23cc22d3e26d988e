#include "ivm/time_window.h"

#include <gtest/gtest.h>

#include "algebra/plan.h"
#include "algebra/render.h"

namespace penstock::ivm {
namespace {

using algebra::Call;
using algebra::ExpressionPtr;

ExpressionPtr Infix(std::string name, ExpressionPtr left, ExpressionPtr right) {
  return std::make_shared<const algebra::Expression>(algebra::Expression{
      Call{Call::Syntax::kInfix, std::move(name), {std::move(left), std::move(right)}}, "BOOLEAN"});
}

ExpressionPtr Now() {
  return std::make_shared<const algebra::Expression>(
      algebra::Expression{algebra::CurrentTime{"now"}, "TIMESTAMP WITH TIME ZONE"});
}

std::vector<std::string> Texts(const ExpressionPtr& condition) {
  const algebra::NodePtr scan =
      algebra::MakeScan("t", {{"at", "TIMESTAMP WITH TIME ZONE"}, {"n", "BIGINT"}});
  std::vector<std::string> texts;
  for (const ExpressionPtr& part : TrueOnlyAt(condition, "2024-02-02", "2024-01-01")) {
    EXPECT_FALSE(algebra::DependsOnTime(part));
    texts.push_back(algebra::RenderSql(algebra::MakeFilter(scan, part)));
  }
  return texts;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(TimeWindowTest, AComparisonWithTheTimeBoundsTheColumnFromBothSides) {
  const ExpressionPtr at = algebra::MakeColumn(0, "TIMESTAMP WITH TIME ZONE");
  const auto texts = Texts(Infix("<", at, Now()));
  ASSERT_EQ(texts.size(), 1);
  EXPECT_TRUE(Contains(texts[0], "<")) << texts[0];
  EXPECT_TRUE(Contains(texts[0], ">=")) << texts[0];
  EXPECT_FALSE(Contains(texts[0], "IS NOT TRUE")) << texts[0];
}

TEST(TimeWindowTest, EachOfTwoBoundsIsPassedByItself) {
  const ExpressionPtr at = algebra::MakeColumn(0, "TIMESTAMP WITH TIME ZONE");
  const auto texts = Texts(Infix("AND", Infix("<", at, Now()), Infix(">", Now(), at)));
  EXPECT_EQ(texts.size(), 2);
}

TEST(TimeWindowTest, AnythingElseIsComparedAsAWhole) {
  const ExpressionPtr at = algebra::MakeColumn(0, "TIMESTAMP WITH TIME ZONE");
  for (const ExpressionPtr& condition :
       {Infix("<>", at, Now()), Infix("OR", Infix("<", at, Now()), Infix(">", at, Now()))}) {
    const auto texts = Texts(condition);
    ASSERT_EQ(texts.size(), 1);
    EXPECT_TRUE(Contains(texts[0], "IS NOT TRUE")) << texts[0];
  }
}

}  // namespace
}  // namespace penstock::ivm
