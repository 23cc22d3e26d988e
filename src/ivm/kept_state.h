#pragma once

#include <optional>

#include "ivm/replacement.h"

// A refresh of a view that ends in an aggregate from what is kept of its groups: the state and the
// change together give the groups as they are now. Groups of which that cannot be said, such as
// those whose least value went, are read again.
namespace penstock::ivm {

// The steps of Replace with a state that is read or made; `use` is not kNone. Nothing changes:
// nothing, and no steps.
struct KeptReplacement {
  Replacement replacement;
  StateSteps state;
};
std::optional<KeptReplacement> ReplaceKept(Derivation& derivation, const algebra::NodePtr& plan,
                                           const LastOperator& last, StateUse use);

}  // namespace penstock::ivm
