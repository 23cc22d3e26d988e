#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace penstock::io::s3 {

// Who asks. Never in a message.
struct Credentials {
  std::string key_id;
  std::string secret;
  std::string session_token;  // empty: a long-lived key
};

// What is signed of one request. Path and query are percent-encoded as they go over the wire; the
// names of headers are lower-case.
struct SignedParts {
  std::string method;
  std::string path;                          // "/bucket/a%20b"
  std::map<std::string, std::string> query;  // name → value, neither of them encoded
  std::map<std::string, std::string> headers;
  std::string body_sha256;  // 64 hex digits
};

// "a=1&b=%20", sorted, as it has to stand in the URL and in the signature.
std::string EncodeQuery(const std::map<std::string, std::string>& query);

// The headers of `parts` with x-amz-date, x-amz-content-sha256, x-amz-security-token and
// authorization (AWS Signature Version 4, service s3). `headers` must have host.
std::map<std::string, std::string> Sign(const SignedParts& parts, const Credentials& credentials,
                                        std::string_view region, TimestampMicros now);

std::string Sha256Hex(std::string_view bytes);
// Base64 of the MD5 sum: the Content-MD5 header.
std::string Md5Base64(std::string_view bytes);

}  // namespace penstock::io::s3
