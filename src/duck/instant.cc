#include "duck/instant.h"

#include <duckdb.hpp>
#include <duckdb/transaction/meta_transaction.hpp>

#include "duck/native.h"

namespace penstock::duck {

Status BeginAt(Connection& connection, TimestampMicros instant, const std::string& query) {
  Connection::State& state = connection.state();
  if (state.spark_pack) RETURN_IF_ERROR(state.spark_pack->MakeFor(query));
  RETURN_IF_ERROR(connection.Execute("BEGIN TRANSACTION"));
  auto& context = *reinterpret_cast<duckdb::Connection*>(state.connection)->context;
  duckdb::MetaTransaction::Get(context).start_timestamp = duckdb::timestamp_t(instant);
  return OkStatus();
}

}  // namespace penstock::duck
