#include "graph/selection.h"

#include <fnmatch.h>

#include <set>

#include "base/text.h"

namespace penstock::graph {
namespace {

std::vector<std::string> NamesOf(const model::TableName& name) {
  return {AsciiLower(name.table), AsciiLower(name.schema + "." + name.table),
          AsciiLower(name.catalog + "." + name.schema + "." + name.table)};
}

class Selector {
 public:
  Selector(const Graph& graph, const model::Project& project) : graph_(graph), project_(project) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      downstream_.emplace_back();
      for (const size_t input : graph.nodes[i].upstream) downstream_[input].push_back(i);
    }
  }

  Result<std::set<size_t>> Matching(const std::string& written) const {
    std::set<size_t> found;
    const std::string pattern = AsciiLower(written);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const std::string& name : NamesOf(graph_.nodes[i].dataset.name)) {
        if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0) found.insert(i);
      }
    }
    if (found.empty()) return NotFound(written);
    return found;
  }

  Result<std::set<size_t>> Expression(std::string expression) const {
    const bool up = !expression.empty() && expression.front() == '+';
    if (up) expression.erase(0, 1);
    const bool down = !expression.empty() && expression.back() == '+';
    if (down) expression.pop_back();
    ASSIGN_OR_RETURN(const std::set<size_t> named, Matching(expression));
    std::set<size_t> selected = named;
    for (const size_t node : named) {
      if (up) Reach(node, [this](size_t n) { return graph_.nodes[n].upstream; }, &selected);
      if (down) Reach(node, [this](size_t n) { return downstream_[n]; }, &selected);
    }
    return selected;
  }

  bool ResetAllowed(size_t node) const {
    const auto& properties = graph_.nodes[node].dataset.properties;
    auto setting = properties.find("pipelines.reset.allowed");
    if (setting == properties.end()) {
      setting = project_.configuration.find("pipelines.reset.allowed");
      if (setting == project_.configuration.end()) return true;
    }
    return !EqualsIgnoreCase(setting->second, "false");
  }

  Error ResetRefused(size_t node) const {
    return UserError("RESET_NOT_ALLOWED",
                     model::ToString(graph_.nodes[node].dataset.name) +
                         " is protected from full refresh by pipelines.reset.allowed=false",
                     "Refresh it without --full-refresh, or remove the property.")
        .At(graph_.nodes[node].dataset.where);
  }

 private:
  template <typename Next>
  static void Reach(size_t start, Next next, std::set<size_t>* reached) {
    std::vector<size_t> open{start};
    while (!open.empty()) {
      const size_t node = open.back();
      open.pop_back();
      for (const size_t other : next(node)) {
        if (reached->insert(other).second) open.push_back(other);
      }
    }
  }

  Error NotFound(const std::string& written) const {
    std::vector<std::string> names;
    for (const Node& node : graph_.nodes) {
      for (const std::string& name : NamesOf(node.dataset.name)) names.push_back(name);
    }
    const auto nearest = NearestName(written, names);
    return UserError(
        "TABLE_NOT_FOUND", "the pipeline defines no table " + written,
        nearest ? "Did you mean " + *nearest + "?" : "`penstock dry-run` lists the tables.");
  }

  const Graph& graph_;
  const model::Project& project_;
  std::vector<std::vector<size_t>> downstream_;
};

}  // namespace

Result<std::vector<Treatment>> Select(const Graph& graph, const model::Project& project,
                                      const SelectionRequest& request) {
  const Selector selector(graph, project);
  const bool everything =
      request.refresh.empty() && request.full_refresh.empty() && request.select.empty();
  std::vector<Treatment> treatments(graph.nodes.size(),
                                    everything ? Treatment::kRefresh : Treatment::kExcluded);
  for (const std::string& expression : request.select) {
    ASSIGN_OR_RETURN(const auto nodes, selector.Expression(expression));
    for (const size_t node : nodes) treatments[node] = Treatment::kRefresh;
  }
  for (const std::string& name : request.refresh) {
    ASSIGN_OR_RETURN(const auto nodes, selector.Matching(name));
    for (const size_t node : nodes) treatments[node] = Treatment::kRefresh;
  }
  for (const std::string& name : request.full_refresh) {
    ASSIGN_OR_RETURN(const auto nodes, selector.Matching(name));
    for (const size_t node : nodes) {
      if (!selector.ResetAllowed(node)) return selector.ResetRefused(node);
      treatments[node] = Treatment::kFullRefresh;
    }
  }
  for (size_t node = 0; node < treatments.size(); ++node) {
    const bool is_view = graph.nodes[node].dataset.kind == model::DatasetKind::kView;
    if (is_view) {
      treatments[node] = Treatment::kRefresh;
    } else if (request.full_refresh_all && treatments[node] == Treatment::kRefresh &&
               selector.ResetAllowed(node)) {
      treatments[node] = Treatment::kFullRefresh;
    }
  }
  return treatments;
}

}  // namespace penstock::graph
