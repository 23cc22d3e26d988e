#include "duck/files/row_selection_filter.h"

#include <array>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/planner/filter/conjunction_filter.hpp>
#include <duckdb/planner/filter/constant_filter.hpp>
#include <duckdb/storage/statistics/numeric_stats.hpp>
#include <utility>

namespace penstock::duck {
namespace {

using duckdb::idx_t;

// Several threads read a file at once.
class RowFilter : public duckdb::DeleteFilter {
 public:
  explicit RowFilter(RowSelection selection) : selection_(std::move(selection)) {}

  idx_t Filter(duckdb::row_t start, idx_t count, duckdb::SelectionVector& kept) override {
    std::array<uint64_t, STANDARD_VECTOR_SIZE / 64> words{};
    const size_t marked = selection_.rows.Mark(start, count, words.data());
    if (marked == 0) return selection_.only ? 0 : count;
    const uint64_t wanted = selection_.only ? 1 : 0;
    kept.Initialize(STANDARD_VECTOR_SIZE);
    idx_t found = 0;
    for (idx_t i = 0; i < count; ++i) {
      kept.set_index(found, i);
      found += (words[i / 64] >> (i % 64) & 1) == wanted ? 1 : 0;
    }
    return found;
  }

 private:
  RowSelection selection_;
};

// True of every position, but for statistics of positions it answers by those that are wanted.
class PositionFilter : public duckdb::ConstantFilter {
 public:
  explicit PositionFilter(const RowSet& rows)
      : ConstantFilter(duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO,
                       duckdb::Value::BIGINT(0)),
        rows_(rows) {}

  duckdb::FilterPropagateResult CheckStatistics(duckdb::BaseStatistics& positions) const override {
    using duckdb::NumericStats;
    if (!NumericStats::HasMinMax(positions)) {
      return duckdb::FilterPropagateResult::NO_PRUNING_POSSIBLE;
    }
    const auto first = NumericStats::Min(positions).GetValue<int64_t>();
    const auto last = NumericStats::Max(positions).GetValue<int64_t>();
    return rows_.ContainsAnyOf(first, last + 1)
               ? duckdb::FilterPropagateResult::NO_PRUNING_POSSIBLE
               : duckdb::FilterPropagateResult::FILTER_ALWAYS_FALSE;
  }
  duckdb::unique_ptr<TableFilter> Copy() const override {
    return duckdb::make_uniq<PositionFilter>(rows_);
  }

 private:
  RowSet rows_;
};

}  // namespace

duckdb::unique_ptr<duckdb::DeleteFilter> SelectionFilter(RowSelection selection) {
  return duckdb::make_uniq<RowFilter>(std::move(selection));
}

duckdb::unique_ptr<duckdb::TableFilterSet> WithPositions(
    duckdb::optional_ptr<duckdb::TableFilterSet> filters,
    const duckdb::vector<duckdb::ColumnIndex>& columns, const RowSet& rows) {
  if (filters == nullptr) return nullptr;
  auto result = duckdb::make_uniq<duckdb::TableFilterSet>();
  for (const auto& [index, filter] : filters->filters) {
    auto copy = filter->Copy();
    if (columns.at(index).GetPrimaryIndex() ==
        duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER) {
      auto both = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
      both->child_filters.push_back(duckdb::make_uniq<PositionFilter>(rows));
      both->child_filters.push_back(std::move(copy));
      copy = std::move(both);
    }
    result->filters.emplace(index, std::move(copy));
  }
  return result;
}

}  // namespace penstock::duck
