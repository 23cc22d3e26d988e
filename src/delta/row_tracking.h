#pragma once

#include <vector>

#include "base/result.h"
#include "delta/actions.h"
#include "delta/change.h"
#include "delta/replay.h"

// Row ids of tables whose protocol names the feature rowTracking (PROTOCOL.md, "Row Tracking"):
// every file that comes new into such a table gets a range of fresh ones.
namespace penstock::delta {

// Whether the files of `change` can get row ids, if the table wants them: the number of their rows
// is known. ROW_COUNT_UNKNOWN.
Status CheckRowIds(const TableState& base, const Change& change);

// Gives the files without baseRowId fresh ids above the table's high-water mark, which goes into
// `domains` if it grows, and the files without defaultRowCommitVersion the version of the commit.
void AssignRowIds(const TableState& current, Version version, std::vector<AddFile>* adds,
                  std::vector<DomainMetadata>* domains);

}  // namespace penstock::delta
