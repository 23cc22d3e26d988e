#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/data_type.h"
#include "base/result.h"

// Rows that the program makes, as a relation of the engine: made as the engine asks for them, so
// that never more than a chunk of them is in memory.
namespace penstock::duck {

// Takes the values of one row; what is not set is NULL. The caller gives each column what it is of.
class RowValues {
 public:
  virtual ~RowValues() = default;
  virtual void SetInt64(size_t column, int64_t value) = 0;          // BIGINT
  virtual void SetBool(size_t column, bool value) = 0;              // BOOLEAN
  virtual void SetText(size_t column, std::string_view value) = 0;  // STRING; copied
  // MAP<STRING, STRING>: makes an empty one, then its entries, whose keys must differ.
  virtual void BeginMap(size_t column) = 0;
  virtual void AddEntry(size_t column, std::string_view key,
                        const std::optional<std::string>& value) = 0;
};

// Sets the values of the next row; false when there is none. Called by one thread at a time, not
// always the same one, in the order of the rows. An error fails the query.
using MakeRow = std::function<Result<bool>(RowValues& row)>;

// Keeps the relation alive; the query that uses it must end first.
class RowSource {
 public:
  // Columns of the types that RowValues has.
  RowSource(Schema columns, MakeRow make);
  ~RowSource();
  RowSource(const RowSource&) = delete;

  // "penstock_rows(17)": for one query, which reads the rows once and to the end.
  std::string RelationSql() const;

  struct State;

 private:
  int64_t id_ = 0;
};

}  // namespace penstock::duck
