#pragma once

#include <cstdio>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "duck/row_check.h"

namespace penstock::duck {

// Rows set aside by one query: in memory up to a limit, then in a temporary file without a name.
// Add is thread-safe.
class SetAsideStore {
 public:
  explicit SetAsideStore(size_t memory_limit) : memory_limit_(memory_limit) {}
  ~SetAsideStore();
  SetAsideStore(const SetAsideStore&) = delete;

  Status Add(SetAsideRow row);
  // Hands every row to `visit`, in the order of adding, and forgets them.
  Status Take(const std::function<Status(const SetAsideRow&)>& visit);
  bool spilled() const { return file_ != nullptr; }

 private:
  Status Spill();
  Status TakeSpilled(const std::function<Status(const SetAsideRow&)>& visit);

  const size_t memory_limit_;
  std::mutex mutex_;
  std::vector<SetAsideRow> rows_;
  size_t bytes_ = 0;
  std::FILE* file_ = nullptr;
};

}  // namespace penstock::duck
