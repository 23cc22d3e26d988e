#include "run/flow_state.h"

#include "base/text.h"

namespace penstock::run {
namespace {

constexpr int kFormatVersion = 1;

std::string TableStatePath(Workspace& workspace, const model::TableName& table) {
  const model::TableName key = model::Key(table);
  return io::JoinPath(workspace.catalog->layout().root,
                      "_penstock/tables/" + PercentEncode(key.catalog) + "." +
                          PercentEncode(key.schema) + "." + PercentEncode(key.table) + ".json");
}

// One text value of a small JSON file; empty when there is no file.
Result<std::string> ReadValue(Workspace& workspace, const std::string& path, const char* key) {
  auto bytes = workspace.storage->Read(path);
  if (!bytes.ok()) {
    if (bytes.error().code == "NOT_FOUND") return std::string();
    return std::move(bytes).error();
  }
  ASSIGN_OR_RETURN(const Json json, ParseJson(*bytes, path));
  if (!json.is_object() || json.value("format_version", 0) > kFormatVersion) {
    return UserError("UNSUPPORTED_FORMAT_VERSION", path + " was written by a newer Penstock",
                     "Use that one.");
  }
  return json.value(key, "");
}

std::string ValueText(const char* key, const std::string& value) {
  return DumpJson({{"format_version", kFormatVersion}, {key, value}});
}

Status WriteValue(Workspace& workspace, const std::string& path, const char* key,
                  const std::string& value) {
  RETURN_IF_ERROR(workspace.storage->CreateFolders(io::ParentPath(path)));
  return workspace.storage->Write(path, ValueText(key, value));
}

}  // namespace

Result<std::string> OpenFlowId(Workspace& workspace, const model::TableName& flow) {
  const std::string path = io::JoinPath(workspace.catalog->layout().FlowPath(flow), "flow.json");
  ASSIGN_OR_RETURN(std::string id, ReadValue(workspace, path, "flow_id"));
  if (!id.empty()) return id;
  // Given once and for all: with another id everything would be read again.
  id = NewUuid();
  RETURN_IF_ERROR(workspace.storage->CreateFolders(io::ParentPath(path)));
  ASSIGN_OR_RETURN(const io::PutOutcome put,
                   workspace.storage->PutIfAbsent(path, ValueText("flow_id", id)));
  if (put == io::PutOutcome::kCreated) return id;
  ASSIGN_OR_RETURN(id, ReadValue(workspace, path, "flow_id"));
  if (!id.empty()) return id;
  return DataError("FLOW_STATE_DAMAGED", path + " names no flow_id",
                   "Delete the file and run the flow's table with --full-refresh.");
}

Result<std::string> ReadGeneration(Workspace& workspace, const model::TableName& table) {
  return ReadValue(workspace, TableStatePath(workspace, table), "generation");
}

Status WriteGeneration(Workspace& workspace, const model::TableName& table,
                       const std::string& generation) {
  return WriteValue(workspace, TableStatePath(workspace, table), "generation", generation);
}

Result<std::string> NewGeneration(Workspace& workspace, const model::TableName& table) {
  std::string generation = NewUuid();
  RETURN_IF_ERROR(WriteGeneration(workspace, table, generation));
  return generation;
}

source::OffsetLog OffsetsOf(Workspace& workspace, const model::TableName& flow,
                            const FlowIdentity& identity) {
  return source::OffsetLog(
      workspace.storage,
      io::JoinPath(workspace.catalog->layout().FlowPath(flow), "offsets/" + identity.generation));
}

}  // namespace penstock::run
