#include "events/journal.h"

#include <gtest/gtest.h>

namespace penstock::events {
namespace {

Json Named(const std::string& id) {
  return {{"id", id}, {"sequence", {{"control_plane_seq_no", int64_t{1}}}}};
}

std::vector<std::string> Ids(const std::string& text, bool took_place = false) {
  const Result<std::vector<Json>> events = ReadJournal(
      text, "journal.jsonl", [&](const PreparedCommit&) { return Result<bool>(took_place); });
  EXPECT_TRUE(events.ok()) << events.error().message;
  std::vector<std::string> ids;
  for (const Json& event : events.value()) ids.push_back(event["id"]);
  return ids;
}

using Names = std::vector<std::string>;

TEST(JournalTest, EventsComeBackInOrder) {
  EXPECT_EQ(Ids(HeaderLine("u") + EventLine(Named("a")) + EventLine(Named("b"))),
            (Names{"a", "b"}));
}

TEST(JournalTest, TornLastLineIsPassedOverAtEveryLength) {
  const std::string kept = HeaderLine("u") + EventLine(Named("a"));
  const std::string last = EventLine(Named("b"));
  for (size_t length = 0; length + 1 < last.size(); ++length) {
    EXPECT_EQ(Ids(kept + last.substr(0, length)), Names{"a"}) << length;
  }
}

TEST(JournalTest, RepeatedLinesAfterAFailedAppendCountOnce) {
  const std::string lines = EventLine(Named("a")) + EventLine(Named("b"));
  EXPECT_EQ(Ids(HeaderLine("u") + lines.substr(0, lines.size() - 4) + "\n" + lines),
            (Names{"a", "b"}));
}

TEST(JournalTest, SettledCommitDecidesAboutItsEvent) {
  const std::string prepared = PreparedLine(Named("p"), {"/t", "flow", 3});
  EXPECT_EQ(Ids(prepared + SettledLine("flow", 3, true), false), Names{"p"});
  EXPECT_EQ(Ids(prepared + SettledLine("flow", 3, false), true), Names{});
}

TEST(JournalTest, UnsettledCommitIsAskedFor) {
  const std::string prepared = PreparedLine(Named("p"), {"/t", "flow", 3});
  EXPECT_EQ(Ids(prepared, true), Names{"p"});
  EXPECT_EQ(Ids(prepared, false), Names{});
}

TEST(JournalTest, SecondPreparationOfOneTransactionReplacesTheFirst) {
  const std::string text =
      PreparedLine(Named("p1"), {"/t", "flow", 3}) + PreparedLine(Named("p2"), {"/t", "flow", 3});
  EXPECT_EQ(Ids(text, true), Names{"p2"});
  EXPECT_EQ(Ids(text + SettledLine("flow", 3, true)), Names{"p2"});
}

TEST(JournalTest, NewerFormatIsRefusedByItsNumber) {
  const Result<std::vector<Json>> events =
      ReadJournal("{\"format_version\":7}\n", "x.jsonl",
                  [](const PreparedCommit&) { return Result<bool>(false); });
  ASSERT_FALSE(events.ok());
  EXPECT_EQ(events.error().code, "UNSUPPORTED_FORMAT");
  EXPECT_NE(events.error().message.find("7"), std::string::npos);
}

TEST(JournalTest, ForeignLineIsAnErrorThatNamesTheFile) {
  const std::string prepared = R"("prepared":{"app_id":"a","table":"/t","version":1})";
  for (const std::string& line :
       {std::string(R"({"hello":1})"), std::string(R"({"event":{"id":1}})"),
        std::string(R"({"event":{"id":"a"}})"), R"({"event":{},)" + prepared + "}",
        std::string(R"({"settled":{"app_id":1}})")}) {
    const Result<std::vector<Json>> events = ReadJournal(
        line + "\n", "x.jsonl", [](const PreparedCommit&) { return Result<bool>(true); });
    ASSERT_FALSE(events.ok()) << line;
    EXPECT_EQ(events.error().code, "BAD_JOURNAL");
    EXPECT_NE(events.error().message.find("x.jsonl"), std::string::npos);
  }
}

}  // namespace
}  // namespace penstock::events
