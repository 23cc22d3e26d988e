#include "duck/row_text.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "duck/result_set.h"
#include "duck/value_text.h"
#include "duck/variant_json.h"

namespace penstock::duck {
namespace {

// How one type is written; made once a result, nested types have parts.
class Encoder {
 public:
  explicit Encoder(duckdb_logical_type logical)
      : type_(duckdb_get_type_id(logical)), native_(logical) {
    switch (type_) {
      case DUCKDB_TYPE_DECIMAL:
        scale_ = duckdb_decimal_scale(logical);
        storage_ = duckdb_decimal_internal_type(logical);
        break;
      case DUCKDB_TYPE_LIST:
        AddPart(duckdb_list_type_child_type(logical));
        break;
      case DUCKDB_TYPE_ARRAY:
        array_size_ = duckdb_array_type_array_size(logical);
        AddPart(duckdb_array_type_child_type(logical));
        break;
      case DUCKDB_TYPE_MAP:
        AddPart(duckdb_map_type_key_type(logical));
        AddPart(duckdb_map_type_value_type(logical));
        break;
      case DUCKDB_TYPE_STRUCT:
        for (idx_t i = 0; i < duckdb_struct_type_child_count(logical); ++i) {
          AddPart(duckdb_struct_type_child_type(logical, i));
          std::string name;
          AppendJsonString(TakeNativeText(duckdb_struct_type_child_name(logical, i)), &name);
          names_.push_back(name + ":");
        }
        break;
      default:
        break;
    }
  }

  bool IsNumber() const {
    switch (type_) {
      case DUCKDB_TYPE_TINYINT:
      case DUCKDB_TYPE_SMALLINT:
      case DUCKDB_TYPE_INTEGER:
      case DUCKDB_TYPE_BIGINT:
      case DUCKDB_TYPE_UTINYINT:
      case DUCKDB_TYPE_USMALLINT:
      case DUCKDB_TYPE_UINTEGER:
      case DUCKDB_TYPE_UBIGINT:
      case DUCKDB_TYPE_HUGEINT:
      case DUCKDB_TYPE_UHUGEINT:
      case DUCKDB_TYPE_FLOAT:
      case DUCKDB_TYPE_DOUBLE:
      case DUCKDB_TYPE_DECIMAL:
        return true;
      default:
        return false;
    }
  }

  bool IsNested() const {
    return type_ == DUCKDB_TYPE_LIST || type_ == DUCKDB_TYPE_ARRAY || type_ == DUCKDB_TYPE_MAP ||
           type_ == DUCKDB_TYPE_STRUCT;
  }

  void AppendJson(duckdb_vector vector, idx_t row, std::string* out) const {
    if (IsNativeNull(vector, row)) {
      *out += "null";
    } else if (IsNested()) {
      AppendNested(vector, row, out);
    } else if (type_ == DUCKDB_TYPE_VARIANT) {
      AppendVariantJson(vector, row, out);
    } else if (type_ == DUCKDB_TYPE_VARCHAR) {
      AppendJsonString(NativeString(vector, row), out);
    } else if (type_ == DUCKDB_TYPE_BOOLEAN || IsPlainNumber(vector, row)) {
      AppendScalar(vector, row, out);
    } else {
      const size_t begin = out->size() + 1;
      *out += '"';
      AppendScalar(vector, row, out);
      EscapeFrom(begin, out);
      *out += '"';
    }
  }

  void AppendText(duckdb_vector vector, idx_t row, std::string* out) const {
    if (IsNativeNull(vector, row)) return;
    if (IsNested()) {
      AppendNested(vector, row, out);
    } else {
      AppendScalar(vector, row, out);
    }
  }

 private:
  void AddPart(duckdb_logical_type part) {
    types_.emplace_back(part);
    parts_.emplace_back(part);
  }

  // NaN and the infinities have no number in JSON.
  bool IsPlainNumber(duckdb_vector vector, idx_t row) const {
    if (type_ == DUCKDB_TYPE_DOUBLE) return __builtin_isfinite(NativeAt<double>(vector, row));
    if (type_ == DUCKDB_TYPE_FLOAT) return __builtin_isfinite(NativeAt<float>(vector, row));
    return IsNumber();
  }

  static void EscapeFrom(size_t begin, std::string* out) {
    if (out->find_first_of("\"\\", begin) == out->npos) return;
    const std::string text = out->substr(begin);
    out->resize(begin - 1);
    AppendJsonString(text, out);
    out->pop_back();
  }

  void AppendScalar(duckdb_vector vector, idx_t row, std::string* out) const;
  void AppendDecimal(duckdb_vector vector, idx_t row, std::string* out) const;
  void AppendNested(duckdb_vector vector, idx_t row, std::string* out) const;
  void AppendElements(duckdb_vector child, idx_t offset, idx_t count, std::string* out) const;
  void AppendEntries(duckdb_vector entries, duckdb_list_entry range, std::string* out) const;

  duckdb_type type_;
  duckdb_logical_type native_;  // borrowed
  int scale_ = 0;
  duckdb_type storage_ = DUCKDB_TYPE_INVALID;
  idx_t array_size_ = 0;
  std::vector<NativeType> types_;  // of the parts
  std::vector<Encoder> parts_;
  std::vector<std::string> names_;  // of struct fields: "name": as JSON
};

void Encoder::AppendScalar(duckdb_vector vector, idx_t row, std::string* out) const {
  switch (type_) {
    case DUCKDB_TYPE_BOOLEAN:
      *out += NativeAt<bool>(vector, row) ? "true" : "false";
      return;
    case DUCKDB_TYPE_TINYINT:
      return AppendInteger(NativeAt<int8_t>(vector, row), out);
    case DUCKDB_TYPE_SMALLINT:
      return AppendInteger(NativeAt<int16_t>(vector, row), out);
    case DUCKDB_TYPE_INTEGER:
      return AppendInteger(NativeAt<int32_t>(vector, row), out);
    case DUCKDB_TYPE_BIGINT:
      return AppendInteger(NativeAt<int64_t>(vector, row), out);
    case DUCKDB_TYPE_UTINYINT:
      return AppendUnsigned(NativeAt<uint8_t>(vector, row), out);
    case DUCKDB_TYPE_USMALLINT:
      return AppendUnsigned(NativeAt<uint16_t>(vector, row), out);
    case DUCKDB_TYPE_UINTEGER:
      return AppendUnsigned(NativeAt<uint32_t>(vector, row), out);
    case DUCKDB_TYPE_UBIGINT:
      return AppendUnsigned(NativeAt<uint64_t>(vector, row), out);
    case DUCKDB_TYPE_HUGEINT:
      return AppendHugeint(NativeAt<duckdb_hugeint>(vector, row), 0, out);
    case DUCKDB_TYPE_UHUGEINT:
      return AppendUhugeint(NativeAt<duckdb_uhugeint>(vector, row), out);
    case DUCKDB_TYPE_FLOAT:
      return AppendFloat(NativeAt<float>(vector, row), out);
    case DUCKDB_TYPE_DOUBLE:
      return AppendDouble(NativeAt<double>(vector, row), out);
    case DUCKDB_TYPE_DECIMAL:
      return AppendDecimal(vector, row, out);
    case DUCKDB_TYPE_VARCHAR:
      *out += NativeString(vector, row);
      return;
    case DUCKDB_TYPE_BLOB:
      return AppendBase64(NativeString(vector, row), out);
    case DUCKDB_TYPE_DATE:
      return AppendDate(NativeAt<int32_t>(vector, row), out);
    case DUCKDB_TYPE_TIME:
      return AppendTime(NativeAt<int64_t>(vector, row), out);
    case DUCKDB_TYPE_TIMESTAMP:
      return AppendTimestamp(NativeAt<int64_t>(vector, row), 1000000, out);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return AppendTimestamp(NativeAt<int64_t>(vector, row), 1, out);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return AppendTimestamp(NativeAt<int64_t>(vector, row), 1000, out);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return AppendTimestamp(NativeAt<int64_t>(vector, row), 1000000000, out);
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      AppendTimestamp(NativeAt<int64_t>(vector, row), 1000000, out);
      if (out->back() != 'y') *out += 'Z';  // infinity has no zone
      return;
    case DUCKDB_TYPE_VARIANT:
      return AppendVariantJson(vector, row, out);
    default:
      *out += NativeValueText(vector, native_, row);
  }
}

void Encoder::AppendDecimal(duckdb_vector vector, idx_t row, std::string* out) const {
  AppendHugeint(ToHugeint(NativeDecimal(vector, storage_, row)), scale_, out);
}

void Encoder::AppendNested(duckdb_vector vector, idx_t row, std::string* out) const {
  switch (type_) {
    case DUCKDB_TYPE_LIST: {
      const auto range = NativeAt<duckdb_list_entry>(vector, row);
      return AppendElements(duckdb_list_vector_get_child(vector), range.offset, range.length, out);
    }
    case DUCKDB_TYPE_ARRAY:
      return AppendElements(duckdb_array_vector_get_child(vector), row * array_size_, array_size_,
                            out);
    case DUCKDB_TYPE_MAP:
      return AppendEntries(duckdb_list_vector_get_child(vector),
                           NativeAt<duckdb_list_entry>(vector, row), out);
    default:
      break;
  }
  *out += '{';
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (i > 0) *out += ',';
    *out += names_[i];
    parts_[i].AppendJson(duckdb_struct_vector_get_child(vector, i), row, out);
  }
  *out += '}';
}

void Encoder::AppendElements(duckdb_vector child, idx_t offset, idx_t count,
                             std::string* out) const {
  *out += '[';
  for (idx_t i = 0; i < count; ++i) {
    if (i > 0) *out += ',';
    parts_[0].AppendJson(child, offset + i, out);
  }
  *out += ']';
}

// Keys of an object are text whatever the map's key type is.
void Encoder::AppendEntries(duckdb_vector entries, duckdb_list_entry range,
                            std::string* out) const {
  duckdb_vector keys = duckdb_struct_vector_get_child(entries, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(entries, 1);
  *out += '{';
  for (idx_t i = range.offset; i < range.offset + range.length; ++i) {
    if (i > range.offset) *out += ',';
    std::string key;
    parts_[0].AppendText(keys, i, &key);
    AppendJsonString(key, out);
    *out += ':';
    parts_[1].AppendJson(values, i, out);
  }
  *out += '}';
}

}  // namespace

struct RowText::State {
  const ResultSet::State* rows = nullptr;
  std::vector<Encoder> columns;
};

RowText::RowText(const ResultSet& rows) : state_(std::make_unique<State>()) {
  state_->rows = &rows.state();
  for (const NativeType& type : state_->rows->types) state_->columns.emplace_back(type.get());
}
RowText::~RowText() = default;

bool RowText::IsNumber(size_t column) const { return state_->columns[column].IsNumber(); }

void RowText::AppendJson(size_t row, size_t column, std::string* out) const {
  state_->columns[column].AppendJson(state_->rows->Vector(column), row, out);
}

void RowText::AppendText(size_t row, size_t column, std::string* out) const {
  state_->columns[column].AppendText(state_->rows->Vector(column), row, out);
}

}  // namespace penstock::duck
