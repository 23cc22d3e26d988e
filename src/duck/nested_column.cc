#include "duck/nested_column.h"

#include "duck/native.h"
#include "duck/result_set.h"

namespace penstock::duck {

Result<ResultSet> StreamRows(Connection& connection, const std::string& sql) {
  const auto failed = [](const char* message) -> Status {
    return TranslateError(DUCKDB_ERROR_INVALID, message == nullptr ? "" : message).error;
  };
  duckdb_prepared_statement prepared = nullptr;
  duckdb_pending_result pending = nullptr;
  auto rows = std::make_unique<ResultSet::State>();
  Status status = OkStatus();
  if (duckdb_prepare(connection.state().connection, sql.c_str(), &prepared) != DuckDBSuccess) {
    status = failed(duckdb_prepare_error(prepared));
  } else if (duckdb_pending_prepared_streaming(prepared, &pending) != DuckDBSuccess) {
    status = failed(duckdb_pending_error(pending));
  } else if (duckdb_execute_pending(pending, &rows->result) != DuckDBSuccess) {
    status = failed(duckdb_result_error(&rows->result));
  }
  duckdb_destroy_pending(&pending);
  duckdb_destroy_prepare(&prepared);
  RETURN_IF_ERROR(status);
  rows->Columns();
  return ResultSet(std::move(rows));
}

NestedColumn NestedColumn::Of(const ResultSet& rows, size_t column) {
  return OfVector(rows.state().Vector(column), rows.state().types[column].get());
}

NestedColumn NestedColumn::OfVector(void* vector, void* type) {
  auto* const native = static_cast<duckdb_vector>(vector);
  auto* const native_type = static_cast<duckdb_logical_type>(type);
  NestedColumn column;
  column.data_ = duckdb_vector_get_data(native);
  column.validity_ = duckdb_vector_get_validity(native);
  switch (duckdb_get_type_id(native_type)) {
    case DUCKDB_TYPE_LIST: {
      const NativeType element(duckdb_list_type_child_type(native_type));
      column.children_.push_back(OfVector(duckdb_list_vector_get_child(native), element.get()));
      break;
    }
    case DUCKDB_TYPE_MAP: {
      duckdb_vector entries = duckdb_list_vector_get_child(native);
      const NativeType key(duckdb_map_type_key_type(native_type));
      const NativeType value(duckdb_map_type_value_type(native_type));
      column.children_.push_back(OfVector(duckdb_struct_vector_get_child(entries, 0), key.get()));
      column.children_.push_back(OfVector(duckdb_struct_vector_get_child(entries, 1), value.get()));
      break;
    }
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(native_type); ++i) {
        const NativeType field(duckdb_struct_type_child_type(native_type, i));
        column.children_.push_back(
            OfVector(duckdb_struct_vector_get_child(native, i), field.get()));
      }
      break;
    default:
      break;
  }
  return column;
}

std::string_view NestedColumn::Text(size_t row) const {
  // The engine's accessor takes a pointer to what may be changed, and changes nothing.
  auto* const strings = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(data_));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

std::pair<size_t, size_t> NestedColumn::Elements(size_t row) const {
  const duckdb_list_entry& entry = static_cast<const duckdb_list_entry*>(data_)[row];
  return {entry.offset, entry.offset + entry.length};
}

}  // namespace penstock::duck
