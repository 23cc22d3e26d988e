#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/data_type.h"
#include "base/result.h"
#include "base/sql_text.h"

// RAII over the embedded DuckDB. No other room sees a DuckDB header.
namespace penstock::duck {

struct EngineOptions {
  int threads = 0;                // 0: the machine's
  std::string memory_limit = {};  // "1GB"; empty: the engine's default (80 % of memory)
  std::string temp_folder = {};   // spill files; created when needed
  std::string time_zone = "UTC";
  std::string null_order =
      "nulls_first_on_asc_last_on_desc";  // of ORDER BY without NULLS; DuckDB's own: nulls_last
  bool spark_functions = true;            // load the pack of Spark functions
};

using penstock::EngineType;
using penstock::QuoteIdentifier;
using penstock::QuoteList;
using penstock::QuoteLiteral;

// Rows of a finished query; movable. Values are read by (row, column) in the current chunk.
class ResultSet {
 public:
  ResultSet(ResultSet&&) noexcept;
  ResultSet& operator=(ResultSet&&) noexcept;
  ~ResultSet();

  size_t ColumnCount() const;
  std::string ColumnName(size_t column) const;
  // The engine's own name of the column's type, e.g. "DECIMAL(18,3)".
  const std::string& ColumnEngineType(size_t column) const;
  // In Penstock's types. One with no counterpart becomes the nearest that holds every value
  // (UHUGEINT → DECIMAL(38,0), UUID/ENUM/TIME/JSON → STRING), but HUGEINT, the type of sums,
  // becomes BIGINT; INTERVAL, unions and bit strings are UNSUPPORTED_TYPE, naming the column's type
  // and the cast that helps.
  Result<Schema> Columns() const;

  // Moves to the next chunk of rows; false at the end.
  Result<bool> NextChunk();
  size_t RowCount() const;  // of the current chunk
  bool IsNull(size_t row, size_t column) const;
  int64_t Int64(size_t row,
                size_t column) const;  // any integer type, booleans, dates (days), timestamps (µs)
  double Double(size_t row, size_t column) const;  // any numeric type
  std::string Text(size_t row, size_t column)
      const;  // VARCHAR and BLOB: the bytes; anything else: the engine's cast

  struct State;
  explicit ResultSet(std::unique_ptr<State> state);
  const State& state() const { return *state_; }  // for this room

 private:
  std::unique_ptr<State> state_;
};

// What a COPY … RETURN_STATS reports of one file.
struct WrittenColumn {
  std::string name;  // dotted path of the leaf, parts quoted as the engine gives them
  std::optional<std::string> min;
  std::optional<std::string> max;
  std::optional<int64_t> null_count;
  bool has_nan = false;
};
struct WrittenFile {
  std::string path;
  int64_t rows = 0;
  int64_t bytes = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>>
      partition;  // column → value, as text
  std::vector<WrittenColumn> columns;
};

// A session on the engine. Not thread-safe, except Interrupt and Progress. Errors are translated:
// wrong SQL is kUser with the byte offset of the place in `position` form "at offset N" removed
// from the message and given by LastErrorOffset; conversion errors while running are kData; memory
// and disk are kSystem.
class Connection {
 public:
  Connection(Connection&&) noexcept;
  ~Connection();

  Result<ResultSet> Query(const std::string& sql);
  Status Execute(const std::string& sql);  // one or several statements, rows thrown away
  // Columns of a query without running it.
  Result<Schema> Describe(const std::string& query);
  // COPY (query) TO …; `options` is the text inside the parentheses after FORMAT parquet,
  // RETURN_STATS.
  Result<std::vector<WrittenFile>> CopyToParquet(const std::string& query, const std::string& path,
                                                 const std::string& options);
  // Where in the last failed SQL text the engine saw the error, if it said.
  std::optional<size_t> LastErrorOffset() const;

  void Interrupt();         // any thread; the running query fails with INTERRUPTED
  double Progress() const;  // 0..100 of the running query, negative when unknown; any thread

  struct State;
  explicit Connection(std::unique_ptr<State> state);
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// One embedded database in memory. Thread-safe; must outlive its connections, and must not be a
// static object: the engine's thread-local state is gone when those are destroyed.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const EngineOptions& options);
  ~Engine();
  Result<Connection> Connect();
  // From now on queries run in one thread, which takes less memory; false when they did already.
  Result<bool> UseOneThread();

  struct State;
  explicit Engine(std::unique_ptr<State> state);
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace penstock::duck
