#include "duck/files/key_filter.h"

#include <algorithm>
#include <duckdb/planner/filter/conjunction_filter.hpp>
#include <duckdb/planner/filter/constant_filter.hpp>
#include <duckdb/planner/filter/in_filter.hpp>
#include <duckdb/planner/filter/optional_filter.hpp>
#include <duckdb/storage/statistics/numeric_stats.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "duck/files/key_set.h"

namespace penstock::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::TableFilter;
using duckdb::TableFilterType;
using duckdb::Value;

// Lists that stay lists are searched value by value for each row group: the engine's own limit.
constexpr size_t kShortList = 50;

bool IsInteger(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      return true;
    default:
      return false;
  }
}

// Of a value of such a type.
int64_t IntegerOf(const Value& value) {
  switch (value.type().InternalType()) {
    case duckdb::PhysicalType::INT8:
      return value.GetValueUnsafe<int8_t>();
    case duckdb::PhysicalType::INT16:
      return value.GetValueUnsafe<int16_t>();
    case duckdb::PhysicalType::INT32:
      return value.GetValueUnsafe<int32_t>();
    default:
      return value.GetValueUnsafe<int64_t>();
  }
}

class KeyFilter : public duckdb::OptionalFilter {
 public:
  // `range` is what is said of the keys to those who do not know this filter.
  KeyFilter(std::shared_ptr<const KeySet> keys, LogicalType type,
            duckdb::unique_ptr<TableFilter> range)
      : OptionalFilter(std::move(range)), keys_(std::move(keys)), type_(std::move(type)) {}

  duckdb::FilterPropagateResult CheckStatistics(duckdb::BaseStatistics& values) const override {
    using duckdb::FilterPropagateResult;
    using duckdb::NumericStats;
    if (values.GetType() != type_) return FilterPropagateResult::NO_PRUNING_POSSIBLE;
    if (!values.CanHaveNoNull()) return FilterPropagateResult::FILTER_ALWAYS_FALSE;
    if (!NumericStats::HasMinMax(values)) return FilterPropagateResult::NO_PRUNING_POSSIBLE;
    return keys_->ContainsAnyOf(IntegerOf(NumericStats::Min(values)),
                                IntegerOf(NumericStats::Max(values)))
               ? FilterPropagateResult::NO_PRUNING_POSSIBLE
               : FilterPropagateResult::FILTER_ALWAYS_FALSE;
  }

  duckdb::unique_ptr<TableFilter> Copy() const override {
    return duckdb::make_uniq<KeyFilter>(keys_, type_, child_filter->Copy());
  }

  void FiltersNullValues(const LogicalType&, bool& filters_nulls, bool& filters_valid_values,
                         duckdb::TableFilterState&) const override {
    filters_nulls = true;
    filters_valid_values = true;
  }

  idx_t FilterSelection(duckdb::SelectionVector& rows, duckdb::Vector& vector,
                        duckdb::UnifiedVectorFormat& values, duckdb::TableFilterState&,
                        const idx_t scan_count, idx_t& count) const override {
    if (vector.GetType() != type_) return scan_count;
    switch (type_.InternalType()) {
      case duckdb::PhysicalType::INT8:
        return Select<int8_t>(rows, values, count);
      case duckdb::PhysicalType::INT16:
        return Select<int16_t>(rows, values, count);
      case duckdb::PhysicalType::INT32:
        return Select<int32_t>(rows, values, count);
      default:
        return Select<int64_t>(rows, values, count);
    }
  }

 private:
  template <typename T>
  idx_t Select(duckdb::SelectionVector& rows, const duckdb::UnifiedVectorFormat& values,
               idx_t& count) const {
    const T* const data = duckdb::UnifiedVectorFormat::GetData<T>(values);
    duckdb::SelectionVector kept(count);
    idx_t likely = 0;
    // Without branches: nearly all rows go.
    if (!rows.IsSet() && !values.sel->IsSet()) {
      for (idx_t i = 0; i < count; ++i) {
        kept.set_index(likely, i);
        likely += keys_->MayContain(data[i]) ? 1 : 0;
      }
    } else {
      for (idx_t i = 0; i < count; ++i) {
        const idx_t row = rows.get_index(i);
        kept.set_index(likely, row);
        likely += keys_->MayContain(data[values.sel->get_index(row)]) ? 1 : 0;
      }
    }
    idx_t found = 0;
    for (idx_t i = 0; i < likely; ++i) {
      const idx_t row = kept.get_index(i);
      const idx_t place = values.sel->get_index(row);
      if (!values.validity.RowIsValid(place) || !keys_->ContainsExactly(data[place])) continue;
      kept.set_index(found++, row);
    }
    rows.Initialize(kept);
    count = found;
    return found;
  }

  std::shared_ptr<const KeySet> keys_;
  LogicalType type_;
};

const duckdb::InFilter* ListOf(const TableFilter& filter) {
  if (filter.filter_type != TableFilterType::OPTIONAL_FILTER) return nullptr;
  const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
  if (child == nullptr || child->filter_type != TableFilterType::IN_FILTER) return nullptr;
  return &child->Cast<duckdb::InFilter>();
}

duckdb::unique_ptr<TableFilter> KeyFilterOf(const duckdb::InFilter& list) {
  if (list.values.empty()) return nullptr;
  const LogicalType type = list.values[0].type();
  if (!IsInteger(type)) return nullptr;
  std::vector<int64_t> keys;
  for (const Value& value : list.values) {
    if (value.type() != type) return nullptr;
    if (!value.IsNull()) keys.push_back(IntegerOf(value));
  }
  if (keys.empty()) return nullptr;
  const auto by_key = [](const Value& a, const Value& b) { return IntegerOf(a) < IntegerOf(b); };
  const auto [least, greatest] =
      std::minmax_element(list.values.begin(), list.values.end(), by_key);
  auto range = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
  range->child_filters.push_back(duckdb::make_uniq<duckdb::ConstantFilter>(
      duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO, *least));
  range->child_filters.push_back(duckdb::make_uniq<duckdb::ConstantFilter>(
      duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO, *greatest));
  return duckdb::make_uniq<KeyFilter>(std::make_shared<const KeySet>(std::move(keys)), type,
                                      std::move(range));
}

using Filters = duckdb::vector<duckdb::unique_ptr<TableFilter>>;

// The conditions of a conjunction of conjunctions.
void AddParts(const TableFilter& filter, Filters* parts) {
  if (filter.filter_type != TableFilterType::CONJUNCTION_AND) {
    parts->push_back(filter.Copy());
    return;
  }
  for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
    AddParts(*child, parts);
  }
}

// The lists first, so that the rest is asked of few rows.
duckdb::unique_ptr<TableFilter> WithKeyFilters(const TableFilter& filter) {
  Filters parts;
  AddParts(filter, &parts);
  auto all = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
  Filters rest;
  for (auto& part : parts) {
    const auto* const list = ListOf(*part);
    auto keys = list != nullptr ? KeyFilterOf(*list) : nullptr;
    if (keys) {
      all->child_filters.push_back(std::move(keys));
    } else if (list == nullptr || list->values.size() <= kShortList) {
      rest.push_back(std::move(part));
    }
  }
  if (rest.size() == parts.size()) return nullptr;
  for (auto& part : rest) all->child_filters.push_back(std::move(part));
  return all->child_filters.empty() ? nullptr : std::move(all);
}

}  // namespace

void UseKeyFilters(duckdb::TableFilterSet* filters) {
  for (auto& [column, filter] : filters->filters) {
    if (auto replaced = WithKeyFilters(*filter)) filter = std::move(replaced);
  }
}

}  // namespace penstock::duck
