// Opening the snapshot of a Delta table with a long log and of one with very many files, bringing
// both forward by one commit, and writing the checkpoint of the great one.
//
//   bench_snapshot_open FOLDER [COMMITS [FILES [REPETITIONS]]]
//
// Makes, once, a table of COMMITS (10,000) commits of one file each with a checkpoint every
// thousand, and one of FILES (1,000,000) files in a checkpoint. Each measurement runs in a process
// of its own; the engine is open before the clock starts. One JSON line each: medians, the first
// time, CPU time of all threads, and the peak memory of the process (engine included).

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "bench/measure.h"
#include "delta/action_json.h"
#include "delta/log_path.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"
#include "lake/lake_table.h"

namespace {

using penstock::Result;
using penstock::Status;
using penstock::bench::CpuSeconds;
using penstock::bench::Seconds;
namespace delta = penstock::delta;

constexpr int64_t kFilesOfCommit = 50'000;
constexpr delta::Version kCheckpointEvery = 1'000;
constexpr int kForwards = 200;

long PeakMib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

struct Tools {
  std::unique_ptr<penstock::io::Storage> storage = penstock::io::NewLocalStorage();
  std::unique_ptr<penstock::duck::Engine> engine;
  std::unique_ptr<delta::CheckpointCodec> codec;

  static Result<Tools> Open() {
    Tools tools;
    ASSIGN_OR_RETURN(tools.engine, penstock::duck::Engine::Open({}));
    tools.codec = penstock::lake::NewCheckpointCodec(tools.engine.get(), tools.storage.get());
    return tools;
  }
  delta::Table TableAt(const std::string& path) {
    return {storage.get(), codec.get(), path, &penstock::SystemClock()};
  }
};

// A file as a partitioned table of four more columns has it.
delta::AddFile FileNumber(int64_t number) {
  delta::AddFile add;
  const std::string day = fmt::format("2026-{:02}-{:02}", number % 12 + 1, number % 28 + 1);
  add.path = fmt::format("day={}/part-{:05}-{}.c000.zstd.parquet", day, number % 100'000,
                         penstock::NewUuid());
  add.partition_values = {{"day", day}};
  add.size = 1'000'000 + number;
  add.modification_time_ms = 1'780'000'000'000 + number;
  const int64_t first = number * 36'000;
  add.stats = fmt::format(
      R"({{"numRecords":36000,"minValues":{{"id":{},"at":"{}T00:00:00.000Z","amount":0.01,)"
      R"("name":"customer {}"}},"maxValues":{{"id":{},"at":"{}T23:59:59.000Z","amount":9999.99,)"
      R"("name":"customer {}"}},"nullCount":{{"id":0,"at":0,"amount":12,"name":0}},)"
      R"("tightBounds":true}})",
      first, day, first % 9000, first + 35'999, day, first % 9000 + 100);
  return add;
}

// Writes commits past the protocol's care for durability: nobody else looks on.
class LogMaker {
 public:
  LogMaker(Tools& tools, std::string path) : tools_(tools), path_(std::move(path)) {}

  Status Create() {
    RETURN_IF_ERROR(tools_.storage->CreateFolders(delta::LogFolder(path_)));
    ASSIGN_OR_RETURN(const penstock::Schema schema,
                     penstock::ParseSchema(
                         "day DATE, id BIGINT, at TIMESTAMP, amount DECIMAL(12,2), name STRING"));
    const delta::Metadata metadata = delta::NewMetadata(schema, {"day"}, {}, std::nullopt, 1);
    return Write(0, {delta::CommitInfo{}, delta::RequiredProtocol(metadata), metadata});
  }
  Status Append(delta::Version version, int64_t files) {
    delta::CommitInfo info;
    info.timestamp_ms = 1'780'000'000'000 + version;
    info.operation = "WRITE";
    std::vector<delta::Action> actions = {info};
    for (int64_t i = 0; i < files; ++i) actions.emplace_back(FileNumber(next_file_++));
    return Write(version, actions);
  }

 private:
  Status Write(delta::Version version, const std::vector<delta::Action>& actions) {
    std::ofstream file(delta::CommitPath(delta::LogFolder(path_), version));
    file << delta::EncodeCommit(actions);
    return file ? penstock::OkStatus() : penstock::SystemError("IO_ERROR", "cannot write " + path_);
  }

  Tools& tools_;
  const std::string path_;
  int64_t next_file_ = 0;
};

Status WriteCheckpoint(delta::Table& table, const char* work, bool print) {
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.Latest());
  const double begin = Seconds();
  const double cpu = CpuSeconds();
  RETURN_IF_ERROR(table.WriteCheckpoint(snapshot));
  if (print) {
    std::printf(
        "{\"work\":\"%s\",\"files\":%lld,\"seconds\":%.4f,\"cpu_s\":%.4f,\"peak_mib\":%ld}\n", work,
        static_cast<long long>(snapshot->NumFiles()), Seconds() - begin, CpuSeconds() - cpu,
        PeakMib());
  }
  return penstock::OkStatus();
}

Status MakeLongLog(const std::string& path, int64_t commits) {
  ASSIGN_OR_RETURN(Tools tools, Tools::Open());
  LogMaker maker(tools, path);
  RETURN_IF_ERROR(maker.Create());
  delta::Table table = tools.TableAt(path);
  for (delta::Version version = 1; version < commits; ++version) {
    RETURN_IF_ERROR(maker.Append(version, 1));
    if (version % kCheckpointEvery == 0 || version == commits - commits % 10 - 10) {
      RETURN_IF_ERROR(WriteCheckpoint(table, "", false));
    }
  }
  return penstock::OkStatus();
}

Status MakeManyFiles(const std::string& path, int64_t files) {
  ASSIGN_OR_RETURN(Tools tools, Tools::Open());
  LogMaker maker(tools, path);
  RETURN_IF_ERROR(maker.Create());
  delta::Version version = 0;
  for (int64_t made = 0; made < files; made += kFilesOfCommit) {
    RETURN_IF_ERROR(maker.Append(++version, std::min(kFilesOfCommit, files - made)));
  }
  delta::Table table = tools.TableAt(path);
  return WriteCheckpoint(table, "first_checkpoint", false);
}

// The checkpoint once more, from a snapshot that came from one.
Status MeasureCheckpoint(const std::string& path) {
  ASSIGN_OR_RETURN(Tools tools, Tools::Open());
  delta::Table table = tools.TableAt(path);
  return WriteCheckpoint(table, "checkpoint", true);
}

Status MeasureOpening(const std::string& path, const char* work, int repetitions) {
  ASSIGN_OR_RETURN(Tools tools, Tools::Open());
  std::vector<double> wall, cpu;
  int64_t files = 0;
  long first_peak = 0;
  for (int i = 0; i < repetitions; ++i) {
    delta::Table table = tools.TableAt(path);
    const double begin = Seconds();
    const double cpu_begin = CpuSeconds();
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.Latest());
    wall.push_back(Seconds() - begin);
    cpu.push_back(CpuSeconds() - cpu_begin);
    files = snapshot->NumFiles();
    if (i == 0) first_peak = PeakMib();
  }
  const double first = wall.front();
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  std::printf(
      "{\"work\":\"%s\",\"files\":%lld,\"n\":%zu,\"first_s\":%.4f,\"median_s\":%.4f,"
      "\"min_s\":%.4f,\"cpu_median_s\":%.4f,\"first_peak_mib\":%ld}\n",
      work, static_cast<long long>(files), wall.size(), first, wall[wall.size() / 2], wall.front(),
      cpu[cpu.size() / 2], first_peak);
  return penstock::OkStatus();
}

// Another writer's commits, one by one.
Status MeasureForward(const std::string& path, const char* work) {
  ASSIGN_OR_RETURN(Tools tools, Tools::Open());
  delta::Table table = tools.TableAt(path);
  ASSIGN_OR_RETURN(delta::SnapshotPtr snapshot, table.Latest());
  LogMaker maker(tools, path);
  const delta::Version before = snapshot->version();
  std::vector<double> wall, cpu;
  for (int i = 1; i <= kForwards; ++i) {
    RETURN_IF_ERROR(maker.Append(before + i, 1));
    const double begin = Seconds();
    const double cpu_begin = CpuSeconds();
    ASSIGN_OR_RETURN(snapshot, table.Latest());
    wall.push_back(Seconds() - begin);
    cpu.push_back(CpuSeconds() - cpu_begin);
    if (snapshot->version() != before + i) {
      return penstock::InternalError("the commit was not seen");
    }
  }
  for (int i = kForwards; i > 0; --i) {
    RETURN_IF_ERROR(tools.storage->Delete(delta::CommitPath(delta::LogFolder(path), before + i)));
  }
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  std::printf(
      "{\"work\":\"%s\",\"files\":%lld,\"n\":%zu,\"median_s\":%.6f,\"p99_s\":%.6f,"
      "\"cpu_median_s\":%.6f}\n",
      work, static_cast<long long>(snapshot->NumFiles()), wall.size(), wall[wall.size() / 2],
      wall[wall.size() * 99 / 100], cpu[cpu.size() / 2]);
  return penstock::OkStatus();
}

// In a process of its own, so that its memory is its own too.
bool Succeeds(const std::function<Status()>& work) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const Status status = work();
    if (!status.ok()) std::fprintf(stderr, "%s\n", penstock::ToString(status.error()).c_str());
    std::fflush(stdout);
    _exit(status.ok() ? 0 : 1);
  }
  int exit = 1;
  return child > 0 && waitpid(child, &exit, 0) == child && WIFEXITED(exit) &&
         WEXITSTATUS(exit) == 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: bench_snapshot_open FOLDER [COMMITS [FILES [REPETITIONS]]]\n", stderr);
    return 2;
  }
  const std::string folder = arguments[1];
  const int64_t commits = count > 2 ? std::atoll(arguments[2]) : 10'000;
  const int64_t files = count > 3 ? std::atoll(arguments[3]) : 1'000'000;
  const int repetitions = count > 4 ? std::max(1, std::atoi(arguments[4])) : 5;
  const std::string log = folder + "/commits-" + std::to_string(commits);
  const std::string many = folder + "/files-" + std::to_string(files);
  const bool made_log = access((log + "/_delta_log/_last_checkpoint").c_str(), F_OK) == 0;
  const bool made_many = access((many + "/_delta_log/_last_checkpoint").c_str(), F_OK) == 0;
  const bool done = (made_log || Succeeds([&] { return MakeLongLog(log, commits); })) &&
                    (made_many || Succeeds([&] { return MakeManyFiles(many, files); })) &&
                    Succeeds([&] { return MeasureOpening(log, "open_commits", repetitions); }) &&
                    Succeeds([&] { return MeasureOpening(many, "open_files", repetitions); }) &&
                    Succeeds([&] { return MeasureForward(log, "forward_commits"); }) &&
                    Succeeds([&] { return MeasureForward(many, "forward_files"); }) &&
                    Succeeds([&] { return MeasureCheckpoint(many); });
  return done ? 0 : 1;
}
