#include <duckdb.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/common/types/column/column_data_collection.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>

#include "duck/plan/plan_reader.h"

// Where rows of a bound query come from: tables, lists, constants.
namespace penstock::duck {

using algebra::ExpressionPtr;
using algebra::NodePtr;
using duckdb::LogicalOperator;

// unnest(list) in FROM: its input has the list first, then the columns that go on.
NodePtr PlanReader::ReadListGet(duckdb::LogicalGet& get) {
  if (get.ordinality_idx.IsValid()) Refuse(get);
  const NodePtr input = Read(*get.children[0]);
  algebra::Unnest unnest;
  unnest.lists.push_back(algebra::ColumnOf(*input, 0));
  auto columns = input->columns;
  columns.push_back({"", get.types[0].ToString()});
  const NodePtr rows =
      algebra::MakeNode(std::move(unnest), {input}, std::move(columns), OffsetOf(get));
  std::vector<ExpressionPtr> values = {algebra::ColumnOf(*rows, rows->columns.size() - 1)};
  for (const auto passed : get.projected_input) values.push_back(algebra::ColumnOf(*rows, passed));
  return algebra::MakeProject(rows, std::move(values));
}

NodePtr PlanReader::ReadGet(duckdb::LogicalGet& get) {
  const auto table = get.GetTable();
  if (get.function.name == "unnest" && get.children.size() == 1) return ReadListGet(get);
  if (!table || !get.children.empty()) {
    throw NoCounterpart{"the table function " + get.function.name, OffsetOf(get)};
  }
  std::vector<algebra::Column> columns;
  const auto& used = get.GetColumnIds();
  for (const duckdb::ColumnIndex& column : used) {
    // Where no column is used the engine takes the number of the row.
    if (column.IsVirtualColumn() && used.size() == 1) break;
    if (column.IsVirtualColumn()) {
      throw NoCounterpart{"the column " + get.GetColumnName(column), OffsetOf(get)};
    }
    columns.push_back({get.GetColumnName(column), get.GetColumnType(column).ToString()});
  }
  if (columns.empty()) columns.push_back({get.names.at(0), get.returned_types.at(0).ToString()});
  return algebra::MakeScan(table->name, std::move(columns));
}

NodePtr PlanReader::ReadValues(LogicalOperator& op) {
  const auto& get = op.Cast<duckdb::LogicalExpressionGet>();
  const ExpressionReader reader = ReaderOf({});
  algebra::Values values;
  for (const auto& row : get.expressions) {
    auto& read = values.rows.emplace_back();
    for (const auto& expression : row) read.push_back(reader.Read(*expression));
  }
  return Make(std::move(values), {}, op);
}

NodePtr PlanReader::ReadChunk(LogicalOperator& op) {
  auto& get = op.Cast<duckdb::LogicalColumnDataGet>();
  constexpr size_t kMostRows = 10000;
  if (get.collection->Count() > kMostRows) Refuse(op);
  const ExpressionReader reader = ReaderOf({});
  algebra::Values values;
  for (auto& chunk : get.collection->Chunks()) {
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      auto& read = values.rows.emplace_back();
      for (duckdb::idx_t column = 0; column < chunk.ColumnCount(); ++column) {
        const duckdb::BoundConstantExpression constant(chunk.GetValue(column, row));
        read.push_back(reader.Read(constant));
      }
    }
  }
  return Make(std::move(values), {}, op);
}

}  // namespace penstock::duck
