// The cost of one small append commit on a local disk, beside what its durability alone costs.
//
//   bench_append_commit FOLDER [COMMITS [FILES]]
//
// A commit writes one data file of a hundred rows, syncs it, adds one entry to the log, and sees to
// the checkpoint that may be due (every tenth commit). FILES (0) is how many files the table names
// from the start, so that its checkpoints are of that size. The
// bare counterpart writes the same numbers of bytes with plain system calls: the data file and its
// folder synced, the entry written under a passing name, synced, linked and its folder synced. Both
// run in turn; one JSON line each.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/text.h"
#include "bench/measure.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"
#include "lake/lake_table.h"

namespace {

using penstock::Result;
using penstock::Status;
using penstock::bench::CpuSeconds;
using penstock::bench::Seconds;

Status WriteSynced(const std::string& path, const std::string& bytes) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
  const bool written =
      file >= 0 && write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
      fsync(file) == 0;
  if (file >= 0) close(file);
  if (!written) return penstock::SystemError("IO_ERROR", "cannot write and sync " + path);
  return penstock::OkStatus();
}

Status SyncFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY);
  const bool synced = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) close(folder);
  if (!synced) return penstock::SystemError("IO_ERROR", "cannot sync folder " + path);
  return penstock::OkStatus();
}

// The system calls that a durable commit of these sizes cannot do without.
Result<double> BareCommit(const std::string& folder, int64_t number, size_t data_bytes,
                          size_t entry_bytes) {
  const std::string data(data_bytes, 'd');
  const std::string entry(entry_bytes, 'e');
  const std::string name = folder + "/" + std::to_string(number);
  const std::string log = folder + "/log";
  const double start = Seconds();
  RETURN_IF_ERROR(WriteSynced(name + ".data", data));
  RETURN_IF_ERROR(SyncFolder(folder));
  RETURN_IF_ERROR(WriteSynced(log + "/passing", entry));
  if (link((log + "/passing").c_str(), (log + "/" + std::to_string(number)).c_str()) != 0 ||
      unlink((log + "/passing").c_str()) != 0) {
    return penstock::SystemError("IO_ERROR", "cannot link in " + log);
  }
  RETURN_IF_ERROR(SyncFolder(log));
  return Seconds() - start;
}

// A table of two columns that is appended to.
class AppendedTable {
 public:
  static Result<std::unique_ptr<AppendedTable>> Create(const std::string& path, int64_t files) {
    auto table = std::make_unique<AppendedTable>();
    ASSIGN_OR_RETURN(table->engine_, penstock::duck::Engine::Open({}));
    ASSIGN_OR_RETURN(auto connection, table->engine_->Connect());
    table->connection_ = std::make_unique<penstock::duck::Connection>(std::move(connection));
    table->storage_ = penstock::io::NewLocalStorage();
    table->codec_ = penstock::lake::NewCheckpointCodec(table->engine_.get(), table->storage_.get());
    table->table_ = std::make_unique<penstock::delta::Table>(
        table->storage_.get(), table->codec_.get(), path, &penstock::SystemClock());
    ASSIGN_OR_RETURN(table->schema_, penstock::ParseSchema("id BIGINT, name STRING"));
    RETURN_IF_ERROR(table->CommitNew());
    if (files > 0) RETURN_IF_ERROR(table->CommitNamesOnly(files));
    return table;
  }

  struct Appended {
    double seconds = 0;
    size_t data_bytes = 0;
  };
  Result<Appended> Append(int64_t number) {
    const double start = Seconds();
    const std::string query = "SELECT i + " + std::to_string(number * 100) +
                              " AS id, 'name ' || i AS name FROM range(100) r(i)";
    ASSIGN_OR_RETURN(auto base, table_->Latest());
    ASSIGN_OR_RETURN(auto written,
                     penstock::lake::WriteDataFiles(*connection_, *storage_, table_->path(), query,
                                                    schema_, {}, NowMs()));
    penstock::delta::Change change;
    change.info = Info("STREAMING UPDATE");
    change.info.is_blind_append = true;
    change.adds = written.files;
    change.transactions.push_back({"bench", number, NowMs()});
    RETURN_IF_ERROR(Expect(table_->Commit(base, change)));
    RETURN_IF_ERROR(table_->CheckpointIfDue());
    return Appended{Seconds() - start, static_cast<size_t>(written.bytes)};
  }

 private:
  static int64_t NowMs() { return penstock::SystemClock().Now() / 1000; }

  static penstock::delta::CommitInfo Info(const std::string& operation) {
    penstock::delta::CommitInfo info;
    info.timestamp_ms = NowMs();
    info.operation = operation;
    info.engine_info = "penstock-bench";
    return info;
  }

  static Status Expect(const Result<penstock::delta::CommitOutcome>& outcome) {
    if (!outcome.ok()) return outcome.error();
    if (std::holds_alternative<penstock::delta::Committed>(outcome.value()))
      return penstock::OkStatus();
    return penstock::ExternalError("CONFLICT", "somebody else writes to the bench's table");
  }

  Status CommitNew() {
    penstock::delta::Change change;
    change.info = Info("CREATE TABLE");
    change.metadata = penstock::delta::NewMetadata(schema_, {}, {}, std::nullopt, NowMs());
    change.protocol = penstock::delta::RequiredProtocol(*change.metadata);
    return Expect(table_->Commit(nullptr, change));
  }

  // Files that are not there: nobody reads the rows of this table.
  Status CommitNamesOnly(int64_t files) {
    penstock::delta::Change change;
    change.info = Info("WRITE");
    for (int64_t i = 0; i < files; ++i) {
      penstock::delta::AddFile add;
      add.path = "part-" + penstock::NewUuid() + ".zstd.parquet";
      add.size = 1'000'000;
      add.stats = R"({"numRecords":100,"minValues":{"id":1,"name":"name 0"},"maxValues":)"
                  R"({"id":100,"name":"name 99"},"nullCount":{"id":0,"name":0}})";
      change.adds.push_back(std::move(add));
    }
    ASSIGN_OR_RETURN(const auto base, table_->Latest());
    return Expect(table_->Commit(base, change));
  }

  std::unique_ptr<penstock::duck::Engine> engine_;
  std::unique_ptr<penstock::duck::Connection> connection_;
  std::unique_ptr<penstock::io::Storage> storage_;
  std::unique_ptr<penstock::delta::CheckpointCodec> codec_;
  std::unique_ptr<penstock::delta::Table> table_;
  penstock::Schema schema_;
};

// `cpu` is that of one, of all threads.
void Print(const char* what, std::vector<double> seconds, double cpu) {
  std::sort(seconds.begin(), seconds.end());
  std::printf(
      "{\"what\": \"%s\", \"n\": %zu, \"min_s\": %.6f, \"median_s\": %.6f, \"p99_s\": %.6f, "
      "\"max_s\": %.6f, \"cpu_s\": %.6f, \"per_second\": %.1f}\n",
      what, seconds.size(), seconds.front(), seconds[seconds.size() / 2],
      seconds[seconds.size() * 99 / 100], seconds.back(), cpu,
      static_cast<double>(seconds.size()) / std::accumulate(seconds.begin(), seconds.end(), 0.0));
}

Status Run(const std::string& folder, int64_t commits, int64_t files) {
  constexpr size_t kEntryBytes = 800;
  std::error_code ignored;
  std::filesystem::create_directories(folder + "/bare/log", ignored);
  ASSIGN_OR_RETURN(auto table, AppendedTable::Create(folder + "/table", files));
  ASSIGN_OR_RETURN(auto first, table->Append(0));
  std::vector<double> ours, bare;
  double bare_cpu = 0;
  const double cpu = CpuSeconds();
  for (int64_t number = 1; number <= commits; ++number) {
    ASSIGN_OR_RETURN(auto appended, table->Append(number));
    ours.push_back(appended.seconds);
    const double before = CpuSeconds();
    ASSIGN_OR_RETURN(auto seconds,
                     BareCommit(folder + "/bare", number, first.data_bytes, kEntryBytes));
    bare.push_back(seconds);
    bare_cpu += CpuSeconds() - before;
  }
  const auto count = static_cast<double>(commits);
  Print("commit", ours, (CpuSeconds() - cpu - bare_cpu) / count);
  Print("fsync", bare, bare_cpu / count);
  return penstock::OkStatus();
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_append_commit FOLDER [COMMITS [FILES]]\n");
    return 2;
  }
  const int64_t commits = count > 2 ? std::atoll(arguments[2]) : 200;
  const int64_t files = count > 3 ? std::atoll(arguments[3]) : 0;
  const Status status = Run(std::filesystem::absolute(arguments[1]), commits, files);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", penstock::ToString(status.error()).c_str());
    return 1;
  }
  return 0;
}
