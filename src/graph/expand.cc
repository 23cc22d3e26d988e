#include <map>

#include "base/text.h"
#include "graph/graph.h"

namespace penstock::graph {
namespace {

std::string TravelSuffix(const LeafInput& leaf) {
  if (leaf.changes) {
    const std::string to = leaf.changes->to ? leaf.changes->to->text : "";
    return "@changes(" + leaf.changes->from.text + "," + to + ")";
  }
  if (leaf.version) return "@v" + *leaf.version;
  if (leaf.timestamp) return "@" + *leaf.timestamp;
  return "";
}

class Expander {
 public:
  Expander(const Graph& graph, const model::Project& project) : graph_(graph), project_(project) {}

  Result<FlowQuery> Run(const ResolvedFlow& flow) {
    RETURN_IF_ERROR(AddInputs(flow.query));
    result_.text = flow.query.query.text;
    Note(flow.query.query);
    if (flow.query.query.row_to_row && carried_) {
      result_.carried_text = flow.query.query.carried_text;
    }
    return std::move(result_);
  }

 private:
  void Note(const sql::Query& query) {
    result_.time_dependent |= query.time_dependent;
    result_.nondeterministic |= query.nondeterministic;
    carried_ &= query.row_to_row;
  }

  Status AddInputs(const ResolvedQuery& query) {
    for (const ResolvedInput& input : query.inputs) {
      const auto* dataset = std::get_if<DatasetInput>(&input.target);
      if (dataset != nullptr &&
          graph_.nodes[dataset->dataset].dataset.kind == model::DatasetKind::kView) {
        if (input.input.changes) return ChangesOfView(dataset->dataset).At(input.input.where);
        RETURN_IF_ERROR(AddView(input, dataset->dataset));
      } else {
        AddLeaf(input);
      }
    }
    return OkStatus();
  }

  // The view's query is translated again under placeholders of its own, since it may be read
  // several times.
  Status AddView(const ResolvedInput& input, size_t dataset) {
    const Node& view = graph_.nodes[dataset];
    const ResolvedQuery& declared = view.flows[0].query;
    sql::QueryContext context{project_.dialect, "__v" + std::to_string(++views_) + "_"};
    context.carry_metadata = input.input.uses_metadata;
    ASSIGN_OR_RETURN(sql::Query query, sql::TranslateQuery(declared.source, context));
    ResolvedQuery instance{declared.source, query, declared.inputs};
    for (size_t i = 0; i < instance.inputs.size(); ++i) {
      instance.inputs[i].input = query.inputs[i];
    }
    RETURN_IF_ERROR(AddInputs(instance));
    Note(query);
    result_.views.push_back(
        {input.input.placeholder, dataset, query.text, query.carried_text, input.input.streaming});
    return OkStatus();
  }

  Error ChangesOfView(size_t dataset) const {
    return UserError("NOT_A_TABLE",
                     model::ToString(graph_.nodes[dataset].dataset.name) +
                         " is a view, which has no history of changes",
                     "table_changes reads Delta tables: name one that the view reads.");
  }

  void AddLeaf(const ResolvedInput& input) {
    LeafInput leaf;
    leaf.placeholder = input.input.placeholder;
    leaf.target = input.target;
    leaf.streaming = input.input.streaming;
    leaf.uses_metadata = input.input.uses_metadata;
    leaf.options = input.input.options;
    leaf.changes = input.input.changes;
    leaf.where = input.input.where;
    if (const auto* table = std::get_if<sql::TableInput>(&input.input.source)) {
      leaf.version = table->version;
      leaf.timestamp = table->timestamp;
    }
    if (const auto* path = std::get_if<sql::DeltaPathInput>(&input.input.source)) {
      leaf.version = path->version;
      leaf.timestamp = path->timestamp;
    }
    leaf.source_id = SourceId(leaf);
    result_.leaves.push_back(std::move(leaf));
  }

  std::string SourceId(const LeafInput& leaf) {
    std::string id;
    if (const auto* dataset = std::get_if<DatasetInput>(&leaf.target)) {
      id = "table:" + AsciiLower(model::ToString(graph_.nodes[dataset->dataset].dataset.name));
    } else if (const auto* table = std::get_if<ExistingTable>(&leaf.target)) {
      id = "table:" + AsciiLower(model::ToString(table->name));
    } else if (const auto* files = std::get_if<sql::FilesInput>(&leaf.target)) {
      id = "files:" + files->path;
    } else if (const auto* path = std::get_if<sql::DeltaPathInput>(&leaf.target)) {
      id = "delta:" + path->path;
    }
    id += TravelSuffix(leaf);
    const int count = ++uses_[id];
    return count == 1 ? id : id + "#" + std::to_string(count);
  }

  const Graph& graph_;
  const model::Project& project_;
  FlowQuery result_;
  std::map<std::string, int> uses_;
  int views_ = 0;
  bool carried_ = true;
};

}  // namespace

Result<FlowQuery> ExpandFlow(const Graph& graph, const ResolvedFlow& flow,
                             const model::Project& project) {
  return Expander(graph, project).Run(flow);
}

}  // namespace penstock::graph
