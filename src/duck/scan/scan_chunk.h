#pragma once

#include <duckdb.h>

#include <functional>
#include <vector>

#include "duck/scan/scanner.h"

// A scan read without a query, for fuzzers: no engine is opened.
namespace penstock::duck {

// Calls `text` with every string and byte string of rows [begin, end), at any depth; false when a
// list reaches beyond its elements.
using SeeText = std::function<void(std::string_view text, TypeId type)>;
inline bool SeeValues(duckdb_vector vector, const DataType& type, idx_t begin, idx_t end,
                      const SeeText& see) {
  if (type.id == TypeId::kStruct) {
    for (size_t i = 0; i < type.fields.size(); ++i) {
      if (!SeeValues(duckdb_struct_vector_get_child(vector, i), type.fields[i].type, begin, end,
                     see)) {
        return false;
      }
    }
    return true;
  }
  const bool list = type.id == TypeId::kArray || type.id == TypeId::kMap;
  for (idx_t row = begin; row < end; ++row) {
    if (IsNativeNull(vector, row)) continue;
    if (type.id == TypeId::kString || type.id == TypeId::kBinary) {
      see(NativeString(vector, row), type.id);
    } else if (list) {
      const auto range = NativeAt<duckdb_list_entry>(vector, row);
      if (range.offset + range.length > duckdb_list_vector_get_size(vector)) return false;
      const DataType part =
          type.id == TypeId::kArray ? type.fields[0].type : DataType::Struct(type.fields);
      if (!SeeValues(duckdb_list_vector_get_child(vector), part, range.offset,
                     range.offset + range.length, see)) {
        return false;
      }
    }
  }
  return true;
}

// Reads all columns of a scan chunk by chunk.
class ChunkScan {
 public:
  explicit ChunkScan(FileScan::State& state) : state_(state) {
    std::vector<NativeType> types;
    std::vector<duckdb_logical_type> raw;
    for (const Field& field : state.columns) {
      projected_.push_back(projected_.size());
      types.push_back(MakeNativeType(field.type));
      raw.push_back(types.back().get());
    }
    chunk_ = duckdb_create_data_chunk(raw.data(), raw.size());
    scanner_ = std::make_unique<Scanner>(state, projected_, next_unit_);
  }
  ~ChunkScan() { duckdb_destroy_data_chunk(&chunk_); }
  ChunkScan(const ChunkScan&) = delete;

  // The number of rows of the next chunk; 0 at the end.
  Result<idx_t> Next() {
    duckdb_data_chunk_reset(chunk_);
    RETURN_IF_ERROR(scanner_->Fill(chunk_));
    return duckdb_data_chunk_get_size(chunk_);
  }
  // Of the chunk's values.
  bool See(const SeeText& see) {
    for (size_t i = 0; i < state_.columns.size(); ++i) {
      if (!SeeValues(duckdb_data_chunk_get_vector(chunk_, i), state_.columns[i].type, 0,
                     duckdb_data_chunk_get_size(chunk_), see)) {
        return false;
      }
    }
    return true;
  }

 private:
  FileScan::State& state_;
  std::vector<size_t> projected_;
  std::atomic<size_t> next_unit_{0};
  std::unique_ptr<Scanner> scanner_;
  duckdb_data_chunk chunk_ = nullptr;
};

}  // namespace penstock::duck
