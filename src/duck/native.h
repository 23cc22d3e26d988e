#pragma once

#include <duckdb.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/data_type.h"
#include "base/result.h"
#include "duck/engine.h"
#include "duck/object_store.h"

// What the files of this room share about the engine's C API; not for other rooms.
namespace penstock::duck {

// The engine's own spelling of a type ("DECIMAL(18,3)", "STRUCT(a INTEGER)").
std::string NativeTypeName(duckdb_logical_type type);

// Penstock's type for an engine type; UNSUPPORTED_TYPE names `column`.
Result<DataType> FromNativeType(duckdb_logical_type type, std::string_view column);

// Takes a logical type, frees it at the end of the scope.
class NativeType {
 public:
  explicit NativeType(duckdb_logical_type type) : type_(type) {}
  NativeType(NativeType&& other) noexcept : type_(other.type_) { other.type_ = nullptr; }
  NativeType(const NativeType&) = delete;
  ~NativeType() {
    if (type_ != nullptr) duckdb_destroy_logical_type(&type_);
  }
  duckdb_logical_type get() const { return type_; }

 private:
  duckdb_logical_type type_;
};

// Takes text that the engine allocated.
std::string TakeNativeText(char* text);

// The value at `row` of a vector of `type` as text; the row is not null.
std::string NativeValueText(duckdb_vector vector, duckdb_logical_type type, idx_t row);

inline bool IsNativeNull(duckdb_vector vector, idx_t row) {
  uint64_t* const validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
}

// The value at `row` as the engine stores it; the row is not null.
template <typename T>
T NativeAt(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

inline std::string_view NativeString(duckdb_vector vector, idx_t row) {
  auto* const strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

// The unscaled number of a decimal; `storage` is the type's duckdb_decimal_internal_type.
__int128 NativeDecimal(duckdb_vector vector, duckdb_type storage, idx_t row);

inline __int128 FromHugeint(duckdb_hugeint value) {
  return (static_cast<__int128>(value.upper) << 64) | value.lower;
}
inline duckdb_hugeint ToHugeint(__int128 value) {
  return {static_cast<uint64_t>(value), static_cast<int64_t>(value >> 64)};
}

// An error of the engine as ours, and the offset in the SQL text when the engine gave one.
struct TranslatedError {
  Error error;
  std::optional<size_t> offset;
};
TranslatedError TranslateError(duckdb_error_type type, std::string_view message);

// Functions of ours that run inside the engine report errors as text; one made here comes out of
// Connection as `error` itself instead of as an engine error.
std::string ErrorForEngine(const Error& error);

// Which functions of the pack of Spark functions an engine has. Thread-safe.
class SparkPack {
 public:
  static Result<std::shared_ptr<SparkPack>> Open(duckdb_database database);
  ~SparkPack();
  SparkPack(const SparkPack&) = delete;

  // Makes the functions that `sql` mentions and the engine lacks.
  Status MakeFor(std::string_view sql);

 private:
  SparkPack() = default;

  std::mutex mutex_;
  duckdb_connection connection_ = nullptr;
  std::set<std::string> made_;
};

// The engine's extension for S3, loaded with a secret of its own when it is first needed; never
// fetched from anywhere. Thread-safe.
class Httpfs {
 public:
  explicit Httpfs(duckdb_database database) : database_(database) {}

  void Use(ObjectStoreSource source);
  // Loads the extension if the text has a path of S3 in it. That may be a value only, so a failure
  // is not told: the query then asks for Load if it needs the extension.
  void LoadFor(std::string_view sql);
  // False when it was loaded before; otherwise why the store cannot be reached.
  Result<bool> Load();

 private:
  Status LoadLocked();

  duckdb_database database_;  // borrowed
  std::mutex mutex_;
  ObjectStoreSource source_;
  std::atomic<bool> loaded_{false};
};

struct Connection::State {
  duckdb_connection connection = nullptr;
  std::shared_ptr<SparkPack> spark_pack;  // null when the engine has none
  std::shared_ptr<Httpfs> httpfs;
  std::optional<size_t> last_error_offset;

  ~State() {
    if (connection != nullptr) duckdb_disconnect(&connection);
  }
};

// The functions behind RowCheck::Wrap.
Status RegisterRowCheck(duckdb_connection connection);
// The table function behind FileScan::RelationSql.
Status RegisterFileScan(duckdb_connection connection);
// The table function behind TableFilesScan::RelationSql.
Status RegisterTableFiles(duckdb_connection connection);

// The table function behind RowSource::RelationSql.
Status RegisterRowSource(duckdb_connection connection);

// The functions of the pack of Spark functions that a macro cannot do.
Status RegisterSparkScalarFunctions(duckdb_connection connection);

}  // namespace penstock::duck
