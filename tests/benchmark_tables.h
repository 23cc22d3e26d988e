#pragma once

#include <string>
#include <vector>

#include "tests/random_table.h"

// The tables of TPC-H and Nexmark at a small size: the columns, keys and values that their queries
// ask for, spread so that each of them finds rows. The rows follow from their numbers alone.
namespace penstock::tests {

struct Benchmark {
  std::string name;
  std::string queries;  // a file of views, from the root of the repository
  std::vector<RandomTable> tables;
  std::vector<std::string> rows;  // statements that fill the tables
  std::vector<std::vector<std::string>> batches;
};

// Inserts, deletes and updates of about one in two hundred orders and their lines, now and then of
// what they refer to.
Benchmark TpchBenchmark(size_t batches);
// Bids, auctions and persons that come later, and some that are taken back.
Benchmark NexmarkBenchmark(size_t batches);

struct BenchmarkQuery {
  std::string name;
  std::string text;  // without CREATE MATERIALIZED VIEW
};
std::vector<BenchmarkQuery> ReadBenchmarkQueries(const Benchmark& benchmark);

}  // namespace penstock::tests
