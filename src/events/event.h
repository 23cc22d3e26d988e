#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace penstock::events {

enum class Level { kInfo, kWarn, kError, kMetrics };

// Where an event comes from; empty parts are null in the log.
struct Origin {
  std::string dataset_name;  // "catalog.schema.table"
  std::string flow_id;       // new on full refresh
  std::string flow_name;
  std::optional<int64_t> batch_id;
  bool operator==(const Origin&) const = default;
};

// One event; id, sequence, timestamp, pipeline and update are added by the log.
struct Event {
  std::string type;  // create_update, dataset_definition, flow_definition, update_progress,
                     // flow_progress, …
  Level level = Level::kInfo;
  std::string message;
  Origin origin;
  Json details = Json::object();  // {"flow_progress": {"status": …}}
  std::optional<Error> error;
};

}  // namespace penstock::events
