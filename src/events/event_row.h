#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/data_type.h"
#include "base/json.h"
#include "events/event.h"

namespace penstock::events {

std::string_view ToString(Level level);  // "INFO" …

// What the log adds to an event.
struct EventStamp {
  std::string id;
  int64_t sequence = 0;  // ascending over all updates of a storage
  TimestampMicros timestamp = 0;
  std::string pipeline_id;
  std::string pipeline_name;
  std::string update_id;
};

// The event with the field names of the table; details is an object here and JSON text in the
// table.
Json ToJson(const Event& event, const EventStamp& stamp);
int64_t SequenceOf(const Json& event);

// The columns of the table event_log.
const Schema& EventLogSchema();

// Engine SQL that yields the events as rows of EventLogSchema(), by ascending sequence.
std::string EventRowsSql(std::vector<Json> events);

}  // namespace penstock::events
