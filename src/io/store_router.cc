#include "io/store_router.h"

#include <utility>

#include "io/s3/storage.h"

namespace penstock::io {
namespace {

struct OtherStore {
  std::string_view scheme;
  std::string_view reason;
  std::string_view remedy;
};
constexpr std::string_view kAzureReason =
    "Azure's requests (shared keys, tokens) are not spoken, so neither its files nor the log of a "
    "table can be read";
constexpr std::string_view kAzureRemedy =
    "Copy the folder to a disk or to S3, _delta_log first: azcopy copy "
    "'https://account.blob.core.windows.net/container/folder?SAS' /data/folder --recursive";
constexpr OtherStore kOtherStores[] = {
    {"gs", "Google's own requests are not spoken",
     "Google's store can be read through its S3 interface: s3://bucket/… with penstock.s3.endpoint "
     "https://storage.googleapis.com and an HMAC key. Writing is refused there, since it knows no "
     "If-None-Match: *."},
    {"az", kAzureReason, kAzureRemedy},
    {"abfss", kAzureReason, kAzureRemedy},
    {"wasbs", kAzureReason, kAzureRemedy},
};

Error UnsupportedStore(const std::string& path) {
  const std::string scheme = path.substr(0, path.find(':'));
  std::string message =
      "'" + path + "' is in a store that Penstock does not reach: " + scheme + "://";
  for (const OtherStore& store : kOtherStores) {
    if (store.scheme != scheme) continue;
    message += "; ";
    message += store.reason;
    return UserError("UNSUPPORTED_STORE", std::move(message), std::string(store.remedy));
  }
  return UserError("UNSUPPORTED_STORE", std::move(message), "Copy the folder to a disk or to S3.");
}

}  // namespace

StoreRouter::StoreRouter(s3::Environment environment) : environment_(std::move(environment)) {}

void StoreRouter::Configure(std::map<std::string, std::string> configuration) {
  const std::lock_guard<std::mutex> lock(mutex_);
  configuration_ = std::move(configuration);
}

Result<Storage*> StoreRouter::StoreOf(std::string_view path) {
  if (!IsRemote(path)) return disk_.get();
  const std::string normal = JoinPath("/", path);
  if (!normal.starts_with("s3://")) return UnsupportedStore(normal);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!s3_) {
    auto settings = s3::ResolveSettings(configuration_, environment_);
    if (!settings.ok()) return std::move(settings).error().Because(normal);
    s3_ = s3::NewStorage(*std::move(settings));
  }
  return s3_.get();
}

}  // namespace penstock::io
