#include <algorithm>
#include <functional>
#include <set>

#include "base/text.h"
#include "base/word.h"
#include "graph/checks.h"
#include "graph/graph.h"
#include "graph/name_index.h"

namespace penstock::graph {
namespace {

// Collects what goes wrong, so that all of it is reported at once.
class Resolver {
 public:
  Resolver(const model::Definitions& definitions, const model::Project& project,
           TableLookup& lookup)
      : definitions_(definitions), project_(project), lookup_(lookup) {}

  ResolveOutcome Run() {
    AddDatasets();
    AddFlows();
    ResolveExpectations();
    CheckFlowCounts();
    OrderNodes();
    CheckGraph(graph_, &errors_);
    return {std::move(graph_), std::move(errors_)};
  }

 private:
  void AddDatasets() {
    for (const model::Dataset& dataset : definitions_.datasets) {
      size_t taken_by = 0;
      if (!index_.Add(dataset, graph_.nodes.size(), &taken_by)) {
        errors_.push_back(
            UserError("DUPLICATE_DEFINITION",
                      model::ToString(dataset.name) + " is defined twice: here and at " +
                          penstock::ToString(graph_.nodes[taken_by].dataset.where),
                      "Remove or rename one of them; a second query into one streaming table is "
                      "written CREATE FLOW … AS INSERT INTO …")
                .At(dataset.where));
        graph_.nodes[taken_by].broken = true;
        continue;
      }
      graph_.nodes.push_back(Node{dataset, {}, {}, {}});
    }
  }

  void AddFlows() {
    std::map<model::TableName, SourceLocation> flow_names;
    for (const model::Flow& flow : definitions_.flows) {
      const auto [first, fresh] = flow_names.emplace(model::Key(flow.name), flow.where);
      auto query = ResolveQuery(flow);
      const auto target = TargetOf(flow);
      if (!target) continue;
      Node& node = graph_.nodes[*target];
      const bool declared_twice = flow.name == flow.target;  // said of the dataset already
      if (!fresh && declared_twice) continue;
      if (!fresh) {
        errors_.push_back(UserError("DUPLICATE_FLOW",
                                    "the flow " + model::ToString(flow.name) +
                                        " is defined twice: here and at " +
                                        penstock::ToString(first->second),
                                    "Give each flow a name of its own.")
                              .At(flow.where));
        node.broken = true;
        continue;
      }
      node.broken |= !query || !IsComplete(*query);
      if (query) node.flows.push_back({flow, *std::move(query)});
    }
  }

  static bool IsComplete(const ResolvedQuery& query) {
    return std::none_of(query.inputs.begin(), query.inputs.end(), [](const ResolvedInput& input) {
      return std::holds_alternative<UnknownTable>(input.target);
    });
  }

  // Whether a statement that has an error of its own mentions the name: it may define it.
  bool MayBeUnread(const std::string& name) const {
    return std::any_of(definitions_.unread.begin(), definitions_.unread.end(),
                       [&](const std::string& text) { return HasWord(text, name); });
  }

  // Whether such a statement may be a flow into the table.
  bool MayHaveUnreadFlow(const model::Dataset& dataset) const {
    return std::any_of(definitions_.unread.begin(), definitions_.unread.end(),
                       [&](const std::string& text) {
                         return HasWord(text, "INTO") && HasWord(text, dataset.name.table);
                       });
  }

  std::optional<size_t> TargetOf(const model::Flow& flow) {
    auto target = index_.Find({flow.target.catalog, flow.target.schema, flow.target.table}, {});
    if (!target) target = index_.Find({flow.target.table}, {});
    if (!target) stray_flows_ = true;
    if (!target && !MayBeUnread(flow.target.table)) {
      const auto nearest = NearestName(flow.target.table, index_.Names());
      errors_.push_back(
          UserError("FLOW_TARGET_NOT_FOUND",
                    "the flow " + flow.name.table + " writes into " + model::ToString(flow.target) +
                        ", which no statement defines",
                    nearest ? "Did you mean " + *nearest + "?"
                            : "Declare it: CREATE STREAMING TABLE " + flow.target.table + ";")
              .At(flow.where));
    }
    return target;
  }

  std::optional<ResolvedQuery> ResolveQuery(const model::Flow& flow) {
    auto translated = sql::TranslateQuery(flow.query, {project_.dialect, "__input_"});
    if (!translated.ok()) {
      errors_.push_back(std::move(translated).error().At(flow.query.where));
      return std::nullopt;
    }
    ResolvedQuery query{flow.query, *std::move(translated), {}};
    for (const sql::Input& input : query.query.inputs) {
      auto target = ResolveInput(input, flow.current);
      if (target.ok()) {
        query.inputs.push_back({input, *std::move(target)});
      } else {
        errors_.push_back(std::move(target).error().At(input.where));
        query.inputs.push_back({input, UnknownTable{}});
      }
    }
    return query;
  }

  Result<InputTarget> ResolveInput(const sql::Input& input, const model::TableName& current) {
    if (const auto* files = std::get_if<sql::FilesInput>(&input.source)) return InputTarget{*files};
    if (const auto* path = std::get_if<sql::DeltaPathInput>(&input.source)) {
      return InputTarget{*path};
    }
    const auto& table = std::get<sql::TableInput>(input.source);
    const model::TableName base{current.catalog.empty() ? project_.catalog : current.catalog,
                                current.schema.empty() ? project_.schema : current.schema, ""};
    if (const auto dataset = index_.Find(table.parts, base)) {
      return InputTarget{DatasetInput{*dataset}};
    }
    const model::TableName name = CompleteName(table.parts, base);
    ASSIGN_OR_RETURN(const bool exists, lookup_.Exists(name));
    if (exists) return InputTarget{ExistingTable{name}};
    if (MayBeUnread(name.table)) return InputTarget{UnknownTable{}};
    return NotFound(table.parts, name);
  }

  Error NotFound(const std::vector<std::string>& parts, const model::TableName& name) {
    std::vector<std::string> known = index_.Names();
    for (const model::TableName& existing : lookup_.Names()) {
      known.push_back(existing.table);
      known.push_back(existing.schema + "." + existing.table);
    }
    const std::string written =
        parts.size() > 1 ? parts[parts.size() - 2] + "." + parts.back() : parts.back();
    auto nearest = NearestName(written, known);
    if (!nearest) nearest = NearestName(parts.back(), known);
    return UserError(
        "TABLE_NOT_FOUND",
        "there is no table or view " + model::ToString(name) + " in the pipeline or in its storage",
        nearest ? "Did you mean " + *nearest + "?"
                : "Define it in a pipeline file, or read files with read_files(…).");
  }

  void ResolveExpectations() {
    for (Node& node : graph_.nodes) {
      std::set<std::string> names;
      for (const model::Expectation& declared : node.dataset.expectations) {
        if (!names.insert(AsciiLower(declared.name)).second) {
          errors_.push_back(UserError("DUPLICATE_EXPECTATION",
                                      "the expectation " + declared.name + " of " +
                                          model::ToString(node.dataset.name) + " is defined twice",
                                      "Give each expectation of a dataset a name of its own.")
                                .At(declared.where));
          continue;
        }
        AddExpectation(declared, &node);
      }
    }
  }

  void AddExpectation(const model::Expectation& declared, Node* node) {
    const std::string* condition = nullptr;
    if (const auto* row = std::get_if<model::RowRule>(&declared.rule)) condition = &row->condition;
    if (const auto* whole = std::get_if<model::AggregateRule>(&declared.rule)) {
      condition = &whole->condition;
    }
    ResolvedExpectation expectation{declared, std::nullopt};
    if (condition != nullptr) {
      auto translated = sql::TranslateExpression(
          {*condition, declared.rule_where, declared.rule_anchors}, {project_.dialect, "__input_"});
      if (!translated.ok()) {
        errors_.push_back(std::move(translated).error().At(declared.rule_where));
        return;
      }
      expectation.condition = *std::move(translated);
    }
    if (const auto* key = std::get_if<model::ForeignKeyRule>(&declared.rule)) {
      CheckReferenced(declared, *key, *node);
    }
    node->expectations.push_back(std::move(expectation));
  }

  void CheckReferenced(const model::Expectation& declared, const model::ForeignKeyRule& key,
                       const Node& node) {
    if (FindReferenced(node, key) || MayBeUnread(key.references.table)) return;
    auto exists = lookup_.Exists(key.references);
    if (exists.ok() && *exists) return;
    Error error =
        exists.ok() ? NotFound({key.references.table}, key.references) : std::move(exists).error();
    errors_.push_back(
        std::move(error).Because("the expectation " + declared.name).At(declared.rule_where));
  }

  void CheckFlowCounts() {
    for (Node& node : graph_.nodes) {
      const bool only_one = node.dataset.kind != model::DatasetKind::kStreamingTable;
      node.broken |= MayHaveUnreadFlow(node.dataset);
      if (node.flows.empty() && !node.broken && !stray_flows_) {
        errors_.push_back(UserError("NO_FLOW",
                                    "nothing writes into " + model::ToString(node.dataset.name),
                                    "Add a query: AS SELECT …, or CREATE FLOW f AS INSERT INTO " +
                                        node.dataset.name.table + " BY NAME SELECT …")
                              .At(node.dataset.where));
      }
      if (only_one && node.flows.size() > 1) {
        errors_.push_back(UserError("SEVERAL_FLOWS",
                                    "the " + std::string(model::ToString(node.dataset.kind)) + " " +
                                        model::ToString(node.dataset.name) + " has " +
                                        std::to_string(node.flows.size()) + " queries",
                                    "Only a streaming table takes several flows.")
                              .At(node.flows[1].flow.where));
      }
      node.broken |= node.flows.empty() || (only_one && node.flows.size() > 1);
    }
  }

  std::vector<size_t> UpstreamOf(const Node& node) const {
    std::set<size_t> upstream;
    for (const ResolvedFlow& flow : node.flows) {
      for (const ResolvedInput& input : flow.query.inputs) {
        if (const auto* dataset = std::get_if<DatasetInput>(&input.target)) {
          upstream.insert(dataset->dataset);
        }
      }
    }
    for (const ResolvedExpectation& expectation : node.expectations) {
      const auto* key = std::get_if<model::ForeignKeyRule>(&expectation.declared.rule);
      if (key == nullptr) continue;
      const auto found = FindReferenced(node, *key);
      if (found) upstream.insert(*found);
    }
    return {upstream.begin(), upstream.end()};
  }

  std::optional<size_t> FindReferenced(const Node& node, const model::ForeignKeyRule& key) const {
    return index_.Find({key.references.catalog, key.references.schema, key.references.table},
                       node.dataset.name);
  }

  // Depth first, so that a node follows what it reads; the order of definitions decides otherwise.
  void OrderNodes() {
    enum class Mark { kNew, kOpen, kDone };
    const size_t count = graph_.nodes.size();
    std::vector<Mark> marks(count, Mark::kNew);
    std::vector<size_t> order;
    std::vector<size_t> path;
    for (Node& node : graph_.nodes) node.upstream = UpstreamOf(node);
    // An explicit stack: chains of definitions may be long.
    struct Frame {
      size_t node;
      size_t next;
    };
    for (size_t start = 0; start < count; ++start) {
      if (marks[start] != Mark::kNew) continue;
      std::vector<Frame> stack{{start, 0}};
      marks[start] = Mark::kOpen;
      path.push_back(start);
      while (!stack.empty()) {
        Frame& frame = stack.back();
        const auto& upstream = graph_.nodes[frame.node].upstream;
        if (frame.next == upstream.size()) {
          marks[frame.node] = Mark::kDone;
          order.push_back(frame.node);
          path.pop_back();
          stack.pop_back();
          continue;
        }
        const size_t input = upstream[frame.next++];
        if (marks[input] == Mark::kOpen) ReportCycle(path, input);
        if (marks[input] != Mark::kNew) continue;
        marks[input] = Mark::kOpen;
        path.push_back(input);
        stack.push_back({input, 0});
      }
    }
    Reorder(order);
  }

  void ReportCycle(const std::vector<size_t>& path, size_t input) {
    std::string names;
    const auto begin = std::find(path.begin(), path.end(), input);
    for (auto node = begin; node != path.end(); ++node) {
      graph_.nodes[*node].broken = true;
      names += model::ToString(graph_.nodes[*node].dataset.name) + " reads ";
    }
    names += model::ToString(graph_.nodes[input].dataset.name);
    errors_.push_back(UserError("CYCLE", "the definitions form a cycle: " + names,
                                "Break it: a dataset cannot be made from itself.")
                          .At(graph_.nodes[input].dataset.where));
  }

  void Reorder(const std::vector<size_t>& order) {
    std::vector<size_t> position(order.size());
    for (size_t i = 0; i < order.size(); ++i) position[order[i]] = i;
    std::vector<Node> nodes;
    for (const size_t old : order) nodes.push_back(std::move(graph_.nodes[old]));
    for (Node& node : nodes) {
      for (size_t& upstream : node.upstream) upstream = position[upstream];
      std::sort(node.upstream.begin(), node.upstream.end());
      for (ResolvedFlow& flow : node.flows) {
        for (ResolvedInput& input : flow.query.inputs) {
          if (auto* dataset = std::get_if<DatasetInput>(&input.target)) {
            dataset->dataset = position[dataset->dataset];
          }
        }
      }
    }
    graph_.nodes = std::move(nodes);
  }

  const model::Definitions& definitions_;
  const model::Project& project_;
  TableLookup& lookup_;
  NameIndex index_;
  Graph graph_;
  std::vector<Error> errors_;
  bool stray_flows_ = false;  // a flow's target was not found: it may be of any table
};

}  // namespace

ResolveOutcome Resolve(const model::Definitions& definitions, const model::Project& project,
                       TableLookup& lookup) {
  return Resolver(definitions, project, lookup).Run();
}

std::optional<size_t> Graph::Find(const std::vector<std::string>& parts,
                                  const model::TableName& current) const {
  NameIndex index;
  for (size_t i = 0; i < nodes.size(); ++i) {
    size_t taken_by = 0;
    index.Add(nodes[i].dataset, i, &taken_by);
  }
  return index.Find(parts, current);
}

}  // namespace penstock::graph
