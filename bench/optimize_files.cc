// OPTIMIZE of a table of many small files, beside DuckDB's COPY of the same files.
//
//   bench_optimize_files FOLDER [FILES [REPETITIONS [MEGABYTES]]]
//
// Makes FILES (1,000) files of about MEGABYTES (1) each, once. Then in turn: a shallow clone of the
// table is optimized to files of 256 MB, and the engine copies the same files to files of that size
// with the same compression. Both begin with the same cached files; what they wrote is deleted. One
// JSON line each, and one with the peak memory of the process after the first OPTIMIZE.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"
#include "lake/lake_table.h"
#include "lake/table_operation.h"

namespace {

using penstock::Result;
using penstock::Status;
using penstock::bench::Seconds;

constexpr int64_t kTargetBytes = int64_t{256} << 20;
// Of the rows below, compressed.
constexpr int64_t kRowsOfMegabyte = 36'000;

struct Setting {
  std::string folder;
  int64_t files = 1000;
  int repetitions = 5;
  int64_t megabytes = 1;
};

class Bench {
 public:
  static Result<std::unique_ptr<Bench>> Open(const Setting& setting) {
    auto bench = std::unique_ptr<Bench>(new Bench(setting));
    penstock::duck::EngineOptions options;
    options.temp_folder = setting.folder + "/spill";
    ASSIGN_OR_RETURN(bench->engine_, penstock::duck::Engine::Open(options));
    ASSIGN_OR_RETURN(auto connection, bench->engine_->Connect());
    bench->connection_ = std::make_unique<penstock::duck::Connection>(std::move(connection));
    bench->codec_ = penstock::lake::NewCheckpointCodec(bench->engine_.get(), bench->storage_.get());
    return bench;
  }

  Status Run() {
    penstock::delta::Table source = TableAt(setting_.folder + "/source");
    ASSIGN_OR_RETURN(const bool made, source.Exists());
    if (!made) RETURN_IF_ERROR(Make());
    std::vector<double> ours, theirs;
    for (int i = 0; i < setting_.repetitions; ++i) {
      ASSIGN_OR_RETURN(const double optimized, OptimizeOnce(source));
      if (i == 0) PrintMemory();
      ASSIGN_OR_RETURN(const double copied, CopyOnce());
      ours.push_back(optimized);
      theirs.push_back(copied);
    }
    Print("optimize", ours);
    Print("copy", theirs);
    return penstock::OkStatus();
  }

 private:
  explicit Bench(const Setting& setting) : setting_(setting) {}

  penstock::delta::Table TableAt(const std::string& path) {
    return penstock::delta::Table(storage_.get(), codec_.get(), path, &penstock::SystemClock());
  }

  penstock::lake::Lake Lake() {
    penstock::lake::Lake lake;
    lake.engine = engine_.get();
    lake.connection = connection_.get();
    lake.storage = storage_.get();
    lake.clock = &penstock::SystemClock();
    return lake;
  }

  // The files are made by the engine, then converted into a table.
  Status Make() {
    const std::string path = setting_.folder + "/source";
    RETURN_IF_ERROR(storage_->CreateFolders(path));
    const int64_t rows = kRowsOfMegabyte * setting_.megabytes;
    for (int64_t i = 0; i < setting_.files; ++i) {
      const std::string first = std::to_string(i * rows);
      RETURN_IF_ERROR(connection_->CopyToParquet(
          "SELECT n AS id, hash(n) AS key_text, 'customer ' || (hash(n * 7) % 100000) AS name, "
          "(hash(n * 13) % 1000000 / 100.0)::DECIMAL(12,2) AS amount, TIMESTAMPTZ '2026-01-01 "
          "00:00:00+00' + to_seconds(n) AS at, hash(n * 31) / 1e6::DOUBLE AS measure FROM "
          "(SELECT " +
              first + " + range AS n FROM range(" + std::to_string(rows) + "))",
          path + "/f" + std::to_string(i) + ".parquet", "COMPRESSION zstd, COMPRESSION_LEVEL 1"));
    }
    penstock::delta::Table source = TableAt(path);
    RETURN_IF_ERROR(penstock::lake::Convert(Lake(), source, {}));
    return penstock::OkStatus();
  }

  Result<double> OptimizeOnce(penstock::delta::Table& source) {
    const std::string path = setting_.folder + "/clone";
    RETURN_IF_ERROR(storage_->DeleteTree(path));
    penstock::delta::Table clone = TableAt(path);
    RETURN_IF_ERROR(penstock::lake::Clone(Lake(), source, clone, {}));
    penstock::lake::OptimizeRequest request;
    request.target_file_bytes = kTargetBytes;
    const double start = Seconds();
    RETURN_IF_ERROR(penstock::lake::Optimize(Lake(), clone, request));
    const double took = Seconds() - start;
    RETURN_IF_ERROR(storage_->DeleteTree(path));
    return took;
  }

  Result<double> CopyOnce() {
    const std::string path = setting_.folder + "/copy";
    RETURN_IF_ERROR(storage_->DeleteTree(path));
    RETURN_IF_ERROR(storage_->CreateFolders(path));
    const double start = Seconds();
    RETURN_IF_ERROR(connection_->CopyToParquet(
        "SELECT * FROM read_parquet(" +
            penstock::duck::QuoteLiteral(setting_.folder + "/source/*.parquet") + ")",
        path,
        "COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, DICTIONARY_SIZE_LIMIT 4096, "
        "FILE_SIZE_BYTES " +
            std::to_string(kTargetBytes)));
    const double took = Seconds() - start;
    RETURN_IF_ERROR(storage_->DeleteTree(path));
    return took;
  }

  void Print(const char* who, std::vector<double> seconds) const {
    std::sort(seconds.begin(), seconds.end());
    std::printf(
        "{\"work\":\"optimize_files\",\"who\":\"%s\",\"files\":%lld,\"n\":%zu,\"min_s\":%.4f,"
        "\"median_s\":%.4f,\"max_s\":%.4f}\n",
        who, static_cast<long long>(setting_.files), seconds.size(), seconds.front(),
        seconds[seconds.size() / 2], seconds.back());
  }

  static void PrintMemory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("{\"work\":\"optimize_files\",\"peak_mib\":%ld}\n", usage.ru_maxrss / 1024);
  }

  const Setting setting_;
  std::unique_ptr<penstock::io::Storage> storage_ = penstock::io::NewLocalStorage();
  std::unique_ptr<penstock::duck::Engine> engine_;
  std::unique_ptr<penstock::duck::Connection> connection_;
  std::unique_ptr<penstock::delta::CheckpointCodec> codec_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_optimize_files FOLDER [FILES [REPETITIONS [MEGABYTES]]]\n");
    return 2;
  }
  Setting setting;
  setting.folder = std::filesystem::absolute(arguments[1]).string();
  if (count > 2) setting.files = std::max(1, std::atoi(arguments[2]));
  if (count > 3) setting.repetitions = std::max(1, std::atoi(arguments[3]));
  if (count > 4) setting.megabytes = std::max(1, std::atoi(arguments[4]));
  const auto bench = Bench::Open(setting);
  const Status status = bench.ok() ? (*bench)->Run() : Status(bench.error());
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", penstock::ToString(status.error()).c_str());
  return 1;
}
