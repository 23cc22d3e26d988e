#include "base/text.h"

#include <gtest/gtest.h>

#include <set>

namespace penstock {
namespace {

TEST(NearestName, FindsAMisspeltNameWhateverItsCase) {
  EXPECT_EQ(NearestName("Silver_evnts", {"bronze_events", "silver_events"}), "silver_events");
}

TEST(NearestName, TwoSwappedLettersAreOneMistake) {
  EXPECT_EQ(NearestName("rnu", {"plan", "run"}), "run");
  EXPECT_EQ(NearestName("tabel", {"label", "table"}), "label");
  EXPECT_EQ(NearestName("tabel", {"events", "table"}), "table");
}

TEST(NearestName, OffersNothingWhenAllAreFar) {
  EXPECT_EQ(NearestName("customers", {"x", "orders_by_region"}), std::nullopt);
}

TEST(IsUtf8, OnlyWhatTheStandardAllows) {
  for (const char* good :
       {"", "a", "ä", "€", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad : {"\xff", "\x80", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsUtf8(bad)) << PercentEncode(bad);
  }
}

TEST(PercentEncode, DecodingGivesTheBytesBack) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
  EXPECT_EQ(PercentEncode("a b/ü"), "a%20b%2F%C3%BC");
}

TEST(FileUri, EscapesWhatAUriCannotHold) {
  EXPECT_EQ(FileUri("/a b/d=1/x%.json"), "file:///a%20b/d=1/x%25.json");
}

TEST(AppendUtf8, WritesOneToFourBytesAndReplacesWhatIsNoCharacter) {
  std::string text;
  for (const uint32_t code : {0x41u, 0xE9u, 0x20ACu, 0x1F600u, 0xD800u, 0x110000u}) {
    AppendUtf8(code, &text);
  }
  EXPECT_EQ(text, "Aé€😀\uFFFD\uFFFD");
}

TEST(QuoteJson, EscapesQuotesAndControlBytes) {
  EXPECT_EQ(QuoteJson("a\"\\\n\x01é"), "\"a\\\"\\\\\\n\\u0001é\"");
}

TEST(PercentDecode, LeavesBrokenEscapesAsTheyAre) {
  EXPECT_EQ(PercentDecode("%"), "%");
  EXPECT_EQ(PercentDecode("%4"), "%4");
  EXPECT_EQ(PercentDecode("%zz%41"), "%zzA");
}

TEST(NewUuid, IsVersionFourAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(Trim, RemovesBlanksAtBothEnds) {
  EXPECT_EQ(Trim("  a b\n"), "a b");
  EXPECT_EQ(Trim(" \t"), "");
}

}  // namespace
}  // namespace penstock
