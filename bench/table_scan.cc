// A full scan with aggregation of a Delta table, beside read_parquet of the same files.
//
//   bench_table_scan FOLDER [ROWS]
//
// In turn, five times each after one round that does not count: the files by read_parquet, the
// table, the table with 1 % of its rows deleted by deletion vectors. One JSON line with medians.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "bench/measure.h"
#include "delta/deletion_vector.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"
#include "lake/file_path.h"
#include "lake/lake_table.h"

namespace {

using penstock::Result;
using penstock::RowSet;
using penstock::Status;
using penstock::bench::Seconds;
namespace delta = penstock::delta;
namespace lake = penstock::lake;
namespace duck = penstock::duck;

constexpr int kRounds = 5;
constexpr int kFiles = 10;
constexpr char kColumns[] =
    "id BIGINT, k INT, day DATE, name STRING, amount DECIMAL(12,2), score DOUBLE, seen TIMESTAMP, "
    "flag BOOLEAN";

std::string RowsSql(int64_t begin, int64_t end) {
  return "SELECT range, (hash(range) % 1000)::INT, DATE '2020-01-01' + (range % 1000)::INT, "
         "'customer ' || (hash(range) % 50000), ((hash(range + 1) % 1000000) / "
         "100)::DECIMAL(12,2), sqrt(range), TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_seconds("
         "range % 100000000), range % 3 = 0 FROM range(" +
         std::to_string(begin) + ", " + std::to_string(end) + ")";
}

std::string Aggregation(const std::string& relation) {
  return "SELECT k % 10, count(*), sum(amount), avg(score), max(name), max(seen), min(day), "
         "count(*) FILTER (flag) FROM (" +
         relation + ") GROUP BY 1";
}

Result<double> Run(duck::Connection& connection, const std::string& sql) {
  const double begin = Seconds();
  ASSIGN_OR_RETURN(duck::ResultSet rows, connection.Query(sql));
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, rows.NextChunk());
  }
  return Seconds() - begin;
}

Status Compare(const std::string& folder, int64_t rows) {
  const auto storage = penstock::io::NewLocalStorage();
  ASSIGN_OR_RETURN(const auto engine, duck::Engine::Open({}));
  ASSIGN_OR_RETURN(duck::Connection connection, engine->Connect());
  ASSIGN_OR_RETURN(const penstock::Schema schema, penstock::ParseSchema(kColumns));
  std::vector<delta::AddFile> files;
  std::vector<std::string> paths;
  for (int i = 0; i < kFiles; ++i) {
    ASSIGN_OR_RETURN(
        lake::WriteResult written,
        lake::WriteDataFiles(connection, *storage, folder,
                             RowsSql(rows * i / kFiles, rows * (i + 1) / kFiles), schema, {}, 1));
    for (delta::AddFile& file : written.files) {
      paths.push_back(lake::DataFilePath(folder, file.path));
      files.push_back(std::move(file));
    }
  }
  std::vector<RowSet> deleted;
  for (const delta::AddFile& file : files) {
    std::vector<int64_t> gone;
    for (int64_t row = 7; row < delta::NumRecords(file).value_or(0); row += 100) {
      gone.push_back(row);
    }
    deleted.push_back(RowSet::Of(std::move(gone)));
  }
  const delta::VectorFile vectors = delta::NewVectorFile(deleted, penstock::NewUuid());
  RETURN_IF_ERROR(storage->Write(folder + "/" + vectors.path, vectors.bytes));
  const delta::Metadata metadata = delta::NewMetadata(schema, {}, {}, std::nullopt, 1);
  ASSIGN_OR_RETURN(const lake::Relation whole, lake::RelationOfFiles(folder, metadata, files));
  for (size_t i = 0; i < files.size(); ++i) files[i].deletion_vector = vectors.vectors[i];
  ASSIGN_OR_RETURN(const lake::Relation thinned, lake::RelationOfFiles(folder, metadata, files));
  const std::string contestants[] = {"SELECT * FROM read_parquet(" + duck::QuoteList(paths) + ")",
                                     whole.sql, thinned.sql};
  std::vector<double> seconds[3];
  for (int round = 0; round <= kRounds; ++round) {
    for (size_t i = 0; i < std::size(contestants); ++i) {
      ASSIGN_OR_RETURN(const double taken, Run(connection, Aggregation(contestants[i])));
      if (round > 0) seconds[i].push_back(taken);
    }
  }
  double median[3];
  for (size_t i = 0; i < std::size(contestants); ++i) {
    std::sort(seconds[i].begin(), seconds[i].end());
    median[i] = seconds[i][kRounds / 2];
  }
  std::printf(
      "{\"bench\":\"table_scan\",\"rows\":%lld,\"read_parquet\":%.3f,\"table\":%.3f,"
      "\"one_percent_deleted\":%.3f,\"table_ratio\":%.2f,\"deleted_ratio\":%.2f}\n",
      static_cast<long long>(rows), median[0], median[1], median[2], median[1] / median[0],
      median[2] / median[0]);
  return penstock::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: bench_table_scan FOLDER [ROWS]\n", stderr);
    return 2;
  }
  const Status status = Compare(argv[1], argc > 2 ? std::atoll(argv[2]) : 10000000);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", ToString(status.error()).c_str());
  return 1;
}
