#include <duckdb.h>

#include "duck/native.h"
#include "duck/scan/scan_registry.h"
#include "duck/scan/scanner.h"

// penstock_scan(id): the engine's view of a FileScan.
namespace penstock::duck {
namespace {

using StatePtr = std::shared_ptr<FileScan::State>;

template <typename T>
void Destroy(void* pointer) {
  delete static_cast<T*>(pointer);
}

struct Projection {
  StatePtr state;
  std::vector<size_t> columns;
  std::atomic<size_t> next_unit{0};
};

void Bind(duckdb_bind_info info) {
  duckdb_value argument = duckdb_bind_get_parameter(info, 0);
  const int64_t id = duckdb_get_int64(argument);
  duckdb_destroy_value(&argument);
  const StatePtr state = FindScan(id);
  if (state == nullptr) {
    const Error gone = InternalError("the scan " + std::to_string(id) + " is over");
    duckdb_bind_set_error(info, ErrorForEngine(gone).c_str());
    return;
  }
  if (state->unusable) {
    duckdb_bind_set_error(info, ErrorForEngine(*state->unusable).c_str());
    return;
  }
  for (const Field& field : state->columns) {
    duckdb_bind_add_result_column(info, field.name.c_str(), MakeNativeType(field.type).get());
  }
  duckdb_bind_set_bind_data(info, new StatePtr(state), Destroy<StatePtr>);
}

// One run of the scan: a plan may name it twice.
void Init(duckdb_init_info info) {
  auto* const projection = new Projection;
  projection->state = *static_cast<StatePtr*>(duckdb_init_get_bind_data(info));
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
    projection->columns.push_back(duckdb_init_get_column_index(info, i));
  }
  duckdb_init_set_max_threads(info, std::max<idx_t>(1, projection->state->units.size()));
  duckdb_init_set_init_data(info, projection, Destroy<Projection>);
}

struct ThreadData {
  std::unique_ptr<Scanner> scanner;
};

void InitLocal(duckdb_init_info info) {
  duckdb_init_set_init_data(info, new ThreadData, Destroy<ThreadData>);
}

void Run(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto& thread = *static_cast<ThreadData*>(duckdb_function_get_local_init_data(info));
  if (thread.scanner == nullptr) {
    auto& projection = *static_cast<Projection*>(duckdb_function_get_init_data(info));
    thread.scanner =
        std::make_unique<Scanner>(*projection.state, projection.columns, projection.next_unit);
  }
  const Status status = thread.scanner->Fill(chunk);
  if (!status.ok()) duckdb_function_set_error(info, ErrorForEngine(status.error()).c_str());
}

}  // namespace

Status RegisterFileScan(duckdb_connection connection) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "penstock_scan");
  const NativeType id(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_table_function_add_parameter(function, id.get());
  duckdb_table_function_set_bind(function, Bind);
  duckdb_table_function_set_init(function, Init);
  duckdb_table_function_set_local_init(function, InitLocal);
  duckdb_table_function_set_function(function, Run);
  duckdb_table_function_supports_projection_pushdown(function, true);
  const duckdb_state registered = duckdb_register_table_function(connection, function);
  duckdb_destroy_table_function(&function);
  if (registered == DuckDBSuccess) return OkStatus();
  return InternalError("penstock_scan cannot be registered");
}

}  // namespace penstock::duck
