#include "io/fault_storage.h"

namespace penstock::io {

namespace {

Error InjectedFault() {
  return SystemError("INJECTED_FAULT", "the storage stopped here to try what a crash leaves behind",
                     "Open the same files again with a storage that works.");
}

}  // namespace

FaultStorage::FaultStorage(Storage* base, int64_t fail_at, Torn torn)
    : base_(base), fail_at_(fail_at), torn_(torn) {}

int64_t FaultStorage::operations() const { return next_; }
bool FaultStorage::crashed() const { return crashed_; }

Result<Storage*> FaultStorage::ToRead(std::string_view /*path*/) {
  if (crashed_) return InjectedFault();
  return base_;
}

// Each operation that writes is counted and torn in its own way below.
Result<Storage*> FaultStorage::ToWrite(std::string_view path) { return ToRead(path); }

FaultStorage::Gate FaultStorage::Enter() {
  if (crashed_) return Gate::kFailBefore;
  if (next_.fetch_add(1) != fail_at_) return crashed_ ? Gate::kFailBefore : Gate::kPass;
  crashed_ = true;
  switch (torn_) {
    case Torn::kBefore:
      return Gate::kFailBefore;
    case Torn::kPartly:
      return Gate::kFailPartly;
    case Torn::kAfter:
      return Gate::kFailAfter;
  }
  return Gate::kFailBefore;
}

Status FaultStorage::CreateFolders(const std::string& path) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->CreateFolders(path);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->CreateFolders(path));
  return InjectedFault();
}

Status FaultStorage::Write(const std::string& path, std::string_view bytes) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->Write(path, bytes);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->Write(path, bytes));
  return InjectedFault();
}

Result<PutOutcome> FaultStorage::PutIfAbsent(const std::string& path, std::string_view bytes) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->PutIfAbsent(path, bytes);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->PutIfAbsent(path, bytes));
  return InjectedFault();
}

Status FaultStorage::Append(const std::string& path, std::string_view bytes) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->Append(path, bytes);
  if (gate == Gate::kFailPartly) bytes = bytes.substr(0, bytes.size() / 2);
  if (gate != Gate::kFailBefore) RETURN_IF_ERROR(base_->Append(path, bytes));
  return InjectedFault();
}

Status FaultStorage::Delete(const std::string& path) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->Delete(path);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->Delete(path));
  return InjectedFault();
}

Status FaultStorage::DeleteTree(const std::string& folder) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->DeleteTree(folder);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->DeleteTree(folder));
  if (gate == Gate::kFailPartly) {
    ASSIGN_OR_RETURN(const std::vector<FileInfo> files, base_->ListRecursive(folder));
    for (size_t i = 0; i < files.size() / 2; ++i) RETURN_IF_ERROR(base_->Delete(files[i].path));
  }
  return InjectedFault();
}

Status FaultStorage::DeleteIfEmpty(const std::string& folder) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->DeleteIfEmpty(folder);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->DeleteIfEmpty(folder));
  return InjectedFault();
}

Status FaultStorage::BeforeEngineWrite(const std::string& folder) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->BeforeEngineWrite(folder);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->BeforeEngineWrite(folder));
  return InjectedFault();
}

Status FaultStorage::Sync(const std::string& path) {
  const Gate gate = Enter();
  if (gate == Gate::kPass) return base_->Sync(path);
  if (gate == Gate::kFailAfter) RETURN_IF_ERROR(base_->Sync(path));
  if (gate == Gate::kFailPartly) {
    ASSIGN_OR_RETURN(const std::string bytes, base_->Read(path));
    RETURN_IF_ERROR(base_->Write(path, std::string_view(bytes).substr(0, bytes.size() / 2)));
  }
  return InjectedFault();
}

}  // namespace penstock::io
