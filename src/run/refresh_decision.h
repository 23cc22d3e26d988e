#pragma once

#include <string>

#include "base/clock.h"
#include "run/pipeline.h"
#include "run/target.h"

namespace penstock::run {

// Whether a materialized view has to be refreshed, and why.
struct RefreshDecision {
  bool recompute = false;
  bool only_sources = false;  // nothing else than rows of its sources, or the time, changed
  bool anew = false;          // a new table or definition, or a full refresh that was asked for
  std::string reason;         // "source main.default.silver: version 3 → 4", "nothing changed" …
  Json before;                // what the table reflects, by source id
  Json sources;               // what a recomputation would reflect
  std::string definition;     // fingerprint of what it is made by
};

// Of a query that depends on the time the instant is recorded with the versions of its sources:
// {"time:now": {"instant": "2026-01-31T12:00:00.000000Z"}}.
inline constexpr char kTimeSource[] = "time:now";
// The instant in recorded sources; empty: there is none.
std::string InstantOf(const Json& sources);

// `force`: a full refresh was asked for. `now`: the instant that the view is to reflect. Reads the
// log of the sources only.
Result<RefreshDecision> DecideRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                      const Target& target, bool force, TimestampMicros now);

// What the table has under a key of our own; empty when it is not there.
std::string RecordedValue(const Target& target, const char* key);

}  // namespace penstock::run
