#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "delta/table.h"
#include "duck/engine.h"
#include "ivm/program.h"
#include "lake/lake_table.h"
#include "model/dataset.h"
#include "run/pipeline.h"
#include "run/target.h"

// What is kept of the groups of a view between refreshes: a Delta table of its own beside the
// project's tables, one row a group (docs/formats/view-state.md). It follows from the definition
// and the sources' versions alone, so it may be lost at any time: it is written after the view's
// commit, and whatever does not fit the view's table is made anew.
namespace penstock::run {

// What a state was made from.
struct StateOrigin {
  std::string table;       // the id of the view's table
  std::string definition;  // of the view
  std::string sources;     // their versions, as the view's table records them
  bool operator==(const StateOrigin&) const = default;
};

// What the view's table, which is there, says that it was made from.
StateOrigin RecordedOrigin(const Target& target);

class ViewState {
 public:
  // The newest state of the view; `state` says its columns.
  static ViewState Open(Workspace& workspace, const model::TableName& view,
                        const ivm::KeptState& state, const StateOrigin& origin);

  // Whether it can be used: it was made from `origin`, with these columns.
  bool IsValid() const { return snapshot_ != nullptr; }
  ivm::StateUse use() const { return IsValid() ? ivm::StateUse::kRead : ivm::StateUse::kBuild; }
  // Why not: "there is none", "it is of other versions of the sources", "it cannot be read: …".
  const std::string& unfit() const { return unfit_; }
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }

  // Whether a table can have the columns; UNSUPPORTED_TYPE names the one that it cannot.
  Status CheckTypes(duck::Connection& connection) const;

  // Makes `steps.lookup` on the connection: the state's rows with the keys in `steps.keys`, and
  // where they stand.
  Status LookUp(duck::Connection& connection, const ivm::StateSteps& steps);

  // Writes the rows that the steps made, as made from `origin`. What was read or built before is
  // still on the connection.
  // `build_seconds`: how long making it took, where it was made.
  Status Write(duck::Connection& connection, const ivm::StateSteps& steps,
               const StateOrigin& origin, double build_seconds);
  // Removes it.
  void Drop();

 private:
  ViewState(Workspace& workspace, std::string folder, model::TableName view, ivm::KeptState state)
      : workspace_(&workspace),
        folder_(std::move(folder)),
        view_(std::move(view)),
        state_(std::move(state)) {}

  Status Read(const StateOrigin& origin);
  std::string PathOf(int64_t number) const;
  Result<Schema> StoredColumns(duck::Connection& connection) const;
  std::string Stored(const std::string& rows, const Schema& columns) const;
  Status WriteWhole(duck::Connection& connection, const std::string& rows,
                    const StateOrigin& origin);
  Status WriteChange(duck::Connection& connection, const ivm::StateSteps& steps,
                     const StateOrigin& origin);

  Workspace* workspace_;
  std::string folder_;  // of all its numbers
  model::TableName view_;
  ivm::KeptState state_;
  int64_t number_ = 0;  // of the newest folder; 0: none
  std::shared_ptr<delta::Table> table_;
  delta::SnapshotPtr snapshot_;
  lake::Relation relation_;
  std::string unfit_ = "there is none";
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
  double build_seconds_ = 0;
};

// Whether a view keeps state, as its properties say: penstock.keepState = auto (where its sources
// are large), on or off, and penstock.keepState.maxBytes.
struct StateRule {
  enum class When { kAuto, kAlways, kNever };
  When when = When::kAuto;
  int64_t max_bytes = int64_t{4} << 30;
};
// BAD_PROPERTY where they say something else.
Result<StateRule> StateRuleOf(const model::Dataset& view);
// Whether a state is made where there is none, by a rule that does not forbid it.
bool IsWorthKeeping(const StateRule& rule, const ivm::KeptState& state, int64_t source_rows,
                    int64_t groups);

}  // namespace penstock::run
