#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "events/event_log.h"
#include "run/pipeline.h"

namespace penstock::run {

// Connections that are running a query, so that they can be interrupted. Thread-safe.
class RunningQueries {
 public:
  void Add(duck::Connection* connection);
  void Remove(duck::Connection* connection);
  void InterruptAll();

 private:
  std::mutex mutex_;
  std::set<duck::Connection*> running_;
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

  bool Stopping() const { return stop != nullptr && stop->load() > 0; }
};

// Registers a connection while it lives.
class QueryScope {
 public:
  QueryScope(RunningQueries& queries, duck::Connection* connection);
  ~QueryScope();
  QueryScope(const QueryScope&) = delete;

 private:
  RunningQueries& queries_;
  duck::Connection* connection_;
};

}  // namespace penstock::run
