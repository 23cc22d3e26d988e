#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "io/forwarding_storage.h"

namespace penstock::io {

// For crash tests: passes every call to `base` until the operation numbered `fail_at` (from 0; only
// operations that write are counted: CreateFolders, Write, PutIfAbsent, Append, Delete, DeleteTree,
// DeleteIfEmpty, BeforeEngineWrite, Sync); that one and every later call of any kind fails with
// INJECTED_FAULT, as for a process that was killed. With Torn::kBefore the failing operation has no
// effect; with kAfter it takes effect although it reports failure; with kPartly a Write/PutIfAbsent
// leaves nothing, an Append leaves half its bytes, a file at Sync is cut in half (data that was
// never made durable).
class FaultStorage : public ForwardingStorage {
 public:
  enum class Torn { kBefore, kPartly, kAfter };
  FaultStorage(Storage* base, int64_t fail_at, Torn torn);  // base is borrowed

  int64_t operations() const;  // counted so far
  bool crashed() const;

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
  enum class Gate { kPass, kFailBefore, kFailPartly, kFailAfter };
  Gate Enter();
  Result<Storage*> ToRead(std::string_view path) override;
  Result<Storage*> ToWrite(std::string_view path) override;

  Storage* base_;
  int64_t fail_at_;
  Torn torn_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> crashed_{false};
};

}  // namespace penstock::io
