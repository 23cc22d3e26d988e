#include <xxhash.h>
#include <zlib.h>

#include <cstring>

#include "duck/spark/scalar.h"

namespace penstock::duck {
namespace {

constexpr int32_t kSeed = 42;

// Murmur3 for 32 bits as Spark runs it: the bytes behind the last whole word are mixed one by one,
// each as a word.
class Murmur {
 public:
  using Hash = int32_t;

  static Hash OfInt(int32_t value, Hash seed) { return Finish(Mix(seed, value), 4); }
  static Hash OfLong(int64_t value, Hash seed) {
    const auto low = static_cast<int32_t>(value);
    const auto high = static_cast<int32_t>(value >> 32);
    return Finish(Mix(Mix(seed, low), high), 8);
  }
  static Hash OfBytes(std::string_view bytes, Hash seed) {
    Hash hash = seed;
    size_t i = 0;
    for (; i + 4 <= bytes.size(); i += 4) {
      int32_t word = 0;
      std::memcpy(&word, bytes.data() + i, 4);
      hash = Mix(hash, word);
    }
    for (; i < bytes.size(); ++i) hash = Mix(hash, static_cast<signed char>(bytes[i]));
    return Finish(hash, static_cast<uint32_t>(bytes.size()));
  }

 private:
  static uint32_t Rotate(uint32_t value, int by) { return (value << by) | (value >> (32 - by)); }
  static Hash Mix(Hash hash, int32_t word) {
    const uint32_t k = Rotate(static_cast<uint32_t>(word) * 0xcc9e2d51U, 15) * 0x1b873593U;
    return static_cast<Hash>(Rotate(static_cast<uint32_t>(hash) ^ k, 13) * 5 + 0xe6546b64U);
  }
  static Hash Finish(Hash hash, uint32_t length) {
    uint32_t h = static_cast<uint32_t>(hash) ^ length;
    h = (h ^ (h >> 16)) * 0x85ebca6bU;
    h = (h ^ (h >> 13)) * 0xc2b2ae35U;
    return static_cast<Hash>(h ^ (h >> 16));
  }
};

class Xx {
 public:
  using Hash = int64_t;

  static Hash OfInt(int32_t value, Hash seed) { return Of(&value, 4, seed); }
  static Hash OfLong(int64_t value, Hash seed) { return Of(&value, 8, seed); }
  static Hash OfBytes(std::string_view bytes, Hash seed) {
    return Of(bytes.data(), bytes.size(), seed);
  }

 private:
  static Hash Of(const void* data, size_t size, Hash seed) {
    return static_cast<Hash>(XXH64(data, size, static_cast<uint64_t>(seed)));
  }
};

// Continues `hash` with one value; false for a type that is not hashed here.
template <typename Algorithm>
bool Continue(duckdb_vector vector, duckdb_logical_type type, idx_t row,
              typename Algorithm::Hash* hash) {
  AnyNumber number;
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
      *hash = Algorithm::OfBytes(NativeString(vector, row), *hash);
      return true;
    case DUCKDB_TYPE_DATE:
      *hash = Algorithm::OfInt(NativeAt<int32_t>(vector, row), *hash);
      return true;
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      *hash = Algorithm::OfLong(NativeAt<int64_t>(vector, row), *hash);
      return true;
    case DUCKDB_TYPE_DOUBLE: {
      const double value = NativeAt<double>(vector, row) + 0.0;  // -0.0 hashes as 0.0
      int64_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      *hash = Algorithm::OfLong(bits, *hash);
      return true;
    }
    case DUCKDB_TYPE_FLOAT: {
      const float value = NativeAt<float>(vector, row) + 0.0F;
      int32_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      *hash = Algorithm::OfInt(bits, *hash);
      return true;
    }
    case DUCKDB_TYPE_DECIMAL:
      if (duckdb_decimal_width(type) > 18 || !ReadNumber(vector, type, row, &number)) return false;
      *hash = Algorithm::OfLong(static_cast<int64_t>(number.whole), *hash);
      return true;
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
      ReadNumber(vector, type, row, &number);
      *hash = Algorithm::OfInt(static_cast<int32_t>(number.whole), *hash);
      return true;
    default:
      return false;
  }
}

template <typename Algorithm>
void HashRows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* values = static_cast<typename Algorithm::Hash*>(duckdb_vector_get_data(output));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  std::fill(values, values + rows, kSeed);
  for (idx_t column = 0; column < duckdb_data_chunk_get_column_count(input); ++column) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, column);
    const NativeType type(duckdb_vector_get_column_type(vector));
    for (idx_t row = 0; row < rows; ++row) {
      if (IsNativeNull(vector, row)) continue;
      if (Continue<Algorithm>(vector, type.get(), row, &values[row])) continue;
      return FailRow(info, "UNSUPPORTED_FUNCTION",
                     "a value of type " + NativeTypeName(type.get()) + " cannot be hashed",
                     "Hash its parts, or its text with md5(to_json(…)).");
    }
  }
}

void Crc32(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  auto* values = static_cast<int64_t*>(duckdb_vector_get_data(output));
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, 0);
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (IsNativeNull(vector, row)) {
      SetNull(output, row);
      continue;
    }
    const std::string_view bytes = NativeString(vector, row);
    values[row] = static_cast<int64_t>(
        crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));  // NOLINT
  }
}

}  // namespace

Status RegisterSparkHashes(duckdb_connection connection) {
  FunctionSet hash("spark_hash");
  hash.AddVariadic(DUCKDB_TYPE_INTEGER, HashRows<Murmur>);
  RETURN_IF_ERROR(hash.Register(connection));
  FunctionSet xxhash("spark_xxhash64");
  xxhash.AddVariadic(DUCKDB_TYPE_BIGINT, HashRows<Xx>);
  RETURN_IF_ERROR(xxhash.Register(connection));
  FunctionSet crc("spark_crc32");
  crc.Add({DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_BIGINT, Crc32);
  crc.Add({DUCKDB_TYPE_BLOB}, DUCKDB_TYPE_BIGINT, Crc32);
  return crc.Register(connection);
}

}  // namespace penstock::duck
