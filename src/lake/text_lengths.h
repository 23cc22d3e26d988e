#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "delta/table_columns.h"

// CHAR(n) and VARCHAR(n): to Delta they are texts, and the field of a top-level column keeps the
// declared type as metadata, also of texts inside it ("struct<c:char(3)>").
namespace penstock::lake {

struct TextLength {
  int64_t characters = 0;
  bool padded = false;  // CHAR
};

struct TextLengths {
  std::optional<TextLength> own;   // of a text
  std::vector<TextLengths> parts;  // as the fields of the type; empty: no lengths in them
};

// Of a top-level column; nothing when no text of it has a length.
std::optional<TextLengths> LengthsOf(const delta::TableColumn& column);
bool HasPadding(const TextLengths& lengths);

// SQL: `value` of `type` with every CHAR filled up with blanks; the value itself if there is none.
std::string PaddedValue(const std::string& value, const DataType& type, const TextLengths& lengths);
// SQL: whether a text in `value` is longer than it may be; blanks at the end count, as they do to
// Spark when it writes Delta tables.
std::string TooLong(const std::string& value, const DataType& type, const TextLengths& lengths);

}  // namespace penstock::lake
