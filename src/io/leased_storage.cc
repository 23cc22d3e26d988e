#include "io/leased_storage.h"

namespace penstock::io {

Result<Storage*> LeasedStorage::ToRead(std::string_view /*path*/) { return base_; }

Result<Storage*> LeasedStorage::ToWrite(std::string_view /*path*/) {
  Lease* const lease = lease_;
  if (lease != nullptr) RETURN_IF_ERROR(lease->Check());
  return base_;
}

}  // namespace penstock::io
