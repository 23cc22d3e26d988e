#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "catalog/catalog.h"
#include "duck/engine.h"
#include "events/event.h"

namespace penstock::events {

struct EventLogOptions {
  std::string pipeline_id;
  std::string pipeline_name;
  std::string update_id;
  std::map<std::string, std::string> configuration;  // its secrets are removed from every event
  int retention_days = 30;  // events older than this are dropped when the log is folded
};

// The event log of one update: events go to a journal, <journal folder>/<update id>.jsonl, and are
// folded into the Delta table event_log at the end. Thread-safe. Everything given is borrowed.
class EventLog {
 public:
  // Folds the journals that crashed updates left behind first.
  static Result<std::unique_ptr<EventLog>> Start(catalog::Catalog* catalog, io::Storage* storage,
                                                 duck::Engine* engine, Clock* clock,
                                                 EventLogOptions options);
  virtual ~EventLog() = default;

  // Keeps the event; durable after the next Flush, Prepare or Finish.
  virtual void Add(Event event) = 0;
  // Makes durable, before a commit, an event that is only true if that commit takes place: it is
  // part of the log if the table at `table_path` reaches transaction `version` for `app_id`. After
  // the commit call Settle.
  virtual Status Prepare(Event event, const std::string& table_path, const std::string& app_id,
                         int64_t version) = 0;
  // Tells how the commit of the last prepared event for (app_id, version) ended.
  virtual void Settle(const std::string& app_id, int64_t version, bool committed) = 0;
  virtual Status Flush() = 0;
  // Folds the journal into the Delta table exactly once, applies retention, compacts small files,
  // removes the journal.
  virtual Status Finish() = 0;

  // Called for every event as it becomes true, in order, from any thread (one at a time): progress
  // on a terminal. The Json is the whole event as it will be stored, with details as an object. It
  // must not call the log.
  std::function<void(const Json& event)> observer;
};

}  // namespace penstock::events
