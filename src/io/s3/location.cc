#include "io/s3/location.h"

#include "io/storage.h"

namespace penstock::io::s3 {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr size_t kLongestKey = 1024;
constexpr size_t kLongestBucket = 63;

bool IsBucketName(std::string_view name) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !name.empty() && name.size() <= kLongestBucket &&
         name.find_first_not_of(kLetters) == name.npos;
}

}  // namespace

std::string Location::Uri() const {
  return std::string(kScheme) + bucket + (key.empty() ? "" : "/" + key);
}

std::string Location::Prefix() const { return key.empty() ? "" : key + "/"; }

Result<Location> ParseLocation(std::string_view path) {
  const std::string normal = JoinPath("/", path);
  Location location;
  if (normal.starts_with(kScheme)) {
    const std::string rest = normal.substr(kScheme.size());
    const size_t slash = std::min(rest.find('/'), rest.size());
    location.bucket = rest.substr(0, slash);
    location.key = rest.substr(std::min(slash + 1, rest.size()));
  }
  if (!IsBucketName(location.bucket)) {
    return UserError("BAD_PATH", "'" + normal + "' does not name an S3 bucket",
                     "Paths look like s3://bucket/folder/table.");
  }
  if (location.key.size() > kLongestKey) {
    return UserError("BAD_PATH", "the key of '" + normal + "' has more than 1,024 bytes",
                     "S3 allows no longer one.");
  }
  return location;
}

}  // namespace penstock::io::s3
