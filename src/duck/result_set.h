#pragma once

#include <duckdb.h>

#include <string>
#include <vector>

#include "duck/engine.h"
#include "duck/native.h"

namespace penstock::duck {

struct ResultSet::State {
  duckdb_result result{};
  duckdb_data_chunk chunk = nullptr;
  std::vector<NativeType> types;
  std::vector<std::string> type_names;

  State() = default;
  State(const State&) = delete;
  ~State();
  void Columns();  // fills types from the result
  duckdb_vector Vector(size_t column) const { return duckdb_data_chunk_get_vector(chunk, column); }
};

}  // namespace penstock::duck
