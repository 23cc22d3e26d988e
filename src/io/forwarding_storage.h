#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/storage.h"

namespace penstock::io {

// A storage in front of others: every call goes on to the one that ToRead or ToWrite gives for its
// path, or ends with their error. What does more overrides the call.
class ForwardingStorage : public Storage {
 public:
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

 protected:
  virtual Result<Storage*> ToRead(std::string_view path) = 0;
  virtual Result<Storage*> ToWrite(std::string_view path) = 0;
};

}  // namespace penstock::io
