#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algebra/plan.h"
#include "base/result.h"

// How a view's rows change when those of its sources do, after DBSP (Budiu et al., VLDB 2023): each
// operator has a rule that turns the changes of its inputs into its own. A change is a multiset
// with weights: a relation with one further column, last, by how many copies of the row there are
// more.
namespace penstock::ivm {

inline constexpr char kWeightColumn[] = "__penstock_weight";
inline constexpr char kWeightType[] = "BIGINT";

// What the scans of a derived plan read. A relation's own name: its rows now.
std::string OldRelation(const std::string& relation);     // its rows at the last refresh
std::string ChangeRelation(const std::string& relation);  // the change between, with the weights

// One query whose rows are kept in a temporary table of this name, columns c0, c1 …
struct Step {
  std::string table;
  algebra::NodePtr plan;
  std::string purpose;  // "keys that change in aggregate", "change of left join"
};

// The view's rows with certain keys as they are now: they take the place of those that the view's
// table has, whatever these are.
struct Replacement {
  std::string keys;             // the table of the keys; empty: all rows are replaced
  std::vector<size_t> columns;  // of the view, one for each column of `keys`
  std::string rows;             // the table of the rows, c0, c1 …
};

// What is kept of each group of the aggregate that a view ends in, so that no source needs to be
// read for groups that change. Columns c0, c1 …: the keys, how many rows the group has, and parts
// of the calls.
struct KeptState {
  std::vector<algebra::Column> columns;
  size_t keys = 0;  // so many of them are the keys
  // Groups of which rows go may have to be read again, because of their min, any_value …
  bool loses_by_removal = false;
};
// How a program uses such a state.
struct StateSteps {
  KeptState state;
  // Before the step of this number runs, `lookup` must be a relation of the state's rows with the
  // keys in `keys`, whose first columns they are. Not when it is made anew.
  size_t first = 0;
  std::string keys;
  std::string lookup;
  // The table of the rows that take the place of those looked up; or all, when it is made anew.
  std::string rows;
};

// What a refresh runs, in order. Neither a change nor a replacement: nothing can have changed.
struct Program {
  std::vector<Step> steps;
  // The view ends in an operator that treats rows with equal keys together.
  std::optional<Replacement> replacement;
  // Otherwise the table of the last step: the view's rows, then the weight, never 0; each row once.
  std::string change;
  std::optional<StateSteps> state;  // as asked for
  // Columns of the view that no two of its rows agree on, if known.
  std::optional<std::vector<size_t>> key;
};

enum class StateUse {
  kNone,   // the keys that change are computed again from the sources
  kRead,   // from what is kept of them, and the change
  kBuild,  // all are computed, to be kept
};

struct DeriveOptions {
  std::set<std::string> changed;  // relations that have a change
  // The instants of the last refresh and of this one, as texts of timestamps with zone.
  std::string then;
  std::string now;
  StateUse state = StateUse::kNone;  // anything else only where StateOf gives something
};

// Why the changes of a plan cannot be derived: random values, the current time elsewhere than in a
// filter, and results that SQL leaves open (ties, sums of floating-point numbers in another order)
// where other operators read them, since what they were at the last refresh cannot be computed
// again.
struct Refusal {
  std::string reason;  // names the operator
  std::string remedy;
  std::optional<size_t> offset;  // where in the query's text it is, if known
};
std::optional<Refusal> WhyNotDerived(const algebra::NodePtr& plan);

// NOT_INCREMENTAL: the same, as an error.
Result<Program> Derive(const algebra::NodePtr& plan, const DeriveOptions& options);

// What can be kept of the view's groups; nothing where it does not end in an aggregate, or one
// whose calls need all rows of a group.
std::optional<KeptState> StateOf(const algebra::NodePtr& plan);

}  // namespace penstock::ivm
