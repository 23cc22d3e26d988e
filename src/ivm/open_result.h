#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "algebra/plan.h"
#include "ivm/program.h"

// What of a result is open: not determined by the rows of the inputs, such as which of equal rows
// comes first, or the last digits of a sum of floating-point numbers. What an open value was at the
// last refresh cannot be computed again.
namespace penstock::ivm {

// The columns of the operator's output that it leaves open, and why.
std::map<size_t, std::string> OpenResults(const algebra::Node& node);

// Which columns of the operators of a plan are open, by themselves or by what they are computed
// from.
class OpenColumns {
 public:
  // Refused where an open value decides which rows there are, or is looked for in the view's table:
  // nothing but the operator `last`, which may be null, and what stands above it may be open, and
  // open values that it only computes with.
  static std::variant<OpenColumns, Refusal> Of(const algebra::NodePtr& plan,
                                               const algebra::NodePtr& last);

  bool Any(const algebra::Node& node) const;

 private:
  friend class OpenAnalysis;
  std::map<const algebra::Node*, std::map<size_t, std::string>> columns_;
};

}  // namespace penstock::ivm
