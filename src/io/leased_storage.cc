#include "io/leased_storage.h"

namespace penstock::io {

Status LeasedStorage::Check() {
  Lease* const lease = lease_;
  return lease == nullptr ? OkStatus() : lease->Check();
}

Result<std::string> LeasedStorage::Read(const std::string& path) { return base_->Read(path); }

Result<std::string> LeasedStorage::ReadRange(const std::string& path, int64_t offset,
                                             int64_t length) {
  return base_->ReadRange(path, offset, length);
}

Result<std::string> LeasedStorage::ReadListed(const FileInfo& listed, int64_t offset,
                                              int64_t length) {
  return base_->ReadListed(listed, offset, length);
}

Result<std::vector<FileInfo>> LeasedStorage::List(const std::string& folder) {
  return base_->List(folder);
}

Result<std::vector<FileInfo>> LeasedStorage::ListRecursive(const std::string& folder) {
  return base_->ListRecursive(folder);
}

Result<std::vector<std::string>> LeasedStorage::ListFolders(const std::string& folder) {
  return base_->ListFolders(folder);
}

Result<std::optional<FileInfo>> LeasedStorage::Stat(const std::string& path) {
  return base_->Stat(path);
}

Result<bool> LeasedStorage::IsFolder(const std::string& path) { return base_->IsFolder(path); }

Result<bool> LeasedStorage::IsLink(const std::string& path) { return base_->IsLink(path); }

Status LeasedStorage::CreateFolders(const std::string& path) {
  RETURN_IF_ERROR(Check());
  return base_->CreateFolders(path);
}

Status LeasedStorage::Write(const std::string& path, std::string_view bytes) {
  RETURN_IF_ERROR(Check());
  return base_->Write(path, bytes);
}

Result<PutOutcome> LeasedStorage::PutIfAbsent(const std::string& path, std::string_view bytes) {
  RETURN_IF_ERROR(Check());
  return base_->PutIfAbsent(path, bytes);
}

Status LeasedStorage::Append(const std::string& path, std::string_view bytes) {
  RETURN_IF_ERROR(Check());
  return base_->Append(path, bytes);
}

Status LeasedStorage::Delete(const std::string& path) {
  RETURN_IF_ERROR(Check());
  return base_->Delete(path);
}

Status LeasedStorage::DeleteTree(const std::string& folder) {
  RETURN_IF_ERROR(Check());
  return base_->DeleteTree(folder);
}

Status LeasedStorage::DeleteIfEmpty(const std::string& folder) {
  RETURN_IF_ERROR(Check());
  return base_->DeleteIfEmpty(folder);
}

Status LeasedStorage::BeforeEngineWrite(const std::string& folder) {
  RETURN_IF_ERROR(Check());
  return base_->BeforeEngineWrite(folder);
}

Status LeasedStorage::Sync(const std::string& path) {
  RETURN_IF_ERROR(Check());
  return base_->Sync(path);
}

}  // namespace penstock::io
