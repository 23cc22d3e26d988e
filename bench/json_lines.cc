// JSON lines into rows: our scan beside the engine's read_json, in one process and engine, in turn.
//
//   bench_json_lines EVENTS OUT [REPETITIONS]
//
// EVENTS holds the event files of the churn workload. Ours catches bad records with their raw text,
// file and position; read_json stops at the first. Each work (into an aggregate, into one Parquet
// file below OUT) prints a JSON line for each reader and repetition.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/data_type.h"
#include "base/error.h"
#include "base/result.h"
#include "duck/engine.h"
#include "duck/file_scan.h"
#include "io/storage.h"

namespace {

using penstock::Result;
using penstock::Status;
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

double Seconds() {
  using std::chrono::duration;
  using std::chrono::steady_clock;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

void Print(const char* work, const char* reader, double seconds) {
  std::printf("{\"work\": \"%s\", \"reader\": \"%s\", \"wall_s\": %.4f}\n", work, reader, seconds);
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

// Runs `query` over the relation and gives its time and, for an aggregate, the first row as text.
Result<std::pair<double, std::string>> TimeQuery(Connection& connection, const std::string& query) {
  const double start = Seconds();
  ASSIGN_OR_RETURN(auto rows, connection.Query(query));
  std::string shown;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.NextChunk());
    if (!more) break;
    for (size_t column = 0; column < rows.ColumnCount() && shown.size() < 1000; ++column) {
      shown += rows.Text(0, column) + " ";
    }
  }
  return std::make_pair(Seconds() - start, shown);
}

// Ours is planned anew each time, as it is in an update.
Result<std::pair<double, std::string>> TimeOurs(Connection& connection, const Input& input,
                                                const std::string& before,
                                                const std::string& after) {
  const double start = Seconds();
  penstock::duck::ScanSpec spec;
  spec.files = input.files;
  ASSIGN_OR_RETURN(spec.data_columns, penstock::ParseSchema(kColumns));
  spec.keep_bad_records = true;
  penstock::duck::FileScan scan(std::move(spec));
  ASSIGN_OR_RETURN(auto timed, TimeQuery(connection, before + scan.RelationSql() + after));
  timed.first = Seconds() - start;
  return timed;
}

Status Compare(Connection& connection, const Input& input, const char* work,
               const std::string& before, const std::string& after, int repetitions) {
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    ASSIGN_OR_RETURN(auto theirs, TimeQuery(connection, before + input.read_json + after));
    Print(work, "read_json", theirs.first);
    ASSIGN_OR_RETURN(auto ours, TimeOurs(connection, input, before, after));
    Print(work, "penstock", ours.first);
    if (ours.second.substr(0, 40) != theirs.second.substr(0, 40)) {
      return penstock::DataError("DIFFERENT",
                                 "ours: " + ours.second + ", read_json: " + theirs.second);
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
