#include <algorithm>
#include <set>

#include "base/text.h"
#include "graph/checks.h"

namespace penstock::graph {
namespace {

using model::AutoCdc;

std::set<std::string> Lowered(const std::vector<std::string>& names) {
  std::set<std::string> lowered;
  for (const std::string& name : names) lowered.insert(AsciiLower(name));
  return lowered;
}

bool SameChoice(const std::optional<model::ColumnChoice>& a,
                const std::optional<model::ColumnChoice>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->except == b->except && Lowered(a->columns) == Lowered(b->columns));
}

// The clause in which two flows of one table differ, though it says what the table is.
const char* Difference(const AutoCdc& a, const AutoCdc& b) {
  if (Lowered(a.keys) != Lowered(b.keys)) return "KEYS";
  if (a.scd_type != b.scd_type) return "STORED AS SCD TYPE";
  if (!SameChoice(a.track_history, b.track_history)) return "TRACK HISTORY ON";
  if (!SameChoice(a.ignore_null_updates, b.ignore_null_updates)) return "IGNORE NULL UPDATES";
  return nullptr;
}

Error Refused(const Node& node, const ResolvedFlow& flow, const std::string& why,
              const std::string& remedy) {
  return UserError("CDC_FLOWS", model::ToString(node.dataset.name) + " " + why, remedy)
      .At(flow.flow.where);
}

}  // namespace

void CheckCdcFlows(const Node& node, std::vector<Error>* errors) {
  const auto is_cdc = [](const ResolvedFlow& flow) { return flow.flow.cdc.has_value(); };
  const auto first = std::find_if(node.flows.begin(), node.flows.end(), is_cdc);
  if (first == node.flows.end()) return;
  if (node.dataset.kind != model::DatasetKind::kStreamingTable) {
    errors->push_back(Refused(
        node, *first, "takes changes and is a " + std::string(model::ToString(node.dataset.kind)),
        "Declare it: CREATE STREAMING TABLE " + node.dataset.name.table));
    return;
  }
  for (const ResolvedFlow& flow : node.flows) {
    if (&flow == &*first) continue;
    if (!is_cdc(flow)) {
      errors->push_back(Refused(node, flow, "has a flow of rows beside one of changes",
                                "Give the rows keys and a sequence and write AUTO CDC ONCE INTO …, "
                                "or send them to a table of their own."));
      continue;
    }
    if (flow.flow.cdc->from_snapshot || first->flow.cdc->from_snapshot) {
      errors->push_back(Refused(node, flow, "is compared with a snapshot and has a second flow",
                                "Give each a table of its own."));
      continue;
    }
    if (const char* clause = Difference(*first->flow.cdc, *flow.flow.cdc)) {
      errors->push_back(Refused(node, flow,
                                "has two AUTO CDC flows that differ in " + std::string(clause) +
                                    ": here and at " + penstock::ToString(first->flow.where),
                                "What a table keeps of its changes is one thing: give both flows "
                                "the same clause."));
    }
  }
}

}  // namespace penstock::graph
