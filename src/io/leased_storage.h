#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "io/lease.h"
#include "io/storage.h"

namespace penstock::io {

// A storage in which nothing is written once the lease that it watches is lost (LEASE_LOST). Reads
// go on. Without a lease everything passes. Thread-safe; borrows both.
class LeasedStorage : public Storage {
 public:
  explicit LeasedStorage(Storage* base) : base_(base) {}

  // The storage without the watch.
  Storage& base() { return *base_; }
  // From now on this lease counts, or none (null).
  void Watch(Lease* lease) { lease_ = lease; }

  Result<std::string> Read(const std::string& path) override;
  Result<std::string> ReadRange(const std::string& path, int64_t offset, int64_t length) override;
  Result<std::string> ReadListed(const FileInfo& listed, int64_t offset, int64_t length) override;
  Result<std::vector<FileInfo>> List(const std::string& folder) override;
  Result<std::vector<FileInfo>> ListRecursive(const std::string& folder) override;
  Result<std::vector<std::string>> ListFolders(const std::string& folder) override;
  Result<std::optional<FileInfo>> Stat(const std::string& path) override;
  Result<bool> IsFolder(const std::string& path) override;
  Result<bool> IsLink(const std::string& path) override;
  Status CreateFolders(const std::string& path) override;
  Status Write(const std::string& path, std::string_view bytes) override;
  Result<PutOutcome> PutIfAbsent(const std::string& path, std::string_view bytes) override;
  Status Append(const std::string& path, std::string_view bytes) override;
  Status Delete(const std::string& path) override;
  Status DeleteTree(const std::string& folder) override;
  Status DeleteIfEmpty(const std::string& folder) override;
  Status BeforeEngineWrite(const std::string& folder) override;
  Status Sync(const std::string& path) override;

 private:
  Status Check();

  Storage* base_;
  std::atomic<Lease*> lease_ = nullptr;
};

}  // namespace penstock::io
