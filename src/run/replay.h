#pragma once

#include <optional>
#include <string>

#include "run/execute.h"
#include "run/pipeline.h"
#include "run/target.h"

namespace penstock::run {

// A streaming table made again from everything that its flows have read.
struct Replayed {
  std::string reason;  // why it cannot be made again; empty: it was
  // What of it was made: all of the table, or the rows that a condition over it chooses.
  std::string kept_where = "true";
  std::string note;  // what is not compared
};
// Makes the temporary table "computed" with the columns of the target's snapshot: rows of appending
// flows batch by batch, of flows of changes by sorting all changes (cdc::Recomputed), of snapshots
// from the one that was compared last. Errors are those of this program; what is wrong with the
// sources is a reason.
Result<Replayed> Replay(Workspace& workspace, const Pipeline& pipeline, size_t node,
                        const Target& target, duck::Connection& connection);

// The rows of a query that expectations leave, NULL being no violation; nothing when a rule takes
// out rows that one row alone does not tell.
std::optional<std::string> RowsKeptBy(const std::vector<quality::Rule>& rules,
                                      const std::string& query);

// Makes the relations that the flow's query reads, views of the pipeline with their rules. A reason
// where that cannot be.
Result<std::optional<std::string>> CreateRuledInputs(const Pipeline& pipeline,
                                                     duck::Connection& connection,
                                                     const BoundFlow& flow,
                                                     const LeafRelations& leaves);

}  // namespace penstock::run
