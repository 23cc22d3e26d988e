#include "base/word.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(HasWord, FindsWholeWordsWhateverTheirCase) {
  EXPECT_TRUE(HasWord("CREATE VIEW Orders AS", "orders"));
  EXPECT_TRUE(HasWord("`my orders`", "ORDERS"));
  EXPECT_TRUE(HasWord("all_orders, orders", "orders"));
  EXPECT_FALSE(HasWord("all_orders orders2", "orders"));
  EXPECT_FALSE(HasWord("", "orders"));
}

}  // namespace
}  // namespace penstock
