// The time of a MERGE of a few rows, half of them new, into many.
//
//   bench_merge_rows FOLDER [ROWS] [SOURCE_ROWS] [RUNS]
//
// The table (id BIGINT, amount DOUBLE, name STRING, ids in the order of writing) is made in FOLDER;
// each run merges other ids from all over it with UPDATE SET * and INSERT *. One JSON line: the
// median and all times in seconds, and the most memory the merges took beyond what was in use
// before them, in bytes.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/delta_table.h"
#include "bench/measure.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"
#include "lake/lake_table.h"
#include "lake/table_operation.h"

namespace {

using penstock::Result;
using penstock::Status;
using penstock::bench::ForgetPeak;
using penstock::bench::List;
using penstock::bench::Median;
using penstock::bench::Memory;
using penstock::bench::Seconds;
namespace lake = penstock::lake;
namespace delta = penstock::delta;

Status Run(const std::string& folder, int64_t rows, int64_t source_rows, int runs) {
  const auto storage = penstock::io::NewLocalStorage();
  ASSIGN_OR_RETURN(const auto engine, penstock::duck::Engine::Open({}));
  ASSIGN_OR_RETURN(penstock::duck::Connection connection, engine->Connect());
  const auto codec = lake::NewCheckpointCodec(engine.get(), storage.get());
  const std::string path = folder + "/merge-" + std::to_string(getpid());
  delta::Table table(storage.get(), codec.get(), path, &penstock::SystemClock());
  ASSIGN_OR_RETURN(const penstock::Schema schema,
                   penstock::ParseSchema("id BIGINT, amount DOUBLE, name STRING"));
  RETURN_IF_ERROR(penstock::bench::CreateTable(table, schema));
  const lake::Lake tools{engine.get(), &connection, storage.get(), &penstock::SystemClock(), {}};
  lake::WriteRequest write;
  write.query = "SELECT range, range * 0.5, 'name ' || (range % 100000) FROM range(" +
                std::to_string(rows) + ")";
  ASSIGN_OR_RETURN(const auto written, lake::WriteRows(tools, table, write));
  (void)written;
  const int64_t before = ForgetPeak();
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    lake::MergeRequest merge;
    // Spread evenly over ids up to twice the highest one.
    merge.source = "SELECT (range * " + std::to_string(2 * rows / source_rows) + " + " +
                   std::to_string(run) +
                   ")::BIGINT AS id, 1.0::DOUBLE AS amount, 'new' AS name "
                   "FROM range(" +
                   std::to_string(source_rows) + ")";
    merge.on = "target.id = source.id";
    using Clause = lake::MergeClause;
    merge.clauses = {{Clause::When::kMatched, Clause::Action::kUpdateStar, "", {}},
                     {Clause::When::kNotMatched, Clause::Action::kInsertStar, "", {}}};
    const double begin = Seconds();
    ASSIGN_OR_RETURN(const auto result, lake::MergeRows(tools, table, merge));
    times.push_back(Seconds() - begin);
    if (!result.version) return penstock::InternalError("the merge changed nothing");
  }
  const int64_t peak = Memory("VmHWM:") - before;
  std::printf(
      "{\"work\": \"merge\", \"rows\": %lld, \"source_rows\": %lld, \"median\": %.4f, "
      "\"seconds\": [%s], \"memory\": %lld}\n",
      static_cast<long long>(rows), static_cast<long long>(source_rows), Median(times),
      List(times).c_str(), static_cast<long long>(peak));
  return storage->DeleteTree(path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_merge_rows FOLDER [ROWS] [SOURCE_ROWS] [RUNS]\n");
    return 2;
  }
  const int64_t rows = argc > 2 ? std::atoll(argv[2]) : 10'000'000;
  const int64_t source_rows = argc > 3 ? std::atoll(argv[3]) : 100'000;
  const int runs = argc > 4 ? std::atoi(argv[4]) : 5;
  const Status status = Run(argv[1], rows, source_rows, runs);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", penstock::ToString(status.error()).c_str());
  return 1;
}
