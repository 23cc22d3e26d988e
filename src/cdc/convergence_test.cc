#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/sql_text.h"
#include "cdc/batch.h"
#include "cdc/change_oracle.h"
#include "duck/engine.h"

// Feeds in every order and every split into batches end in the table that the sorted feed makes.
// The engine applies what the plans say to tables of its own; the judge is change_oracle.
namespace penstock::cdc {
namespace {

constexpr int kFeedsOfARun = 100;
constexpr int kKeysOfAFeed = 5;
constexpr TimestampMicros kNow = 1'000'000;

struct Case {
  TestShape test;
  Shape shape;
};

// Value 0 holds the sequence when `stored`.
Case RandomCase(std::mt19937& random, bool two) {
  const auto odds = [&](int of) { return static_cast<int>(random() % of) == 0; };
  Case made;
  made.test.two = two;
  made.test.values = 3;
  const bool stored = odds(2);
  const DataType type = DataType::Of(TypeId::kInteger);
  made.shape.type = two ? model::ScdType::kTwo : model::ScdType::kOne;
  // Names that the plans might use themselves.
  static const std::vector<std::string> kPool = {"a", "s",  "n",  "w",    "action", "fact",
                                                 "d", "rs", "v0", "same", "next",   "run",
                                                 "x", "c",  "t",  "p"};
  const size_t first = random() % kPool.size();
  const std::string names[] = {kPool[first], kPool[(first + 1 + random() % 9) % kPool.size()],
                               "seq"};
  made.shape.columns = {{names[0], type}, {"K", type}, {names[1], type}, {names[2], type}};
  made.shape.keys = {"K"};
  made.shape.sequence = type;
  if (stored && !two) made.shape.stored_sequence = {"seq"};
  const bool merges = odds(2);
  for (size_t i = 0; i < 3; ++i) {
    const bool is_sequence = i == 2;
    if (merges && !(is_sequence && stored) && odds(2)) {
      made.test.ignoring.insert(i);
      made.shape.ignoring.push_back(names[i]);
    }
    if (!odds(2) || (i == 0 && odds(2))) {
      made.test.tracked.insert(i);
      made.shape.tracked.push_back(names[i]);
    }
  }
  made.shape.truncates = !two && odds(3);
  return made;
}

std::vector<TestChange> RandomFeed(std::mt19937& random, const Case& of, int feed) {
  const auto below = [&](int end) { return static_cast<int>(random() % end); };
  const bool holds_sequence = !of.shape.stored_sequence.empty();
  std::vector<TestChange> changes;
  const int count = 1 + below(40);
  for (int i = 0; i < count; ++i) {
    TestChange change;
    change.key = feed * kKeysOfAFeed + below(kKeysOfAFeed);
    change.sequence = 1 + below(15);
    change.kind = below(4) == 0 ? model::kCdcDelete : model::kCdcUpsert;
    for (int v = 0; v < 3; ++v) {
      change.values.push_back(below(3) == 0 ? std::nullopt : std::optional<int>(below(3)));
    }
    if (holds_sequence) change.values[2] = change.sequence;
    changes.push_back(change);
    if (below(6) == 0) changes.push_back(change);  // delivered twice
  }
  return changes;
}

std::string Text(std::optional<int> value) { return value ? std::to_string(*value) : "NULL"; }

std::string ChangesQuery(const Shape& shape, const std::vector<TestChange>& changes) {
  std::string values;
  for (const TestChange& c : changes) {
    values += std::string(values.empty() ? "" : ", ") + "(" + Text(c.values[0]) + ", " +
              std::to_string(c.key) + ", " + Text(c.values[1]) + ", " + Text(c.values[2]) + ", " +
              std::to_string(c.kind) + ", " + std::to_string(c.sequence) + ")";
  }
  return "SELECT a::INTEGER AS " + QuoteIdentifier(shape.columns[0].name) +
         ", K::INTEGER AS \"K\", b::INTEGER AS " + QuoteIdentifier(shape.columns[2].name) +
         ", s::INTEGER AS seq, c::INTEGER AS __penstock_change, q::INTEGER AS __penstock_sequence "
         "FROM (VALUES " +
         values + ") AS t(a, K, b, s, c, q)";
}

class Convergence : public testing::Test {
 protected:
  void SetUp() override {
    duck::EngineOptions options;
    options.threads = 1;
    options.spark_functions = false;
    auto engine = duck::Engine::Open(options);
    ASSERT_TRUE(engine.ok());
    engine_ = *std::move(engine);
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(*std::move(connection));
    if (const char* seed = std::getenv("PENSTOCK_SEED")) seed_ = std::strtoul(seed, nullptr, 10);
    std::printf("seed %lu\n", seed_);
  }

  void Execute(const std::string& sql) {
    const Status done = connection_->Execute(sql);
    ASSERT_TRUE(done.ok()) << penstock::ToString(done.error()) << "\n" << sql;
  }

  std::vector<std::string> Rows(const std::string& query) {
    std::vector<std::string> rows;
    auto result = connection_->Query(query);
    if (!result.ok()) {
      ADD_FAILURE() << penstock::ToString(result.error()) << "\n" << query;
      return rows;
    }
    while (*result->NextChunk()) {
      for (size_t row = 0; row < result->RowCount(); ++row) {
        std::string text;
        for (size_t column = 0; column < result->ColumnCount(); ++column) {
          text += (column == 0 ? "" : "|") +
                  (result->IsNull(row, column) ? "NULL" : result->Text(row, column));
        }
        rows.push_back(std::move(text));
      }
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  std::string Empty(const Schema& columns, bool positions) {
    std::string list;
    for (const Field& field : columns) {
      list += (list.empty() ? "" : ", ") +
              ("CAST(NULL AS " + EngineType(field.type) + ") AS " + QuoteIdentifier(field.name));
    }
    if (positions) list += ", 0::BIGINT AS __penstock_file, 0::BIGINT AS __penstock_row";
    return "SELECT " + list + " WHERE false";
  }

  void Begin(const Case& of) {
    Execute("CREATE OR REPLACE TEMP TABLE target AS " + Empty(TableColumns(of.shape), true));
    Execute("CREATE OR REPLACE TEMP TABLE facts AS " + Empty(FactColumns(of.shape), false));
    order_ = 0;
  }

  void Apply(const Case& of, const std::vector<TestChange>& changes) {
    Execute("CREATE OR REPLACE TEMP TABLE changes AS " + ChangesQuery(of.shape, changes));
    ++order_;
    const BatchPlan plan = PlanBatch(
        {of.shape, "changes", "SELECT * FROM target", "SELECT * FROM facts", "p", order_, kNow, 0});
    for (const std::string& step : plan.steps) Execute(step);
    Execute("CREATE TEMP TABLE gone AS " + plan.removed);
    Execute("CREATE TEMP TABLE come AS " + plan.new_rows);
    Execute("CREATE TEMP TABLE told AS " + plan.change_rows);
    Execute("CREATE TEMP TABLE learnt AS " + plan.facts);
    counts_ = Rows(plan.counts).at(0);
    for (const std::string& table : plan.tables) Execute("DROP TABLE " + table);
    CheckFeed(of);
    Execute("DELETE FROM target WHERE __penstock_row IN (SELECT __penstock_row FROM gone)");
    Execute("INSERT INTO target SELECT *, " + std::to_string(order_) + ", " +
            std::to_string(order_ * 100000) + " + row_number() OVER () FROM come");
    Execute("INSERT INTO facts SELECT * FROM learnt");
    for (const char* table : {"gone", "come", "told", "learnt"}) {
      Execute(std::string("DROP TABLE ") + table);
    }
  }

  // The change feed says the same as the rows that go and come.
  void CheckFeed(const Case& of) {
    std::string columns;
    for (const Field& field : TableColumns(of.shape)) {
      columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(field.name);
    }
    EXPECT_EQ(Rows("SELECT " + columns +
                   " FROM told WHERE _change_type IN ('insert', 'update_postimage')"),
              Rows("SELECT " + columns + " FROM come"));
    EXPECT_EQ(Rows("SELECT " + columns +
                   " FROM told WHERE _change_type IN ('delete', 'update_preimage')"),
              Rows("SELECT " + columns + " FROM target SEMI JOIN gone USING (__penstock_row)"));
  }

  void Compact(const Case& of) {
    Execute("CREATE TEMP TABLE fewer AS " + CompactedFacts(of.shape, "SELECT * FROM facts", 0));
    Execute("DROP TABLE facts");
    Execute("ALTER TABLE fewer RENAME TO facts");
  }

  std::string ResultQuery(const Case& of, const std::string& from) {
    return "SELECT \"K\", " + QuoteIdentifier(of.shape.columns[0].name) + ", " +
           QuoteIdentifier(of.shape.columns[2].name) + ", seq" +
           std::string(of.test.two ? ", \"__START_AT\", \"__END_AT\"" : "") + " FROM (" + from +
           ")";
  }

  void Run(std::mt19937& random, bool two) {
    const Case of = RandomCase(random, two);
    std::vector<TestChange> changes;
    for (int feed = 0; feed < kFeedsOfARun; ++feed) {
      const auto more = RandomFeed(random, of, feed);
      changes.insert(changes.end(), more.begin(), more.end());
    }
    if (of.shape.truncates) {
      for (int i = static_cast<int>(random() % 3); i >= 0; --i) {
        changes.push_back({0,
                           static_cast<int>(1 + random() % 10),
                           model::kCdcTruncate,
                           {std::nullopt, std::nullopt, std::nullopt}});
      }
    }
    std::shuffle(changes.begin(), changes.end(), random);
    Begin(of);
    const size_t batches = 1 + random() % 5;
    for (size_t batch = 0; batch < batches && !HasFailure(); ++batch) {
      const size_t begin = changes.size() * batch / batches;
      const size_t end = changes.size() * (batch + 1) / batches;
      if (begin == end) continue;
      Apply(of, {changes.begin() + static_cast<std::ptrdiff_t>(begin),
                 changes.begin() + static_cast<std::ptrdiff_t>(end)});
      if (random() % 4 == 0) Compact(of);
    }
    const auto expected = SortedResult(of.test, changes);
    EXPECT_EQ(Rows(ResultQuery(of, "SELECT * FROM target")), expected);
    EXPECT_EQ(Rows(ResultQuery(of, Recomputed(of.shape, ChangesQuery(of.shape, changes)))),
              expected)
        << "recomputed";
    // Delivered once more, nothing changes.
    const auto before = Rows("SELECT * FROM target");
    Apply(of, changes);
    EXPECT_EQ(Rows("SELECT * FROM target"), before) << "replayed";
  }

  void RunAll(bool two) {
    constexpr int kRuns = 1000 / kFeedsOfARun;
    for (int run = 0; run < kRuns; ++run) {
      std::mt19937 random(static_cast<unsigned>(seed_ * 1000 + run));
      Run(random, two);
      ASSERT_FALSE(HasFailure()) << "run " << run << " of PENSTOCK_SEED=" << seed_;
    }
  }

  std::unique_ptr<duck::Engine> engine_;
  std::optional<duck::Connection> connection_;
  int64_t order_ = 0;
  std::string counts_;
  unsigned long seed_ = std::random_device{}() % 100000;
};

TEST_F(Convergence, AThousandShuffledFeedsOfTypeOneEndAsSortedOnes) { RunAll(false); }
TEST_F(Convergence, AThousandShuffledFeedsOfTypeTwoEndAsSortedOnes) { RunAll(true); }

Case Plain(bool two) {
  Case of;
  of.test.two = two;
  const DataType type = DataType::Of(TypeId::kInteger);
  of.shape.type = two ? model::ScdType::kTwo : model::ScdType::kOne;
  of.shape.columns = {{"a", type}, {"K", type}, {"b", type}, {"seq", type}};
  of.shape.keys = {"K"};
  of.shape.sequence = type;
  of.shape.tracked = {"a"};
  if (!two) of.shape.stored_sequence = {"seq"};
  return of;
}
TestChange Upsert(int key, int sequence, int a) { return {key, sequence, 0, {a, 0, sequence}}; }
TestChange Delete(int key, int sequence) {
  return {key, sequence, 1, {std::nullopt, std::nullopt, sequence}};
}

// inserted, updated, deleted, late, superseded, conflicting, blocked
TEST_F(Convergence, EachChangeIsCountedOnce) {
  const Case of = Plain(false);
  Begin(of);
  Apply(of, {Upsert(1, 5, 1), Upsert(1, 3, 2), Upsert(2, 1, 1), Upsert(2, 1, 2), Delete(3, 4)});
  EXPECT_EQ(counts_, "2|0|0|1|2|1|0");
  Apply(of, {Upsert(1, 6, 1), Delete(2, 2), Upsert(3, 3, 1), Upsert(4, 1, 1)});
  EXPECT_EQ(counts_, "1|1|1|1|0|0|1");
  Apply(of, {Upsert(1, 6, 9), Upsert(4, 1, 0)});
  EXPECT_EQ(counts_, "0|1|0|1|0|2|0");
}

TEST_F(Convergence, ALateChangeSplitsAndMergesRowsOfTypeTwo) {
  const Case of = Plain(true);
  Begin(of);
  Apply(of, {Upsert(1, 1, 7), Upsert(1, 5, 7)});
  const std::string rows = "SELECT a, seq, __START_AT, __END_AT FROM target";
  EXPECT_EQ(Rows(rows), std::vector<std::string>{"7|5|1|NULL"});
  Apply(of, {Upsert(1, 3, 8)});
  EXPECT_EQ(Rows(rows), (std::vector<std::string>{"7|1|1|3", "7|5|5|NULL", "8|3|3|5"}));
  Apply(of, {Delete(1, 9), Delete(1, 12)});
  Apply(of, {Upsert(1, 10, 1)});
  EXPECT_EQ(Rows(rows), (std::vector<std::string>{"1|10|10|12", "7|1|1|3", "7|5|5|9", "8|3|3|5"}));
}

TEST_F(Convergence, ADeletedKeysFactCountsUntilItsTimeIsOver) {
  const Case of = Plain(false);
  Begin(of);
  Apply(of, {Delete(1, 5)});
  Execute("CREATE OR REPLACE TEMP TABLE changes AS " + ChangesQuery(of.shape, {Upsert(1, 3, 1)}));
  const auto rows_at = [&](TimestampMicros horizon) {
    const BatchPlan plan =
        PlanBatch({of.shape, "changes", "SELECT * FROM target", "SELECT * FROM facts",
                   "h" + std::to_string(horizon), 2, kNow, horizon});
    for (const std::string& step : plan.steps) Execute(step);
    return Rows(plan.new_rows).size();
  };
  EXPECT_EQ(rows_at(kNow), 0u);
  EXPECT_EQ(rows_at(kNow + 1), 1u);
}

}  // namespace
}  // namespace penstock::cdc
