#pragma once

#include <optional>

#include "run/execute.h"
#include "run/pipeline.h"
#include "source/offsets.h"

namespace penstock::run {

// What a flow's leaves are in one batch: ranges of its streams, versions of its tables.
struct LeafReading {
  const source::Batch* batch =
      nullptr;  // by source id; null: everything is read whole, at its newest
  bool with_position = false;
};

// The relations of all leaves. For a leaf that is no stream, the version in `batch->statics` is
// read, else the newest.
Result<LeafRelations> RelationsOf(Workspace& workspace, const BoundFlow& flow,
                                  const LeafReading& reading);

// Makes the relations and the pipeline's views that the flow's query names, without their rules.
Status CreateInputs(duck::Connection& connection, const BoundFlow& flow,
                    const LeafRelations& leaves);

// Empty tables in the place of the relations, and the views over them: enough to bind the query.
Status CreateEmptyInputs(duck::Connection& connection, const BoundFlow& flow);

// What a whole reading of a leaf reflects, as a value that changes when the leaf does
// (docs/formats/tables.md):
// {"table": id, "version": n} or {"files": fingerprint, "count": n}.
Result<Json> StateOf(Workspace& workspace, const BoundLeaf& leaf);

// All files of a leaf now.
Result<std::vector<source::FileEntry>> AllFiles(Workspace& workspace, const FilesSource& source);

}  // namespace penstock::run
