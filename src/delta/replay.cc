#include "delta/replay.h"

#include <algorithm>
#include <utility>

#include "delta/table_features.h"

namespace penstock::delta {

namespace {

template <typename Map>
Map Copy(const std::shared_ptr<const Map>& map) {
  return map == nullptr ? Map() : *map;
}

template <typename Map>
std::shared_ptr<const Map> Shared(Map map) {
  return std::make_shared<const Map>(std::move(map));
}

Error Incomplete(Version version, std::string_view what) {
  return DataError(
      "CORRUPT_LOG",
      "the log up to version " + std::to_string(version) + " has no " + std::string(what),
      "Restore the missing files of _delta_log from a copy.");
}

}  // namespace

Replay::Replay(TableState before) : state_(std::move(before)) {}

void Replay::Take(const Action& action) {
  if (const auto* add = std::get_if<AddFile>(&action)) {
    files_.Take(*add);
  } else if (const auto* remove = std::get_if<RemoveFile>(&action)) {
    files_.Take(*remove);
  } else if (const auto* protocol = std::get_if<Protocol>(&action)) {
    state_.protocol = std::make_shared<const Protocol>(*protocol);
  } else if (const auto* metadata = std::get_if<Metadata>(&action)) {
    state_.metadata = std::make_shared<const Metadata>(*metadata);
  } else if (const auto* transaction = std::get_if<SetTransaction>(&action)) {
    if (!transactions_) transactions_ = Copy(state_.transactions);
    transactions_->insert_or_assign(transaction->app_id, *transaction);
  } else if (const auto* domain = std::get_if<DomainMetadata>(&action)) {
    if (!domains_) domains_ = Copy(state_.domains);
    domains_->insert_or_assign(domain->domain, *domain);
  }
}

TableState Replay::Done(Version version, int64_t timestamp_ms) && {
  state_.files = state_.files.With(std::move(files_));
  if (transactions_) state_.transactions = Shared(std::move(*transactions_));
  if (domains_) state_.domains = Shared(std::move(*domains_));
  state_.version = version;
  state_.timestamp_ms = timestamp_ms;
  return std::move(state_);
}

TableState FromCheckpoint(Version version, const std::vector<Action>& actions,
                          int64_t timestamp_ms) {
  Replay replay({});
  for (const Action& action : actions) replay.Take(action);
  return std::move(replay).Done(version, timestamp_ms);
}

TableState Apply(const TableState& before, Version version, const std::vector<Action>& actions,
                 int64_t timestamp_ms) {
  Replay replay(before);
  for (const Action& action : actions) replay.Take(action);
  return std::move(replay).Done(
      version, before.version < 0 ? timestamp_ms : std::max(timestamp_ms, before.timestamp_ms + 1));
}

Status CheckComplete(const TableState& state) {
  if (state.protocol == nullptr) return Incomplete(state.version, "protocol action");
  if (state.metadata == nullptr) return Incomplete(state.version, "metaData action");
  for (const std::string& column : state.metadata->partition_columns) {
    if (FindField(state.metadata->schema, column) != nullptr) continue;
    return DataError("CORRUPT_LOG",
                     "the metaData of version " + std::to_string(state.version) +
                         " has the column '" + column +
                         "' in 'partitionColumns' but not in 'schemaString'",
                     "Restore the damaged file of _delta_log from a copy.");
  }
  return CheckReadable(*state.protocol, *state.metadata);
}

}  // namespace penstock::delta
