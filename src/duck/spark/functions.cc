#include "duck/spark/functions.h"

#include <cctype>
#include <map>

#include "duck/native.h"
#include "duck/spark/functions_text.h"

namespace penstock::duck {
namespace {

constexpr std::string_view kPrefix = "spark_";
constexpr std::string_view kCreate = "CREATE MACRO ";

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Calls `visit` with every word of `sql` that begins with the prefix.
template <typename Visit>
void ForEachPackName(std::string_view sql, Visit visit) {
  size_t at = 0;
  while ((at = sql.find(kPrefix, at)) != std::string_view::npos) {
    size_t end = at;
    while (end < sql.size() && IsNameByte(sql[end])) ++end;
    if (at == 0 || !IsNameByte(sql[at - 1])) visit(sql.substr(at, end - at));
    at = end;
  }
}

using Pack = std::map<std::string, std::string_view, std::less<>>;

// Every statement of the pack by the name it makes. A statement begins a line and ends before the
// next one.
Pack ReadPack() {
  Pack pack;
  const std::string_view text = kSparkFunctionsText;
  size_t at = text.find(kCreate);
  while (at != std::string_view::npos) {
    const size_t next = text.find("\nCREATE MACRO ", at);
    const std::string_view statement = text.substr(at, next - at);
    const size_t name_end = statement.find('(', kCreate.size());
    pack.emplace(statement.substr(kCreate.size(), name_end - kCreate.size()), statement);
    at = next == std::string_view::npos ? next : next + 1;
  }
  return pack;
}

const Pack& ThePack() {
  static const Pack pack = ReadPack();
  return pack;
}

void Collect(std::string_view sql, std::set<std::string>* made, std::string* statements) {
  ForEachPackName(sql, [&](std::string_view name) {
    const auto found = ThePack().find(name);
    if (found == ThePack().end() || !made->emplace(name).second) return;
    Collect(found->second, made, statements);
    *statements += found->second;
    *statements += '\n';
  });
}

}  // namespace

std::string SparkFunctionsFor(std::string_view sql, std::set<std::string>* made) {
  std::string statements;
  Collect(sql, made, &statements);
  return statements;
}

Result<std::shared_ptr<SparkPack>> SparkPack::Open(duckdb_database database) {
  std::shared_ptr<SparkPack> pack(new SparkPack);
  if (duckdb_connect(database, &pack->connection_) == DuckDBSuccess) return pack;
  return SystemError("ENGINE_ERROR", "The engine refuses another connection.");
}

SparkPack::~SparkPack() {
  if (connection_ != nullptr) duckdb_disconnect(&connection_);
}

Status SparkPack::MakeFor(std::string_view sql) {
  if (sql.find(kPrefix) == std::string_view::npos) return OkStatus();
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::string statements = SparkFunctionsFor(sql, &made_);
  if (statements.empty()) return OkStatus();
  duckdb_result result;
  const duckdb_state done = duckdb_query(connection_, statements.c_str(), &result);
  const char* message = done == DuckDBSuccess ? "" : duckdb_result_error(&result);
  const std::string text = message == nullptr ? "" : message;
  duckdb_destroy_result(&result);
  if (done == DuckDBSuccess) return OkStatus();
  return InternalError("The engine refuses a function of the pack: " + text);
}

std::vector<std::string> SparkFunctionNames() {
  std::vector<std::string> names;
  for (const auto& [name, statement] : ThePack()) names.push_back(name);
  return names;
}

}  // namespace penstock::duck
