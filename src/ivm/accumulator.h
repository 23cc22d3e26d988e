#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "algebra/plan.h"

// What is kept of a call of an aggregate for each group, so that its result follows when rows come
// and go without the group being read again.
namespace penstock::ivm {

using algebra::Expressions;

// The parts of one group: as they were kept, of the rows that came, and of those that went. NULL
// where there were none.
struct GroupParts {
  Expressions kept;
  Expressions added;
  Expressions removed;
};

struct Accumulator {
  // What is kept, as plain aggregates over the input: the parts of any rows.
  std::vector<algebra::AggregateCall> parts;
  // The parts of the group after the change.
  std::function<Expressions(const GroupParts&)> merged;
  // Whether they cannot be known that way, e.g. because the least value went; empty: never.
  std::function<algebra::ExpressionPtr(const GroupParts&)> lost;
  // Whether that is to be expected when rows go.
  bool loses_by_removal = false;
  // The value of the call from its parts.
  std::function<algebra::ExpressionPtr(const Expressions&)> result;
};

// Nothing where all rows of a group are needed: medians, lists, distinct values.
std::optional<Accumulator> AccumulatorOf(const algebra::AggregateCall& call);

}  // namespace penstock::ivm
