#pragma once

#include <penstock/delta.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "io/store_router.h"
#include "lake/table_operation.h"
#include "run/statement_runners.h"
#include "run/statement_texts.h"

// What stands behind the values of <penstock/delta.h>.
namespace penstock {

struct DeltaLake::State {
  io::StoreRouter storage;
  std::unique_ptr<run::Workspace> workspace;
  run::StatementContext context;

  // The table at a location, which may not exist. BAD_LOCATION.
  Result<std::unique_ptr<DeltaTable::State>> Find(std::string_view location);
  // The same; NOT_A_DELTA_TABLE when there is none.
  Result<std::unique_ptr<DeltaTable::State>> Open(std::string_view location);
};

struct DeltaTable::State {
  DeltaLake::State* lake = nullptr;
  run::NamedTable table;
  model::QueryText text;  // the table in a query
  std::mutex mutex;

  // The newest state, if `what` ("DELETE") may change the table.
  Result<delta::SnapshotPtr> Changeable(std::string_view what);
};

// The texts of one operation: those that are left out (empty) are nothing.
class OperationTexts {
 public:
  OperationTexts(DeltaLake::State& lake, model::QueryText target);

  Status SetSource(std::string_view query);
  // SQL_SYNTAX for a text that its surroundings would not hold together.
  Status Add(std::string_view expression, std::optional<size_t>* number, run::TextScope scope = {});
  Status Bind();

  // Once bound.
  std::string Expression(const std::optional<size_t>& number) const;
  const std::string& source() const { return texts_.source(); }
  const std::string& alias() const { return texts_.alias(); }
  const std::string& source_alias() const { return texts_.source_alias(); }
  duck::Connection& connection() const { return *texts_.connection(); }
  // For an operation on the table at `path`, the target: it holds for the state that was bound.
  lake::Lake LakeFor(const std::string& path) const;

 private:
  DeltaLake::State& lake_;
  run::StatementTexts texts_;
};

// The numbers of an operation.
DeltaOutcome OutcomeOf(const lake::OperationResult& result);
delta::TimeTravel TravelOf(const DeltaVersion& version);

}  // namespace penstock
