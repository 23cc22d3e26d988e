#pragma once

#include <string>
#include <vector>

#include "tests/random_choice.h"

// Tables with columns, rows and changes by chance: NULLs, values that occur often, equal rows, no
// key.
namespace penstock::tests {

enum class Kind { kInteger, kDecimal, kDouble, kText, kDate, kBoolean, kList };

struct RandomColumn {
  std::string name;
  Kind kind = Kind::kInteger;
  std::string type;  // of a column of a table
};

struct RandomTable {
  std::string name;
  std::vector<RandomColumn> columns;
};

struct TableOptions {
  bool lists = true;
  bool odd_doubles = true;  // NaN, -0.0, and such as have no exact binary form
};

RandomTable MakeRandomTable(Choice& choice, const std::string& name, const TableOptions& options);

// "(id BIGINT, …)"
std::string ColumnDefinitions(const RandomTable& table);
// Statements for any engine that speaks SQL; `rows` may be 0 for a table without rows.
std::string RandomInsert(Choice& choice, const RandomTable& table, size_t rows,
                         const TableOptions& options);
// Inserts, updates and deletes of a batch; none is a batch as well.
std::vector<std::string> RandomBatch(Choice& choice, const RandomTable& table,
                                     const TableOptions& options);

// A constant of the kind, from the values that tables have.
std::string RandomConstant(Choice& choice, Kind kind, const TableOptions& options = {});

}  // namespace penstock::tests
