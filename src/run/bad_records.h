#pragma once

#include "run/execute.h"

namespace penstock::run {

// Writes the records that badRecordsPath collects:
// <path>/<yyyyMMddTHHmmss>/bad_records/part-<id>.json, JSON lines with path, record and reason. Not
// part of the batch's commit: after a crash a record may be written twice.
Status WriteBadRecords(Workspace& workspace, const LeafRelations& leaves);

// Warns of records whose values did not fit and that no column shows.
void WarnOfLostRecords(UpdateContext& context, const graph::Node& node,
                       const graph::ResolvedFlow& flow, const LeafRelations& leaves);

}  // namespace penstock::run
