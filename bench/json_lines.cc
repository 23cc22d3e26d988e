// JSON lines into rows: our scan beside the engine's read_json, in one process and engine, in turn.
//
//   bench_json_lines EVENTS OUT [REPETITIONS]
//
// EVENTS holds the event files of the churn workload. Ours catches bad records with their raw text,
// file and position; read_json stops at the first. Each work (into an aggregate, into one Parquet
// file below OUT) prints a JSON line for each reader and repetition.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/data_type.h"
#include "base/error.h"
#include "base/result.h"
#include "bench/measure.h"
#include "duck/engine.h"
#include "duck/scan/file_scan.h"
#include "io/storage.h"

namespace {

using penstock::Result;
using penstock::Status;
using penstock::bench::CpuSeconds;
using penstock::bench::Seconds;
using penstock::duck::Connection;

constexpr char kColumns[] =
    "event_id STRING, user_id STRING, event_type STRING, amount DOUBLE, country STRING, ts STRING, "
    "session_id STRING";
constexpr char kEngineColumns[] =
    "{event_id: 'VARCHAR', user_id: 'VARCHAR', event_type: 'VARCHAR', amount: 'DOUBLE', country: "
    "'VARCHAR', "
    "ts: 'VARCHAR', session_id: 'VARCHAR'}";
constexpr char kAggregate[] =
    "SELECT count(*), count(event_id), count(user_id), count(event_type), sum(amount), "
    "count(country), max(ts), "
    "count(session_id) FROM ";
constexpr char kRows[] =
    "SELECT event_id, user_id, event_type, amount, country, ts, session_id FROM ";

struct Timed {
  double wall_s = 0;
  double cpu_s = 0;
  std::string shown;  // the values of an aggregate, to compare the readers
};

class Stopwatch {
 public:
  Timed Stop(std::string shown) const {
    return {Seconds() - wall_, CpuSeconds() - cpu_, std::move(shown)};
  }

 private:
  double wall_ = Seconds();
  double cpu_ = CpuSeconds();
};

void Print(const char* work, const char* reader, const Timed& timed) {
  std::printf("{\"work\": \"%s\", \"reader\": \"%s\", \"wall_s\": %.4f, \"cpu_s\": %.3f}\n", work,
              reader, timed.wall_s, timed.cpu_s);
  std::fflush(stdout);
}

struct Input {
  std::vector<penstock::duck::ScanFile> files;
  std::string read_json;  // the engine's relation over the same files
};

Result<Input> ListInput(const std::string& folder) {
  auto storage = penstock::io::NewLocalStorage();
  ASSIGN_OR_RETURN(auto listed, storage->List(folder));
  Input input;
  std::vector<std::string> paths;
  for (const auto& file : listed) {
    input.files.push_back({file.path, file.size, file.modified, {}});
    paths.push_back(file.path);
  }
  input.read_json = "read_json(" + penstock::duck::QuoteList(paths) +
                    ", format = 'newline_delimited', columns = " + kEngineColumns + ")";
  return input;
}

// The values of the first row, each by the engine's cast.
Result<std::string> RunQuery(Connection& connection, const std::string& query) {
  ASSIGN_OR_RETURN(auto rows, connection.Query(query));
  std::string shown;
  ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
  for (size_t column = 0; any && column < rows.ColumnCount(); ++column) {
    shown += rows.Text(0, column) + " ";
  }
  return shown;
}

// Ours is planned anew each time, as it is in an update.
Result<std::string> RunOurs(Connection& connection, const Input& input, const std::string& before,
                            const std::string& after) {
  penstock::duck::ScanSpec spec;
  spec.files = input.files;
  ASSIGN_OR_RETURN(spec.data_columns, penstock::ParseSchema(kColumns));
  spec.keep_bad_records = true;
  penstock::duck::FileScan scan(std::move(spec));
  return RunQuery(connection, before + scan.RelationSql() + after);
}

Status Compare(Connection& connection, const Input& input, const char* work,
               const std::string& before, const std::string& after, int repetitions) {
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    const Stopwatch first;
    ASSIGN_OR_RETURN(auto shown, RunQuery(connection, before + input.read_json + after));
    const Timed theirs = first.Stop(std::move(shown));
    Print(work, "read_json", theirs);
    const Stopwatch second;
    ASSIGN_OR_RETURN(shown, RunOurs(connection, input, before, after));
    const Timed ours = second.Stop(std::move(shown));
    Print(work, "penstock", ours);
    // Up to the sum of fractions, whose last digits depend on the order of the rows.
    if (ours.shown.substr(0, 30) != theirs.shown.substr(0, 30)) {
      return penstock::DataError("DIFFERENT",
                                 "ours: " + ours.shown + ", read_json: " + theirs.shown);
    }
  }
  return penstock::OkStatus();
}

Status Run(const std::string& folder, const std::string& out, int repetitions) {
  ASSIGN_OR_RETURN(auto engine, penstock::duck::Engine::Open({}));
  ASSIGN_OR_RETURN(auto connection, engine->Connect());
  RETURN_IF_ERROR(connection.Execute("SET preserve_insertion_order = false"));
  ASSIGN_OR_RETURN(const Input input, ListInput(folder));
  RETURN_IF_ERROR(Compare(connection, input, "aggregate", kAggregate, "", repetitions));
  const std::string target = penstock::duck::QuoteLiteral(out + "/rows.parquet");
  return Compare(connection, input, "parquet", std::string("COPY (") + kRows,
                 ") TO " + target + " (FORMAT parquet)", repetitions);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: bench_json_lines EVENTS OUT [REPETITIONS]\n");
    return 2;
  }
  const int repetitions = count > 3 ? std::atoi(arguments[3]) : 5;
  const Status status = Run(std::filesystem::absolute(arguments[1]),
                            std::filesystem::absolute(arguments[2]), repetitions);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", penstock::ToString(status.error()).c_str());
    return 1;
  }
  return 0;
}
