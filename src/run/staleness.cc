#include <map>

#include "base/json.h"
#include "run/consumed_input.h"
#include "run/project_run.h"
#include "run/source_change.h"
#include "run/target.h"

namespace penstock::run {
namespace {

// Deeper than any cascade of tables: a cycle in what foreign tables record ends there.
constexpr size_t kDeepest = 100;

struct Reflected {
  std::string table;  // id of its metadata; empty: not recorded
  delta::Version version = 0;
};
using Sources = std::map<std::string, Reflected>;  // by source id

std::string NameOf(const std::string& source) {
  return source.starts_with("table:") ? source.substr(std::string("table:").size()) : source;
}

class Tracking {
 public:
  explicit Tracking(Workspace& workspace) : workspace_(workspace) {}

  Result<Staleness> Run(const model::TableName& name) {
    ASSIGN_OR_RETURN(const auto table, workspace_.catalog->Open(name));
    ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
    RETURN_IF_ERROR(Add(name, snapshot, {}));
    staleness_.stale = !staleness_.reasons.empty();
    return std::move(staleness_);
  }

 private:
  Status Add(const std::optional<model::TableName>& name, const delta::SnapshotPtr& snapshot,
             const std::vector<std::string>& through) {
    if (through.size() > kDeepest) return OkStatus();
    ASSIGN_OR_RETURN(Sources sources, Recorded(*snapshot));
    if (sources.empty() && name) sources = Consumed(*name, snapshot);
    for (const auto& [source, reflected] : sources) {
      if (source.find('@') != std::string::npos) continue;  // a version that the query asks for
      RETURN_IF_ERROR(AddSource(source, reflected, through));
    }
    return OkStatus();
  }

  Status AddSource(const std::string& source, const Reflected& reflected,
                   const std::vector<std::string>& through) {
    ASSIGN_OR_RETURN(const auto input, SourceTable(workspace_, source));
    Staleness::Source found{NameOf(source), reflected.version, std::nullopt, through};
    auto now = input->Latest();
    if (now.ok()) found.newest = (*now)->version();
    staleness_.sources.push_back(found);
    if (through.empty() || now.ok()) {
      const std::string reason = WhyStale(source, reflected, *input, now);
      if (!reason.empty()) staleness_.reasons.push_back(reason + Through(through));
    }
    // What it was made of, as of the version that counts here.
    auto then = input->At({reflected.version, std::nullopt});
    if (!then.ok()) return OkStatus();
    std::vector<std::string> further = through;
    further.push_back(found.table);
    return Add(TableOf(source), *then, further);
  }

  static std::string Through(const std::vector<std::string>& through) {
    std::string text;
    for (const std::string& table : through) text += (text.empty() ? " through " : ", ") + table;
    return text;
  }

  static std::string WhyStale(const std::string& source, const Reflected& reflected,
                              delta::Table& input, const Result<delta::SnapshotPtr>& now) {
    if (!now.ok()) return source + ": cannot be read any more";
    if (!reflected.table.empty() && (*now)->metadata().id != reflected.table) {
      return source + ": was dropped and made again";
    }
    const delta::Version newest = (*now)->version();
    const bool moved =
        newest < reflected.version ||
        (newest > reflected.version && ChangedBetween(input, reflected.version, newest));
    if (!moved) return "";
    return source + ": reflects version " + std::to_string(reflected.version) + ", now " +
           std::to_string(newest);
  }

  static std::optional<model::TableName> TableOf(const std::string& source) {
    if (!source.starts_with("table:")) return std::nullopt;
    const std::string rest = NameOf(source);
    const size_t first = rest.find('.');
    const size_t second = first == rest.npos ? rest.npos : rest.find('.', first + 1);
    if (second == rest.npos) return std::nullopt;
    return model::TableName{rest.substr(0, first), rest.substr(first + 1, second - first - 1),
                            rest.substr(second + 1)};
  }

  // What a materialized view says.
  static Result<Sources> Recorded(const delta::Snapshot& snapshot) {
    Sources sources;
    const auto& configuration = snapshot.metadata().configuration;
    const auto recorded = configuration.find(kSourcesKey);
    if (recorded == configuration.end()) return sources;
    ASSIGN_OR_RETURN(const Json states, ParseJson(recorded->second, kSourcesKey));
    for (const auto& [source, state] : states.items()) {
      if (!state.contains("version")) continue;
      sources[source] = {state.value("table", ""), state["version"].get<int64_t>()};
    }
    return sources;
  }

  // What the flows of a streaming table have read; nothing where that is not known.
  Sources Consumed(const model::TableName& name, const delta::SnapshotPtr& snapshot) {
    Sources sources;
    const Pipeline* pipeline = LoadedPipeline();
    if (pipeline == nullptr) return sources;
    for (const graph::Node& node : pipeline->graph.nodes) {
      if (model::Key(node.dataset.name) != model::Key(name)) continue;
      Target target;
      target.snapshot = snapshot;
      for (const graph::ResolvedFlow& flow : node.flows) {
        const auto batches = ConsumedBy(workspace_, node, flow, target);
        if (!batches.ok()) continue;
        for (const source::Batch& batch : *batches) {
          for (const auto& [source, range] : batch.ranges) {
            const auto* delta = std::get_if<source::DeltaRange>(&range);
            if (delta != nullptr) sources[source] = {delta->table_id, delta->to};
          }
        }
      }
    }
    return sources;
  }

  const Pipeline* LoadedPipeline() {
    if (!loaded_) loaded_ = LoadPipeline(workspace_);
    return loaded_->pipeline ? &*loaded_->pipeline : nullptr;
  }

  Workspace& workspace_;
  Staleness staleness_;
  std::optional<PipelineOutcome> loaded_;
};

}  // namespace

Result<Staleness> CheckStaleness(Workspace& workspace, const model::TableName& table) {
  return Tracking(workspace).Run(table);
}

}  // namespace penstock::run
