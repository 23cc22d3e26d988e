#include "cdc/change_oracle.h"

#include <algorithm>
#include <map>

#include "cdc/batch.h"

namespace penstock::cdc {
namespace {

using Values = std::vector<std::optional<int>>;

// A change for each sequence of one key; nothing for a delete.
using Events = std::map<int, std::optional<Values>>;

// Of equal sequences a delete wins, then the greater values; with merged columns each column by
// itself.
void AddEvent(const TestShape& shape, const TestChange& change, Events* events) {
  const bool deletes = change.kind == model::kCdcDelete;
  const auto [at, fresh] = events->emplace(
      change.sequence, deletes ? std::nullopt : std::optional<Values>(change.values));
  if (fresh || !at->second) return;
  if (deletes) {
    at->second.reset();
  } else if (!shape.two && !shape.ignoring.empty()) {
    for (size_t i = 0; i < shape.values; ++i) {
      (*at->second)[i] = std::max((*at->second)[i], change.values[i]);
    }
  } else {
    at->second = std::max(*at->second, change.values);
  }
}

std::string Text(std::optional<int> value) { return value ? std::to_string(*value) : "NULL"; }

struct Row {
  Values values;
  int start = 0;
  std::optional<int> end;
};

std::vector<Row> History(const TestShape& shape, const Events& events) {
  std::vector<Row> rows;
  bool open = false;
  for (const auto& [sequence, change] : events) {
    if (!change) {
      if (open) rows.back().end = sequence;
      open = false;
      continue;
    }
    Values values = *change;
    for (const size_t i : shape.ignoring) {
      if (!values[i] && open) values[i] = rows.back().values[i];
    }
    const bool same =
        open &&
        (!shape.two || std::all_of(shape.tracked.begin(), shape.tracked.end(),
                                   [&](size_t i) { return values[i] == rows.back().values[i]; }));
    if (same) {
      rows.back().values = values;
      continue;
    }
    if (open) rows.back().end = sequence;
    rows.push_back({values, sequence, {}});
    open = true;
  }
  return rows;
}

}  // namespace

std::vector<std::string> SortedResult(const TestShape& shape,
                                      const std::vector<TestChange>& changes) {
  int truncated = -1;
  for (const TestChange& change : changes) {
    if (change.kind == model::kCdcTruncate) truncated = std::max(truncated, change.sequence);
  }
  std::map<int, Events> keys;
  for (const TestChange& change : changes) {
    if (change.kind == model::kCdcTruncate || change.sequence <= truncated) continue;
    AddEvent(shape, change, &keys[change.key]);
  }
  std::vector<std::string> result;
  for (const auto& [key, events] : keys) {
    for (const Row& row : History(shape, events)) {
      if (!shape.two && row.end) continue;
      std::string text = std::to_string(key);
      for (const auto& value : row.values) text += "|" + Text(value);
      if (shape.two) text += "|" + std::to_string(row.start) + "|" + Text(row.end);
      result.push_back(std::move(text));
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace penstock::cdc
