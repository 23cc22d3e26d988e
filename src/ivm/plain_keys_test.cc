#include "ivm/plain_keys.h"

#include <gtest/gtest.h>

namespace penstock::ivm {
namespace {

using algebra::Join;
using algebra::JoinKind;
using algebra::NodePtr;

NodePtr Scan(const std::string& name) {
  return algebra::MakeScan(name, {{"c0", "BIGINT"}, {"c1", "BIGINT"}});
}

NodePtr Joined(JoinKind kind, const NodePtr& left, const NodePtr& right, size_t keys) {
  Join join{kind, {}, nullptr};
  for (size_t i = 0; i < keys; ++i) {
    join.keys.push_back({algebra::ColumnOf(*left, i), algebra::ColumnOf(*right, i), true});
  }
  return algebra::MakeJoin(left, right, std::move(join));
}

const Join& JoinOf(const NodePtr& node) { return std::get<Join>(node->op); }

TEST(PlainKeysTest, KeysWithoutNullOnEitherSideArePlain) {
  for (const JoinKind kind : {JoinKind::kSemi, JoinKind::kAnti, JoinKind::kLeft, JoinKind::kFull}) {
    const NodePtr join = Joined(kind, Scan("rows"), Scan("keys"), 2);
    EXPECT_EQ(WithPlainKeys(join, {}), join) << "nothing is known";
    for (const char* name : {"rows", "keys"}) {
      const NodePtr plain = WithPlainKeys(join, {{name, {}}});
      EXPECT_FALSE(JoinOf(plain).keys[0].null_safe);
      EXPECT_FALSE(JoinOf(plain).keys[1].null_safe);
    }
  }
  const NodePtr anti = Joined(JoinKind::kAnti, Scan("rows"), Scan("keys"), 2);
  const NodePtr half = WithPlainKeys(anti, {{"keys", {"c0"}}});
  EXPECT_TRUE(JoinOf(half).keys[0].null_safe);
  EXPECT_FALSE(JoinOf(half).keys[1].null_safe);
}

TEST(PlainKeysTest, WhatIsKnownPassesProjectionsFiltersAndDistinct) {
  const NodePtr keys = Scan("keys");
  const NodePtr one = algebra::MakeDistinct(
      algebra::MakeProject(keys, {algebra::ColumnOf(*keys, 1), algebra::ColumnOf(*keys, 0)}));
  const NodePtr anti = Joined(JoinKind::kAnti, Scan("rows"), one, 2);
  const NodePtr plain = WithPlainKeys(anti, {{"keys", {"c0"}}});
  EXPECT_FALSE(JoinOf(plain).keys[0].null_safe);
  EXPECT_TRUE(JoinOf(plain).keys[1].null_safe);
  const NodePtr outer = Joined(JoinKind::kLeft, Scan("rows"), keys, 1);
  const NodePtr above = Joined(JoinKind::kAnti, Scan("others"),
                               algebra::MakeProject(outer, {algebra::ColumnOf(*outer, 2)}), 1);
  EXPECT_TRUE(JoinOf(WithPlainKeys(above, {{"keys", {}}})).keys[0].null_safe)
      << "an outer join brings NULLs";
}

TEST(PlainKeysTest, ASemiJoinWithNullsInOneKeyIsTwo) {
  const NodePtr semi = Joined(JoinKind::kSemi, Scan("rows"), Scan("keys"), 1);
  const NodePtr split = WithPlainKeys(semi, {{"keys", {"c0"}}});
  ASSERT_TRUE(std::holds_alternative<algebra::UnionAll>(split->op));
  EXPECT_EQ(split->columns, semi->columns);
  EXPECT_FALSE(JoinOf(split->inputs[0]).keys[0].null_safe);
  EXPECT_TRUE(std::holds_alternative<algebra::Filter>(split->inputs[1]->op));
  const NodePtr two =
      WithPlainKeys(Joined(JoinKind::kSemi, Scan("rows"), Scan("keys"), 2), {{"keys", {"c1"}}});
  ASSERT_TRUE(std::holds_alternative<algebra::UnionAll>(two->op));
  EXPECT_EQ(JoinOf(two->inputs[1]).keys.size(), 1u);
  EXPECT_FALSE(JoinOf(two->inputs[1]).keys[0].null_safe);
  const NodePtr both = Joined(JoinKind::kSemi, Scan("rows"), Scan("keys"), 2);
  EXPECT_EQ(WithPlainKeys(both, {{"keys", {"c0", "c1"}}}), both);
  const NodePtr costly =
      Joined(JoinKind::kSemi, algebra::MakeDistinct(Scan("rows")), Scan("keys"), 1);
  EXPECT_EQ(WithPlainKeys(costly, {{"keys", {"c0"}}}), costly) << "would be run twice";
}

TEST(PlainKeysTest, WhatIsSharedStaysShared) {
  const NodePtr shared = Joined(JoinKind::kSemi, Scan("rows"), Scan("keys"), 2);
  const NodePtr plain = WithPlainKeys(algebra::MakeUnionAll({shared, shared}), {{"keys", {}}});
  EXPECT_EQ(plain->inputs[0], plain->inputs[1]);
}

}  // namespace
}  // namespace penstock::ivm
