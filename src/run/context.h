#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "events/event_log.h"
#include "run/pipeline.h"

namespace penstock::run {

// A query while it runs.
struct RunningQuery {
  duck::Connection* connection = nullptr;
  std::string dataset;            // that it is computed for
  std::function<int64_t()> rows;  // read from files so far
};
struct QueryProgress {
  int64_t rows = 0;
  double percent = -1;  // negative when unknown
};

// The queries that run, so that they can be interrupted and looked at. Thread-safe.
class RunningQueries {
 public:
  void Add(const RunningQuery* query);
  void Remove(const RunningQuery* query);
  void InterruptAll();
  std::optional<QueryProgress> ProgressOf(const std::string& dataset);

 private:
  std::mutex mutex_;
  std::set<const RunningQuery*> running_;
};

// What the flows of one update share. Thread-safe parts; lives as long as the update.
struct UpdateContext {
  Workspace& workspace;
  const Pipeline& pipeline;
  events::EventLog& log;
  std::string update_id;
  const std::atomic<int>* stop = nullptr;
  RunningQueries queries;
  std::function<void(const FlowProgress&)> report;
  // When it began: what now() is in the views that it refreshes.
  TimestampMicros instant = 0;

  bool Stopping() const { return stop != nullptr && stop->load() > 0; }
};

// Registers a query while it lives.
class QueryScope {
 public:
  QueryScope(RunningQueries& queries, RunningQuery query);
  ~QueryScope();
  QueryScope(const QueryScope&) = delete;

 private:
  RunningQueries& queries_;
  const RunningQuery query_;
};

}  // namespace penstock::run
