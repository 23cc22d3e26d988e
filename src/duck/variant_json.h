#pragma once

#include <duckdb.h>

#include <string>

namespace duckdb {
struct UnifiedVariantVectorData;
}

namespace penstock::duck {

// The engine's type VARIANT, for the caller to free; its C interface makes one that lacks the
// parts.
duckdb_logical_type MakeVariantType();

// Java's way to write a floating number: the shortest digits, an exponent outside of 10^-3 … 10^7.
std::string JavaNumber(double value);
std::string JavaNumber(float value);

// Appends the variant at `row`, which is not NULL, as Spark's to_json writes it: keys in order,
// decimals without zeros at the end, floating numbers in Java's way, binary as base64, instants
// in UTC.
void AppendVariantJson(const duckdb::UnifiedVariantVectorData& variants, idx_t row,
                       std::string* out);
void AppendVariantJson(duckdb_vector vector, idx_t row, std::string* out);
// The same, but a text without quotes, as a cast to STRING gives it.
void AppendVariantText(const duckdb::UnifiedVariantVectorData& variants, idx_t row,
                       std::string* out);
void AppendVariantText(duckdb_vector vector, idx_t row, std::string* out);

}  // namespace penstock::duck
