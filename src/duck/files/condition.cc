#include "duck/files/condition.h"

#include <mutex>
#include <utility>

#include "duck/files/table_files.h"

namespace penstock::duck {
namespace {

// No files, but for the condition by which the engine asks for some.
class ConditionCatcher : public DataFiles {
 public:
  size_t size() const override { return 0; }
  DataFile File(size_t) const override { return {}; }
  int64_t Rows(size_t) const override { return 0; }
  std::vector<std::optional<std::string>> FileConstants(size_t) const override { return {}; }
  Result<RowSelection> Selection(size_t, const ReadBytes&) const override { return RowSelection{}; }
  FileNumbers Matching(const Predicate& condition, const FileNumbers*) const override {
    const std::lock_guard lock(mutex_);
    caught_ = condition;
    return {};
  }
  Predicate caught() const {
    const std::lock_guard lock(mutex_);
    return caught_;
  }

 private:
  mutable std::mutex mutex_;
  mutable Predicate caught_;
};

TableFilesColumn ColumnOf(const Field& field) {
  TableFilesColumn column;
  column.name = field.name;
  column.type = field.type;
  column.stored_name = field.name;
  for (const Field& part : field.type.fields) column.children.push_back(ColumnOf(part));
  return column;
}

}  // namespace

Predicate PredicateOfCondition(Connection& connection, const Schema& columns,
                               const std::string& alias, const std::string& condition,
                               const std::string& joined) {
  if (columns.empty() || condition.empty()) return {};
  const auto catcher = std::make_shared<const ConditionCatcher>();
  TableFilesSpec spec;
  for (const Field& field : columns) spec.columns.push_back(ColumnOf(field));
  spec.files = catcher;
  const TableFilesScan scan(std::move(spec));
  const auto plan = connection.Query(
      "EXPLAIN SELECT * FROM (" + scan.RelationSql() + ") AS " + QuoteIdentifier(alias) +
      (joined.empty() ? "" : " CROSS JOIN " + joined) + " WHERE (" + condition + "\n)");
  if (!plan.ok()) return {};
  Predicate caught = catcher->caught();
  // One part needs no junction around it.
  if (auto* all = std::get_if<Conjunction>(&caught.value)) {
    if (all->parts.size() == 1) return Predicate(std::move(all->parts[0]));
  }
  return caught;
}

}  // namespace penstock::duck
