#pragma once

#include <duckdb.h>

#include <cstdint>
#include <string>
#include <string_view>

// Scalars of the engine as text; not for other rooms.
namespace penstock::duck {

void AppendInteger(int64_t value, std::string* out);
void AppendUnsigned(uint64_t value, std::string* out);
void AppendHugeint(duckdb_hugeint value, int scale,
                   std::string* out);  // `scale` digits after the point
void AppendUhugeint(duckdb_uhugeint value, std::string* out);
// Shortest text that reads back as the same number, with a point or an exponent; "NaN", "Infinity",
// "-Infinity".
void AppendFloat(float value, std::string* out);
void AppendDouble(double value, std::string* out);

void AppendDate(int32_t days, std::string* out);
// "2026-01-31T12:00:00.5", ticks since 1970 of which `per_second` make a second.
void AppendTimestamp(int64_t ticks, int64_t per_second, std::string* out);
void AppendTime(int64_t micros, std::string* out);
void AppendBase64(std::string_view bytes, std::string* out);

}  // namespace penstock::duck
