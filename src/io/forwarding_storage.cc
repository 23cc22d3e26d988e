#include "io/forwarding_storage.h"

namespace penstock::io {

Result<std::string> ForwardingStorage::Read(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(path));
  return store->Read(path);
}

Result<std::string> ForwardingStorage::ReadRange(const std::string& path, int64_t offset,
                                                 int64_t length) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(path));
  return store->ReadRange(path, offset, length);
}

Result<std::string> ForwardingStorage::ReadListed(const FileInfo& listed, int64_t offset,
                                                  int64_t length) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(listed.path));
  return store->ReadListed(listed, offset, length);
}

Result<std::vector<FileInfo>> ForwardingStorage::List(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(folder));
  return store->List(folder);
}

Result<std::vector<FileInfo>> ForwardingStorage::ListRecursive(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(folder));
  return store->ListRecursive(folder);
}

Result<std::vector<std::string>> ForwardingStorage::ListFolders(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(folder));
  return store->ListFolders(folder);
}

Result<std::optional<FileInfo>> ForwardingStorage::Stat(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(path));
  return store->Stat(path);
}

Result<bool> ForwardingStorage::IsFolder(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(path));
  return store->IsFolder(path);
}

Result<bool> ForwardingStorage::IsLink(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToRead(path));
  return store->IsLink(path);
}

Status ForwardingStorage::CreateFolders(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(path));
  return store->CreateFolders(path);
}

Status ForwardingStorage::Write(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(path));
  return store->Write(path, bytes);
}

Result<PutOutcome> ForwardingStorage::PutIfAbsent(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(path));
  return store->PutIfAbsent(path, bytes);
}

Status ForwardingStorage::Append(const std::string& path, std::string_view bytes) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(path));
  return store->Append(path, bytes);
}

Status ForwardingStorage::Delete(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(path));
  return store->Delete(path);
}

Status ForwardingStorage::DeleteTree(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(folder));
  return store->DeleteTree(folder);
}

Status ForwardingStorage::DeleteIfEmpty(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(folder));
  return store->DeleteIfEmpty(folder);
}

Status ForwardingStorage::BeforeEngineWrite(const std::string& folder) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(folder));
  return store->BeforeEngineWrite(folder);
}

Status ForwardingStorage::Sync(const std::string& path) {
  ASSIGN_OR_RETURN(Storage* const store, ToWrite(path));
  return store->Sync(path);
}

}  // namespace penstock::io
