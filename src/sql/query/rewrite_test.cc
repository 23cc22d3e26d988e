#include "sql/query/rewrite.h"

#include <gtest/gtest.h>

namespace penstock::sql {
namespace {

class RewriteTest : public testing::Test {
 protected:
  // a + b * c
  const std::string text_ = "a + b /* note */ * c";
  const Tokens tokens_ = Lex(text_, model::Dialect::kSpark);
  Rewrite rewrite_{text_, tokens_.tokens};

  std::string Text() const { return rewrite_.Render(0, 5).text; }
};

TEST_F(RewriteTest, WithoutChangesTheTextStaysAndCommentsGo) { EXPECT_EQ(Text(), "a + b * c"); }

TEST_F(RewriteTest, WhatIsWrappedLaterStandsOutside) {
  rewrite_.Wrap(2, 5, "inner(", ")");
  rewrite_.Wrap(0, 5, "outer(", ")");
  rewrite_.Before(2, "very ");
  EXPECT_EQ(Text(), "outer(a + very inner(b * c))");
}

TEST_F(RewriteTest, ARemovedTokenLeavesOneBlank) {
  rewrite_.Remove(1, 4);
  EXPECT_EQ(Text(), "a c");
}

TEST_F(RewriteTest, AReplacedRangeForgetsWhatWasChangedInIt) {
  rewrite_.Wrap(2, 5, "f(", ")");
  Fragment fragment;
  fragment.Append(rewrite_.Render(2, 5));
  fragment.Append(" !", 20);
  rewrite_.ReplaceRange(2, 5, std::move(fragment));
  EXPECT_EQ(Text(), "a + f(b * c) !");
}

TEST_F(RewriteTest, MovedTextKeepsItsPlaceInTheMap) {
  Fragment fragment;
  fragment.Append("g(", 0);
  fragment.Append(rewrite_.Render(4, 5));
  rewrite_.ReplaceRange(0, 5, std::move(fragment));
  const Fragment rendered = rewrite_.Render(0, 5);
  const SourceMap map{rendered.entries};
  EXPECT_EQ(map.Original(rendered.text.find('c')), text_.find_last_of('c'));
}

}  // namespace
}  // namespace penstock::sql
