#include "delta/checkpoint.h"

#include <algorithm>

#include "base/json.h"
#include "delta/action_json.h"
#include "delta/json_document.h"
#include "delta/properties.h"

namespace penstock::delta {

std::vector<Action> TableActions(const TableState& state) {
  std::vector<Action> actions = {*state.protocol, *state.metadata};
  if (state.transactions != nullptr) {
    for (const auto& [app_id, transaction] : *state.transactions) actions.emplace_back(transaction);
  }
  if (state.domains != nullptr) {
    for (const auto& [name, domain] : *state.domains) {
      if (!domain.removed) actions.emplace_back(domain);
    }
  }
  return actions;
}

FileActions::FileActions(const TableState& state, int64_t now_ms)
    : cursor_(state.files), expired_ms_(now_ms - TombstoneRetentionMs(*state.metadata)) {
  Advance();
}

void FileActions::Advance() {
  do {
    next_ = cursor_.Next();
  } while (next_ && !next_->active() && next_->deletion_timestamp_ms() <= expired_ms_);
}

bool FileActions::Next(Action& action) {
  if (!next_) return false;
  const auto read = [&](auto& file) {
    next_->Read(&file);
    file.data_change = false;
  };
  if (next_->active()) {
    auto* const add = std::get_if<AddFile>(&action);
    read(add != nullptr ? *add : action.emplace<AddFile>());
  } else {
    auto* const remove = std::get_if<RemoveFile>(&action);
    read(remove != nullptr ? *remove : action.emplace<RemoveFile>());
  }
  Advance();
  return true;
}

Status DecodeJsonCheckpoint(std::string_view text, std::string_view file, CheckpointSink& sink) {
  JsonDocument document;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    // DecodeCommit says what is wrong with a line; here only what it does not know is looked for.
    if (const auto root = document.Parse(line, file); root.ok()) {
      if (const JsonElement sidecar = (*root)["sidecar"]; sidecar.IsObject()) {
        Sidecar found{sidecar["path"].String().value_or(""),
                      sidecar["sizeInBytes"].Int().value_or(-1),
                      sidecar["modificationTime"].Int().value_or(0)};
        RETURN_IF_ERROR(sink.OnSidecar(found));
      }
      if (const JsonElement metadata = (*root)["checkpointMetadata"]; metadata.IsObject()) {
        RETURN_IF_ERROR(sink.OnMetadata({metadata["version"].Int().value_or(-1)}));
      }
    }
    ASSIGN_OR_RETURN(const std::vector<Action> actions, DecodeCommit(line, file));
    for (const Action& action : actions) RETURN_IF_ERROR(sink.OnAction(action));
  }
  return OkStatus();
}

std::string EncodeCheckpointLine(const Sidecar& sidecar) {
  return DumpJson({{"sidecar",
                    {{"path", sidecar.path},
                     {"sizeInBytes", sidecar.size_in_bytes},
                     {"modificationTime", sidecar.modification_time_ms},
                     {"tags", Json::object()}}}}) +
         "\n";
}

std::string EncodeCheckpointLine(const CheckpointMetadata& metadata) {
  return DumpJson(
             {{"checkpointMetadata", {{"version", metadata.version}, {"tags", Json::object()}}}}) +
         "\n";
}

std::string EncodeLastCheckpoint(const LastCheckpoint& last) {
  Json json{{"version", last.version}, {"size", last.num_actions}};
  if (last.size_in_bytes) json["sizeInBytes"] = *last.size_in_bytes;
  if (last.num_adds) json["numOfAddFiles"] = *last.num_adds;
  if (last.parts) json["parts"] = *last.parts;
  if (last.v2_name) json["v2Checkpoint"] = {{"path", *last.v2_name}};
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
  last.v2_name = (*root)["v2Checkpoint"]["path"].String();
  return last;
}

}  // namespace penstock::delta
