#include "run/quarantine.h"

#include <algorithm>

#include "base/text.h"
#include "lake/lake_table.h"
#include "run/files_source.h"

namespace penstock::run {
namespace {

constexpr int kFormatVersion = 1;
constexpr size_t kSpoolBytes = size_t{64} << 20;

std::string IntentFolder(Workspace& workspace, const model::TableName& flow) {
  return io::JoinPath(workspace.catalog->layout().FlowPath(flow), "quarantine");
}

std::string ReasonOf(const std::vector<const quality::Rule*>& failed) {
  std::string reason;
  for (const quality::Rule* rule : failed) {
    if (!reason.empty()) reason += "; ";
    reason += rule->declared.name;
    if (const auto* row = std::get_if<model::RowRule>(&rule->declared.rule)) {
      reason += ": not (" + row->condition + ")";
    } else if (std::holds_alternative<model::UniqueRule>(rule->declared.rule)) {
      reason += ": the key is there already";
    } else {
      reason += ": no row with this key is referenced";
    }
  }
  return reason;
}

// The engine's form of the spooled lines.
std::string SpoolQuery(const std::vector<std::string>& files) {
  std::string columns;
  std::string selected;
  for (const Field& field : QuarantineColumns()) {
    const bool later = !columns.empty();
    columns += (later ? ", " : "") + duck::QuoteLiteral(field.name) + ": " +
               duck::QuoteLiteral(duck::EngineType(field.type));
    selected += (later ? ", " : "") + duck::QuoteIdentifier(field.name);
  }
  return "SELECT " + selected + " FROM read_json(" + duck::QuoteList(files) +
         ", format = 'newline_delimited', maximum_object_size = 1073741824, columns = {" + columns +
         "})";
}

Json AddToJson(const delta::AddFile& add) {
  return {{"path", add.path},
          {"size", add.size},
          {"modified", add.modification_time_ms},
          {"stats", add.stats}};
}

delta::AddFile AddFromJson(const Json& json) {
  delta::AddFile add;
  add.path = json.at("path").get<std::string>();
  add.size = json.at("size").get<int64_t>();
  add.modification_time_ms = json.at("modified").get<int64_t>();
  add.stats = json.at("stats").get<std::string>();
  return add;
}

struct Intent {
  std::string table_path;
  std::string quarantine_path;
  std::string app_id;
  int64_t batch = 0;
  bool replace = false;
  std::vector<delta::AddFile> adds;
};

Result<Intent> ReadIntent(Workspace& workspace, const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, workspace.storage->Read(path));
  ASSIGN_OR_RETURN(const Json json, ParseJson(bytes, path));
  try {
    if (json.at("format_version").get<int>() > kFormatVersion) {
      return UserError("UNSUPPORTED_FORMAT_VERSION", path + " was written by a newer Penstock",
                       "Use that one.");
    }
    Intent intent{json.at("table").get<std::string>(),  json.at("quarantine").get<std::string>(),
                  json.at("app_id").get<std::string>(), json.at("batch").get<int64_t>(),
                  json.at("replace").get<bool>(),       {}};
    for (const Json& add : json.at("adds")) intent.adds.push_back(AddFromJson(add));
    return intent;
  } catch (const Json::exception& failure) {
    return DataError("INTENT_DAMAGED", path + ": " + failure.what(), "Delete the file.");
  }
}

// The quarantine of the batch must not be committed before the batch, and once only: its
// transaction says so.
Status Apply(Workspace& workspace, const Intent& intent) {
  const auto table = workspace.catalog->OpenPath(intent.quarantine_path);
  const int64_t now_ms = workspace.clock->Now() / 1000;
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  delta::SnapshotPtr snapshot;
  if (exists) {
    ASSIGN_OR_RETURN(snapshot, table->Latest());
  }
  delta::Change change;
  change.info.operation = "WRITE";
  change.info.operation_parameters = {{"mode", intent.replace ? "\"Overwrite\"" : "\"Append\""}};
  if (snapshot == nullptr) {
    change.metadata =
        delta::NewMetadata(QuarantineColumns(), {}, {}, "Rows that were set aside", now_ms);
    change.protocol = delta::RequiredProtocol(*change.metadata);
  }
  if (intent.replace && snapshot != nullptr) {
    for (const delta::AddFile& file : snapshot->files()) {
      change.removes.push_back(delta::RemovalOf(file, now_ms));
    }
  }
  change.adds = intent.adds;
  change.transactions.push_back({intent.app_id, intent.batch, now_ms});
  ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, table->Commit(snapshot, change));
  if (const auto* conflict = std::get_if<delta::Conflicted>(&outcome)) {
    return ExternalError("QUARANTINE_CONFLICT",
                         "another writer changed the quarantine " + intent.quarantine_path +
                             " in version " + std::to_string(conflict->with) + ": " + conflict->why,
                         "Run again: the rows are kept until they are written.");
  }
  return OkStatus();
}

}  // namespace

Schema QuarantineColumns() {
  const auto text = [](const char* name) { return Field{name, DataType::Of(TypeId::kString)}; };
  return {{"quarantined_at", DataType::Of(TypeId::kTimestamp)},
          text("dataset"),
          text("update_id"),
          {"rules", DataType::Array(DataType::Of(TypeId::kString))},
          text("reason"),
          text("source_file"),
          {"source_record", DataType::Of(TypeId::kLong)},
          text("row")};
}

SetAsideSpool::SetAsideSpool(UpdateContext& context, const graph::Node& node,
                             const std::vector<const quality::Rule*>& rules)
    : context_(context), node_(node), rules_(rules) {}

Status SetAsideSpool::Add(const duck::SetAsideRow& row) {
  std::vector<const quality::Rule*> failed;
  Json names = Json::array();
  for (size_t rule = 0; rule < rules_.size(); ++rule) {
    if ((row.failed_rules >> rule & 1) == 0) continue;
    failed.push_back(rules_[rule]);
    names.push_back(rules_[rule]->declared.name);
  }
  Json line = {{"quarantined_at", FormatTimestamp(context_.workspace.clock->Now())},
               {"dataset", model::ToString(node_.dataset.name)},
               {"update_id", context_.update_id},
               {"rules", names},
               {"reason", ReasonOf(failed)},
               {"source_file", nullptr},
               {"source_record", nullptr},
               {"row", row.row_json}};
  if (!row.file.empty()) {
    line["source_file"] = row.file;
    // Counting lines reads the file, which an object store would be asked for once a row.
    if (row.record >= 0 && !io::IsRemote(row.file)) {
      ASSIGN_OR_RETURN(const int64_t number, LineNumber(context_.workspace, row.file, row.record));
      line["source_record"] = number;
    }
  }
  buffer_ += DumpJson(line);
  buffer_ += '\n';
  return buffer_.size() < kSpoolBytes ? OkStatus() : WriteOut();
}

Status SetAsideSpool::WriteOut() {
  const std::string folder = context_.workspace.catalog->layout().TempFolder();
  RETURN_IF_ERROR(context_.workspace.storage->CreateFolders(folder));
  const std::string path = io::JoinPath(folder, "set-aside-" + NewUuid() + ".json");
  RETURN_IF_ERROR(context_.workspace.storage->Write(path, buffer_));
  files_.push_back(path);
  buffer_.clear();
  return OkStatus();
}

Result<std::vector<std::string>> SetAsideSpool::Finish() {
  if (!buffer_.empty()) RETURN_IF_ERROR(WriteOut());
  return files_;
}

Result<QuarantineIntent> PrepareQuarantine(UpdateContext& context, const model::TableName& flow,
                                           const model::TableName& dataset,
                                           const std::string& table_path, const std::string& app_id,
                                           int64_t batch,
                                           const std::vector<std::string>& set_aside_files,
                                           bool replace) {
  Workspace& workspace = context.workspace;
  const std::string quarantine = workspace.catalog->layout().QuarantinePath(dataset);
  if (set_aside_files.empty()) {
    if (!replace) return QuarantineIntent{};
    ASSIGN_OR_RETURN(const bool exists, workspace.catalog->OpenPath(quarantine)->Exists());
    if (!exists) return QuarantineIntent{};
  }
  Json adds = Json::array();
  if (!set_aside_files.empty()) {
    ASSIGN_OR_RETURN(duck::Connection connection, workspace.engine->Connect());
    ASSIGN_OR_RETURN(const lake::WriteResult written,
                     lake::WriteDataFiles(connection, *workspace.storage, quarantine,
                                          SpoolQuery(set_aside_files), QuarantineColumns(), {},
                                          workspace.clock->Now() / 1000));
    for (const delta::AddFile& add : written.files) adds.push_back(AddToJson(add));
    for (const std::string& file : set_aside_files) {
      RETURN_IF_ERROR(workspace.storage->Delete(file));
    }
  }
  const std::string folder = IntentFolder(workspace, flow);
  RETURN_IF_ERROR(workspace.storage->CreateFolders(folder));
  QuarantineIntent intent{io::JoinPath(folder, std::to_string(batch) + ".json")};
  RETURN_IF_ERROR(
      workspace.storage->Write(intent.path, DumpJson({{"format_version", kFormatVersion},
                                                      {"table", table_path},
                                                      {"quarantine", quarantine},
                                                      {"app_id", app_id},
                                                      {"batch", batch},
                                                      {"replace", replace},
                                                      {"adds", adds}})));
  return intent;
}

Status CommitQuarantine(Workspace& workspace, const QuarantineIntent& intent) {
  if (intent.path.empty()) return OkStatus();
  ASSIGN_OR_RETURN(const Intent found, ReadIntent(workspace, intent.path));
  RETURN_IF_ERROR(Apply(workspace, found));
  return workspace.storage->Delete(intent.path);
}

Status RecoverQuarantine(Workspace& workspace, const model::TableName& flow) {
  ASSIGN_OR_RETURN(const auto files, workspace.storage->List(IntentFolder(workspace, flow)));
  for (const io::FileInfo& file : files) {
    ASSIGN_OR_RETURN(const Intent intent, ReadIntent(workspace, file.path));
    const auto table = workspace.catalog->OpenPath(intent.table_path);
    ASSIGN_OR_RETURN(const bool exists, table->Exists());
    if (exists) {
      ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
      const auto committed = snapshot->TransactionVersion(intent.app_id);
      if (committed && *committed >= intent.batch) RETURN_IF_ERROR(Apply(workspace, intent));
    }
    RETURN_IF_ERROR(workspace.storage->Delete(file.path));
  }
  return OkStatus();
}

Status ExpireQuarantine(Workspace& workspace, const model::TableName& dataset, int retention_days) {
  const auto table =
      workspace.catalog->OpenPath(workspace.catalog->layout().QuarantinePath(dataset));
  ASSIGN_OR_RETURN(const bool exists, table->Exists());
  if (!exists) return OkStatus();
  ASSIGN_OR_RETURN(const delta::SnapshotPtr snapshot, table->Latest());
  constexpr int64_t kMsPerDay = int64_t{24} * 60 * 60 * 1000;
  const int64_t now_ms = workspace.clock->Now() / 1000;
  delta::Change change;
  change.info.operation = "DELETE";
  change.info.operation_parameters = {{"predicate", "\"older than the retention\""}};
  for (const delta::AddFile& file : snapshot->files()) {
    if (file.modification_time_ms < now_ms - retention_days * kMsPerDay) {
      change.removes.push_back(delta::RemovalOf(file, now_ms));
    }
  }
  if (change.removes.empty()) return OkStatus();
  return [&]() -> Status {
    auto outcome = table->Commit(snapshot, change);
    return outcome.ok() ? OkStatus() : Status(std::move(outcome).error());
  }();
}

}  // namespace penstock::run
