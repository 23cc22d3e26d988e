#include "io/store_router.h"

#include <utility>

#include "io/s3/storage.h"

namespace penstock::io {
namespace {

struct OtherStore {
  std::string_view scheme;
  std::string_view reason;
  std::string_view remedy;
};
constexpr std::string_view kAzureReason =
    "Azure's requests (shared keys, tokens) are not spoken, so neither its files nor the log of a "
    "table can be read";
constexpr std::string_view kAzureRemedy =
    "Copy the folder to a disk or to S3, _delta_log first: azcopy copy "
    "'https://account.blob.core.windows.net/container/folder?SAS' /data/folder --recursive";
constexpr OtherStore kOtherStores[] = {
    {"gs", "Google's own requests are not spoken",
     "Google's store can be read through its S3 interface: s3://bucket/… with penstock.s3.endpoint "
     "https://storage.googleapis.com and an HMAC key. Writing is refused there, since it knows no "
     "If-None-Match: *."},
    {"az", kAzureReason, kAzureRemedy},
    {"abfss", kAzureReason, kAzureRemedy},
    {"wasbs", kAzureReason, kAzureRemedy},
};

Error UnsupportedStore(const std::string& path) {
  const std::string scheme = path.substr(0, path.find(':'));
  std::string message =
      "'" + path + "' is in a store that Penstock does not reach: " + scheme + "://";
  for (const OtherStore& store : kOtherStores) {
    if (store.scheme != scheme) continue;
    message += "; ";
    message += store.reason;
    return UserError("UNSUPPORTED_STORE", std::move(message), std::string(store.remedy));
  }
  return UserError("UNSUPPORTED_STORE", std::move(message), "Copy the folder to a disk or to S3.");
}

}  // namespace

StoreRouter::StoreRouter(s3::Environment environment) : environment_(std::move(environment)) {}

void StoreRouter::Configure(std::map<std::string, std::string> configuration) {
  const std::lock_guard<std::mutex> lock(mutex_);
  configuration_ = std::move(configuration);
}

Result<Storage*> StoreRouter::StoreOf(std::string_view path) {
  if (!IsRemote(path)) return disk_.get();
  const std::string normal = JoinPath("/", path);
  if (!normal.starts_with("s3://")) return UnsupportedStore(normal);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!s3_) {
    auto settings = s3::ResolveSettings(configuration_, environment_);
    if (!settings.ok()) return std::move(settings).error().Because(normal);
    s3_ = s3::NewStorage(*std::move(settings));
  }
  return s3_.get();
}

Result<std::string> StoreRouter::Read(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->Read(path);
}

Result<std::string> StoreRouter::ReadRange(const std::string& path, int64_t offset,
                                           int64_t length) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->ReadRange(path, offset, length);
}

Result<std::string> StoreRouter::ReadListed(const FileInfo& listed, int64_t offset,
                                            int64_t length) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(listed.path));
  return store->ReadListed(listed, offset, length);
}

Result<std::vector<FileInfo>> StoreRouter::List(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(folder));
  return store->List(folder);
}

Result<std::vector<FileInfo>> StoreRouter::ListRecursive(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(folder));
  return store->ListRecursive(folder);
}

Result<std::vector<std::string>> StoreRouter::ListFolders(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(folder));
  return store->ListFolders(folder);
}

Result<std::optional<FileInfo>> StoreRouter::Stat(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->Stat(path);
}

Result<bool> StoreRouter::IsFolder(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->IsFolder(path);
}

Result<bool> StoreRouter::IsLink(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->IsLink(path);
}

Status StoreRouter::CreateFolders(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->CreateFolders(path);
}

Status StoreRouter::Write(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->Write(path, bytes);
}

Result<PutOutcome> StoreRouter::PutIfAbsent(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->PutIfAbsent(path, bytes);
}

Status StoreRouter::Append(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->Append(path, bytes);
}

Status StoreRouter::Delete(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->Delete(path);
}

Status StoreRouter::DeleteTree(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(folder));
  return store->DeleteTree(folder);
}

Status StoreRouter::DeleteIfEmpty(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(folder));
  return store->DeleteIfEmpty(folder);
}

Status StoreRouter::BeforeEngineWrite(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(folder));
  return store->BeforeEngineWrite(folder);
}

Status StoreRouter::Sync(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, StoreOf(path));
  return store->Sync(path);
}

}  // namespace penstock::io
