#pragma once

#include <optional>

#include "algebra/plan.h"
#include "ivm/derivation.h"

namespace penstock::ivm {

// The operator that a view ends in, under projections and filters, if it is one that treats rows
// with equal keys together and the view has its keys as columns.
struct LastOperator {
  algebra::NodePtr node;
  std::vector<size_t> columns;  // of the view, one for each key
};
std::optional<LastOperator> FindLastOperator(const algebra::NodePtr& plan);

// The steps that give the view's rows for the keys that changed; nothing if none did.
std::optional<Replacement> Replace(Derivation& derivation, const algebra::NodePtr& plan,
                                   const LastOperator& last);

// `plan` with the operator of `last` replaced by a node with the same columns.
algebra::NodePtr WithLast(Derivation& derivation, const algebra::NodePtr& plan,
                          const LastOperator& last, const algebra::NodePtr& by);

}  // namespace penstock::ivm
