#include "lake/partition_filter.h"

#include <utility>

#include "base/text.h"

namespace penstock::lake {
namespace {

constexpr char kNumber[] = "__penstock_partition";
// Values that one query judges; more of them make a text too long to plan quickly.
constexpr size_t kBatch = 1000;

Error NotOverPartitions(const std::vector<delta::TableColumn>& columns,
                        const std::string& condition, const std::string& why) {
  std::string names;
  for (const delta::TableColumn& column : columns) {
    names += (names.empty() ? "" : ", ") + column.name;
  }
  if (columns.empty()) {
    return UserError("PARTITION_CONDITION",
                     "WHERE " + condition + ": the table has no partition columns",
                     "Leave WHERE out.");
  }
  return UserError("PARTITION_CONDITION",
                   "WHERE " + condition + " is no condition on the partition columns: " + why,
                   "Only the partition columns can be used here: " + names + ".");
}

}  // namespace

std::string PartitionLiteral(const delta::PartitionValues& values,
                             const delta::TableColumn& column) {
  const std::string physical = delta::PhysicalName(column);
  auto found = values.find(physical);
  for (auto at = values.begin(); found == values.end() && at != values.end(); ++at) {
    if (EqualsIgnoreCase(at->first, physical)) found = at;
  }
  const bool is_null = found == values.end() || !found->second || found->second->empty();
  return "CAST(" + (is_null ? std::string("NULL") : duck::QuoteLiteral(*found->second)) + " AS " +
         duck::EngineType(column.type) + ")";
}

std::vector<delta::TableColumn> PartitionColumns(const delta::Metadata& metadata,
                                                 const std::vector<delta::TableColumn>& columns) {
  std::vector<delta::TableColumn> found;
  for (const std::string& name : metadata.partition_columns) {
    if (const auto* column = delta::FindColumn(columns, name)) found.push_back(*column);
  }
  return found;
}

Result<std::set<delta::PartitionValues>> PartitionsWhere(
    duck::Connection& connection, const std::vector<delta::AddFile>& files,
    const std::vector<delta::TableColumn>& partition_columns, const std::string& condition) {
  if (partition_columns.empty()) return NotOverPartitions(partition_columns, condition, "");
  std::set<delta::PartitionValues> all;
  for (const delta::AddFile& file : files) all.insert(file.partition_values);
  std::set<delta::PartitionValues> chosen;
  std::string names = kNumber;
  for (const auto& column : partition_columns) names += ", " + duck::QuoteIdentifier(column.name);
  std::vector<const delta::PartitionValues*> batch;
  const auto judge = [&]() -> Status {
    std::string rows;
    for (size_t i = 0; i < batch.size(); ++i) {
      rows += (i > 0 ? ", (" : "(") + std::to_string(i);
      for (const auto& column : partition_columns) {
        rows += ", " + PartitionLiteral(*batch[i], column);
      }
      rows += ")";
    }
    auto result = connection.Query(std::string("SELECT ") + kNumber + " FROM (VALUES " + rows +
                                   ") AS target(" + names + ") WHERE (" + condition + "\n)");
    if (!result.ok()) {
      Error error = std::move(result).error();
      if (error.kind != ErrorKind::kUser) return error;
      return NotOverPartitions(partition_columns, condition, error.message);
    }
    while (true) {
      ASSIGN_OR_RETURN(const bool more, result->NextChunk());
      if (!more) break;
      for (size_t row = 0; row < result->RowCount(); ++row) {
        chosen.insert(*batch[static_cast<size_t>(result->Int64(row, 0))]);
      }
    }
    batch.clear();
    return OkStatus();
  };
  for (const delta::PartitionValues& values : all) {
    batch.push_back(&values);
    if (batch.size() == kBatch) RETURN_IF_ERROR(judge());
  }
  if (!batch.empty() || all.empty()) {
    if (all.empty()) return chosen;
    RETURN_IF_ERROR(judge());
  }
  return chosen;
}

}  // namespace penstock::lake
