#include <duckdb.hpp>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/vector_operations/unary_executor.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/parser/parsed_data/create_collation_info.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>

#include "duck/files/files_reader.h"
#include "duck/native.h"

// penstock_files(id): the engine's scan of Parquet files, reading those of a TableFilesSpec.
namespace penstock::duck {
namespace {

duckdb::unique_ptr<duckdb::MultiFileReader> NewReader(const duckdb::TableFunction&) {
  return duckdb::make_uniq<FilesReader>();
}

void Register(duckdb::ClientContext& context) {
  auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
  auto& entry =
      catalog.GetEntry<duckdb::TableFunctionCatalogEntry>(context, DEFAULT_SCHEMA, "parquet_scan");
  duckdb::TableFunction function = entry.functions.GetFunctionByOffset(0);
  // Rows have no id by which the engine could fetch the rest of them later.
  function.late_materialization = false;
  function.name = "penstock_files";
  function.arguments = {duckdb::LogicalType::BIGINT};
  function.named_parameters.clear();
  function.get_multi_file_reader = NewReader;
  // What footers say of a column or of the number of rows knows nothing of deleted rows.
  function.statistics = nullptr;
  function.statistics_extended = nullptr;
  function.get_partition_stats = nullptr;
  function.serialize = nullptr;
  function.deserialize = nullptr;
  function.verify_serialization = false;
  duckdb::CreateTableFunctionInfo info(std::move(function));
  info.on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
  info.internal = true;
  catalog.CreateTableFunction(context, info);
}

// What texts of CHAR columns are compared by: blanks at the end do not count.
void WithoutBlanks(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<duckdb::string_t, duckdb::string_t>(
      arguments.data[0], result, arguments.size(), [&](duckdb::string_t text) {
        const char* const data = text.GetData();
        duckdb::idx_t size = text.GetSize();
        while (size > 0 && data[size - 1] == ' ') --size;
        return duckdb::StringVector::AddString(result, data, size);
      });
}

void RegisterCharCollation(duckdb::ClientContext& context) {
  duckdb::ScalarFunction function("penstock_char", {duckdb::LogicalType::VARCHAR},
                                  duckdb::LogicalType::VARCHAR, WithoutBlanks);
  duckdb::CreateCollationInfo info("penstock_char", std::move(function), false, false);
  info.on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(context).CreateCollation(context, info);
}

}  // namespace

Status RegisterTableFiles(duckdb_connection connection) {
  auto& context = *reinterpret_cast<duckdb::Connection*>(connection)->context;
  try {
    context.RunFunctionInTransaction([&] {
      Register(context);
      RegisterCharCollation(context);
      // Files of older writers do not say that a group is a variant: the engine goes by its form.
      duckdb::DBConfig::GetConfig(context).options.variant_legacy_encoding = true;
    });
  } catch (const std::exception& exception) {
    return InternalError(std::string("penstock_files cannot be registered: ") + exception.what());
  }
  return OkStatus();
}

}  // namespace penstock::duck
