// The time of one batch of changes, out of order, into a table of type 1.
//
//   bench_cdc_merge FOLDER [KEYS] [CHANGES] [RUNS]
//
// The table (id BIGINT, seq BIGINT, amount DOUBLE, name STRING; one row a key, ids in the order of
// writing) is made in FOLDER. Each run applies CHANGES changes of keys from all over it, two of
// three keys known, every tenth change a delete, several of one key, in random order. Timed: from
// the changes in a Parquet file to the commit of table and state. One JSON line: the median and all
// times in seconds, and the most memory beyond what was in use before, in bytes.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/sql_text.h"
#include "bench/delta_table.h"
#include "bench/measure.h"
#include "cdc/batch.h"
#include "delta/table.h"
#include "lake/lake_table.h"
#include "lake/row_change.h"
#include "lake/table_operation.h"

namespace {

using penstock::Result;
using penstock::Status;
using penstock::bench::ForgetPeak;
using penstock::bench::List;
using penstock::bench::Median;
using penstock::bench::Memory;
using penstock::bench::Seconds;
namespace cdc = penstock::cdc;
namespace delta = penstock::delta;
namespace lake = penstock::lake;

Result<cdc::Shape> ShapeOfTable() {
  cdc::Shape shape;
  ASSIGN_OR_RETURN(shape.columns,
                   penstock::ParseSchema("id BIGINT, seq BIGINT, amount DOUBLE, name STRING"));
  shape.keys = {"id"};
  shape.sequence = penstock::DataType::Of(penstock::TypeId::kLong);
  shape.stored_sequence = {"seq"};
  return shape;
}

// Keys up to one and a half times the number in the table; later runs have later sequences.
std::string Changes(int64_t keys, int64_t changes, int run) {
  const std::string n = std::to_string(changes), last = std::to_string(keys * 3 / 2);
  return "SELECT (hash(range // 2, " + std::to_string(run) + ") % " + last + ")::BIGINT AS id, (" +
         std::to_string((run + 1) * 10) +
         " + range % 3)::BIGINT AS seq, 1.0::DOUBLE AS amount, 'new ' || range AS name, "
         "CASE WHEN range % 10 = 0 THEN 1 ELSE 0 END AS __penstock_change, (" +
         std::to_string((run + 1) * 10) +
         " + range % 3)::BIGINT AS __penstock_sequence FROM "
         "range(" +
         n + ") ORDER BY hash(range)";
}

Status Apply(const lake::Lake& tools, delta::Table& table, delta::Table& state,
             const cdc::Shape& shape, const std::string& changes, int run) {
  ASSIGN_OR_RETURN(const auto snapshot, table.Latest());
  ASSIGN_OR_RETURN(const auto facts, state.Latest());
  lake::TempTable batch(tools.connection);
  RETURN_IF_ERROR(batch.Fill(changes));
  ASSIGN_OR_RETURN(const lake::ChangeTarget target,
                   lake::OpenTarget(tools, table, snapshot, lake::TargetUse::kTakesRows));
  lake::RelationOptions options;
  options.with_row_position = true;
  ASSIGN_OR_RETURN(const auto rows, lake::SnapshotRelation(table.path(), *snapshot, options));
  ASSIGN_OR_RETURN(const auto known, lake::SnapshotRelation(state.path(), *facts));
  const cdc::BatchPlan plan = cdc::PlanBatch(
      {shape, batch.name(), rows.sql, known.sql, "b" + std::to_string(run), run + 1, 1, 0});
  const bool told = std::getenv("PENSTOCK_BENCH_STEPS") != nullptr;
  for (const std::string& step : plan.steps) {
    const double begin = Seconds();
    RETURN_IF_ERROR(tools.connection->Execute(step));
    if (told) std::fprintf(stderr, "%.3f %s\n", Seconds() - begin, step.substr(0, 60).c_str());
  }
  ASSIGN_OR_RETURN(auto counts, tools.connection->Query(plan.counts));
  delta::Change change;
  change.info.operation = "MERGE";
  std::vector<std::string> written;
  const double begin = Seconds();
  ASSIGN_OR_RETURN(const auto done,
                   lake::ApplyRowChange(tools, target, {plan.removed, plan.new_rows, "", true},
                                        &written, &change));
  if (told) std::fprintf(stderr, "%.3f files\n", Seconds() - begin);
  if (done.new_rows == 0) return penstock::InternalError("nothing changed");
  lake::WriteRequest write;
  write.query = plan.facts;
  ASSIGN_OR_RETURN(const auto kept, lake::WriteRows(tools, state, write));
  (void)kept;
  ASSIGN_OR_RETURN(const auto outcome, table.Commit(snapshot, change));
  if (!std::holds_alternative<delta::Committed>(outcome)) {
    return penstock::InternalError("not committed");
  }
  for (const std::string& name : plan.tables) {
    RETURN_IF_ERROR(tools.connection->Execute("DROP TABLE " + name));
  }
  return penstock::OkStatus();
}

Status Run(const std::string& folder, int64_t keys, int64_t changes, int runs) {
  const auto storage = penstock::io::NewLocalStorage();
  ASSIGN_OR_RETURN(const auto engine, penstock::duck::Engine::Open({}));
  ASSIGN_OR_RETURN(penstock::duck::Connection connection, engine->Connect());
  const auto codec = lake::NewCheckpointCodec(engine.get(), storage.get());
  const std::string path = folder + "/cdc-" + std::to_string(getpid());
  delta::Table table(storage.get(), codec.get(), path + "/table", &penstock::SystemClock());
  delta::Table state(storage.get(), codec.get(), path + "/state", &penstock::SystemClock());
  ASSIGN_OR_RETURN(const cdc::Shape shape, ShapeOfTable());
  RETURN_IF_ERROR(penstock::bench::CreateTable(table, shape.columns));
  RETURN_IF_ERROR(penstock::bench::CreateTable(state, cdc::FactColumns(shape)));
  const lake::Lake tools{engine.get(), &connection, storage.get(), &penstock::SystemClock(), {}};
  lake::WriteRequest write;
  write.query = "SELECT range, 1::BIGINT, range * 0.5, 'name ' || (range % 100000) FROM range(" +
                std::to_string(keys) + ")";
  ASSIGN_OR_RETURN(const auto written, lake::WriteRows(tools, table, write));
  (void)written;
  const int64_t before = ForgetPeak();
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const std::string file = path + "/changes.parquet";
    RETURN_IF_ERROR(connection.Execute("COPY (" + Changes(keys, changes, run) + ") TO " +
                                       penstock::QuoteLiteral(file) + " (FORMAT parquet)"));
    const double begin = Seconds();
    RETURN_IF_ERROR(Apply(tools, table, state, shape,
                          "SELECT * FROM read_parquet(" + penstock::QuoteLiteral(file) + ")", run));
    times.push_back(Seconds() - begin);
  }
  const int64_t peak = Memory("VmHWM:") - before;
  std::printf(
      "{\"work\": \"cdc\", \"keys\": %lld, \"changes\": %lld, \"median\": %.4f, \"seconds\": [%s], "
      "\"memory\": %lld}\n",
      static_cast<long long>(keys), static_cast<long long>(changes), Median(times),
      List(times).c_str(), static_cast<long long>(peak));
  return storage->DeleteTree(path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_cdc_merge FOLDER [KEYS] [CHANGES] [RUNS]\n");
    return 2;
  }
  const int64_t keys = argc > 2 ? std::atoll(argv[2]) : 10'000'000;
  const int64_t changes = argc > 3 ? std::atoll(argv[3]) : 1'000'000;
  const int runs = argc > 4 ? std::atoi(argv[4]) : 5;
  const Status status = Run(argv[1], keys, changes, runs);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", penstock::ToString(status.error()).c_str());
  return 1;
}
