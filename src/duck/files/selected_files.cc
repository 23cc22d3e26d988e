#include "duck/files/selected_files.h"

#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/table_filter.hpp>

#include "duck/files/condition_predicate.h"
#include "duck/files/key_filter.h"

namespace penstock::duck {
namespace {

bool SaysNothing(const Predicate& condition) {
  if (std::holds_alternative<Anything>(condition.value)) return true;
  if (const auto* all = std::get_if<Conjunction>(&condition.value)) {
    for (const Predicate& part : all->parts) {
      if (!SaysNothing(part)) return false;
    }
    return true;
  }
  return false;
}

}  // namespace

SelectedFiles::SelectedFiles(std::shared_ptr<const TableFilesSpec> spec,
                             std::shared_ptr<const FileNumbers> numbers)
    : spec_(std::move(spec)), numbers_(std::move(numbers)) {}

duckdb::unique_ptr<duckdb::MultiFileList> SelectedFiles::Narrowed(
    const Predicate& condition) const {
  if (SaysNothing(condition)) return nullptr;
  FileNumbers matching = spec_->files->Matching(condition, numbers_.get());
  if (matching.size() == size()) return nullptr;
  return duckdb::make_uniq<SelectedFiles>(spec_,
                                          std::make_shared<const FileNumbers>(std::move(matching)));
}

std::string SelectedFiles::ColumnName(duckdb::column_t column) const {
  return column < spec_->columns.size() ? spec_->columns[column].name : "";
}

duckdb::unique_ptr<duckdb::MultiFileList> SelectedFiles::ComplexFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const {
  const ColumnOf column_of = [&](const duckdb::Expression& expression) {
    std::vector<std::string> path;
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return path;
    const auto& binding = expression.Cast<duckdb::BoundColumnRefExpression>().binding;
    if (binding.table_index != info.table_index || binding.column_index >= info.column_ids.size()) {
      return path;
    }
    std::string name = ColumnName(info.column_ids[binding.column_index]);
    if (!name.empty()) path.push_back(std::move(name));
    return path;
  };
  Conjunction all;
  std::string shown;
  for (const auto& filter : filters) {
    Predicate part = PredicateOf(*filter, column_of);
    if (SaysNothing(part)) continue;
    all.parts.push_back(std::move(part));
    shown += (shown.empty() ? "" : " AND ") + filter->ToString();
  }
  auto narrowed = Narrowed({std::move(all)});
  if (!info.extra_info.total_files.IsValid()) info.extra_info.total_files = spec_->files->size();
  info.extra_info.filtered_files = narrowed ? narrowed->GetTotalFileCount() : size();
  if (narrowed) info.extra_info.file_filters = shown;
  return narrowed;
}

duckdb::unique_ptr<duckdb::MultiFileList> SelectedFiles::DynamicFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, const duckdb::vector<duckdb::string>&,
    const duckdb::vector<duckdb::LogicalType>&, const duckdb::vector<duckdb::column_t>& column_ids,
    duckdb::TableFilterSet& filters) const {
  Conjunction all;
  for (const auto& [index, filter] : filters.filters) {
    if (index >= column_ids.size()) continue;
    const std::string name = ColumnName(column_ids[index]);
    if (!name.empty()) all.parts.push_back(PredicateOf(*filter, {name}));
  }
  UseKeyFilters(&filters);
  return Narrowed({std::move(all)});
}

duckdb::vector<duckdb::OpenFileInfo> SelectedFiles::GetAllFiles() const {
  return GetDisplayFileList(duckdb::optional_idx());
}

duckdb::vector<duckdb::OpenFileInfo> SelectedFiles::GetDisplayFileList(
    duckdb::optional_idx max_files) const {
  duckdb::vector<duckdb::OpenFileInfo> files;
  const size_t count =
      max_files.IsValid() ? std::min<size_t>(max_files.GetIndex(), size()) : size();
  for (size_t i = 0; i < count; ++i) files.push_back(GetFile(i));
  return files;
}

// "Several" even of one: the engine then neither reads its footer while planning nor reads it by
// one thread alone.
duckdb::FileExpandResult SelectedFiles::GetExpandResult() const {
  return size() == 0 ? duckdb::FileExpandResult::NO_FILES
                     : duckdb::FileExpandResult::MULTIPLE_FILES;
}

duckdb::idx_t SelectedFiles::GetTotalFileCount() const { return size(); }

duckdb::unique_ptr<duckdb::NodeStatistics> SelectedFiles::GetCardinality(
    duckdb::ClientContext&) const {
  int64_t rows = 0;
  for (size_t i = 0; i < size(); ++i) {
    rows += spec_->files->Rows(NumberOf(i));
  }
  return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<duckdb::idx_t>(rows));
}

duckdb::unique_ptr<duckdb::MultiFileList> SelectedFiles::Copy() const {
  return duckdb::make_uniq<SelectedFiles>(spec_, numbers_);
}

bool SelectedFiles::FileIsAvailable(duckdb::idx_t) const { return true; }

duckdb::OpenFileInfo SelectedFiles::GetFile(duckdb::idx_t index) const {
  if (index >= size()) return duckdb::OpenFileInfo();
  const DataFile file = spec_->files->File(NumberOf(index));
  duckdb::OpenFileInfo info(file.path);
  info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  auto& options = info.extended_info->options;
  options["has_deletes"] = duckdb::Value::BOOLEAN(file.selects_rows);
  return info;
}

}  // namespace penstock::duck
