#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/s3/settings.h"
#include "io/storage.h"

namespace penstock::io {

// Sends each path to its store: s3:// to S3, every other path to the disk. Stores of other clouds
// are refused by name with UNSUPPORTED_STORE. The settings of S3 are looked for when the first of
// its paths comes, so a program that needs none of it needs no credentials. Thread-safe.
class StoreRouter : public Storage {
 public:
  explicit StoreRouter(s3::Environment environment = s3::ProcessEnvironment());

  // The project's configuration (see s3::ResolveSettings), before the first path of a store.
  void Configure(std::map<std::string, std::string> configuration);

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
  Result<Storage*> StoreOf(std::string_view path);

  s3::Environment environment_;
  std::unique_ptr<Storage> disk_ = NewLocalStorage();
  std::mutex mutex_;
  std::map<std::string, std::string> configuration_;
  std::unique_ptr<Storage> s3_;
};

}  // namespace penstock::io
