#include "delta/checkpoint.h"

#include "base/json.h"
#include "delta/json_document.h"
#include "delta/properties.h"

namespace penstock::delta {

std::vector<Action> CheckpointActions(const TableState& state, int64_t now_ms) {
  const int64_t expired_ms = now_ms - TombstoneRetentionMs(*state.metadata);
  std::vector<Action> actions;
  actions.reserve(static_cast<size_t>(state.files.num_active()) + 2);
  actions.emplace_back(*state.protocol);
  actions.emplace_back(*state.metadata);
  if (state.transactions != nullptr) {
    for (const auto& [app_id, transaction] : *state.transactions) actions.emplace_back(transaction);
  }
  if (state.domains != nullptr) {
    for (const auto& [name, domain] : *state.domains) {
      if (!domain.removed) actions.emplace_back(domain);
    }
  }
  state.files.ForEach([&](const FileEntry& entry) {
    if (const AddFile* add = std::get_if<AddFile>(&entry.state)) {
      actions.emplace_back(*add);
      std::get<AddFile>(actions.back()).data_change = false;
      return;
    }
    const RemoveFile& remove = std::get<RemoveFile>(entry.state);
    if (remove.deletion_timestamp_ms.value_or(0) <= expired_ms) return;
    actions.emplace_back(remove);
    std::get<RemoveFile>(actions.back()).data_change = false;
  });
  return actions;
}

std::string EncodeLastCheckpoint(const LastCheckpoint& last) {
  Json json{{"version", last.version}, {"size", last.num_actions}};
  if (last.size_in_bytes) json["sizeInBytes"] = *last.size_in_bytes;
  if (last.num_adds) json["numOfAddFiles"] = *last.num_adds;
  if (last.parts) json["parts"] = *last.parts;
  return DumpJson(json);
}

std::optional<LastCheckpoint> DecodeLastCheckpoint(std::string_view text) {
  JsonDocument document;
  const Result<JsonElement> root = document.Parse(text, "_last_checkpoint");
  if (!root.ok()) return std::nullopt;
  const std::optional<int64_t> version = (*root)["version"].Int();
  if (!version || *version < 0) return std::nullopt;
  LastCheckpoint last;
  last.version = *version;
  last.num_actions = (*root)["size"].Int().value_or(0);
  last.size_in_bytes = (*root)["sizeInBytes"].Int();
  last.num_adds = (*root)["numOfAddFiles"].Int();
  last.parts = (*root)["parts"].Int();
  return last;
}

}  // namespace penstock::delta
