#include "duck/files/planned_files.h"

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_states.hpp>
#include <duckdb/main/connection.hpp>
#include <duckdb/planner/operator/logical_get.hpp>

#include "duck/files/selected_files.h"
#include "duck/native.h"

namespace penstock::duck {
namespace {

PlannedFiles Sum(const SelectedFiles& selected) {
  const TableFilesSpec& spec = selected.spec();
  PlannedFiles planned;
  planned.table = spec.table;
  planned.files = static_cast<int64_t>(selected.FileCount());
  planned.files_present = static_cast<int64_t>(spec.files->size());
  for (size_t i = 0; i < selected.FileCount(); ++i) {
    planned.bytes += spec.files->File(selected.NumberOf(i)).size;
    planned.rows += spec.files->Rows(selected.NumberOf(i));
  }
  return planned;
}

void Collect(const duckdb::LogicalOperator& node, std::vector<PlannedFiles>* found) {
  if (node.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    const auto& get = node.Cast<duckdb::LogicalGet>();
    const auto* data = dynamic_cast<const duckdb::MultiFileBindData*>(get.bind_data.get());
    const auto* selected =
        data == nullptr ? nullptr : dynamic_cast<const SelectedFiles*>(data->file_list.get());
    if (selected != nullptr) found->push_back(Sum(*selected));
  }
  for (const auto& child : node.children) Collect(*child, found);
}

}  // namespace

Result<std::vector<PlannedFiles>> FilesOfQuery(Connection& connection, const std::string& query) {
  // Makes the functions that the query calls, and gives its errors their words.
  RETURN_IF_ERROR(connection.Execute("EXPLAIN " + query));
  std::vector<PlannedFiles> found;
  try {
    auto* const native = reinterpret_cast<duckdb::Connection*>(connection.state().connection);
    const auto plan = native->ExtractPlan(query);
    if (plan != nullptr) Collect(*plan, &found);
  } catch (const std::exception& failure) {
    return InternalError(std::string("a query that was explained cannot be planned: ") +
                         failure.what());
  }
  return found;
}

}  // namespace penstock::duck
