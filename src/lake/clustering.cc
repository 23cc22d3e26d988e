#include "lake/clustering.h"

#include <algorithm>

#include "base/text.h"
#include "base/variant_type.h"

namespace penstock::lake {
namespace {

using duck::QuoteIdentifier;
using duck::QuoteLiteral;

constexpr char kDomain[] = "delta.clustering";
constexpr char kSampleTable[] = "__penstock_zorder_sample";
constexpr int64_t kSampleRows = 200'000;
constexpr size_t kMaxBits = 8;   // of one column
constexpr size_t kKeyBits = 62;  // of all of them
constexpr size_t kMaxColumns = 31;

Error BadClustering(const std::string& what) {
  return DataError("BAD_CLUSTERING", "the domain delta.clustering of the table " + what,
                   "Set the clustering anew: ALTER TABLE … CLUSTER BY (…).");
}

const delta::TableColumn* FindPhysical(const std::vector<delta::TableColumn>& columns,
                                       const std::string& name) {
  for (const delta::TableColumn& column : columns) {
    if (delta::PhysicalName(column) == name) return &column;
  }
  return delta::FindColumn(columns, name);
}

Result<ColumnPath> LogicalPath(const std::vector<delta::TableColumn>& columns, const Json& entry) {
  std::vector<std::string> parts;
  if (entry.is_string()) parts.push_back(entry.get<std::string>());
  if (entry.is_array()) {
    for (const Json& part : entry) {
      if (!part.is_string()) return BadClustering("has a name that is no text");
      parts.push_back(part.get<std::string>());
    }
  }
  if (parts.empty()) return BadClustering("has an entry that is no name");
  ColumnPath path;
  const std::vector<delta::TableColumn>* level = &columns;
  for (const std::string& part : parts) {
    const delta::TableColumn* column = FindPhysical(*level, part);
    if (column == nullptr)
      return BadClustering("names the column " + part + ", which is not there");
    path.push_back(column->name);
    level = &column->children;
  }
  return path;
}

Error InvalidZorder(const std::string& what) {
  return UserError("INVALID_ZORDER_BY", what,
                   "Name columns of the table with simple types that are not partition columns, at "
                   "most " +
                       std::to_string(kMaxColumns) + ".");
}

std::string Joined(const ColumnPath& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

struct SortColumn {
  std::string value;  // SQL over the relation
  DataType type;
};

Result<SortColumn> Resolve(const std::vector<delta::TableColumn>& columns, const ColumnPath& path) {
  const delta::TableColumn* found = nullptr;
  const std::vector<delta::TableColumn>* level = &columns;
  SortColumn sort;
  for (const std::string& part : path) {
    const bool in_struct = found == nullptr || found->type.id == TypeId::kStruct;
    found = in_struct ? delta::FindColumn(*level, part) : nullptr;
    if (found == nullptr) return InvalidZorder("there is no column " + Joined(path));
    sort.value = sort.value.empty()
                     ? QuoteIdentifier(found->name)
                     : "struct_extract(" + sort.value + ", " + QuoteLiteral(found->name) + ")";
    level = &found->children;
  }
  if (found == nullptr) return InvalidZorder("a column without a name was given");
  sort.type = found->type;
  const TypeId id = sort.type.id;
  if (id == TypeId::kArray || id == TypeId::kMap || id == TypeId::kStruct || id == TypeId::kVoid ||
      id == kVariantType) {
    return InvalidZorder("the column " + Joined(path) + " has the type " + ToString(sort.type) +
                         ", which has no order");
  }
  return sort;
}

std::string Sorted(size_t i) { return "\"__penstock_c" + std::to_string(i) + "\""; }

// The greatest values of all ranges but the last, as SQL constants, ascending.
Result<std::vector<std::string>> Boundaries(duck::Connection& connection, size_t column,
                                            const DataType& type, size_t ranges) {
  std::string shares;
  for (size_t i = 1; i < ranges; ++i) {
    shares +=
        (i > 1 ? ", " : "") + std::to_string(static_cast<double>(i) / static_cast<double>(ranges));
  }
  ASSIGN_OR_RETURN(
      duck::ResultSet result,
      connection.Query("SELECT CAST(v AS VARCHAR) FROM (SELECT DISTINCT unnest(quantile_disc(" +
                       Sorted(column) + ", [" + shares + "])) AS v FROM " + kSampleTable +
                       ") WHERE v IS NOT NULL ORDER BY v"));
  std::vector<std::string> values;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, result.NextChunk());
    if (!more) return values;
    for (size_t row = 0; row < result.RowCount(); ++row) {
      values.push_back("CAST(" + QuoteLiteral(result.Text(row, 0)) + " AS " +
                       duck::EngineType(type) + ")");
    }
  }
}

// The number of the range of `value`, found by halving.
std::string RangeSql(const std::string& value, const std::vector<std::string>& boundaries,
                     size_t low, size_t high) {
  if (low == high) return std::to_string(low + 1);
  const size_t middle = low + (high - low) / 2;
  return "CASE WHEN " + value + " <= " + boundaries[middle] + " THEN " +
         RangeSql(value, boundaries, low, middle) + " ELSE " +
         RangeSql(value, boundaries, middle + 1, high) + " END";
}

std::string InterleavedSql(size_t columns, size_t bits) {
  std::string sum;
  for (size_t bit = 0; bit < bits; ++bit) {
    for (size_t i = 0; i < columns; ++i) {
      sum += (sum.empty() ? "" : " + ") + ("(((\"__penstock_r" + std::to_string(i)) + "\" >> " +
             std::to_string(bit) + ") & 1) << " + std::to_string(bit * columns + columns - 1 - i) +
             ")";
    }
  }
  return sum;
}

Status MakeSample(duck::Connection& connection, const std::string& relation,
                  const std::string& values, std::optional<int64_t> rows) {
  std::string sample;
  if (!rows) sample = " USING SAMPLE " + std::to_string(kSampleRows) + " ROWS";
  if (rows && *rows > kSampleRows) {
    sample = " USING SAMPLE " +
             std::to_string(100.0 * static_cast<double>(kSampleRows) / static_cast<double>(*rows)) +
             " PERCENT (bernoulli)";
  }
  return connection.Execute(std::string("CREATE OR REPLACE TEMP TABLE ") + kSampleTable +
                            " AS SELECT * FROM (SELECT " + values + " FROM (" + relation +
                            ") AS target)" + sample);
}

}  // namespace

Result<std::vector<ColumnPath>> ClusteringColumns(const delta::Snapshot& snapshot) {
  std::vector<ColumnPath> paths;
  const auto& domains = snapshot.state().domains;
  if (domains == nullptr) return paths;
  const auto found = domains->find(kDomain);
  if (found == domains->end() || found->second.removed) return paths;
  const Result<Json> json = ParseJson(found->second.configuration, kDomain);
  if (!json.ok() || !json->is_object() || !json->contains("clusteringColumns") ||
      !(*json)["clusteringColumns"].is_array()) {
    return BadClustering("is no JSON object with clusteringColumns");
  }
  ASSIGN_OR_RETURN(const auto columns, delta::TableColumns(snapshot.metadata()));
  for (const Json& entry : (*json)["clusteringColumns"]) {
    ASSIGN_OR_RETURN(ColumnPath path, LogicalPath(columns, entry));
    paths.push_back(std::move(path));
  }
  return paths;
}

ColumnPath ParseColumnPath(const std::vector<delta::TableColumn>& columns,
                           const std::string& text) {
  if (delta::FindColumn(columns, text) != nullptr) return {text};
  ColumnPath path;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('.', start), text.size());
    path.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return path;
}

Result<std::string> ZorderedSql(duck::Connection& connection, const std::string& relation,
                                const Schema& stored, const std::vector<ColumnPath>& by,
                                const std::vector<delta::TableColumn>& columns,
                                std::optional<int64_t> rows) {
  if (by.empty() || by.size() > kMaxColumns) {
    return InvalidZorder(std::to_string(by.size()) + " columns were given to order by");
  }
  const size_t bits = std::min(kMaxBits, kKeyBits / by.size());
  std::string values;
  std::vector<SortColumn> sorts;
  for (const ColumnPath& path : by) {
    ASSIGN_OR_RETURN(SortColumn sort, Resolve(columns, path));
    values += (values.empty() ? "" : ", ") + sort.value + " AS " + Sorted(sorts.size());
    sorts.push_back(std::move(sort));
  }
  RETURN_IF_ERROR(MakeSample(connection, relation, values, rows));
  std::string ranges;
  std::string order = InterleavedSql(sorts.size(), bits);
  for (size_t i = 0; i < sorts.size(); ++i) {
    // One number is that of NULLs.
    ASSIGN_OR_RETURN(const auto boundaries,
                     Boundaries(connection, i, sorts[i].type, (size_t{1} << bits) - 1));
    ranges += ", CAST(CASE WHEN " + Sorted(i) + " IS NULL THEN 0 ELSE " +
              RangeSql(Sorted(i), boundaries, 0, boundaries.size()) +
              " END AS BIGINT) AS \"__penstock_r" + std::to_string(i) + "\"";
    order += ", " + Sorted(i);
  }
  RETURN_IF_ERROR(connection.Execute(std::string("DROP TABLE IF EXISTS ") + kSampleTable));
  std::string list;
  for (const Field& field : stored)
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(field.name);
  return "SELECT " + list + " FROM (SELECT *" + ranges + " FROM (SELECT *, " + values + " FROM (" +
         relation + ") AS target)) ORDER BY " + order;
}

}  // namespace penstock::lake
