#include <dlfcn.h>
#include <unistd.h>

#include "base/text.h"
#include "duck/native.h"

namespace penstock::duck {
namespace {

constexpr char kExtension[] = "/httpfs.duckdb_extension";

// Beside the engine's own library, where tools/setup puts it.
std::string ExtensionPath() {
  Dl_info info;
  if (::dladdr(reinterpret_cast<const void*>(&duckdb_library_version), &info) == 0) return "";
  const std::string library = info.dli_fname;
  const size_t slash = library.rfind('/');
  return (slash == library.npos ? "." : library.substr(0, slash)) + kExtension;
}

// A secret that lasts as long as the engine; the text is never shown.
std::string SecretSql(const ObjectStore& store) {
  std::string sql =
      "CREATE OR REPLACE SECRET penstock_s3 (TYPE s3, PROVIDER config, KEY_ID " +
      QuoteLiteral(store.key_id) + ", SECRET " + QuoteLiteral(store.secret) + ", REGION " +
      QuoteLiteral(store.region) + ", ENDPOINT " + QuoteLiteral(store.authority) + ", URL_STYLE " +
      (store.path_style ? "'path'" : "'vhost'") + ", USE_SSL " + (store.secure ? "true" : "false");
  if (!store.session_token.empty()) {
    sql += ", SESSION_TOKEN " + QuoteLiteral(store.session_token);
  }
  return sql + ")";
}

bool NamesS3(std::string_view sql) {
  for (size_t at = sql.find("://"); at != sql.npos; at = sql.find("://", at + 1)) {
    if (at >= 2 && EqualsIgnoreCase(sql.substr(at - 2, 2), "s3")) return true;
  }
  return false;
}

Status RunQuietly(duckdb_connection connection, const std::string& sql, const std::string& what) {
  duckdb_result result;
  const bool done = duckdb_query(connection, sql.c_str(), &result) == DuckDBSuccess;
  duckdb_destroy_result(&result);
  if (done) return OkStatus();
  return SystemError("ENGINE_ERROR", what, "Run tools/setup again.");
}

}  // namespace

void Httpfs::Use(ObjectStoreSource source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  source_ = std::move(source);
}

void Httpfs::LoadFor(std::string_view sql) {
  if (!loaded_ && NamesS3(sql)) (void)Load();
}

Result<bool> Httpfs::Load() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (loaded_) return false;
  RETURN_IF_ERROR(LoadLocked());
  loaded_ = true;
  return true;
}

Status Httpfs::LoadLocked() {
  if (!source_) {
    return UserError("UNSUPPORTED_STORAGE", "this command cannot read s3:// paths",
                     "Give a path of this machine.");
  }
  ASSIGN_OR_RETURN(const ObjectStore store, source_());
  const std::string path = ExtensionPath();
  if (::access(path.c_str(), R_OK) != 0) {
    return SystemError("ENGINE_ERROR", "the engine's extension for S3 is not at " + path,
                       "Run tools/setup; it belongs into the folder of libduckdb.so.");
  }
  // A connection of its own: the caller's may be in a transaction, which could take the secret
  // back.
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database_, &connection) != DuckDBSuccess) {
    return SystemError("ENGINE_ERROR", "The engine refuses another connection.");
  }
  const std::pair<std::string, std::string> steps[] = {
      {"LOAD " + QuoteLiteral(path), "the engine refuses its extension for S3 at " + path},
      {"SET GLOBAL http_retries = 8", "the engine's extension for S3 is not the expected one"},
      {SecretSql(store), "the engine refuses the settings of the S3 store"},
  };
  Status done;
  for (const auto& [sql, what] : steps) {
    if (done.ok()) done = RunQuietly(connection, sql, what);
  }
  duckdb_disconnect(&connection);
  return done;
}

}  // namespace penstock::duck
