#include "lake/history_truncation.h"

#include <utility>

#include "base/text.h"
#include "delta/feature_removal.h"
#include "delta/log_cleanup.h"
#include "delta/properties.h"
#include "delta/table_features.h"
#include "lake/table_commit.h"
#include "lake/table_transaction.h"

namespace penstock::lake {
namespace {

// The feature is not used any more from then on.
Status SwitchOff(const Lake& lake, delta::Table& table, const delta::DropFeature& request) {
  const auto decide = [&](const delta::SnapshotPtr& snapshot,
                          std::vector<std::string>*) -> Result<std::optional<delta::Change>> {
    ASSIGN_OR_RETURN(std::optional<delta::Alteration> planned,
                     delta::PlanFeatureRemoval(snapshot->state(), request));
    const bool uses =
        planned && planned->change.metadata && *planned->change.metadata != snapshot->metadata();
    // Protection ends with its feature, not before.
    if (!uses || EqualsIgnoreCase(request.feature, "checkpointProtection")) {
      return std::optional<delta::Change>();
    }
    planned->change.protocol.reset();
    planned->change.info.operation = "UNSET TBLPROPERTIES";
    return std::optional(std::move(planned->change));
  };
  const auto result = RunTransaction(lake, table, decide);
  return result.ok() ? OkStatus() : Status(result.error());
}

struct Trace {
  delta::Version version = -1;
  int64_t ended_ms = 0;  // since when the table is without
};

std::optional<Trace> FindTrace(const delta::Snapshot& snapshot, const delta::Snapshot& oldest,
                               const std::vector<delta::CommitEntry>& entries,
                               std::string_view feature) {
  std::optional<delta::Version> last = delta::LastTrace(feature, oldest.state(), entries);
  if (EqualsIgnoreCase(feature, "checkpointProtection")) {
    last = delta::ProtectedBefore(snapshot.metadata()) - 1;
  }
  if (!last || entries.back().version > *last) return std::nullopt;
  Trace trace{*last, snapshot.timestamp_ms()};
  for (const delta::CommitEntry& entry : entries) {
    if (entry.version <= *last) break;
    for (const delta::Action& action : entry.actions) {
      const auto* info = std::get_if<delta::CommitInfo>(&action);
      if (info != nullptr) trace.ended_ms = info->timestamp_ms;
    }
  }
  return trace;
}

}  // namespace

Status TruncateHistory(const Lake& lake, delta::Table& table, const delta::DropFeature& request) {
  RETURN_IF_ERROR(SwitchOff(lake, table, request));
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table.Latest());
  ASSIGN_OR_RETURN(const auto entries, table.History(0));
  std::string_view name;
  for (const delta::TableFeature& feature : delta::TableFeatures()) {
    if (EqualsIgnoreCase(feature.name, request.feature)) name = feature.name;
  }
  if (entries.empty()) return OkStatus();
  ASSIGN_OR_RETURN(const delta::SnapshotPtr oldest,
                   table.At({entries.back().version, std::nullopt}));
  const std::optional<Trace> trace = FindTrace(*snapshot, *oldest, entries, name);
  if (trace) {
    const int64_t retention = delta::TruncationRetentionMs(snapshot->metadata());
    const int64_t until = trace->ended_ms + retention;
    if (NowMs(lake) < until) {
      return UserError(
          "FEATURE_IN_HISTORY",
          "version " + std::to_string(trace->version) + " of " + table.path() +
              " needs the feature '" + std::string(name) + "', and readers may still be at it",
          "The table itself does not use it any more. Run this again after " +
              FormatTimestamp(until * 1000) +
              " (delta.dropFeatureTruncateHistory.retentionDuration); the versions up to then are "
              "taken away by it.");
    }
  }
  RETURN_IF_ERROR(table.WriteCheckpoint(snapshot));
  ASSIGN_OR_RETURN(const auto files, lake.storage->List(table.path() + "/_delta_log"));
  for (const std::string& path : delta::ExpiredLogFiles(files, INT64_MAX)) {
    RETURN_IF_ERROR(lake.storage->Delete(path));
  }
  return OkStatus();
}

}  // namespace penstock::lake
