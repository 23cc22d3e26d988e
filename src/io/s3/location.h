#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock::io::s3 {

// An object, or with an empty key the bucket.
struct Location {
  std::string bucket;
  std::string key;  // as the store has it, not encoded; no slash at either end

  std::string Uri() const;     // "s3://bucket/key"
  std::string Prefix() const;  // what the keys below it begin with: "key/", or "" for the bucket
};

// Of a path as JoinPath gives it, "s3://bucket/key". BAD_PATH when there is no bucket, or a name
// that no bucket can have, or a key above 1,024 bytes.
Result<Location> ParseLocation(std::string_view path);

}  // namespace penstock::io::s3
