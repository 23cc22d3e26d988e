#include "run/past_run.h"

#include <algorithm>

#include "lake/lake_table.h"

namespace penstock::run {
namespace {

constexpr char kLastRuns[] =
    "SELECT origin.dataset_name, details->>'$.flow_progress.mode' AS mode, "
    "arg_max(CAST(details->>'$.flow_progress.seconds' AS DOUBLE), \"timestamp\"), "
    "epoch_us(max(\"timestamp\")) FROM (";
constexpr char kCompleted[] =
    ") WHERE event_type = 'flow_progress' AND details->>'$.flow_progress.status' = 'COMPLETED' "
    "AND details->>'$.flow_progress.mode' <> 'unchanged' GROUP BY 1, 2";

}  // namespace

PastRuns::PastRuns(Workspace& workspace) {
  const auto table = workspace.catalog->OpenPath(workspace.catalog->layout().EventLogPath());
  auto snapshot = table->Latest();
  if (!snapshot.ok()) return;
  auto relation = lake::SnapshotRelation(table->path(), **snapshot);
  auto connection = workspace.engine->Connect();
  if (!relation.ok() || !connection.ok()) return;
  auto rows = connection->Query(kLastRuns + relation->sql + kCompleted);
  if (!rows.ok()) return;
  while (true) {
    auto more = rows->NextChunk();
    if (!more.ok() || !*more) return;
    for (size_t row = 0; row < rows->RowCount(); ++row) {
      if (rows->IsNull(row, 0) || rows->IsNull(row, 1) || rows->IsNull(row, 2)) continue;
      runs_[rows->Text(row, 0)][rows->Text(row, 1)] = {rows->Double(row, 2), rows->Int64(row, 3)};
    }
  }
}

std::optional<double> PastRuns::Seconds(const std::string& table, const std::string& mode) const {
  const auto modes = runs_.find(table);
  if (modes == runs_.end()) return std::nullopt;
  const auto run = modes->second.find(mode);
  return run == modes->second.end() ? std::nullopt : std::optional<double>(run->second.seconds);
}

std::optional<double> PastRuns::Seconds(const std::string& table) const {
  const auto modes = runs_.find(table);
  if (modes == runs_.end()) return std::nullopt;
  return std::max_element(
             modes->second.begin(), modes->second.end(),
             [](const auto& a, const auto& b) { return a.second.order < b.second.order; })
      ->second.seconds;
}

std::optional<double> PastRuns::FullSeconds(const std::string& table) const {
  const auto recomputed = Seconds(table, "full recomputation");
  return recomputed ? recomputed : Seconds(table, "full refresh");
}

}  // namespace penstock::run
