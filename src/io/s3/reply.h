#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/storage.h"

// The XML that S3 answers with (Amazon S3 API reference; no entities beyond the five of XML are
// expanded).
namespace penstock::io::s3 {

// <Error>, also inside an answer with status 200.
struct StoreError {
  std::string code;     // "NoSuchKey"
  std::string message;  // the store's text, shortened
  std::string key;      // in the answer to a batch delete
};

// One page of ListObjectsV2.
struct ListPage {
  struct Object {
    std::string key;
    int64_t size = 0;
    TimestampMicros modified = 0;
  };
  std::vector<Object> objects;
  std::vector<std::string> prefixes;  // with their slash
  std::string next;                   // continuation token; empty on the last page
};

// Nothing when the text is no such answer.
std::optional<StoreError> ParseError(std::string_view xml);
std::optional<ListPage> ParseList(std::string_view xml);
std::optional<std::string> ParseUploadId(std::string_view xml);
// The keys that a batch delete could not delete.
std::optional<std::vector<StoreError>> ParseDeleteErrors(std::string_view xml);

// "2026-01-31T12:00:00.000Z"; 0 for what is none.
TimestampMicros ParseIsoTime(std::string_view text);

std::string EncodeDelete(const std::vector<std::string>& keys);
// Of parts 1, 2, …: their ETags.
std::string EncodeCompletion(const std::vector<std::string>& etags);

}  // namespace penstock::io::s3
