#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/sql_text.h"
#include "cdc/batch.h"

// Pieces of SQL that the plans of both types are made of.
namespace penstock::cdc {

// The columns that changes and histories have besides those of the source, quoted.
inline const std::string kChange = QuoteIdentifier(model::kCdcChangeColumn);
inline const std::string kSequence = QuoteIdentifier(model::kCdcSequenceColumn);
inline const std::string kStart = QuoteIdentifier(model::kStartAtColumn);
inline const std::string kEnd = QuoteIdentifier(model::kEndAtColumn);

// "a"."x"
std::string Column(const std::string& alias, const std::string& name);
// A list of `item` of each name, parted by `between`.
std::string Join(const std::vector<std::string>& names, const std::string& between,
                 const std::function<std::string(const std::string&)>& item);
// a."k1", a."k2"
std::string List(const std::string& alias, const std::vector<std::string>& names);
std::vector<std::string> Names(const Schema& columns);
// a."k1" = b."k1" AND …
std::string SameKeys(const Shape& shape, const std::string& a, const std::string& b);
// The values of a row that compares by them, NULL least.
std::string Rank(const Schema& columns, const std::string& alias);
// The sequence that a row of the table holds; needs shape.stored_sequence.
std::string StoredSequenceOf(const Shape& shape, const std::string& alias);
// CAST(NULL AS type)
std::string Null(const DataType& type);
std::string Timestamp(TimestampMicros micros);
// "(query) AS alias"
std::string From(const std::string& relation, const std::string& alias);
// Facts that still count.
std::string LiveFacts(const Shape& shape, const std::string& facts, TimestampMicros horizon);

// Makes the statements of a plan: each table is made once and dropped in the end.
class Steps {
 public:
  Steps(std::string prefix, BatchPlan* plan) : prefix_(std::move(prefix)), plan_(plan) {}
  // Quoted name of a table of the plan.
  std::string Table(const std::string& name) const;
  void Create(const std::string& name, const std::string& query);
  void Run(std::string statement) { plan_->steps.push_back(std::move(statement)); }

 private:
  std::string prefix_;
  BatchPlan* plan_;
};

// What those who plan a batch have at hand.
class Planner {
 protected:
  explicit Planner(const BatchInput& input)
      : input_(input),
        shape_(input.shape),
        values_(ValueColumns(input.shape)),
        steps_(input.prefix, &plan_) {}

  std::string Table(const std::string& name) const { return steps_.Table(name); }
  std::string Keys(const std::string& alias) const { return List(alias, shape_.keys); }
  bool SequenceIsStored() const { return !shape_.stored_sequence.empty(); }

  const BatchInput& input_;
  const Shape& shape_;
  const Schema values_;
  BatchPlan plan_;
  Steps steps_;
};

}  // namespace penstock::cdc
