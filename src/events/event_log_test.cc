#include "events/event_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "events/event_row.h"
#include "io/fault_storage.h"
#include "io/temp_folder.h"
#include "lake/lake_table.h"

namespace penstock::events {
namespace {

constexpr int64_t kDay = int64_t{86400} * 1000000;
constexpr TimestampMicros kStart = int64_t{1767225600} * 1000000;  // 2026-01-01

class TestClock : public Clock {
 public:
  TimestampMicros Now() override { return now; }
  void SleepFor(int64_t micros) override { now += micros; }
  TimestampMicros now = kStart;
};

// Shared by all tests, as opening an engine takes longer than most of them; closed while the main
// thread still has the engine's thread-local state.
class EngineEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    duck::EngineOptions options;
    options.threads = 1;
    options.spark_functions = false;
    engine = std::move(duck::Engine::Open(options)).value();
  }
  void TearDown() override { engine.reset(); }

  std::unique_ptr<duck::Engine> engine;
};
EngineEnvironment* const environment =
    static_cast<EngineEnvironment*>(testing::AddGlobalTestEnvironment(new EngineEnvironment));

duck::Engine& TestEngine() { return *environment->engine; }

// Storage, codec and catalog of one process that may be killed; the folder outlives it.
struct Process {
  explicit Process(const std::string& root, TestClock* clock, int64_t fail_at = -1,
                   io::FaultStorage::Torn torn = io::FaultStorage::Torn::kBefore)
      : clock(clock),
        local(io::NewLocalStorage()),
        storage(local.get(), fail_at < 0 ? INT64_MAX : fail_at, torn),
        codec(lake::NewCheckpointCodec(&TestEngine(), &storage)),
        catalog(&storage, codec.get(), clock, catalog::Layout{root}) {}

  Result<std::unique_ptr<EventLog>> Start(const std::string& update_id) {
    EventLogOptions options{"pipeline-1", "shop", update_id, {{"db.password", "hunter22"}}, 30};
    return EventLog::Start(&catalog, &storage, &TestEngine(), clock, options);
  }

  TestClock* clock;
  std::unique_ptr<io::Storage> local;
  io::FaultStorage storage;
  std::unique_ptr<delta::CheckpointCodec> codec;
  catalog::Catalog catalog;
};

class EventLogTest : public testing::Test {
 protected:
  static Event Named(const std::string& message) {
    Event event;
    event.type = "flow_progress";
    event.message = message;
    return event;
  }

  // The log as a fresh process reads it, one value per row of `expression`, by sequence.
  std::vector<std::string> Read(const std::string& expression) {
    Process process(root_, &clock_);
    const auto table = process.catalog.OpenPath(process.catalog.layout().EventLogPath());
    if (!table->Exists().value()) return {};
    const delta::SnapshotPtr snapshot = table->Latest().value();
    const lake::Relation relation = lake::SnapshotRelation(table->path(), *snapshot).value();
    duck::Connection connection = TestEngine().Connect().value();
    Result<duck::ResultSet> rows =
        connection.Query("SELECT CAST(" + expression + " AS VARCHAR) FROM (" + relation.sql +
                         ") ORDER BY \"sequence\".control_plane_seq_no");
    EXPECT_TRUE(rows.ok()) << rows.error().message;
    std::vector<std::string> values;
    while (rows->NextChunk().value()) {
      for (size_t row = 0; row < rows->RowCount(); ++row) {
        values.push_back(rows->IsNull(row, 0) ? "NULL" : rows->Text(row, 0));
      }
    }
    return values;
  }

  std::vector<std::string> Journals() {
    std::vector<std::string> names;
    const std::string folder = catalog::Layout{root_}.JournalFolder();
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      names.push_back(entry.path().filename());
    return names;
  }

  // Runs one update that only writes events; everything must succeed.
  void Update(const std::string& update_id, const std::vector<std::string>& messages) {
    Process process(root_, &clock_);
    Result<std::unique_ptr<EventLog>> log = process.Start(update_id);
    ASSERT_TRUE(log.ok()) << log.error().message;
    for (const std::string& message : messages) log.value()->Add(Named(message));
    const Status finished = log.value()->Finish();
    ASSERT_TRUE(finished.ok()) << finished.error().message;
  }

  const io::TempFolder folder_;
  const std::string root_ = folder_ / "storage";
  TestClock clock_;
};

using Texts = std::vector<std::string>;

TEST_F(EventLogTest, EventHasTheFieldsOfTheTable) {
  Process process(root_, &clock_);
  std::unique_ptr<EventLog> log = process.Start("update-1").value();
  Event event = Named("orders is done");
  event.level = Level::kError;
  event.origin = {"main.default.orders", "flow-id", "orders", 4};
  event.details = {{"flow_progress",
                    {{"status", "FAILED"}, {"metrics", {{"num_output_rows", int64_t{1} << 60}}}}}};
  event.error = UserError("BAD_CAST", "cannot cast 'x'", "Use try_cast.").At({"a.sql", 3, 7});
  log->Add(event);
  ASSERT_TRUE(log->Finish().ok());

  EXPECT_EQ(Read("message"), Texts{"orders is done"});
  EXPECT_EQ(Read("\"timestamp\" = TIMESTAMPTZ '2026-01-01 00:00:00+00'"), Texts{"true"});
  EXPECT_EQ(Read("level || event_type || maturity_level"), Texts{"ERRORflow_progressSTABLE"});
  EXPECT_EQ(Read("origin.dataset_name || origin.flow_id || origin.flow_name || origin.batch_id"),
            Texts{"main.default.ordersflow-idorders4"});
  EXPECT_EQ(Read("origin.pipeline_id || origin.pipeline_name || origin.update_id"),
            Texts{"pipeline-1shopupdate-1"});
  EXPECT_EQ(Read("details->>'$.flow_progress.metrics.num_output_rows'"),
            Texts{"1152921504606846976"});
  EXPECT_EQ(Read("error.fatal"), Texts{"true"});
  EXPECT_EQ(Read("error.exceptions[1].class_name"), Texts{"BAD_CAST"});
  EXPECT_EQ(Read("error.exceptions[1].stack[1].line_number"), Texts{"3"});
  EXPECT_EQ(Read("origin.cloud"), Texts{"NULL"});
  EXPECT_EQ(Journals(), Texts{});
}

TEST_F(EventLogTest, SecretsDoNotReachTheLog) {
  Update("u", {"login with hunter22 failed"});
  EXPECT_EQ(Read("message"), Texts{"login with [REDACTED] failed"});
}

TEST_F(EventLogTest, SequenceAscendsOverUpdatesAlthoughTheClockGoesBack) {
  Update("u1", {"a", "b"});
  clock_.now -= kDay;
  Update("u2", {"c", "d"});
  EXPECT_EQ(Read("message"), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(Read("\"timestamp\" < TIMESTAMPTZ '2026-01-01 00:00:00+00'"),
            (Texts{"false", "false", "true", "true"}));
}

TEST_F(EventLogTest, UpdateThatDiedAfterFlushIsFoldedByTheNextStart) {
  {
    Process process(root_, &clock_);
    std::unique_ptr<EventLog> log = process.Start("dead/../update").value();
    log->Add(Named("kept"));
    ASSERT_TRUE(log->Flush().ok());
    log->Add(Named("never flushed"));
  }
  Update("next", {"after"});
  EXPECT_EQ(Read("message"), (Texts{"kept", "after"}));
  EXPECT_EQ(Read("origin.update_id"), (Texts{"dead/../update", "next"}));
  EXPECT_EQ(Journals(), Texts{});
}

TEST_F(EventLogTest, ObserverSeesAPreparedEventOnlyWhenItsCommitTookPlace) {
  Process process(root_, &clock_);
  std::unique_ptr<EventLog> log = process.Start("u").value();
  Texts seen;
  log->observer = [&](const Json& event) { seen.push_back(event["message"]); };
  ASSERT_TRUE(log->Prepare(Named("first"), "/t", "flow", 1).ok());
  log->Add(Named("between"));
  log->Settle("flow", 1, false);
  ASSERT_TRUE(log->Prepare(Named("second"), "/t", "flow", 1).ok());
  log->Settle("flow", 1, true);
  EXPECT_EQ(seen, (Texts{"between", "second"}));
  ASSERT_TRUE(log->Finish().ok());
  EXPECT_EQ(Read("message"), (Texts{"between", "second"}));
}

TEST_F(EventLogTest, ManySmallFilesAreJoined) {
  Texts expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back("event " + std::to_string(i));
    Update("u" + std::to_string(i), {expected.back()});
  }
  EXPECT_EQ(Read("message"), expected);
  Process process(root_, &clock_);
  const auto table = process.catalog.OpenPath(process.catalog.layout().EventLogPath());
  EXPECT_LT(table->Latest().value()->NumFiles(), 16);
}

TEST_F(EventLogTest, EventsBeyondRetentionAreDroppedAndTheirFilesDeletedLater) {
  clock_.now = SystemClock().Now() - 60 * kDay;
  Update("old", {"old"});
  clock_.now += 20 * kDay;
  Update("middle", {"middle"});
  clock_.now += 15 * kDay;
  Update("new", {"new"});
  EXPECT_EQ(Read("message"), (Texts{"middle", "new"}));
  clock_.now = SystemClock().Now() + 20 * kDay;
  Update("newest", {"newest"});
  EXPECT_EQ(Read("message"), Texts{"newest"});
  int data_files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(catalog::Layout{root_}.EventLogPath())) {
    if (entry.path().extension() == ".parquet") ++data_files;
  }
  EXPECT_LE(data_files, 2);
}

TEST_F(EventLogTest, NewerFormatIsRefused) {
  Update("u", {"a"});
  const std::string commit =
      catalog::Layout{root_}.EventLogPath() + "/_delta_log/00000000000000000000.json";
  std::ifstream in(commit);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const size_t at = text.find("\"penstock.formatVersion\":\"1\"");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 28, "\"penstock.formatVersion\":\"9\"");
  std::ofstream(commit) << text;
  Process process(root_, &clock_);
  const Result<std::unique_ptr<EventLog>> log = process.Start("u2");
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().code, "UNSUPPORTED_FORMAT");
}

// What an update with a commit in its middle had made sure of before it was killed.
struct Sure {
  bool flushed = false;
  bool committed = false;  // the table's commit returned
  bool finished = false;
};

Schema OneColumn() { return {{"a", DataType::Of(TypeId::kLong), true, ""}}; }

// One update: an event, a flush, a batch whose event goes with a commit, another event, the end.
Sure RunUpdate(Process& process, const std::string& update_id, int64_t batch) {
  Sure sure;
  Result<std::unique_ptr<EventLog>> log = process.Start(update_id);
  if (!log.ok()) return sure;
  Event event;
  event.type = "update_progress";
  event.message = update_id + " begins";
  log.value()->Add(event);
  if (!log.value()->Flush().ok()) return sure;
  sure.flushed = true;

  const auto table = process.catalog.Open({"main", "default", "t"}).value();
  const Result<bool> exists = table->Exists();
  if (!exists.ok()) return sure;
  delta::SnapshotPtr base;
  if (exists.value()) base = table->Latest().value();
  event.message = update_id + " batch";
  if (!log.value()->Prepare(event, table->path(), "flow", batch).ok()) return sure;
  delta::Change change;
  change.info.operation = "WRITE";
  if (!base) {
    change.metadata = delta::NewMetadata(OneColumn(), {}, {}, std::nullopt, 0);
    change.protocol = delta::RequiredProtocol(*change.metadata);
  }
  change.transactions = {{"flow", batch, 0}};
  const Result<delta::CommitOutcome> outcome = table->Commit(base, change);
  if (!outcome.ok()) return sure;
  sure.committed = true;
  log.value()->Settle("flow", batch, true);
  event.message = update_id + " ends";
  log.value()->Add(event);
  sure.finished = log.value()->Finish().ok();
  return sure;
}

class EventLogCrashTest : public EventLogTest,
                          public testing::WithParamInterface<io::FaultStorage::Torn> {};

TEST_P(EventLogCrashTest, KilledAtEveryOperationNothingIsLostOrDoubled) {
  int64_t kill_points = 0;
  for (int64_t fail_at = 0;; ++fail_at) {
    SCOPED_TRACE(fail_at);
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    {
      Process process(root_, &clock_);
      ASSERT_TRUE(RunUpdate(process, "zero", 0).finished);
    }
    Process killed(root_, &clock_, fail_at, GetParam());
    const Sure sure = RunUpdate(killed, "one", 1);
    if (!killed.storage.crashed()) break;
    ++kill_points;

    Update("two", {"two"});
    const Texts messages = Read("message");
    const auto count = [&](const std::string& message) {
      return std::count(messages.begin(), messages.end(), message);
    };
    EXPECT_EQ(count("zero begins") + count("zero batch") + count("zero ends"), 3);
    EXPECT_LE(count("one begins"), 1);
    if (sure.flushed) {
      EXPECT_EQ(count("one begins"), 1);
    }
    Process reader(root_, &clock_);
    const auto table = reader.catalog.Open({"main", "default", "t"}).value();
    const bool committed = table->Latest().value()->TransactionVersion("flow") == 1;
    if (sure.committed) {
      EXPECT_TRUE(committed);
    }
    EXPECT_EQ(count("one batch"), committed ? 1 : 0);
    EXPECT_LE(count("one ends"), 1);
    if (sure.finished) {
      EXPECT_EQ(count("one ends"), 1);
    }
    EXPECT_EQ(count("two"), 1);
    EXPECT_EQ(Journals(), Texts{});
  }
  EXPECT_GE(kill_points, 5);
}

INSTANTIATE_TEST_SUITE_P(Torn, EventLogCrashTest,
                         testing::Values(io::FaultStorage::Torn::kBefore,
                                         io::FaultStorage::Torn::kPartly,
                                         io::FaultStorage::Torn::kAfter));

}  // namespace
}  // namespace penstock::events
