#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "algebra/plan.h"
#include "ivm/open_result.h"
#include "ivm/program.h"

namespace penstock::ivm {

// One derivation under way: what the rules of the operators ask of each other. A change is null
// where there is none.
class Derivation {
 public:
  Derivation(const DeriveOptions& options, OpenColumns open)
      : options_(options), open_(std::move(open)) {}

  // The change of the node's rows, its columns and the weight.
  algebra::NodePtr Change(const algebra::NodePtr& node);
  // The same, as a table that is cheap to read several times.
  algebra::NodePtr StoredChange(const algebra::NodePtr& node);
  // The node's rows as of this refresh and as of the last.
  algebra::NodePtr New(const algebra::NodePtr& node);
  algebra::NodePtr Old(const algebra::NodePtr& node);

  // The rows of a node now, minus those then. Where some of its values are open, equal rows are not
  // put together: the keys of all that were computed again are wanted.
  algebra::NodePtr Difference(const algebra::Node& node, const algebra::NodePtr& now,
                              const algebra::NodePtr& then) const;

  // Adds a step and gives a scan of its table.
  algebra::NodePtr Store(algebra::NodePtr plan, std::string purpose);

  // A condition of the query now and at the last refresh.
  algebra::ExpressionPtr Now(const algebra::ExpressionPtr& expression) const;
  algebra::ExpressionPtr Then(const algebra::ExpressionPtr& expression) const;
  // Conditions, no two true of a row, of the rows for which it is true at one of these only.
  std::vector<algebra::ExpressionPtr> TrueOnlyNow(const algebra::ExpressionPtr& condition) const;
  std::vector<algebra::ExpressionPtr> TrueOnlyThen(const algebra::ExpressionPtr& condition) const;

  size_t steps() const { return steps_.size(); }
  std::vector<Step> TakeSteps() { return std::move(steps_); }

 private:
  algebra::NodePtr Derived(const algebra::NodePtr& node);

  const DeriveOptions& options_;
  OpenColumns open_;
  std::vector<Step> steps_;
  std::map<algebra::NodePtr, algebra::NodePtr> changes_;
  std::map<algebra::NodePtr, algebra::NodePtr> stored_;
  std::map<algebra::NodePtr, algebra::NodePtr> new_;
  std::map<algebra::NodePtr, algebra::NodePtr> old_;
};

// By which expressions over the columns of an input the operator puts rows together; none: all of
// them belong together. Only for those that ChangeOfKeyed is for.
std::vector<algebra::ExpressionPtr> GroupingOf(const algebra::Node& node, size_t input);
// The node with its inputs restricted to the keys in their changes, which are stored; `keys` is
// null where all rows belong together. Nothing changes: null.
struct Affected {
  algebra::NodePtr keys;
};
std::optional<Affected> AffectedKeys(Derivation& derivation, const algebra::Node& node);
algebra::NodePtr RestrictedInputs(
    const algebra::Node& node, const algebra::NodePtr& keys,
    const std::function<algebra::NodePtr(const algebra::NodePtr&)>& version);

// The rules, one a function: the change of a node whose operator is of that kind.
algebra::NodePtr ChangeOfScan(const DeriveOptions& options, const algebra::Node& node);
algebra::NodePtr ChangeOfFilter(Derivation& derivation, const algebra::Node& node);
algebra::NodePtr ChangeOfProject(Derivation& derivation, const algebra::Node& node);
algebra::NodePtr ChangeOfUnionAll(Derivation& derivation, const algebra::Node& node);
algebra::NodePtr ChangeOfUnnest(Derivation& derivation, const algebra::Node& node);
algebra::NodePtr ChangeOfInnerJoin(Derivation& derivation, const algebra::Node& node);
// Left, semi, anti and asof joins: each left row by itself decides what comes of it.
algebra::NodePtr ChangeOfLeftJoin(Derivation& derivation, const algebra::Node& node);
// Aggregate, distinct, window, set operation, full join, limit: rows with the same keys decide
// together.
algebra::NodePtr ChangeOfKeyed(Derivation& derivation, const algebra::Node& node);

}  // namespace penstock::ivm
