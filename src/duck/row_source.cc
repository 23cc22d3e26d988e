#include "duck/row_source.h"

#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "duck/native.h"
#include "duck/scan/column_writer.h"

namespace penstock::duck {

struct RowSource::State {
  Schema columns;
  MakeRow make;
  bool done = false;
};

namespace {

using StatePtr = std::shared_ptr<RowSource::State>;

struct Registry {
  std::mutex mutex;
  std::unordered_map<int64_t, StatePtr> sources;
  int64_t next = 1;
};

Registry& TheRegistry() {
  static Registry* const registry = new Registry;
  return *registry;
}

template <typename T>
void Destroy(void* pointer) {
  delete static_cast<T*>(pointer);
}

// Writes rows into one chunk after the other.
class ChunkRows : public RowValues {
 public:
  explicit ChunkRows(StatePtr state) : state_(std::move(state)) {
    for (const Field& field : state_->columns) {
      writers_.push_back(std::make_unique<ColumnWriter>(field.type, true));
    }
  }

  Status Fill(duckdb_data_chunk chunk) {
    for (size_t i = 0; i < writers_.size(); ++i) {
      writers_[i]->Bind(duckdb_data_chunk_get_vector(chunk, i));
    }
    for (row_ = 0; !state_->done && row_ < duckdb_vector_size();) {
      for (const auto& writer : writers_) writer->SetNull(row_);
      ASSIGN_OR_RETURN(const bool made, state_->make(*this));
      if (!made) state_->done = true;
      row_ += made ? 1 : 0;
    }
    for (const auto& writer : writers_) writer->Finish();
    duckdb_data_chunk_set_size(chunk, row_);
    return OkStatus();
  }

  void SetInt64(size_t column, int64_t value) override { writers_[column]->Set(row_, value); }
  void SetBool(size_t column, bool value) override { writers_[column]->Set(row_, value); }
  void SetText(size_t column, std::string_view value) override {
    writers_[column]->CopyString(row_, value);
  }
  void BeginMap(size_t column) override {
    writers_[column]->SetList(row_, writers_[column]->elements());
  }
  void AddEntry(size_t column, std::string_view key,
                const std::optional<std::string>& value) override {
    ColumnWriter& map = *writers_[column];
    const idx_t element = map.AddElement();
    map.map_key().CopyString(element, key);
    if (value) {
      map.map_value().CopyString(element, *value);
    } else {
      map.map_value().SetNull(element);
    }
    ++map.lists()[row_].length;
  }

 private:
  StatePtr state_;
  std::vector<std::unique_ptr<ColumnWriter>> writers_;
  idx_t row_ = 0;
};

void Bind(duckdb_bind_info info) {
  duckdb_value argument = duckdb_bind_get_parameter(info, 0);
  const int64_t id = duckdb_get_int64(argument);
  duckdb_destroy_value(&argument);
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.sources.find(id);
  if (found == registry.sources.end()) {
    const Error gone = InternalError("the rows " + std::to_string(id) + " are over");
    duckdb_bind_set_error(info, ErrorForEngine(gone).c_str());
    return;
  }
  for (const Field& field : found->second->columns) {
    duckdb_bind_add_result_column(info, field.name.c_str(), MakeNativeType(field.type).get());
  }
  duckdb_bind_set_bind_data(info, new StatePtr(found->second), Destroy<StatePtr>);
}

void Init(duckdb_init_info info) {
  duckdb_init_set_max_threads(info, 1);
  auto* const rows = new ChunkRows(*static_cast<StatePtr*>(duckdb_init_get_bind_data(info)));
  duckdb_init_set_init_data(info, rows, Destroy<ChunkRows>);
}

void Run(duckdb_function_info info, duckdb_data_chunk chunk) {
  const Status status = static_cast<ChunkRows*>(duckdb_function_get_init_data(info))->Fill(chunk);
  if (!status.ok()) duckdb_function_set_error(info, ErrorForEngine(status.error()).c_str());
}

}  // namespace

RowSource::RowSource(Schema columns, MakeRow make) {
  auto state = std::make_shared<State>();
  state->columns = std::move(columns);
  state->make = std::move(make);
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  id_ = registry.next++;
  registry.sources.emplace(id_, std::move(state));
}

RowSource::~RowSource() {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.sources.erase(id_);
}

std::string RowSource::RelationSql() const { return "penstock_rows(" + std::to_string(id_) + ")"; }

Status RegisterRowSource(duckdb_connection connection) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "penstock_rows");
  const NativeType id(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_table_function_add_parameter(function, id.get());
  duckdb_table_function_set_bind(function, Bind);
  duckdb_table_function_set_init(function, Init);
  duckdb_table_function_set_function(function, Run);
  const duckdb_state registered = duckdb_register_table_function(connection, function);
  duckdb_destroy_table_function(&function);
  if (registered == DuckDBSuccess) return OkStatus();
  return InternalError("penstock_rows cannot be registered");
}

}  // namespace penstock::duck
