#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "catalog/catalog.h"
#include "io/storage.h"
#include "lake/lake_table.h"

namespace penstock::events {

struct EventFilter {
  std::string type;                       // empty: all
  std::string update_id;                  // empty: all
  std::optional<int64_t> limit;           // the newest
  std::optional<int64_t> after_sequence;  // only later ones
};

// The events of a storage, oldest first, with the columns of the table event_log: those in the
// table and those that a running or killed update has in its journal. Writes nothing.
Result<lake::Relation> EventsRelation(catalog::Catalog& catalog, io::Storage& storage,
                                      const EventFilter& filter);

}  // namespace penstock::events
