#include "run/compact.h"

#include <map>
#include <utility>

#include "base/text.h"
#include "lake/table_operation.h"

namespace penstock::run {
namespace {

// In one partition; fewer cost a reader little.
constexpr int64_t kManyFiles = 50;
constexpr int64_t kTargetBytes = int64_t{128} << 20;
constexpr int64_t kSmallBytes = kTargetBytes / 2;

bool TurnedOff(const std::map<std::string, std::string>& settings, const char* key) {
  const auto found = settings.find(key);
  return found != settings.end() && EqualsIgnoreCase(Trim(found->second), "false");
}

bool HasManySmallFiles(const delta::Snapshot& snapshot) {
  if (snapshot.NumFiles() < kManyFiles) return false;
  std::map<delta::PartitionValues, int64_t> small;
  bool many = false;
  snapshot.ForEachFile([&](const delta::AddFile& file) {
    if (many || file.size >= kSmallBytes) return;
    many = ++small[file.partition_values] >= kManyFiles;
  });
  return many;
}

events::Event EventOf(const model::TableName& name, const Result<lake::OperationResult>& result) {
  events::Event event;
  event.type = "operation_progress";
  const std::string table = model::ToString(name);
  Json progress = {{"type", "AUTO_COMPACTION"}, {"dataset", table}};
  if (result.ok()) {
    const Json& metrics = result->metrics;
    event.message = "compacted " + table + ": " + metrics["numFilesRemoved"].dump() +
                    " files became " + metrics["numFilesAdded"].dump();
    progress["status"] = "COMPLETED";
    progress["metrics"] = metrics;
  } else {
    event.level = events::Level::kWarn;
    event.message = table + " could not be compacted; its rows are as they were";
    event.error = result.error();
    progress["status"] = "FAILED";
  }
  event.details = {{"operation_progress", std::move(progress)}};
  return event;
}

void CompactTable(UpdateContext& context, const model::TableName& name) {
  Workspace& workspace = context.workspace;
  const auto table = workspace.catalog->Open(name);
  if (!table.ok()) return;
  const Result<bool> exists = (*table)->Exists();
  if (!exists.ok() || !*exists) return;
  const auto snapshot = (*table)->Latest();
  if (!snapshot.ok() || !HasManySmallFiles(**snapshot)) return;
  if (TurnedOff((*snapshot)->metadata().configuration, "delta.autoOptimize.autoCompact")) return;
  auto connection = workspace.engine->Connect();
  if (!connection.ok()) return;
  lake::OptimizeRequest request;
  request.automatic = true;
  request.target_file_bytes = kTargetBytes;
  request.min_file_bytes = kSmallBytes;
  lake::Lake lake;
  lake.engine = workspace.engine.get();
  lake.connection = &*connection;
  lake.storage = workspace.storage;
  lake.clock = workspace.clock;
  RunningQuery query;
  query.connection = &*connection;
  query.dataset = model::ToString(name);
  query.rows = [] { return int64_t{0}; };
  const QueryScope scope(context.queries, query);
  const auto result = lake::Optimize(lake, **table, request);
  if (!result.ok() || result->version) context.log.Add(EventOf(name, result));
}

}  // namespace

void CompactSmallFiles(UpdateContext& context) {
  if (TurnedOff(context.workspace.project.configuration, "penstock.autoCompact")) return;
  for (const graph::Node& node : context.pipeline.graph.nodes) {
    if (context.Stopping()) return;
    if (node.dataset.kind == model::DatasetKind::kView) continue;
    CompactTable(context, node.dataset.name);
  }
}

}  // namespace penstock::run
