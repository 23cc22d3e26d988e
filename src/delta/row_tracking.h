#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "delta/change.h"
#include "delta/replay.h"

namespace penstock::delta {

// Row ids of tables whose protocol names the feature rowTracking (PROTOCOL.md, "Row Tracking"):
// every file gets a range of fresh ids, from baseRowId on, that was never given before, and
// defaultRowCommitVersion, the version that brought its rows.

// Hidden columns of data files that keep the id and the version of rows that were written anew;
// properties tell their names.
inline constexpr char kRowIdColumnProperty[] = "delta.rowTracking.materializedRowIdColumnName";
inline constexpr char kRowVersionColumnProperty[] =
    "delta.rowTracking.materializedRowCommitVersionColumnName";
inline constexpr char kRowTrackingDomain[] = "delta.rowTracking";

// delta.enableRowTracking: every row has an id, which stays with it.
bool TracksRows(const Metadata& metadata);

// Gives `metadata` that tracks rows the names of the hidden columns: those that the table has had,
// else new ones. `before`: of the table; null: it is created.
void NameRowColumns(const Metadata* before, Metadata* metadata);

// Whether rows can get ids on top of `base`: ROW_COUNT_UNKNOWN when a file has no numRecords;
// BAD_PROPERTY when the metadata tracks rows and suspends that.
Status CheckRowIds(const TableState& base, const Change& change);

// Of a commit: its files and domains.
struct CommitParts {
  std::vector<AddFile> adds;
  std::vector<RemoveFile> removes;
  std::vector<DomainMetadata> domains;
};
// Makes `parts`, the commit `version` on top of `current` that leaves `protocol` and `metadata`,
// say of row ids what it must: new files get fresh ones above the table's high-water mark, known
// ones keep theirs; where row tracking begins every file of the table gets them, and where the
// feature goes every file loses them.
void TrackRows(const TableState& current, const Protocol& protocol, const Metadata& metadata,
               Version version, CommitParts* parts);

// commitInfo's tag delta.rowTracking.preserved, whether the rows that a change writes anew keep id
// and version; nothing for a table without the feature.
std::optional<bool> PreservesRowIds(const TableState& current, const Protocol& protocol,
                                    const Metadata& metadata, const Change& change);

}  // namespace penstock::delta
