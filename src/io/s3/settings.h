#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/s3/signature.h"

namespace penstock::io::s3 {

// How long to go on when a store answers badly. Milliseconds.
struct RetryPolicy {
  int attempts = 8;
  int64_t first_delay_ms = 100;  // doubles each time, shortened at random
  int64_t longest_delay_ms = 5'000;
  int64_t give_up_after_ms = 2 * 60'000;  // no try begins later than that after the first
  int64_t connect_seconds = 10;
  int64_t stall_seconds = 30;
};

// Where a store is and how it is reached.
struct Settings {
  std::string endpoint;  // "http(s)://host[:port]" without a path; empty: Amazon's of the region
  std::string region = "us-east-1";
  bool path_style = false;  // the bucket in the path instead of in the host's name
  Credentials credentials;
  RetryPolicy retry;

  bool secure() const { return !endpoint.starts_with("http://"); }
  // "host[:port]" of the endpoint; for Amazon's without the bucket.
  std::string Authority() const;
};

// Looks up a variable of the environment; nothing when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment ProcessEnvironment();

// Puts the settings together. What is named first wins:
//  1. `configuration` of the project: penstock.s3.endpoint, .region, .path_style, .profile,
//     .allow_http; then the names that Hadoop has for them, with and without "spark.hadoop.":
//     fs.s3a.endpoint, fs.s3a.endpoint.region, fs.s3a.path.style.access,
//     fs.s3a.connection.ssl.enabled;
//  2. the environment: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION,
//     AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, AWS_ALLOW_HTTP;
//  3. the profile (AWS_PROFILE or "default") in ~/.aws/credentials and ~/.aws/config, or in what
//     AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name. penstock.s3.profile comes before 2.
// Errors: SECRET_IN_PROJECT (credentials in `configuration`), NO_CREDENTIALS, BAD_SETTING,
// PROFILE_NOT_FOUND, INSECURE_ENDPOINT (http:// to another machine and not allowed).
Result<Settings> ResolveSettings(const std::map<std::string, std::string>& configuration,
                                 const Environment& environment);

}  // namespace penstock::io::s3
