#pragma once

#include <gtest/gtest.h>
#include <penstock/delta.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "io/temp_folder.h"

namespace penstock {

using Lines = std::vector<std::string>;

// The value, or a failed test that shows the error.
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << ToString(result.error());
    throw std::runtime_error(ToString(result.error()));
  }
  return std::move(result).value();
}

// The error's code; empty when there is none.
template <typename T>
std::string Code(const T& result) {
  return result.ok() ? "" : result.error().code;
}

// Every row as "a|b", ordered by these texts.
inline Lines Rows(Result<DeltaRows> result) {
  DeltaRows rows = Must(std::move(result));
  Lines lines;
  while (Must(rows.Next())) {
    std::string line;
    for (size_t i = 0; i < rows.columns().size(); ++i) {
      line += (i > 0 ? "|" : "") + (rows.IsNull(i) ? std::string("NULL") : rows.Text(i));
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// A table of orders in a folder whose name is no easy one.
class DeltaLakeTest : public testing::Test {
 protected:
  DeltaTable Create(const std::string& columns, DeltaDefinition definition = {}) {
    definition.columns = Must(ParseSchema(columns));
    return Must(lake_->CreateTable(path_, definition));
  }
  // Version 1, with three rows.
  DeltaTable Orders(DeltaDefinition definition = {}) {
    DeltaTable table =
        Create("id BIGINT, country STRING, total DECIMAL(10,2)", std::move(definition));
    Must(
        table.Write("SELECT * FROM VALUES (1, 'DE', 1.50), (2, 'FR', 2.00), (3, 'DE', NULL) "
                    "AS t(id, country, total)"));
    return table;
  }

  io::TempFolder folder_;
  std::string path_ = folder_ / "it's `an` [odd] pl*ce/orders";
  std::unique_ptr<DeltaLake> lake_ =
      Must(DeltaLake::Open({.threads = 2, .temp_folder = folder_ / "spill"}));
};

}  // namespace penstock
