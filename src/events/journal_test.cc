#include "events/journal.h"

#include <gtest/gtest.h>

#include "events/journal_folder.h"
#include "io/leased_storage.h"
#include "io/temp_folder.h"

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

// An object store whose bucket is a folder of this machine.
class StoreInFolder : public io::LeasedStorage {
 public:
  StoreInFolder(io::Storage* disk, std::string folder)
      : LeasedStorage(disk), folder_(std::move(folder)) {}
  Result<std::string> Read(const std::string& path) override {
    return LeasedStorage::Read(OnDisk(path));
  }
  Status Write(const std::string& path, std::string_view bytes) override {
    if (refuses) return SystemError("IO_ERROR", "refused");
    return LeasedStorage::Write(OnDisk(path), bytes);
  }
  Status CreateFolders(const std::string& path) override {
    return LeasedStorage::CreateFolders(OnDisk(path));
  }
  Status Append(const std::string&, std::string_view) override {
    return SystemError("NOT_SUPPORTED_BY_STORE", "an object store appends nothing");
  }
  Status Delete(const std::string& path) override { return LeasedStorage::Delete(OnDisk(path)); }
  Result<std::vector<io::FileInfo>> List(const std::string& folder) override {
    ASSIGN_OR_RETURN(auto files, LeasedStorage::List(OnDisk(folder)));
    for (io::FileInfo& file : files) file.path = "s3://b" + file.path.substr(folder_.size());
    return files;
  }
  bool refuses = false;

 private:
  std::string OnDisk(const std::string& path) const { return folder_ + path.substr(6); }
  std::string folder_;
};

TEST(JournalTest, InAnObjectStoreEachAdditionIsAnObjectOfItsOwn) {
  const io::TempFolder folder;
  const std::unique_ptr<io::Storage> disk = io::NewLocalStorage();
  StoreInFolder store(disk.get(), folder.path());
  const catalog::Layout layout{"s3://b/root"};
  JournalWriter journal(&store, layout, "u-1");
  ASSERT_TRUE(journal.Add("a\n").ok());
  store.refuses = true;
  EXPECT_FALSE(journal.Add("b\n").ok());
  store.refuses = false;
  ASSERT_TRUE(journal.Add("\nb\nc\n").ok());
  ASSERT_TRUE(JournalWriter(&store, layout, "u-2").Add("x\n").ok());
  EXPECT_EQ(journal.Read().value(), "a\n\n\nb\nc\n\n");

  auto journals = ListJournals(store, layout).value();
  ASSERT_EQ(journals.size(), 2u);
  EXPECT_EQ(journals[0].update_id, "u-1");
  EXPECT_EQ(journals[0].paths.size(), 2u);
  EXPECT_EQ(ReadJournalFile(store, journals[0]).value(), journal.Read().value());
  ASSERT_TRUE(DeleteJournal(store, journals[0]).ok());
  EXPECT_EQ(ReadJournalFile(store, journals[0]).error().code, "NOT_FOUND");
  journals = ListJournals(store, layout).value();
  ASSERT_EQ(journals.size(), 1u);
  EXPECT_EQ(journals[0].update_id, "u-2");
}

}  // namespace
}  // namespace penstock::events
