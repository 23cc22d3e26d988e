#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "duck/engine.h"
#include "duck/scan/file_scan.h"

// A folder of input files and an engine to scan them with, for the tests of readers.
namespace penstock::duck {

class ScanTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("penstock_scan_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    auto engine = Engine::Open({});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // A scan of these files with columns as DDL.
  ScanSpec Spec(const std::vector<std::string>& paths, const std::string& columns,
                FileFormat format = FileFormat::kJson) {
    ScanSpec spec;
    spec.format = format;
    for (const std::string& path : paths) {
      spec.files.push_back(
          {path, static_cast<int64_t>(std::filesystem::file_size(path)), 1700000000000000, {}});
    }
    auto schema = ParseSchema(columns);
    EXPECT_TRUE(schema.ok()) << columns;
    if (schema.ok()) spec.data_columns = *schema;
    return spec;
  }

  // Rows as "a|b", ordered by their place; NULL for null. An error is its code and message.
  std::string Rows(FileScan& scan, const std::string& select = "*") {
    auto connection = engine_->Connect();
    auto rows = connection->Query("SELECT " + select + " FROM " + scan.RelationSql());
    if (!rows.ok()) return rows.error().code + ": " + rows.error().message;
    std::string text;
    while (true) {
      auto more = rows->NextChunk();
      if (!more.ok()) return more.error().code + ": " + more.error().message;
      if (!*more) return text;
      for (size_t row = 0; row < rows->RowCount(); ++row) {
        for (size_t column = 0; column < rows->ColumnCount(); ++column) {
          if (column > 0) text += "|";
          text += rows->IsNull(row, column) ? "NULL" : rows->Text(row, column);
        }
        text += "\n";
      }
    }
  }
  std::string Rows(ScanSpec spec, const std::string& select = "*") {
    FileScan scan(std::move(spec));
    return Rows(scan, select);
  }
  // One JSON record read into these columns.
  std::string Json(const std::string& text, const std::string& columns) {
    return Rows(Spec({Write("x.json", text)}, columns));
  }

  std::filesystem::path folder_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace penstock::duck
