#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/data_type.h"
#include "duck/key_order.h"
#include "duck/native.h"
#include "duck/scan/scan_block.h"
#include "duck/scan/scan_value.h"

namespace penstock::duck {

// The engine's type of a column; nested types too.
NativeType MakeNativeType(const DataType& type);

// How text becomes dates and times; an empty pattern reads ISO text leniently.
struct TimeFormats {
  TimePattern date;
  TimePattern timestamp;
  TimePattern timestamp_ntz;
};

// The members of a JSON object that are wanted, and the order in which the last object had them.
class ColumnWriter;
struct ObjectTarget {
  bool case_sensitive = true;
  std::unordered_map<std::string, int> index;  // lower case unless case-sensitive
  std::vector<ColumnWriter*> columns;          // null: declared, but nobody asks for it
  KeyOrder<int> order;                         // to columns; -1: not declared
  std::vector<uint32_t> seen;  // by column: `stamp` when the object being read has it
  uint32_t stamp = 0;

  void Add(const std::string& name, ColumnWriter* column);
  // The declared column of this key, or -1.
  int Find(std::string_view key) const;
};

// Writes values of one column (or nested part) into a vector of the engine. Not thread-safe.
class ColumnWriter {
 public:
  ColumnWriter(const DataType& type, bool case_sensitive);

  TypeId id() const { return type_.id; }
  const DataType& type() const { return type_; }
  ColumnWriter& element() { return *children_[0]; }  // of an array
  ObjectTarget& object() { return object_; }         // of a struct

  // Turns to an empty vector; all writes until the next call go there.
  void Bind(duckdb_vector vector);
  // Sets the sizes of lists; call when the chunk is complete.
  void Finish();
  // Strings that point into `block` keep it alive; call before the block is let go.
  void KeepStrings(const BlockPtr& block);

  void SetNull(idx_t row);
  template <typename T>
  void Set(idx_t row, T value) {
    static_cast<T*>(data_)[row] = value;
    SetValid(row);
  }
  void SetValid(idx_t row) {
    if (validity_ != nullptr) validity_[row >> 6] |= uint64_t{1} << (row & 63);
  }
  // Copies the bytes.
  void CopyString(idx_t row, std::string_view text);
  // Points at the bytes, which lie in the block given to KeepStrings.
  void ReferString(idx_t row, const char* text, size_t length);
  void SetDecimal(idx_t row, __int128 unscaled);
  void RepeatString(idx_t from, idx_t to);  // the string at `from` in the rows up to `to`

  // Lists and maps: takes a new element; its index.
  idx_t AddElement();
  idx_t elements() const { return elements_; }
  void DropElements(idx_t keep) { elements_ = keep; }
  void SetList(idx_t row, idx_t begin) { Set(row, duckdb_list_entry{begin, elements_ - begin}); }
  duckdb_list_entry* lists() { return static_cast<duckdb_list_entry*>(data_); }
  // A map's key and value writers.
  ColumnWriter& map_key() { return *children_[0]->children_[0]; }
  ColumnWriter& map_value() { return *children_[0]->children_[1]; }

  // Converts text to the column's type; false (the row is then undefined) when it does not fit.
  // Scalars only.
  bool SetText(idx_t row, std::string_view text, const TimeFormats& formats);

 private:
  void Rebind();

  DataType type_;
  std::vector<std::unique_ptr<ColumnWriter>> children_;
  ObjectTarget object_;
  duckdb_vector vector_ = nullptr;
  void* data_ = nullptr;
  uint64_t* validity_ = nullptr;
  bool refers_ = false;
  idx_t elements_ = 0;
  idx_t capacity_ = 0;
};

}  // namespace penstock::duck
