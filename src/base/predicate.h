#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace penstock {

struct Predicate;

// A column compared with constants. Texts are in the form of Delta's partition values: plain
// numbers, "2026-01-31", "2026-01-31T23:59:59.123456Z", "true".
struct Comparison {
  enum class Operator {
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kIn,
    kIsNull,
    kIsNotNull,
    kNullSafeEqual,  // a missing value (empty `values`) is NULL
  };
  std::vector<std::string> column;  // path: one name, or more into structs
  Operator op = Operator::kEqual;
  std::vector<std::string> values;  // one; for kIn any number; for the null tests none
  bool operator==(const Comparison&) const = default;
};
struct Conjunction {
  std::vector<Predicate> parts;  // none: true
  bool operator==(const Conjunction&) const;
};
struct Disjunction {
  std::vector<Predicate> parts;  // none: false
  bool operator==(const Disjunction&) const;
};
// Something this value cannot say: any row may satisfy it.
struct Anything {
  bool operator==(const Anything&) const = default;
};

// A condition on rows, as far as it can be judged from partition values and statistics of files.
// Every row that satisfies the user's condition satisfies it; the reverse need not hold.
struct Predicate {
  std::variant<Anything, Comparison, Conjunction, Disjunction> value;
  bool operator==(const Predicate&) const = default;
};

inline bool Conjunction::operator==(const Conjunction&) const = default;
inline bool Disjunction::operator==(const Disjunction&) const = default;

}  // namespace penstock
