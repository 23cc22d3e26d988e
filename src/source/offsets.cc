#include "source/offsets.h"

#include <algorithm>
#include <cstdio>

namespace penstock::source {
namespace {

constexpr int kFormatVersion = 1;

Json FilesToJson(const std::vector<FileEntry>& files) {
  Json json = Json::array();
  for (const FileEntry& file : files) json.push_back({file.path, file.size, file.modified});
  return json;
}

std::vector<FileEntry> FilesFromJson(const Json& json) {
  std::vector<FileEntry> files;
  for (const Json& file : json) {
    files.push_back(
        {file.at(0).get<std::string>(), file.at(1).get<int64_t>(), file.at(2).get<int64_t>()});
  }
  return files;
}

Json RangeToJson(const SourceRange& range) {
  if (const auto* files = std::get_if<FilesRange>(&range)) {
    Json json = {{"kind", "files"}, {"files", FilesToJson(files->files)}};
    if (!files->ignored.empty()) json["ignored"] = FilesToJson(files->ignored);
    return json;
  }
  const auto& table = std::get<DeltaRange>(range);
  return {{"kind", "delta"}, {"table", table.table_id}, {"from", table.from}, {"to", table.to}};
}

DeltaRange DeltaFromJson(const Json& json) {
  return {json.at("table").get<std::string>(), json.at("from").get<int64_t>(),
          json.at("to").get<int64_t>()};
}

SourceRange RangeFromJson(const Json& json) {
  if (json.at("kind") == "delta") return DeltaFromJson(json);
  FilesRange files{FilesFromJson(json.at("files")), {}};
  if (json.contains("ignored")) files.ignored = FilesFromJson(json.at("ignored"));
  return files;
}

Json ProgressToJson(const Progress& progress) {
  Json files = Json::object();
  for (const auto& [source, seen] : progress.files) files[source] = seen;
  Json tables = Json::object();
  for (const auto& [source, range] : progress.tables) tables[source] = RangeToJson(range);
  return {{"batch", progress.batch}, {"files", files}, {"tables", tables}};
}

Progress ProgressFromJson(const Json& json) {
  Progress progress;
  progress.batch = json.at("batch").get<int64_t>();
  for (const auto& [source, seen] : json.at("files").items()) {
    progress.files[source] = seen.get<std::map<std::string, TimestampMicros>>();
  }
  for (const auto& [source, range] : json.at("tables").items()) {
    progress.tables[source] = DeltaFromJson(range);
  }
  return progress;
}

Error Damaged(const std::string& path, const std::string& why) {
  return DataError("OFFSETS_DAMAGED", "the offset log file " + path + " cannot be read: " + why,
                   "Run the flow again with --full-refresh.");
}

}  // namespace

Json ToJson(const Batch& batch) {
  Json ranges = Json::object();
  for (const auto& [source, range] : batch.ranges) ranges[source] = RangeToJson(range);
  return {{"format_version", kFormatVersion},
          {"batch", batch.number},
          {"sources", ranges},
          {"statics", batch.statics}};
}

Result<Batch> BatchFromJson(const Json& json) {
  try {
    const int version = json.at("format_version").get<int>();
    if (version > kFormatVersion) {
      return UserError("UNSUPPORTED_FORMAT_VERSION",
                       "the offset log has format version " + std::to_string(version) +
                           ", this program knows up to " + std::to_string(kFormatVersion),
                       "Use the newer Penstock that wrote it.");
    }
    Batch batch;
    batch.number = json.at("batch").get<int64_t>();
    for (const auto& [source, range] : json.at("sources").items()) {
      batch.ranges[source] = RangeFromJson(range);
    }
    batch.statics = json.at("statics").get<std::map<std::string, delta::Version>>();
    return batch;
  } catch (const Json::exception& failure) {
    return DataError("OFFSETS_DAMAGED", std::string("not a batch: ") + failure.what());
  }
}

void Advance(const Batch& batch, Progress* progress) {
  progress->batch = batch.number;
  for (const auto& [source, range] : batch.ranges) {
    if (const auto* files = std::get_if<FilesRange>(&range)) {
      auto& seen = progress->files[source];
      for (const FileEntry& file : files->files) seen[file.path] = file.modified;
      for (const FileEntry& file : files->ignored) seen[file.path] = file.modified;
    } else {
      progress->tables[source] = std::get<DeltaRange>(range);
    }
  }
}

OffsetLog::OffsetLog(io::Storage* storage, std::string folder)
    : storage_(storage), folder_(std::move(folder)) {}

std::string OffsetLog::PathOf(int64_t number) const {
  char name[32];
  std::snprintf(name, sizeof name, "%020lld.json", static_cast<long long>(number));
  return io::JoinPath(folder_, name);
}

Result<Progress> OffsetLog::Load(int64_t committed) {
  Progress progress;
  if (committed < 0) return progress;
  const int64_t first = committed / kStride * kStride;
  for (int64_t number = first; number <= committed; ++number) {
    const std::string path = PathOf(number);
    auto bytes = storage_->Read(path);
    if (!bytes.ok()) {
      if (bytes.error().code != "NOT_FOUND") return std::move(bytes).error();
      return DataError("OFFSETS_LOST",
                       "batch " + std::to_string(number) +
                           " is in the table, but its offset log file is gone: " + path,
                       "Run the flow again with --full-refresh.");
    }
    auto json = ParseJson(*bytes, path);
    if (!json.ok()) return Damaged(path, json.error().message);
    if (number == first && json->contains("before")) {
      try {
        progress = ProgressFromJson(json->at("before"));
      } catch (const Json::exception& failure) {
        return Damaged(path, failure.what());
      }
    }
    auto batch = BatchFromJson(*json);
    if (!batch.ok()) return std::move(batch).error().Because(path);
    Advance(*batch, &progress);
  }
  return progress;
}

Result<std::optional<Batch>> OffsetLog::Read(int64_t number) {
  const std::string path = PathOf(number);
  ASSIGN_OR_RETURN(const auto info, storage_->Stat(path));
  if (!info) return std::optional<Batch>{};
  ASSIGN_OR_RETURN(const std::string bytes, storage_->Read(path));
  const auto json = ParseJson(bytes, path);
  if (!json.ok()) return Damaged(path, json.error().message);
  ASSIGN_OR_RETURN(Batch batch, BatchFromJson(*json));
  return std::optional<Batch>{std::move(batch)};
}

std::string OffsetLog::Encode(const Batch& batch, const Progress& before) {
  Json json = ToJson(batch);
  if (batch.number % kStride == 0 && batch.number > 0) json["before"] = ProgressToJson(before);
  return DumpJson(json);
}

Status OffsetLog::Plan(const Batch& batch, const Progress& before) {
  RETURN_IF_ERROR(storage_->CreateFolders(folder_));
  const std::string path = PathOf(batch.number);
  ASSIGN_OR_RETURN(const io::PutOutcome put, storage_->PutIfAbsent(path, Encode(batch, before)));
  if (put == io::PutOutcome::kCreated) return OkStatus();
  ASSIGN_OR_RETURN(const auto present, Read(batch.number));
  if (present && *present == batch) return OkStatus();
  return SystemError(
      "BATCH_TAKEN",
      "batch " + std::to_string(batch.number) + " was planned by another update meanwhile: " + path,
      "Run again when no other update runs on this storage.");
}

Status OffsetLog::Replace(const Batch& batch, const Progress& before) {
  RETURN_IF_ERROR(storage_->CreateFolders(folder_));
  return storage_->Write(PathOf(batch.number), Encode(batch, before));
}

}  // namespace penstock::source
