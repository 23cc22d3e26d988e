#include "run/refresh_decision.h"

#include "base/text.h"
#include "run/flow_state.h"
#include "run/leaf_relation.h"
#include "run/source_change.h"
#include "sql/token.h"

namespace penstock::run {
namespace {

// Changes when a table must be computed anew although no source changed: the meaning of the query's
// functions.
constexpr int kEngineGeneration = 1;

// The text without what means nothing: comments and line breaks.
std::string WordsOf(const std::string& text) {
  const sql::Tokens read = sql::Lex(text, model::Dialect::kDuckdb);
  if (read.error) return text;
  std::string words;
  for (const sql::Token& token : read.tokens) words.append(token.text).append(" ");
  return words;
}

// What decides the rows of a view besides its sources. Comments, layout and properties do not.
std::string DefinitionOf(const Pipeline& pipeline, size_t node_index) {
  const graph::Node& node = pipeline.graph.nodes[node_index];
  const BoundNode& bound = pipeline.bound[node_index];
  const BoundFlow& flow = bound.flows[0];
  std::string text = std::to_string(kEngineGeneration) + '\0' + WordsOf(flow.query.text);
  for (const graph::ViewInstance& view : flow.query.views) {
    text += '\0' + view.placeholder + '=' + WordsOf(view.text);
    for (const quality::Rule& rule : pipeline.bound[view.dataset].rules) {
      text += '\0' + rule.condition + std::string(model::ToString(rule.declared.on_violation));
    }
  }
  for (const graph::LeafInput& leaf : flow.query.leaves) {
    text += '\0' + leaf.placeholder + '=' + leaf.source_id;
    if (const auto* files = std::get_if<sql::FilesInput>(&leaf.target)) {
      text += '\0' + files->format;
      for (const auto& [name, value] : files->options) text += '\0' + name + '=' + value;
    }
  }
  for (const quality::Rule& rule : bound.rules) {
    text += '\0' + rule.declared.name + rule.condition +
            std::string(model::ToString(rule.declared.on_violation));
  }
  text += '\0' + penstock::ToString(bound.columns);
  for (const std::string& column : node.dataset.partitioned_by) text += '\0' + column;
  return Fingerprint(text);
}

std::string ChangeOf(const std::string& source, const Json& before, const Json& now) {
  if (now.contains("instant")) {
    if (before.is_null()) return "the query depends on the current time";
    return "the time moved on from " + before.value("instant", "") + " to " +
           now.value("instant", "");
  }
  if (before.is_null()) return source + " is a new source";
  if (now.contains("version") && before.contains("version") &&
      before.value("table", "") == now.value("table", "")) {
    return source + " moved from version " + std::to_string(before["version"].get<int64_t>()) +
           " to " + std::to_string(now["version"].get<int64_t>());
  }
  if (now.contains("files")) return source + ": its files changed";
  return source + " was replaced";
}

std::string SourceChange(const Json& before, const Json& now) {
  for (const auto& [source, state] : now.items()) {
    const Json old = before.contains(source) ? before[source] : Json();
    if (old != state) return ChangeOf(source.substr(source.find(':') + 1), old, state);
  }
  return "a source is no longer read";
}

// Commits of others since our last refresh that changed rows.
Result<std::string> ForeignChange(const Target& target) {
  const std::string recorded = RecordedValue(target, kRefreshedVersionKey);
  const delta::Version ours = recorded.empty() ? -1 : std::stoll(recorded);
  const delta::Version newest = target.snapshot->version();
  if (ours >= newest || ours < 0) return std::string();
  ASSIGN_OR_RETURN(const auto commits, target.table->Commits(ours, newest));
  for (const delta::CommitEntry& commit : commits) {
    for (const delta::Action& action : commit.actions) {
      const auto* add = std::get_if<delta::AddFile>(&action);
      const auto* remove = std::get_if<delta::RemoveFile>(&action);
      if ((add != nullptr && add->data_change) || (remove != nullptr && remove->data_change)) {
        return "another writer changed it in version " + std::to_string(commit.version);
      }
    }
  }
  return std::string();
}

Result<Json> SourcesOf(Workspace& workspace, const BoundFlow& flow) {
  Json sources = Json::object();
  for (const BoundLeaf& leaf : flow.leaves) {
    ASSIGN_OR_RETURN(sources[leaf.input.source_id], StateOf(workspace, leaf));
  }
  return sources;
}

// Tables that expectations refer to are sources as well.
Status AddReferenced(Workspace& workspace, const BoundNode& bound, Json* sources) {
  for (const quality::Rule& rule : bound.rules) {
    const auto* key = std::get_if<model::ForeignKeyRule>(&rule.declared.rule);
    if (key == nullptr) continue;
    ASSIGN_OR_RETURN(const auto table, workspace.catalog->Open(key->references));
    ASSIGN_OR_RETURN(const bool exists, table->Exists());
    if (!exists) continue;
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
    (*sources)["reference:" + AsciiLower(model::ToString(key->references))] = {
        {"table", snapshot->metadata().id}, {"version", snapshot->version()}};
  }
  return OkStatus();
}

}  // namespace

std::string RecordedValue(const Target& target, const char* key) {
  if (target.snapshot == nullptr) return "";
  return ValueOf(target.snapshot->metadata().configuration, key);
}

std::string InstantOf(const Json& sources) {
  return sources.contains(kTimeSource) ? sources[kTimeSource].value("instant", "") : "";
}

Result<RefreshDecision> DecideRefresh(Workspace& workspace, const Pipeline& pipeline, size_t node,
                                      const Target& target, bool force, TimestampMicros now) {
  const BoundNode& bound = pipeline.bound[node];
  const graph::FlowQuery& query = bound.flows[0].query;
  RefreshDecision decision;
  decision.recompute = true;
  decision.definition = DefinitionOf(pipeline, node);
  ASSIGN_OR_RETURN(decision.sources, SourcesOf(workspace, bound.flows[0]));
  RETURN_IF_ERROR(AddReferenced(workspace, bound, &decision.sources));
  if (query.time_dependent) decision.sources[kTimeSource] = {{"instant", FormatTimestamp(now)}};
  if (target.snapshot == nullptr) {
    decision.anew = true;
    decision.reason = "new table";
    return decision;
  }
  const std::string recorded = RecordedValue(target, kSourcesKey);
  const auto before = ParseJson(recorded.empty() ? "{}" : recorded, kSourcesKey);
  ASSIGN_OR_RETURN(const std::string foreign, ForeignChange(target));
  // Only for comparing: a refresh reads the newest versions, whose files are sure to be there.
  const Json sources = before.ok() ? WithoutRewrites(workspace, *before, decision.sources) : Json();
  if (force) {
    decision.anew = true;
    decision.reason = "full refresh asked for";
  } else if (RecordedValue(target, kDefinitionKey) != decision.definition) {
    decision.anew = true;
    decision.reason = "the definition changed";
  } else if (!before.ok() || *before != sources) {
    decision.reason = before.ok() ? SourceChange(*before, sources) : "unknown sources";
    if (!foreign.empty()) decision.reason += "; " + foreign;
    decision.only_sources = before.ok() && foreign.empty();
    if (before.ok()) decision.before = *before;
  } else if (!foreign.empty()) {
    decision.reason = foreign;
  } else if (query.nondeterministic) {
    decision.reason = "the query gives other rows each time (random(), uuid() …)";
  } else if (pipeline.graph.nodes[node].dataset.refresh == model::RefreshPolicy::kFull) {
    decision.reason = "its refresh policy is FULL";
  } else {
    decision.recompute = false;
    decision.reason = "nothing changed";
  }
  return decision;
}

}  // namespace penstock::run
