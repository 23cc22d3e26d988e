#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "duck/engine.h"
#include "duck/row_text.h"

namespace penstock::cli {

struct OutputColumn {
  std::string name;
  bool number = false;  // shown on the right
};

// Rows to print, one after the other. Not thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual const std::vector<OutputColumn>& columns() const = 0;
  // Moves to the next row; false at the end.
  virtual Result<bool> Next() = 0;
  virtual bool IsNull(size_t column) const = 0;
  virtual void AppendJson(size_t column, std::string* out) const = 0;
  // Scalars without quotes, nested values as JSON, null as nothing.
  virtual void AppendText(size_t column, std::string* out) const = 0;
};

// The rows of a query. Columns named in `json_columns` hold JSON text that becomes part of JSON
// output as it is.
class EngineRows : public RowSource {
 public:
  explicit EngineRows(duck::ResultSet rows, const std::set<std::string>& json_columns = {});

  const std::vector<OutputColumn>& columns() const override { return columns_; }
  Result<bool> Next() override;
  bool IsNull(size_t column) const override { return rows_.IsNull(row_, column); }
  void AppendJson(size_t column, std::string* out) const override;
  void AppendText(size_t column, std::string* out) const override {
    text_.AppendText(row_, column, out);
  }

 private:
  duck::ResultSet rows_;
  duck::RowText text_;
  std::vector<OutputColumn> columns_;
  std::vector<bool> is_json_;
  size_t row_ = 0;
  size_t row_count_ = 0;
};

// Rows that a command made itself; each cell is a JSON value.
class ReportRows : public RowSource {
 public:
  explicit ReportRows(std::vector<OutputColumn> columns) : columns_(std::move(columns)) {}
  void Add(std::vector<Json> row) { rows_.push_back(std::move(row)); }

  const std::vector<OutputColumn>& columns() const override { return columns_; }
  Result<bool> Next() override { return next_++ < rows_.size(); }
  bool IsNull(size_t column) const override { return Cell(column).is_null(); }
  void AppendJson(size_t column, std::string* out) const override {
    *out += DumpJson(Cell(column));
  }
  void AppendText(size_t column, std::string* out) const override;

 private:
  const Json& Cell(size_t column) const { return rows_[next_ - 1][column]; }

  std::vector<OutputColumn> columns_;
  std::vector<std::vector<Json>> rows_;
  size_t next_ = 0;
};

}  // namespace penstock::cli
