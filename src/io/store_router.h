#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/forwarding_storage.h"
#include "io/s3/settings.h"

namespace penstock::io {

// Sends each path to its store: s3:// to S3, every other path to the disk. Stores of other clouds
// are refused by name with UNSUPPORTED_STORE. The settings of S3 are looked for when the first of
// its paths comes, so a program that needs none of it needs no credentials. Thread-safe.
class StoreRouter : public ForwardingStorage {
 public:
  explicit StoreRouter(s3::Environment environment = s3::ProcessEnvironment());

  // The project's configuration (see s3::ResolveSettings), before the first path of a store.
  void Configure(std::map<std::string, std::string> configuration);

 private:
  Result<Storage*> ToRead(std::string_view path) override { return StoreOf(path); }
  Result<Storage*> ToWrite(std::string_view path) override { return StoreOf(path); }
  Result<Storage*> StoreOf(std::string_view path);

  s3::Environment environment_;
  std::unique_ptr<Storage> disk_ = NewLocalStorage();
  std::mutex mutex_;
  std::map<std::string, std::string> configuration_;
  std::unique_ptr<Storage> s3_;
};

}  // namespace penstock::io
