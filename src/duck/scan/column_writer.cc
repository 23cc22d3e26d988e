#include "duck/scan/column_writer.h"

#include <cstring>

#include "base/text.h"
#include "base/variant_type.h"
#include "duck/scan/string_heap.h"
#include "duck/variant_json.h"

namespace penstock::duck {
namespace {

duckdb_type PlainType(TypeId id) {
  switch (id) {
    case TypeId::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
    case TypeId::kByte:
      return DUCKDB_TYPE_TINYINT;
    case TypeId::kShort:
      return DUCKDB_TYPE_SMALLINT;
    case TypeId::kInteger:
      return DUCKDB_TYPE_INTEGER;
    case TypeId::kLong:
      return DUCKDB_TYPE_BIGINT;
    case TypeId::kFloat:
      return DUCKDB_TYPE_FLOAT;
    case TypeId::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case TypeId::kBinary:
      return DUCKDB_TYPE_BLOB;
    case TypeId::kDate:
      return DUCKDB_TYPE_DATE;
    case TypeId::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case TypeId::kTimestampNtz:
      return DUCKDB_TYPE_TIMESTAMP;
    default:
      return DUCKDB_TYPE_VARCHAR;
  }
}

constexpr size_t kInlined = 12;

duckdb_string_t MakeString(const char* text, size_t length) {
  duckdb_string_t string{};
  string.value.inlined.length = static_cast<uint32_t>(length);
  if (length <= kInlined) {
    std::memcpy(string.value.inlined.inlined, text, length);
  } else {
    std::memcpy(string.value.pointer.prefix, text, 4);
    string.value.pointer.ptr = const_cast<char*>(text);
  }
  return string;
}

}  // namespace

NativeType MakeNativeType(const DataType& type) {
  if (type.id == kVariantType) return NativeType(MakeVariantType());
  switch (type.id) {
    case TypeId::kDecimal:
      return NativeType(duckdb_create_decimal_type(type.precision, type.scale));
    case TypeId::kArray:
      return NativeType(duckdb_create_list_type(MakeNativeType(type.fields[0].type).get()));
    case TypeId::kMap:
      return NativeType(duckdb_create_map_type(MakeNativeType(type.fields[0].type).get(),
                                               MakeNativeType(type.fields[1].type).get()));
    case TypeId::kStruct: {
      std::vector<NativeType> owned;
      std::vector<duckdb_logical_type> types;
      std::vector<const char*> names;
      for (const Field& field : type.fields) {
        owned.push_back(MakeNativeType(field.type));
        types.push_back(owned.back().get());
        names.push_back(field.name.c_str());
      }
      return NativeType(duckdb_create_struct_type(types.data(), names.data(), types.size()));
    }
    default:
      return NativeType(duckdb_create_logical_type(PlainType(type.id)));
  }
}

void ObjectTarget::Add(const std::string& name, ColumnWriter* column) {
  index.emplace(case_sensitive ? name : AsciiLower(name), static_cast<int>(columns.size()));
  columns.push_back(column);
  seen.push_back(0);
}

int ObjectTarget::Find(std::string_view key) const {
  const auto found = index.find(case_sensitive ? std::string(key) : AsciiLower(key));
  return found == index.end() ? -1 : found->second;
}

ColumnWriter::ColumnWriter(const DataType& type, bool case_sensitive) : type_(type) {
  object_.case_sensitive = case_sensitive;
  if (type.id == TypeId::kMap) {
    children_.push_back(
        std::make_unique<ColumnWriter>(DataType::Struct(type.fields), case_sensitive));
    return;
  }
  for (const Field& field : type.fields) {
    children_.push_back(std::make_unique<ColumnWriter>(field.type, case_sensitive));
    object_.Add(field.name, children_.back().get());
  }
}

void ColumnWriter::Rebind() {
  data_ = type_.id == TypeId::kStruct ? nullptr : duckdb_vector_get_data(vector_);
  validity_ = duckdb_vector_get_validity(vector_);
  if (type_.id == TypeId::kStruct) {
    for (size_t i = 0; i < children_.size(); ++i) {
      children_[i]->vector_ = duckdb_struct_vector_get_child(vector_, i);
      children_[i]->Rebind();
    }
  } else if (type_.id == TypeId::kArray || type_.id == TypeId::kMap) {
    children_[0]->vector_ = duckdb_list_vector_get_child(vector_);
    children_[0]->Rebind();
  }
}

void ColumnWriter::Bind(duckdb_vector vector) {
  vector_ = vector;
  refers_ = false;
  if (type_.id == TypeId::kArray || type_.id == TypeId::kMap) {
    elements_ = 0;
    capacity_ = 0;
    duckdb_list_vector_set_size(vector, 0);
    children_[0]->Bind(duckdb_list_vector_get_child(vector));
  } else if (type_.id == TypeId::kStruct) {
    for (size_t i = 0; i < children_.size(); ++i) {
      children_[i]->Bind(duckdb_struct_vector_get_child(vector, i));
    }
  }
  Rebind();
}

void ColumnWriter::Finish() {
  for (const auto& child : children_) child->Finish();
  if (type_.id == TypeId::kArray || type_.id == TypeId::kMap) {
    duckdb_list_vector_set_size(vector_, elements_);
  }
}

void ColumnWriter::KeepStrings(const BlockPtr& block) {
  for (const auto& child : children_) child->KeepStrings(block);
  if (!refers_) return;
  KeepAlive(vector_, block);
  refers_ = false;
}

void ColumnWriter::SetNull(idx_t row) {
  if (validity_ == nullptr) {
    duckdb_vector_ensure_validity_writable(vector_);
    validity_ = duckdb_vector_get_validity(vector_);
  }
  validity_[row >> 6] &= ~(uint64_t{1} << (row & 63));
  if (type_.id == TypeId::kStruct) {
    for (const auto& child : children_) child->SetNull(row);
  } else if (type_.id == TypeId::kArray || type_.id == TypeId::kMap) {
    static_cast<duckdb_list_entry*>(data_)[row] = {elements_, 0};
  }
}

void ColumnWriter::CopyString(idx_t row, std::string_view text) {
  if (text.size() <= kInlined) {
    Set(row, MakeString(text.data(), text.size()));
    return;
  }
  duckdb_unsafe_vector_assign_string_element_len(vector_, row, text.data(), text.size());
  SetValid(row);
}

void ColumnWriter::ReferString(idx_t row, const char* text, size_t length) {
  Set(row, MakeString(text, length));
  if (length > kInlined) refers_ = true;
}

void ColumnWriter::RepeatString(idx_t from, idx_t to) {
  auto* strings = static_cast<duckdb_string_t*>(data_);
  for (idx_t row = from + 1; row < to; ++row) {
    strings[row] = strings[from];
    SetValid(row);
  }
}

void ColumnWriter::SetDecimal(idx_t row, __int128 unscaled) {
  if (type_.precision <= 4) {
    Set(row, static_cast<int16_t>(unscaled));
  } else if (type_.precision <= 9) {
    Set(row, static_cast<int32_t>(unscaled));
  } else if (type_.precision <= 18) {
    Set(row, static_cast<int64_t>(unscaled));
  } else {
    Set(row, unscaled);
  }
}

idx_t ColumnWriter::AddElement() {
  if (elements_ == capacity_) {
    capacity_ = capacity_ == 0 ? 2048 : capacity_ * 2;
    duckdb_list_vector_set_size(vector_, elements_);
    duckdb_list_vector_reserve(vector_, capacity_);
    children_[0]->vector_ = duckdb_list_vector_get_child(vector_);
    children_[0]->Rebind();
  }
  children_[0]->SetValid(elements_);
  return elements_++;
}

bool ColumnWriter::SetText(idx_t row, std::string_view text, const TimeFormats& formats) {
  int64_t integer = 0;
  const auto set_integer = [&]<typename T>(T) {
    if (!ParseInteger(text, &integer) || integer != static_cast<T>(integer)) return false;
    Set(row, static_cast<T>(integer));
    return true;
  };
  switch (type_.id) {
    case TypeId::kBoolean: {
      bool value = false;
      if (!ParseBoolean(text, &value)) return false;
      Set(row, value);
      return true;
    }
    case TypeId::kByte:
      return set_integer(int8_t{});
    case TypeId::kShort:
      return set_integer(int16_t{});
    case TypeId::kInteger:
      return set_integer(int32_t{});
    case TypeId::kLong:
      return set_integer(int64_t{});
    case TypeId::kFloat:
    case TypeId::kDouble: {
      double value = 0;
      if (!ParseDouble(text, &value)) return false;
      if (type_.id == TypeId::kDouble) {
        Set(row, value);
      } else {
        Set(row, static_cast<float>(value));
      }
      return true;
    }
    case TypeId::kDecimal: {
      __int128 value = 0;
      if (!ParseDecimal(text, type_.precision, type_.scale, &value)) return false;
      SetDecimal(row, value);
      return true;
    }
    case TypeId::kDate: {
      int32_t days = 0;
      if (!(formats.date.empty() ? ParseDate(text, &days) : formats.date.ParseDate(text, &days))) {
        return false;
      }
      Set(row, days);
      return true;
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampNtz: {
      const bool zone = type_.id == TypeId::kTimestamp;
      const TimePattern& pattern = zone ? formats.timestamp : formats.timestamp_ntz;
      if (!(pattern.empty() ? ParseTimestamp(text, zone, &integer)
                            : pattern.ParseTimestamp(text, &integer))) {
        return false;
      }
      Set(row, integer);
      return true;
    }
    case TypeId::kString:
    case TypeId::kBinary:
      CopyString(row, text);
      return true;
    default:
      return false;
  }
}

}  // namespace penstock::duck
