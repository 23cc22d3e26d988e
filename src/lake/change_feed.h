#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "delta/table.h"
#include "lake/lake_table.h"

// The change data feed of a table (PROTOCOL.md, "Change Data Files", "Add CDC File"): what rows
// came, went and changed from one version to another.
namespace penstock::lake {

// Both ends count. A version and a time at one end exclude each other.
struct ChangeRange {
  std::optional<delta::Version> from_version;
  std::optional<int64_t> from_timestamp_ms;  // the first version at or after it
  std::optional<delta::Version> to_version;  // nothing of these: the newest
  std::optional<int64_t> to_timestamp_ms;    // the last version at or before it
};

// The table's columns as of the last version, then _change_type (insert, delete, update_preimage,
// update_postimage), _commit_version and _commit_timestamp. A commit that has change files is told
// by them; any other by the files and deletion vectors that came and went, so tables that record no
// changes have a feed as long as their files are there; updates are then deletes and inserts.
// Commits that change no data give nothing.
// BAD_CHANGE_RANGE; VERSION_NOT_FOUND; COMMIT_NOT_FOUND when the log no longer has a commit;
// CHANGE_FEED_SCHEMA when a column was dropped or changed its type in between, other than to a
// wider one.
Result<Relation> ChangeFeedRelation(delta::Table& table, const ChangeRange& range);

}  // namespace penstock::lake
