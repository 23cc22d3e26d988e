#include "duck/alias_error.h"
#include "duck/native.h"
#include "duck/result_set.h"

namespace penstock::duck {
namespace {

// Reads the MAP(VARCHAR, VARCHAR) at `row`; a null value is nothing.
std::vector<std::pair<std::string, std::optional<std::string>>> ReadTextMap(duckdb_vector vector,
                                                                            idx_t row) {
  std::vector<std::pair<std::string, std::optional<std::string>>> pairs;
  if (IsNativeNull(vector, row)) return pairs;
  auto entry = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(vector))[row];
  duckdb_vector child = duckdb_list_vector_get_child(vector);
  duckdb_vector keys = duckdb_struct_vector_get_child(child, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(child, 1);
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    std::optional<std::string> value;
    if (!IsNativeNull(values, i)) value = std::string(NativeString(values, i));
    pairs.emplace_back(NativeString(keys, i), std::move(value));
  }
  return pairs;
}

WrittenColumn ReadColumn(std::string_view name, duckdb_vector statistics, idx_t row) {
  WrittenColumn column{.name = std::string(name), .min = {}, .max = {}, .null_count = {}};
  for (auto& [key, value] : ReadTextMap(statistics, row)) {
    if (!value) continue;
    if (key == "min")
      column.min = std::move(value);
    else if (key == "max")
      column.max = std::move(value);
    else if (key == "null_count")
      column.null_count = std::stoll(*value);
    else if (key == "has_nan")
      column.has_nan = *value == "true";
  }
  return column;
}

std::vector<WrittenColumn> ReadColumns(duckdb_vector vector, idx_t row) {
  std::vector<WrittenColumn> columns;
  if (IsNativeNull(vector, row)) return columns;
  auto entry = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(vector))[row];
  duckdb_vector child = duckdb_list_vector_get_child(vector);
  duckdb_vector keys = duckdb_struct_vector_get_child(child, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(child, 1);
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
    columns.push_back(ReadColumn(NativeString(keys, i), values, i));
  }
  return columns;
}

// Column order of COPY … RETURN_STATS.
enum WrittenFileColumn {
  kFileName,
  kCount,
  kFileSize,
  kFooterSize,
  kColumnStatistics,
  kPartitionKeys
};

Result<std::vector<WrittenFile>> ReadWrittenFiles(ResultSet::State& state, ResultSet& rows) {
  std::vector<WrittenFile> files;
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.NextChunk());
    if (!more) return files;
    for (size_t row = 0; row < rows.RowCount(); ++row) {
      WrittenFile file;
      file.path = rows.Text(row, kFileName);
      file.rows = rows.Int64(row, kCount);
      file.bytes = rows.Int64(row, kFileSize);
      file.columns = ReadColumns(state.Vector(kColumnStatistics), row);
      file.partition = ReadTextMap(state.Vector(kPartitionKeys), row);
      files.push_back(std::move(file));
    }
  }
}

Error Fail(Connection::State& connection, duckdb_error_type type, const char* message,
           const std::string& sql) {
  TranslatedError translated = TranslateError(type, message == nullptr ? "" : message);
  if (const auto again = WithOtherAlias(sql, message == nullptr ? "" : message)) {
    duckdb_prepared_statement prepared = nullptr;
    if (duckdb_prepare(connection.connection, again->c_str(), &prepared) != DuckDBSuccess) {
      const char* better = duckdb_prepare_error(prepared);
      if (better != nullptr) translated = TranslateError(type, better);
    }
    duckdb_destroy_prepare(&prepared);
  }
  connection.last_error_offset = translated.offset;
  return translated.error;
}

// What the engine says of a path of S3 while the extension is not loaded.
bool NeedsExtension(duckdb_error_type type, const char* message) {
  return type == DUCKDB_ERROR_MISSING_EXTENSION || type == DUCKDB_ERROR_AUTOLOAD ||
         (message != nullptr &&
          std::string_view(message).find("requires the extension httpfs") != std::string::npos);
}

Result<std::unique_ptr<ResultSet::State>> Run(Connection::State& connection,
                                              const std::string& sql) {
  connection.last_error_offset.reset();
  connection.httpfs->LoadFor(sql);
  if (connection.spark_pack) RETURN_IF_ERROR(connection.spark_pack->MakeFor(sql));
  auto rows = std::make_unique<ResultSet::State>();
  if (duckdb_query(connection.connection, sql.c_str(), &rows->result) != DuckDBSuccess) {
    const duckdb_error_type type = duckdb_result_error_type(&rows->result);
    const char* const message = duckdb_result_error(&rows->result);
    if (NeedsExtension(type, message)) {
      ASSIGN_OR_RETURN(const bool now, connection.httpfs->Load());
      if (now) return Run(connection, sql);
    }
    return Fail(connection, type, message, sql);
  }
  rows->Columns();
  return rows;
}

Result<Schema> PreparedColumns(duckdb_prepared_statement prepared) {
  Schema schema;
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared); ++i) {
    std::string name =
        TakeNativeText(const_cast<char*>(duckdb_prepared_statement_column_name(prepared, i)));
    NativeType native(duckdb_prepared_statement_column_logical_type(prepared, i));
    ASSIGN_OR_RETURN(DataType type, FromNativeType(native.get(), name));
    schema.push_back({std::move(name), std::move(type), true, ""});
  }
  return schema;
}

// Parquet has no HUGEINT, the type of the engine's sums of whole numbers: it would be written as a
// DOUBLE. What stands before and behind the query casts such columns to the type that Describe
// gives them.
std::pair<std::string, std::string> AroundStored(Connection::State& connection,
                                                 const std::string& query) {
  if (connection.spark_pack && !connection.spark_pack->MakeFor(query).ok()) return {};
  duckdb_prepared_statement prepared = nullptr;
  std::string columns;
  bool casts = false;
  if (duckdb_prepare(connection.connection, query.c_str(), &prepared) == DuckDBSuccess) {
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared); ++i) {
      const std::string name = QuoteIdentifier(
          TakeNativeText(const_cast<char*>(duckdb_prepared_statement_column_name(prepared, i))));
      NativeType native(duckdb_prepared_statement_column_logical_type(prepared, i));
      std::string value = name;
      if (NativeTypeName(native.get()).find("HUGEINT") != std::string::npos) {
        const Result<DataType> type = FromNativeType(native.get(), name);
        if (type.ok()) value = "CAST(" + name + " AS " + EngineType(*type) + ") AS " + name;
        casts = casts || type.ok();
      }
      columns += (i > 0 ? ", " : "") + value;
    }
  }
  duckdb_destroy_prepare(&prepared);
  if (!casts) return {};
  return {"SELECT " + columns + " FROM (", ")"};
}

// duckdb_prepare gives no error class; the text begins with it, or is JSON that names it.
duckdb_error_type ErrorTypeOf(std::string_view message) {
  static constexpr std::pair<std::string_view, duckdb_error_type> kPrefixes[] = {
      {"Parser Error", DUCKDB_ERROR_PARSER},
      {"Syntax Error", DUCKDB_ERROR_SYNTAX},
      {"Binder Error", DUCKDB_ERROR_BINDER},
      {"Catalog Error", DUCKDB_ERROR_CATALOG},
      {"Conversion Error", DUCKDB_ERROR_CONVERSION},
      {"Out of Range Error", DUCKDB_ERROR_OUT_OF_RANGE},
      {"Invalid Input Error", DUCKDB_ERROR_INVALID_INPUT},
      {"Not implemented Error", DUCKDB_ERROR_NOT_IMPLEMENTED},
      {"Missing Extension Error", DUCKDB_ERROR_MISSING_EXTENSION},
      {"IO Error", DUCKDB_ERROR_IO},
      {"Permission Error", DUCKDB_ERROR_PERMISSION},
      {"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
      {"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
  };
  constexpr std::string_view kKey = "\"exception_type\":\"";
  const size_t key = message.starts_with('{') ? message.find(kKey) : message.npos;
  std::string text(message);
  if (key != message.npos) {
    const std::string_view name = message.substr(key + kKey.size());
    text = std::string(name.substr(0, name.find('"'))) + " Error";
  }
  for (const auto& [prefix, type] : kPrefixes) {
    if (text.starts_with(prefix)) return type;
  }
  return DUCKDB_ERROR_INTERNAL;
}

}  // namespace

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<ResultSet> Connection::Query(const std::string& sql) {
  ASSIGN_OR_RETURN(auto rows, Run(*state_, sql));
  return ResultSet(std::move(rows));
}

Status Connection::Execute(const std::string& sql) {
  auto rows = Run(*state_, sql);
  return rows.ok() ? OkStatus() : Status(std::move(rows).error());
}

Result<Schema> Connection::Describe(const std::string& query) {
  state_->last_error_offset.reset();
  state_->httpfs->LoadFor(query);
  if (state_->spark_pack) RETURN_IF_ERROR(state_->spark_pack->MakeFor(query));
  duckdb_prepared_statement prepared = nullptr;
  duckdb_state done = duckdb_prepare(state_->connection, query.c_str(), &prepared);
  Result<Schema> schema = [&]() -> Result<Schema> {
    if (done == DuckDBSuccess) return PreparedColumns(prepared);
    const char* message = duckdb_prepare_error(prepared);
    const duckdb_error_type type = ErrorTypeOf(message == nullptr ? "" : message);
    if (NeedsExtension(type, message)) {
      ASSIGN_OR_RETURN(const bool now, state_->httpfs->Load());
      if (now) return Describe(query);
    }
    return Fail(*state_, type, message, query);
  }();
  duckdb_destroy_prepare(&prepared);
  return schema;
}

Result<std::vector<WrittenFile>> Connection::CopyToParquet(const std::string& query,
                                                           const std::string& path,
                                                           const std::string& options) {
  const std::pair<std::string, std::string> around = AroundStored(*state_, query);
  const std::string before = "COPY (" + around.first;
  std::string sql = before + query + around.second + ") TO " + QuoteLiteral(path) +
                    " (FORMAT parquet, RETURN_STATS";
  if (!options.empty()) sql += ", " + options;
  auto rows = Run(*state_, sql + ")");
  if (!rows.ok()) {
    auto& offset = state_->last_error_offset;
    if (offset) offset = *offset < before.size() ? 0 : *offset - before.size();
    return std::move(rows).error();
  }
  ResultSet::State& state = **rows;
  ResultSet set(std::move(*rows));
  return ReadWrittenFiles(state, set);
}

std::optional<size_t> Connection::LastErrorOffset() const { return state_->last_error_offset; }

void Connection::Interrupt() { duckdb_interrupt(state_->connection); }

double Connection::Progress() const { return duckdb_query_progress(state_->connection).percentage; }

}  // namespace penstock::duck
