#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "base/result.h"
#include "delta/table_columns.h"
#include "duck/engine.h"

// Which values a column takes: those of its type, and of types from which nothing can be lost
// unseen (Spark's spark.sql.storeAssignmentPolicy=ANSI).
namespace penstock::lake {

// Whether a value of type `from` may be stored as `to`; a number that does not fit fails when the
// row is met. The difference that forbids it, or nothing: "s.x: STRING is no INT".
std::optional<std::string> StoreProblem(const DataType& from, const DataType& to,
                                        const std::string& path);

// SQL of `value`, of type `from`, as a value of type `to`: numbers lose their fraction as in Spark,
// fields of structs are taken by name.
std::string StoredValue(const std::string& value, const DataType& from, const DataType& to);

// A value that is given for a column.
struct GivenValue {
  const delta::TableColumn* column = nullptr;
  std::string sql;
};
// SQL of the values as their columns store them, where `from` is the text behind FROM that they are
// computed over. CANNOT_STORE_TYPE names column and types; errors of the engine.
Result<std::vector<std::string>> StoredValues(duck::Connection& connection, const std::string& from,
                                              const std::vector<GivenValue>& values);

}  // namespace penstock::lake
