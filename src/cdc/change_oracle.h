#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

// For tests: what changes must end in, found by sorting them and applying one after the other, in
// C++ and without the engine.
namespace penstock::cdc {

struct TestChange {
  int key = 0;
  int sequence = 0;
  int kind = 0;  // model::kCdcUpsert …
  std::vector<std::optional<int>> values;
};

struct TestShape {
  bool two = false;
  size_t values = 2;
  std::set<size_t> ignoring;  // numbers of values
  std::set<size_t> tracked;
};

// Rows as "key|value|…" and for type 2 "|start|end"; NULL as NULL. Sorted.
std::vector<std::string> SortedResult(const TestShape& shape,
                                      const std::vector<TestChange>& changes);

}  // namespace penstock::cdc
