#include "tests/random_table.h"

namespace penstock::tests {
namespace {

std::string TypeOf(Choice& choice, Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return choice.Word({"BIGINT", "INTEGER", "SMALLINT"});
    case Kind::kDecimal:
      return choice.Word({"DECIMAL(9,2)", "DECIMAL(18,3)"});
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kText:
      return "STRING";
    case Kind::kDate:
      return "DATE";
    case Kind::kBoolean:
      return "BOOLEAN";
    case Kind::kList:
      return "BIGINT[]";
  }
  return "";
}

std::string DoubleText(Choice& choice, const TableOptions& options) {
  if (options.odd_doubles && choice.Chance(4)) {
    return choice.Word({"'NaN'::DOUBLE", "-0.0::DOUBLE", "0.0::DOUBLE"});
  }
  if (options.odd_doubles && choice.Chance(30)) {
    return std::to_string(choice.Skewed(20)) + ".1::DOUBLE";
  }
  return std::to_string(choice.Skewed(20)) + choice.Word({".0", ".25", ".5"}) + "::DOUBLE";
}

std::string ValueText(Choice& choice, Kind kind, const TableOptions& options, size_t null_percent) {
  return choice.Chance(null_percent) ? "NULL" : RandomConstant(choice, kind, options);
}

std::string RowText(Choice& choice, const RandomTable& table, const TableOptions& options) {
  std::string text;
  for (const RandomColumn& column : table.columns) {
    text += (text.empty() ? "(" : ", ") + ValueText(choice, column.kind, options, 12);
  }
  return text + ")";
}

// About every n-th row, by its values: equal rows go and change together.
std::string SomeRows(Choice& choice, const RandomTable& table) {
  const RandomColumn& column = choice.Of(table.columns);
  if (choice.Chance(15)) return column.name + " IS NULL";
  if (column.kind == Kind::kList || column.kind == Kind::kBoolean) return column.name + " IS NULL";
  return column.name + choice.Word({" = ", " < ", " >= ", " <> "}) +
         RandomConstant(choice, column.kind);
}

}  // namespace

std::string RandomConstant(Choice& choice, Kind kind, const TableOptions& options) {
  switch (kind) {
    case Kind::kInteger:
      return std::to_string(choice.Skewed(12));
    case Kind::kDecimal:
      return std::to_string(choice.Skewed(30)) + "." + choice.Word({"00", "25", "10"});
    case Kind::kDouble:
      return DoubleText(choice, options);
    case Kind::kText:
      return "'" + choice.Word({"a", "b", "B", "s", "sx", "x y", "", "ä", "it''s"}) + "'";
    case Kind::kDate:
      return "DATE '2024-01-" + std::to_string(10 + choice.Skewed(20)) + "'";
    case Kind::kBoolean:
      return choice.Word({"true", "false"});
    case Kind::kList: {
      std::string list;
      for (size_t i = choice.Below(4); i > 0; --i) {
        list += (list.empty() ? "" : ", ") + ValueText(choice, Kind::kInteger, options, 10);
      }
      return "[" + list + "]::BIGINT[]";
    }
  }
  return "NULL";
}

RandomTable MakeRandomTable(Choice& choice, const std::string& name, const TableOptions& options) {
  static const std::vector<Kind> kKinds = {
      Kind::kInteger, Kind::kInteger, Kind::kInteger, Kind::kText,    Kind::kText,
      Kind::kDecimal, Kind::kDouble,  Kind::kDate,    Kind::kBoolean, Kind::kList};
  RandomTable table{name, {{"k", Kind::kInteger, TypeOf(choice, Kind::kInteger)}}};
  for (size_t i = 0, count = 1 + choice.Below(5); i < count; ++i) {
    Kind kind = choice.Of(kKinds);
    if (kind == Kind::kList && !options.lists) kind = Kind::kText;
    table.columns.push_back({"v" + std::to_string(i), kind, TypeOf(choice, kind)});
  }
  return table;
}

std::string ColumnDefinitions(const RandomTable& table) {
  std::string text;
  for (const RandomColumn& column : table.columns) {
    text += (text.empty() ? "(" : ", ") + column.name + " " + column.type;
  }
  return text + ")";
}

std::string RandomInsert(Choice& choice, const RandomTable& table, size_t rows,
                         const TableOptions& options) {
  std::string text = "INSERT INTO " + table.name + " VALUES ";
  for (size_t i = 0; i < rows; ++i) {
    const std::string row = RowText(choice, table, options);
    text += (i == 0 ? "" : ", ") + row;
    if (choice.Chance(12)) text += ", " + row;
  }
  return text;
}

std::vector<std::string> RandomBatch(Choice& choice, const RandomTable& table,
                                     const TableOptions& options) {
  std::vector<std::string> batch;
  if (choice.Chance(25)) return batch;
  if (choice.Chance(4)) batch.push_back("DELETE FROM " + table.name);
  if (choice.Chance(35)) {
    batch.push_back("DELETE FROM " + table.name + " WHERE " + SomeRows(choice, table) +
                    (choice.Chance(50) ? "" : " AND " + SomeRows(choice, table)));
  }
  if (choice.Chance(40)) {
    const RandomColumn& column = choice.Of(table.columns);
    batch.push_back("UPDATE " + table.name + " SET " + column.name + " = " +
                    ValueText(choice, column.kind, options, 15) + " WHERE " +
                    SomeRows(choice, table));
  }
  if (choice.Chance(65)) {
    batch.push_back(RandomInsert(choice, table, 1 + choice.Skewed(6), options));
  }
  return batch;
}

}  // namespace penstock::tests
