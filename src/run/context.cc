#include "run/context.h"

namespace penstock::run {

void RunningQueries::Add(const RunningQuery* query) {
  const std::lock_guard lock(mutex_);
  running_.insert(query);
}

void RunningQueries::Remove(const RunningQuery* query) {
  const std::lock_guard lock(mutex_);
  running_.erase(query);
}

void RunningQueries::InterruptAll() {
  const std::lock_guard lock(mutex_);
  for (const RunningQuery* query : running_) query->connection->Interrupt();
}

std::optional<QueryProgress> RunningQueries::ProgressOf(const std::string& dataset) {
  const std::lock_guard lock(mutex_);
  for (const RunningQuery* query : running_) {
    if (query->dataset != dataset) continue;
    const double percent = query->connection == nullptr ? -1 : query->connection->Progress();
    return QueryProgress{query->rows(), percent};
  }
  return std::nullopt;
}

QueryScope::QueryScope(RunningQueries& queries, RunningQuery query)
    : queries_(queries), query_(std::move(query)) {
  queries_.Add(&query_);
}

QueryScope::~QueryScope() { queries_.Remove(&query_); }

}  // namespace penstock::run
