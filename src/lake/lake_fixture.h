#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "delta/table.h"
#include "duck/engine.h"
#include "io/storage.h"
#include "io/temp_folder.h"
#include "lake/lake_table.h"

namespace penstock::lake {

// The value, or a failed test that shows the error.
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << ToString(result.error());
    throw std::runtime_error(ToString(result.error()));
  }
  return std::move(result).value();
}

// An engine, a storage, and a Delta table in a folder whose name is no easy one.
class LakeTest : public testing::Test {
 protected:
  Schema Columns(const std::string& text) { return Must(ParseSchema(text)); }

  delta::Metadata Metadata(const Schema& schema, std::vector<std::string> partition_columns = {}) {
    return delta::NewMetadata(schema, std::move(partition_columns), {}, std::nullopt, 1);
  }

  WriteResult Write(const std::string& query, const Schema& schema,
                    const WriteOptions& options = {}) {
    return Must(WriteDataFiles(connection_, *storage_, path_, query, schema, options, 1234567));
  }

  // The text of a relation, which can be used until the test ends.
  std::string Kept(Result<Relation> relation) {
    kept_.push_back(Must(std::move(relation)));
    return kept_.back().sql;
  }

  // Every row of a query, as "a|b" lines.
  std::vector<std::string> Rows(const std::string& sql) {
    duck::ResultSet result = Must(connection_.Query(sql));
    std::vector<std::string> lines;
    while (Must(result.NextChunk())) {
      for (size_t row = 0; row < result.RowCount(); ++row) {
        std::string line;
        for (size_t column = 0; column < result.ColumnCount(); ++column) {
          if (column > 0) line += "|";
          line += result.IsNull(row, column) ? "NULL" : result.Text(row, column);
        }
        lines.push_back(line);
      }
    }
    return lines;
  }
  std::string Row(const std::string& sql) {
    const auto rows = Rows(sql);
    EXPECT_EQ(rows.size(), 1u) << sql;
    return rows.empty() ? "" : rows[0];
  }

  std::vector<Relation> kept_;
  io::TempFolder folder_;
  std::string path_ = folder_ / "it's [a] t*ble? é%20";
  std::unique_ptr<io::Storage> storage_ = io::NewLocalStorage();
  std::unique_ptr<duck::Engine> engine_ = Must(duck::Engine::Open({.threads = 2}));
  duck::Connection connection_ = Must(engine_->Connect());
};

}  // namespace penstock::lake
