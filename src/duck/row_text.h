#pragma once

#include <memory>
#include <string>

#include "duck/engine.h"

namespace penstock::duck {

// The values of a result's current chunk as text for people and programs. Exact: 64-bit and larger
// integers and decimals keep every digit, floating numbers read back as the same number. Instants
// are ISO 8601 in UTC with "Z", timestamps without a zone have none, binary is base64. One object
// serves one ResultSet, which must outlive it.
class RowText {
 public:
  explicit RowText(const ResultSet& rows);
  ~RowText();

  // Whether the column holds numbers: shown on the right.
  bool IsNumber(size_t column) const;
  // Appends the value as JSON: NaN and infinities as strings, structs and maps as objects, null as
  // null.
  void AppendJson(size_t row, size_t column, std::string* out) const;
  // Appends a scalar as it is, without quotes; nested values as JSON; null as nothing.
  void AppendText(size_t row, size_t column, std::string* out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::duck
