#include "duck/engine.h"

#include <fmt/format.h>

#include "duck/files/key_set.h"
#include "duck/native.h"

namespace penstock::duck {

struct Engine::State {
  duckdb_database database = nullptr;
  std::shared_ptr<SparkPack> spark_pack;
  std::shared_ptr<Httpfs> httpfs;

  ~State() {
    spark_pack.reset();
    if (database != nullptr) duckdb_close(&database);
  }
};

namespace {

class Config {
 public:
  Config() { duckdb_create_config(&config_); }
  ~Config() { duckdb_destroy_config(&config_); }
  Config(const Config&) = delete;

  Status Set(const char* name, const std::string& value) {
    if (duckdb_set_config(config_, name, value.c_str()) == DuckDBSuccess) return OkStatus();
    return UserError("INVALID_SETTING", fmt::format("The engine refuses {} = '{}'.", name, value));
  }
  duckdb_config get() const { return config_; }

 private:
  duckdb_config config_ = nullptr;
};

Status Configure(Config& config, const EngineOptions& options) {
  RETURN_IF_ERROR(config.Set("autoinstall_known_extensions", "false"));
  RETURN_IF_ERROR(config.Set("autoload_known_extensions", "false"));
  RETURN_IF_ERROR(config.Set("allow_unredacted_secrets", "false"));
  RETURN_IF_ERROR(config.Set("allow_persistent_secrets", "false"));
  RETURN_IF_ERROR(config.Set("preserve_insertion_order", "false"));
  RETURN_IF_ERROR(config.Set("dynamic_or_filter_threshold", std::to_string(kMostListedKeys)));
  RETURN_IF_ERROR(config.Set("default_null_order", options.null_order));
  if (options.threads > 0) RETURN_IF_ERROR(config.Set("threads", std::to_string(options.threads)));
  if (!options.memory_limit.empty())
    RETURN_IF_ERROR(config.Set("memory_limit", options.memory_limit));
  if (!options.temp_folder.empty())
    RETURN_IF_ERROR(config.Set("temp_directory", options.temp_folder));
  return OkStatus();
}

// Progress is measured only while the engine believes that it shows a bar.
constexpr const char* kSessionSql =
    "SET errors_as_json = true; SET enable_progress_bar_print = false; "
    "SET enable_progress_bar = true; SET progress_bar_time = 0;";

}  // namespace

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<bool> Engine::UseOneThread() {
  ASSIGN_OR_RETURN(Connection connection, Connect());
  ASSIGN_OR_RETURN(ResultSet rows, connection.Query("SELECT current_setting('threads') > 1"));
  ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
  if (!any || rows.Int64(0, 0) == 0) return false;
  RETURN_IF_ERROR(connection.Execute("SET GLOBAL threads = 1"));
  return true;
}

Result<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  Config config;
  RETURN_IF_ERROR(Configure(config, options));
  auto state = std::make_unique<State>();
  char* message = nullptr;
  if (duckdb_open_ext(nullptr, &state->database, config.get(), &message) != DuckDBSuccess) {
    std::string text = TakeNativeText(message);
    return TranslateError(DUCKDB_INVALID_CONFIGURATION, text).error;
  }
  state->httpfs = std::make_shared<Httpfs>(state->database);
  auto engine = std::make_unique<Engine>(std::move(state));
  ASSIGN_OR_RETURN(Connection connection, engine->Connect());
  RETURN_IF_ERROR(connection.Execute("SET GLOBAL TimeZone = " + QuoteLiteral(options.time_zone)));
  RETURN_IF_ERROR(RegisterRowCheck(connection.state().connection));
  RETURN_IF_ERROR(RegisterFileScan(connection.state().connection));
  RETURN_IF_ERROR(RegisterTableFiles(connection.state().connection));
  RETURN_IF_ERROR(RegisterRowSource(connection.state().connection));
  if (options.spark_functions) {
    RETURN_IF_ERROR(RegisterSparkScalarFunctions(connection.state().connection));
    ASSIGN_OR_RETURN(engine->state().spark_pack, SparkPack::Open(engine->state().database));
  }
  return engine;
}

void UseObjectStore(Engine& engine, ObjectStoreSource source) {
  engine.state().httpfs->Use(std::move(source));
}

Result<Connection> Engine::Connect() {
  auto state = std::make_unique<Connection::State>();
  if (duckdb_connect(state_->database, &state->connection) != DuckDBSuccess) {
    return SystemError("ENGINE_ERROR", "The engine refuses another connection.");
  }
  state->spark_pack = state_->spark_pack;
  state->httpfs = state_->httpfs;
  Connection connection(std::move(state));
  RETURN_IF_ERROR(connection.Execute(kSessionSql));
  return connection;
}

}  // namespace penstock::duck
