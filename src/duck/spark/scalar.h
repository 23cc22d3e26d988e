#pragma once

#include <duckdb.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "duck/native.h"

// What the functions of the pack that are written in C++ share: reading arguments, giving results,
// registering.
namespace penstock::duck {

bool AnyArgumentNull(duckdb_data_chunk input, idx_t row);
void SetNull(duckdb_vector output, idx_t row);
void SetText(duckdb_vector output, idx_t row, std::string_view text);
// Ends the query with an error about its data.
void FailRow(duckdb_function_info info, const std::string& code, const std::string& message,
             const std::string& remedy);

// A number of any type: `whole` / 10^`scale`, or `real`.
struct AnyNumber {
  bool is_real = false;
  double real = 0;
  __int128 whole = 0;
  int scale = 0;
};
// The number at `row` of a vector of `type`; false when the type is no number or boolean.
bool ReadNumber(duckdb_vector vector, duckdb_logical_type type, idx_t row, AnyNumber* number);

// One name with its overloads.
class FunctionSet {
 public:
  explicit FunctionSet(const char* name);
  ~FunctionSet();
  FunctionSet(const FunctionSet&) = delete;

  void Add(std::initializer_list<duckdb_type> parameters, duckdb_type returns,
           duckdb_scalar_function_t body);
  // Any number of arguments of any type.
  void AddVariadic(duckdb_type returns, duckdb_scalar_function_t body);
  Status Register(duckdb_connection connection);

 private:
  void Finish(duckdb_scalar_function function, duckdb_type returns, duckdb_scalar_function_t body);

  const char* name_;
  duckdb_scalar_function_set set_;
};

Status RegisterSparkCasts(duckdb_connection connection);
Status RegisterSparkHashes(duckdb_connection connection);
Status RegisterSparkTexts(duckdb_connection connection);
Status RegisterSparkVariants(duckdb_connection connection);

}  // namespace penstock::duck
