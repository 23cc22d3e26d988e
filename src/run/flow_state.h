#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "run/project_run.h"
#include "source/offsets.h"

namespace penstock::run {

// What identifies a flow's progress (docs/formats/flows.md): the flow's own id (flow.json in its
// folder; deleting the folder makes a new one, so that everything is read again) and the generation
// of the table it writes
// (_penstock/tables/<table>.json; a full refresh makes a new one).
struct FlowIdentity {
  std::string flow_id;
  std::string generation;
  // The appId of its Delta transactions.
  std::string AppId() const { return flow_id + "/" + generation; }
};

// Reads the flow's id, making one the first time.
Result<std::string> OpenFlowId(Workspace& workspace, const model::TableName& flow);
// Reads the table's generation; nothing when none was ever written.
Result<std::string> ReadGeneration(Workspace& workspace, const model::TableName& table);
// Writes a new generation: the next commit of any flow of the table replaces all that is in it.
Result<std::string> NewGeneration(Workspace& workspace, const model::TableName& table);
Status WriteGeneration(Workspace& workspace, const model::TableName& table,
                       const std::string& generation);

source::OffsetLog OffsetsOf(Workspace& workspace, const model::TableName& flow,
                            const FlowIdentity& identity);

}  // namespace penstock::run
