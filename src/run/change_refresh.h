#pragma once

#include <memory>
#include <string>
#include <vector>

#include "delta/change.h"
#include "run/change_plan.h"
#include "run/context.h"
#include "run/target.h"
#include "run/view_state.h"

// A materialized view brought forward by what changed in its sources instead of being recomputed.
namespace penstock::run {

// The state of a view as a refresh leaves it, to be written when the view's commit is done.
class StateUpdate {
 public:
  StateUpdate(duck::Connection connection, ViewState state, ivm::StateSteps steps,
              StateOrigin origin, double build_seconds)
      : connection_(std::move(connection)),
        state_(std::move(state)),
        steps_(std::move(steps)),
        origin_(std::move(origin)),
        build_seconds_(build_seconds) {}

  // A state that cannot be written is removed: the next refresh makes it anew.
  Status Write();
  const ViewState& state() const { return state_; }

 private:
  duck::Connection connection_;
  ViewState state_;
  ivm::StateSteps steps_;
  StateOrigin origin_;
  double build_seconds_;
};

// Files that a refresh wrote and takes out; nothing of it is committed.
struct ChangedView {
  delta::Change change;
  int64_t source_rows = 0;                   // that changed
  quality::RowCounts counts;                 // how the view's expectations fared on what is new
  std::vector<std::string> set_aside_files;  // JSON lines, one a row (run/quarantine.h); temporary
  int64_t added_rows = 0;
  int64_t removed_rows = 0;
  int64_t added_bytes = 0;
  std::vector<std::string> written;  // paths, to be removed if the commit fails
  // "by the change", "by the keys that changed", "from kept state", "state made anew: there is
  // none".
  std::string technique;
  std::unique_ptr<StateUpdate> state;  // null: none is kept
};
// `origin`: what the view and its state are to be made from.
// NOT_INCREMENTAL when it turned out to be unsuited on the way, e.g. rows to remove were not found.
Result<ChangedView> RefreshByChanges(UpdateContext& context, size_t node, const Target& target,
                                     const ChangePlan& plan, const StateOrigin& origin);

}  // namespace penstock::run
